"""
Take the customer out of credit accounts that have neither a debt nor an open order, when the customer is erased.

The ledger stays, as books must. An account with a debt keeps its debtor, and one from which the customer has something to get, too.

Called by   functions/erase
Returns     nothing
Raises      StaleOrder, and what the check of the erasure means
"""

from datetime import datetime

from comanda.aws.books import credit_accounts
from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime.settings import settings
from comanda.domain import ids, views
from comanda.domain.credit_accounts.account import CreditAccount, Terms
from comanda.domain.credit_accounts.movements import CreditPurpose
from comanda.domain.errors import StaleOrder

_REASON = "the customer was erased"
_CLOSED = Terms(limit=0, payment_days=0, frozen=True)


def forget(channel: str, customer_id: str, goes_on: Write, actor: str, now: datetime) -> None:
    """Close the accounts of a channel's customer that nobody owes on, and forget whose they were. It may be done twice.

    `goes_on` is the check that the erasure by the `actor` has not ended.
    """
    if ids.is_guest(customer_id):
        return
    at = keys.credit_account_of_channel(channel, customer_id, "")
    rows = reads.query(
        settings.orders_table, "pk = :pk AND begins_with(sk, :sk)", consistent=True, pk=at["pk"], sk=at["sk"]
    )
    for listed in list(rows):
        account = credit_accounts.find(listed["account_id"])
        if account is not None and not account.owed and not account.reserved:
            transaction.commit([goes_on, *_writes(account, listed, actor, now)])


def _writes(account: CreditAccount, listed: keys.Key, actor: str, now: datetime) -> list[Write]:
    """Return the writes that close an account. They are refused when an order or a payment moved it meanwhile."""
    stale, limit = StaleOrder(account.account_id), account.terms.limit
    terms = credit_accounts.stored_terms(_CLOSED)
    closed = transaction.update(
        settings.orders_table,
        keys.credit_account(account.account_id),
        "SET customer_id = :nobody, #limit = :none, room = :none, payment_days = :none, frozen = :frozen, version = :version"
        " REMOVE blocked_after",
        stale,
        condition="version = :seen AND owed = :none AND room = :limit",
        n_limit="limit",
        nobody=ids.GUEST + account.account_id.removeprefix("ac_"),
        none=0,
        frozen=True,
        limit=limit,
        seen=account.version,
        version=account.version + 1,
    )
    entry = {
        **keys.limit_entry(account.account_id, f"erased-{account.version}"),
        "purpose": CreditPurpose.LIMIT,
        "room": -limit,
        "owed": 0,
        "currency": account.currency,
        "reason": _REASON,
        "by": actor,
        "at": views.time(now),
        "terms": terms,
    }
    gone = {"pk": listed["pk"], "sk": listed["sk"]}
    return [
        transaction.put_once(settings.orders_table, entry, stale),
        closed,
        transaction.delete(settings.orders_table, gone, stale),
    ]
