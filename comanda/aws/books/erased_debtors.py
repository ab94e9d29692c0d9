"""
Take the customer out of credit accounts, when the customer is erased: of those that have neither a debt nor an open order.

The ledger stays, as books must. An account with a debt keeps its debtor, and one from which the customer has something to get, too:
it is frozen, and the sweeper looks every day whether that is over.

Called by   functions/erase; functions/sweep (`review`)
Returns     nothing
Raises      StaleOrder, and what the check of the erasure means
"""

from dataclasses import replace
from datetime import datetime, timedelta

from comanda.aws.books import credit_accounts, waiting_terms
from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime.settings import settings
from comanda.domain import ids, views
from comanda.domain.credit_accounts.account import CreditAccount, Terms
from comanda.domain.credit_accounts.movements import CreditPurpose
from comanda.domain.errors import StaleOrder

_REASON = "the customer was erased"
_A_DAY = timedelta(days=1)
_CLOSED = Terms(limit=0, payment_days=0, frozen=True)


def forget(channel: str, customer_id: str, goes_on: Write, actor: str, now: datetime) -> None:
    """Close the accounts of a channel's customer that nobody owes on, and forget whose they were. Terms that wait for the customer
    wait no more. It may be done twice.

    `goes_on` is the check that the erasure by the `actor` has not ended.
    """
    if ids.is_guest(customer_id):
        return
    waiting_terms.forget(
        channel, customer_id, goes_on
    )  # first: terms that are approved until then are those of an account
    at = keys.credit_account_of_channel(channel, customer_id, "")
    rows = reads.query(
        settings.orders_table, "pk = :pk AND begins_with(sk, :sk)", consistent=True, pk=at["pk"], sk=at["sk"]
    )
    for listed in list(rows):
        row = reads.get(settings.orders_table, keys.credit_account(listed["account_id"]))
        if row is None or "erased_by" in row:
            continue
        account = credit_accounts.of_row(row)
        settled = not account.owed and not account.reserved
        writes = _closing(account, actor, now) if settled else _freezing(account, actor, now)
        transaction.commit([goes_on, *writes])


def review(account_id: str, now: datetime) -> None:
    """Close the account of an erased customer when nothing is owed any more, else plan the next look. Raises StaleOrder."""
    row = reads.get(settings.orders_table, keys.credit_account(account_id))
    if row is None or "erased_by" not in row:
        return
    account = credit_accounts.of_row(row)
    if not account.owed and not account.reserved:
        transaction.commit(_closing(account, row["erased_by"], now))
        return
    place = keys.account_look(account_id, (now + _A_DAY).date())
    again = transaction.update(
        settings.orders_table,
        keys.credit_account(account_id),
        "SET gsi3pk = :page, gsi3sk = :place",
        StaleOrder(account_id),
        condition="version = :seen AND attribute_exists(erased_by)",
        page=place["gsi3pk"],
        place=place["gsi3sk"],
        seen=account.version,
    )
    transaction.commit([again])


def _freezing(account: CreditAccount, actor: str, now: datetime) -> list[Write]:
    """Return the writes by which an account with a debt pays no new order, and is looked at until the debt is gone."""
    place = keys.account_look(account.account_id, (now + _A_DAY).date())
    frozen = transaction.update(
        settings.orders_table,
        keys.credit_account(account.account_id),
        "SET erased_by = :actor, frozen = :frozen, version = :version, gsi3pk = :page, gsi3sk = :place",
        StaleOrder(account.account_id),
        condition="version = :seen",
        actor=actor,
        frozen=True,
        page=place["gsi3pk"],
        place=place["gsi3sk"],
        seen=account.version,
        version=account.version + 1,
    )
    return [_entry(account, replace(account.terms, frozen=True), actor, now), frozen]


def _closing(account: CreditAccount, actor: str, now: datetime) -> list[Write]:
    """Return the writes that close an account. They are refused when an order or a payment moved it meanwhile."""
    stale, limit = StaleOrder(account.account_id), account.terms.limit
    closed = transaction.update(
        settings.orders_table,
        keys.credit_account(account.account_id),
        "SET customer_id = :nobody, #limit = :none, room = :none, payment_days = :none, frozen = :frozen, version = :version"
        " REMOVE blocked_after, erased_by, gsi3pk, gsi3sk",
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
    listed = keys.credit_account_of_channel(account.channel, account.customer_id, account.currency)
    return [
        _entry(account, _CLOSED, actor, now),
        closed,
        transaction.delete(settings.orders_table, listed, stale),
    ]


def _entry(account: CreditAccount, terms: Terms, actor: str, now: datetime) -> Write:
    """Return the write of the ledger's entry about the terms that an erasure sets."""
    values = {
        **keys.limit_entry(account.account_id, f"erased-{account.version}"),
        "purpose": CreditPurpose.LIMIT,
        "room": terms.limit - account.terms.limit,
        "owed": 0,
        "currency": account.currency,
        "reason": _REASON,
        "by": actor,
        "at": views.time(now),
        "terms": credit_accounts.stored_terms(terms),
    }
    return transaction.put_once(settings.orders_table, values, StaleOrder(account.account_id))
