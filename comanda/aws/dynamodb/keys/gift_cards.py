"""
Spell the keys of gift cards and store credit in the Orders table: an account and the entries of its ledger share a partition.

The id of an account is `gc_` or `sc_` and 32 hexadecimal digits of a keyed hash: of a card's code, or of a customer and a currency.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from comanda.aws.dynamodb.keys.orders import JOURNALS
from comanda.aws.dynamodb.keys.queues import queue_page
from comanda.aws.dynamodb.keys.spelling import HEADER, Key, shard, text, time
from comanda.domain.errors import NotFound

GIFT_CARDS, STORE_CREDITS = "GC#", "SC#"  # the partitions of accounts begin with these
LEDGER_ENTRIES = "L#"
ACCOUNT_LOOKS = "accounts-expire"  # the queue of accounts that may have expired
_PARTITIONS = {"gc": GIFT_CARDS, "sc": STORE_CREDITS}


def account(account_id: str) -> Key:
    """Return the key of an account. Raises NotFound for an id that no account can have."""
    kind, _, digits = account_id.partition("_")
    if kind not in _PARTITIONS:
        raise NotFound("account", account_id)
    return {"pk": _PARTITIONS[kind] + text(digits), "sk": HEADER}


def order_entry(account_id: str, order_id: str, purpose: str, number: int) -> Key:
    """Return the key of what an order moved on an account, by one of its payments or money operations."""
    return {"pk": account(account_id)["pk"], "sk": f"{LEDGER_ENTRIES}{order_id}#{purpose}#{number:03d}"}


def issue_entry(account_id: str, issue_id: str) -> Key:
    """Return the key of money that was put on an account."""
    return {"pk": account(account_id)["pk"], "sk": f"{LEDGER_ENTRIES}issue#{text(issue_id)}"}


def freeze_entry(account_id: str, change_id: str) -> Key:
    """Return the key of the entry which says that an account was frozen, or pays again."""
    return {"pk": account(account_id)["pk"], "sk": f"{LEDGER_ENTRIES}freeze#{text(change_id)}"}


def issue_journal(account_id: str, issue_id: str) -> Key:
    """Return the key of the journal of money that was put on an account."""
    return {"pk": account(account_id)["pk"], "sk": f"{JOURNALS}{text(issue_id)}"}


def waiting_issue(issue_id: str) -> Key:
    """Return the key of an issue that waits for a second person."""
    return {"pk": f"GI#{text(issue_id)}", "sk": HEADER}


def waiting_issue_place(due: datetime, issue_id: str) -> Key:
    """Return its place in the queue, the oldest first."""
    return {"gsi3pk": queue_page("gift-cards", shard(issue_id)), "gsi3sk": f"5#{time(due)}#{issue_id}"}


def expired_entry(account_id: str, end: str) -> Key:
    """Return the key of what was left of an account. `end` is the day until which it was good, or the id of a person's decision."""
    return {"pk": account(account_id)["pk"], "sk": f"{LEDGER_ENTRIES}expire#{text(end)}"}


def expired_journal(account_id: str, end: str) -> Key:
    """Return the key of the journal of what was left of an account."""
    return {"pk": account(account_id)["pk"], "sk": f"{JOURNALS}expire#{text(end)}"}


def account_look(account_id: str, day: date) -> Key:
    """Return the index key by which the sweeper finds an account on the first day on which it may have expired."""
    return {"gsi3pk": queue_page(ACCOUNT_LOOKS, shard(account_id)), "gsi3sk": f"{day.isoformat()}#{account_id}"}


def account_of_look(row: Mapping[str, Any]) -> str:
    """Return the id of an account from its place among those that the sweeper looks at."""
    account_id: str = row["gsi3sk"].split("#")[1]
    return account_id


def wrong_codes(of: str, window: str) -> Key:
    """Return the key of the number of wrong codes of a sender in a minute, or of a draft."""
    return {"pk": f"GCM#{text(of)}", "sk": window}
