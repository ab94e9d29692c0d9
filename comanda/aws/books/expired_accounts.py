"""
Book what is left of gift cards and store credit that have expired, as the legal entity of their channel says, or that a person ends.

An account that has a last day has a place among those that the sweeper looks at. Money that comes back to an account, and more
credit, give it a place again.

Called by   functions/sweep, functions/gift_cards
Returns     the accounts whose day has come; whether one was emptied; writes
Raises      StaleOrder for an account that is used in this moment; Throttled
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from itertools import islice
from types import MappingProxyType

from aws_lambda_powertools import Logger

from comanda.aws.dynamodb import keys, reads, single_writes, transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime.settings import settings
from comanda.domain import views
from comanda.domain.errors import ComandaError, StaleOrder
from comanda.domain.gift_cards import expiry
from comanda.domain.gift_cards.account import Account
from comanda.domain.gift_cards.expiry import End
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
    """Empty an account whose time is over. It is as it was read: not frozen, and good until the same days."""
    conditions, names = ["attribute_not_exists(frozen)"], {}
    for name, day in (("expires_on", account.expires_on), ("returned_until", account.returned_until)):
        conditions.append(f"attribute_not_exists({name})" if day is None else f"{name} = :{name}")
        if day is not None:
            names[name] = day.isoformat()
    end = End(end_id=until.isoformat(), by=_BY, at=now)
    transaction.commit(writes(account, end, StaleOrder(account.account_id), conditions, names))
    facts = {"account_id": account.account_id, "amount": account.balance, "currency": account.currency}
    logger.info("expired", extra=facts)


def writes(
    account: Account,
    end: End,
    taken: ComandaError,
    conditions: Sequence[str] = (),
    names: Mapping[str, str] = MappingProxyType({}),
) -> list[Write]:
    """Return the writes that empty an account: with the entry of its ledger, and the journal of its channel's books.

    `taken` is the refusal of an end that was made already. They are refused with StaleOrder when the account was used meanwhile,
    or when one of the `conditions` with these `names` does not hold.
    """
    table = settings.orders_table
    entry = {
        **keys.expired_entry(account.account_id, end.end_id),
        "purpose": Purpose.EXPIRE,
        "amount": -account.balance,
        "currency": account.currency,
        "by": end.by,
        "at": views.time(end.at),
        **({"reason": end.reason} if end.reason else {}),
    }
    journal = {
        **keys.expired_journal(account.account_id, end.end_id),
        **keys.journal_of_day(account.channel, end.at, account.account_id, 1),
        "channel": account.channel,
        "at": views.time(end.at),
        "currency": account.currency,
        "entries": expiry.journal(account),
    }
    emptied = transaction.update(
        table,
        keys.account(account.account_id),
        "SET balance = :nothing REMOVE gsi3pk, gsi3sk",
        StaleOrder(account.account_id),
        condition=" AND ".join(("balance = :balance", *conditions)),
        balance=account.balance,
        nothing=0,
        **names,
    )
    return [transaction.put_once(table, entry, taken), transaction.put_once(table, journal, taken), emptied]
