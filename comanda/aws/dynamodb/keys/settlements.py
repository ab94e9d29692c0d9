"""Spell the keys of what providers and banks report, in the Orders table: lines of files, sums of payments, totals of days."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from comanda.aws.dynamodb.keys.queues import queue_page
from comanda.aws.dynamodb.keys.spelling import HEADER, SHARDS, Key, digest, plain_text, shard, text, time

RECONCILE = "reconcile"  # the queue
SETTLEMENTS, SETTLEMENT_TOTALS = "RCP#", "RCT#"  # begin the pk of what was reported of a payment, and of totals
REPORTED_LINES = "RC#"  # begins the pk of lines of files


def reported_line(provider: str, source: str, line: int) -> Key:
    """Return the key of a line of a file. The lines of a file share a partition."""
    return {"pk": f"{REPORTED_LINES}{text(provider)}#{digest(source)[:32]}", "sk": f"{line:06d}"}


def provider_of_line(row: Mapping[str, Any]) -> str:
    """Return the provider of a line of a file from its row."""
    return plain_text(row["pk"].removeprefix(REPORTED_LINES).partition("#")[0])


def settlement(provider: str, name: str) -> Key:
    """Return the key of what was reported of a payment, of a payout or of an operation."""
    return {"pk": f"{SETTLEMENTS}{text(provider)}#{text(name)}", "sk": HEADER}


def payout_name(name: str) -> Key:
    """Return the key of a name of a payout. It is hashed, because a bank's references may be anything."""
    return {"pk": f"RCN#{digest(name)}", "sk": HEADER}


def settlement_totals(provider: str, day: str, currency: str) -> Key:
    """Return the key of the totals of a day, such as 2026-11-20. The days of a month share a partition."""
    return {"pk": settlement_months(provider, day[:7]), "sk": f"{day}#{text(currency)}"}


def day_and_currency_of(row: Mapping[str, Any]) -> tuple[str, str]:
    """Return the day and the currency of totals from their row."""
    day, _, currency = row["sk"].partition("#")
    return day, plain_text(currency)


def settlement_months(provider: str, month: str) -> str:
    return f"{SETTLEMENT_TOTALS}{text(provider)}#{month}"


def settlement_place(due: datetime, provider: str, name: str) -> Key:
    """Return the index key of a difference: its place in the queue, the oldest first."""
    item = f"{text(provider)}#{text(name)}"
    return {"gsi3pk": queue_page(RECONCILE, shard(item)), "gsi3sk": f"5#{time(due)}#{item}"}


def unsettled(provider: str, at: datetime, name: str) -> Key:
    """Return the index key by which the sweeper finds what was moved at a time and is not reported yet."""
    return {"gsi2pk": unsettled_page(provider, shard(name)), "gsi2sk": f"{time(at)}#{text(name)}"}


def unsettled_page(provider: str, of: int) -> str:
    return f"W#unsettled-{text(provider)}#{of}"


def unsettled_pages(provider: str) -> list[str]:
    return [unsettled_page(provider, of) for of in range(SHARDS)]
