"""
Decide which lists of orders the page of orders reads, sort what it shows, and write it as a file. Pure.

Called by   functions/console/pages/orders.py
Returns     plain values; orders are the JSON that the API answers
"""

import csv
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from io import StringIO
from typing import Any

from comanda.domain.csv_cells import harmless
from comanda.domain.money import decimal

MOST_CALLS = 12  # of one page: lists of one channel and one day
MOST_ROWS = 100  # after which a page reads no further day
MOST_CHANNELS = 4  # of which one page shows the orders together
PERIODS = (1, 3, 7)  # days that a person may choose

type Orders = list[Mapping[str, Any]]


def units(order: Mapping[str, Any]) -> int:
    return sum(order["quantities"].values())


# What a person may sort by, and the value of an order that counts. All but the first two begin with the largest.
_SORTS: Mapping[str, tuple[Callable[[Mapping[str, Any]], Any], bool]] = {
    "newest": (lambda order: order["placed_at"], True),
    "oldest": (lambda order: order["placed_at"], False),
    "total": (lambda order: (order["currency"], order["totals"]["total"]["amount"]), True),
    "units": (units, True),
    "status": (lambda order: order["status"], False),
    "channel": (lambda order: order["channel"], False),
}
COLUMNS = ("order_id", "external_id", "channel", "status", "placed_at", "units", "total", "currency")


def days(last: str, count: int) -> list[str]:
    """Return that many days, the last one first. A text that is no day is returned alone: the API says what is wrong."""
    try:
        end = date.fromisoformat(last)
    except ValueError:
        return [last]
    return [(end - timedelta(days=n)).isoformat() for n in range(min(count, end.toordinal()))]


def period(text: str) -> int:
    """Return the number of days that a person chose, one day for every other text."""
    return int(text) if text in map(str, PERIODS) else PERIODS[0]


type Place = tuple[str, str]  # a channel and a day: a list of the API


def lists(channels: Sequence[str], wanted: Sequence[str]) -> tuple[list[list[Place]], list[Place]]:
    """Return the lists to read, those of one day together, and those that are too many for one page."""
    shown = channels[:MOST_CHANNELS]
    most = MOST_CALLS // max(1, len(shown))
    read = [[(channel, day) for channel in shown] for day in wanted[:most]]
    later = [(channel, day) for day in wanted[most:] for channel in shown]
    return read, [*((channel, day) for day in wanted for channel in channels[MOST_CHANNELS:]), *later]


def sorted_by(orders: Orders, name: str) -> Orders:
    """Return the orders in the order that a person chose; the newest come first where that is no choice of ours."""
    value, falling = _SORTS.get(name, _SORTS["newest"])
    return sorted(orders, key=value, reverse=falling)


def file(orders: Orders) -> str:
    """Return the orders as CSV with a heading. No text in it is a formula."""
    text = StringIO()
    rows = csv.writer(text)
    rows.writerow(COLUMNS)
    rows.writerows([harmless(str(value)) for value in _row(order)] for order in orders)
    return text.getvalue()


def _row(order: Mapping[str, Any]) -> list[Any]:
    currency = order["currency"]
    total = decimal(order["totals"]["total"]["amount"], currency)
    named = [order[name] or "" for name in ("order_id", "external_id", "channel", "status", "placed_at")]
    return [*named, units(order), total, currency]
