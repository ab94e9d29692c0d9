"""
Write that a gift card or store credit is frozen, or pays again, with an entry of its ledger that says who did it and why.

Called by   functions/gift_cards, functions/pay
Returns     writes
Raises      StaleOrder, Throttled (Busy)
"""

from aws_lambda_powertools import Logger

from comanda.aws.books import gift_cards
from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime.retries import retry
from comanda.aws.runtime.settings import settings
from comanda.domain import views
from comanda.domain.errors import ComandaError, StaleOrder
from comanda.domain.gift_cards.account import Account
from comanda.domain.gift_cards.freezing import Change

logger = Logger()
_TRIES = 3


def writes(account: Account, change: Change, taken: ComandaError) -> list[Write]:
    """Return the writes of a change. `taken` is the refusal of a change that was made already.

    Another change in between refuses them with StaleOrder.
    """
    entry = {
        **keys.freeze_entry(account.account_id, change.change_id),
        "purpose": change.purpose,
        "amount": 0,
        "currency": account.currency,
        "reason": change.reason,
        "by": change.by,
        "at": views.time(change.at),
        **({"order_id": change.order_id} if change.order_id else {}),
    }
    key, stale, table = keys.account(account.account_id), StaleOrder(account.account_id), settings.orders_table
    if change.freezes:
        there = "attribute_exists(pk) AND attribute_not_exists(frozen)"
        changed = transaction.update(table, key, "SET frozen = :yes", stale, condition=there, yes=True)
    else:
        changed = transaction.update(table, key, "REMOVE frozen", stale, condition="attribute_exists(frozen)")
    return [transaction.put_once(table, entry, taken), changed]


def freeze(account_id: str, change: Change) -> None:
    """Freeze an account, unless it is frozen, or this change was made before: a person may have let it pay again since."""
    retry(_TRIES, lambda: _freeze(account_id, change))


def _freeze(account_id: str, change: Change) -> None:
    account = gift_cards.find(account_id)
    made = reads.get(settings.orders_table, keys.freeze_entry(account_id, change.change_id))
    if account is None or account.frozen or made is not None:
        return
    transaction.commit(writes(account, change, StaleOrder(account_id)))
    logger.info("frozen", extra={"account_id": account_id, "order_id": change.order_id})
