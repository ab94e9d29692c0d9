"""
Book what is left of gift cards and store credit that have expired, as the legal entity of their channel says.

An account that has a last day has a place among those that the sweeper looks at. Money that comes back to an account, and more
credit, give it a place again.

Called by   functions/sweep
Returns     the accounts whose day has come; whether one was emptied
Raises      StaleOrder for an account that is used in this moment; Throttled
"""

from collections.abc import Callable
from datetime import date, datetime
from itertools import islice

from aws_lambda_powertools import Logger

from comanda.aws.dynamodb import keys, reads, single_writes, transaction
from comanda.aws.runtime.settings import settings
from comanda.domain import views
from comanda.domain.errors import StaleOrder
from comanda.domain.gift_cards import expiry
from comanda.domain.gift_cards.account import Account
from comanda.domain.gift_cards.movements import Purpose

logger = Logger()
MOST = 200  # accounts of one shard in one run
_BY = "sweep"


def due(now: datetime) -> list[str]:
    """Return the ids of the accounts whose day has come."""
    found: list[str] = []
    for shard in range(keys.SHARDS):
        rows = reads.query(
            settings.orders_table,
            "gsi3pk = :pk AND gsi3sk < :now",
            index="GSI3",
            together=MOST,
            pk=keys.queue_page(keys.ACCOUNT_LOOKS, shard),
            now=f"{now.date().isoformat()}~",
        )
        found += map(keys.account_of_look, islice(rows, MOST))
    return found


def review(account_id: str, days_of: Callable[[str], int | None], now: datetime) -> bool:
    """Empty an account whose rest is income now, and plan the next look at any other one. Return True if it was emptied.

    `days_of` tells, for a channel, after how many days that is; None: never.
    """
    from comanda.aws.books import gift_cards  # most runs find no account

    account = gift_cards.find(account_id)
    if account is None:
        return False
    on = expiry.next_look(account, days_of(account.channel), now.date())
    if on is not None and on <= now.date() and account.good_until is not None:
        _expire(account, account.good_until, now)
        return True
    _plan(account, on)
    return False


def _plan(account: Account, on: date | None) -> None:
    """Give the account its next place, or none. One that was used meanwhile keeps the place that it has."""
    key, seen = keys.account(account.account_id), {"balance": account.balance}
    if on is None:
        single_writes.update(
            settings.orders_table, key, "REMOVE gsi3pk, gsi3sk", condition="balance = :balance", **seen
        )
        return
    place = keys.account_look(account.account_id, on)["gsi3sk"]
    single_writes.update(
        settings.orders_table, key, "SET gsi3sk = :place", condition="balance = :balance", **seen, place=place
    )


def _expire(account: Account, until: date, now: datetime) -> None:
    """Empty an account in one transaction with the entry of its ledger, and the journal of its channel's books."""
    conditions, names = (
        ["balance = :balance", "attribute_not_exists(frozen)"],
        {"balance": account.balance, "nothing": 0},
    )
    for name, day in (("expires_on", account.expires_on), ("returned_until", account.returned_until)):
        conditions.append(f"attribute_not_exists({name})" if day is None else f"{name} = :{name}")
        if day is not None:
            names[name] = day.isoformat()  # type: ignore[assignment]
    used = StaleOrder(account.account_id)
    entry = {
        **keys.expired_entry(account.account_id, until),
        "purpose": Purpose.EXPIRE,
        "amount": -account.balance,
        "currency": account.currency,
        "by": _BY,
        "at": views.time(now),
    }
    journal = {
        **keys.expired_journal(account.account_id, until),
        **keys.journal_of_day(account.channel, now, account.account_id, 1),
        "channel": account.channel,
        "at": views.time(now),
        "currency": account.currency,
        "entries": expiry.journal(account),
    }
    emptied = transaction.update(
        settings.orders_table,
        keys.account(account.account_id),
        "SET balance = :nothing REMOVE gsi3pk, gsi3sk",
        used,
        condition=" AND ".join(conditions),
        **names,
    )
    writes = [emptied, *(transaction.put_once(settings.orders_table, row, used) for row in (entry, journal))]
    transaction.commit(writes)
    facts = {"account_id": account.account_id, "amount": account.balance, "currency": account.currency}
    logger.info("expired", extra=facts)
