"""
Count the results of a demonstration, print them, and check the demonstration's promises.

Called by   local/demo.py
Returns     the exit code: 0 when every promise was kept, else 1
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from comanda.aws.dynamodb import keys
from comanda.aws.dynamodb.items import unpack
from comanda.domain.orders.decision import EventType
from local import mails, tour
from local.day import Day
from local.instance import Instance
from ops.identities import Snapshot

SPLIT_SHARE, DECLINED_SHARE, SHORT_UNITS = 0.10, 0.05, 3


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The counts of one demonstration."""

    placed: int
    split: int  # shipped lines went to more than one node
    declined: int  # orders with a declined line that were routed again
    short_units: int
    fetched: int  # fulfillments handed over at a counter
    shipped: int
    invoiced: int
    mailed: int
    ended: int
    waiting: int  # orders that wait for a person or a delivery
    bad_rows: int
    duplicates: int
    files: int
    reviewed: Mapping[str, str]
    race: str
    phone: str
    violations: Mapping[str, list[str]]
    seconds: Mapping[str, float]
    mails_page: str
    sights: tuple[tour.Sight, ...] = ()  # orders to look at in the console

    def promises(self) -> dict[str, bool]:
        """Return promise -> whether it was kept."""
        decisions = list(self.reviewed.values())
        return {
            f"at least {SPLIT_SHARE:.0%} of the orders split": self.split >= SPLIT_SHARE * self.placed,
            f"at least {DECLINED_SHARE:.0%} declined and routed again": self.declined >= DECLINED_SHARE * self.placed,
            f"at least {SHORT_UNITS} units short-picked": self.short_units >= SHORT_UNITS,
            "a file with a bad row, one sent twice": self.bad_rows > 0 and self.duplicates > 0,
            "a cancel raced a pick": bool(self.race),
            "a cart was finished by phone": bool(self.phone),
            "one order rejected in review, one confirmed": "reject" in decisions and "confirm" in decisions,
            "every order ended or waits in a queue": self.ended + self.waiting == self.placed,
            **{name: not found for name, found in self.violations.items()},
        }


def count_outcome(day: Day, snapshot: Snapshot, violations: Mapping[str, list[str]], instance: Instance) -> Outcome:
    mine = set(day.orders)
    events = {name: _events(rows) for name, rows in snapshot.of_orders(keys.EVENTS).items() if name in mine}
    orders = [order for name, order in snapshot.documents.items() if name in mine]
    receipts = [row for files in day.files.values() for rows in files.receipts().values() for row in rows]
    return Outcome(
        placed=len(orders),
        split=sum(map(tour.split, events.values())),
        declined=sum(map(tour.routed_again, events.values())),
        short_units=sum(
            line["quantity"]
            for log in events.values()
            for e in log
            if e["type"] == EventType.SHORT_PICKED
            for line in e["lines"]
        ),
        fetched=sum(f.method == "PICKUP" and f.shipped_at is not None for o in orders for f in o.fulfillments),
        shipped=sum(f.method == "SHIP" and f.shipped_at is not None for o in orders for f in o.fulfillments),
        invoiced=sum(len(order.invoices) for order in orders),
        mailed=sum(keys.order_id_of(row) in mine and row["state"] == "sent" for row in snapshot.children(keys.MAILS)),
        ended=sum(order.closed for order in orders),
        waiting=sum(not order.closed for order in orders),
        bad_rows=sum(row.get("status") == "REJECTED" for row in receipts),
        duplicates=sum(row.get("status") == "DUPLICATE" for row in receipts),
        files=sum(len(files.sent) for files in day.files.values()),
        reviewed=day.reviewed,
        race="; ".join(day.race.outcome) if day.race else "",
        phone=day.phone,
        violations=violations,
        seconds=day.seconds,
        mails_page=str(mails.write(instance)[0]),
        sights=tour.choose({order.order_id: order for order in orders}, events),
    )


def _events(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"type": row["type"], **unpack(row["data"])} for row in rows]


def print_outcome(console: Console, outcome: Outcome) -> int:
    console.print(_figures(outcome))
    promises = outcome.promises()
    for promise, kept in promises.items():
        console.print(f"  {'[green]yes[/green]' if kept else '[red]NO[/red] '}  {promise}", soft_wrap=True)
    for name, found in outcome.violations.items():
        for sentence in found[:5]:
            console.print(f"  [red]{name}[/red]: {sentence}", soft_wrap=True)
    console.print(f"\n  the race: {outcome.race}\n  by phone: {outcome.phone}", soft_wrap=True)
    console.print(f"  the mails: {outcome.mails_page}", soft_wrap=True)
    return 0 if all(promises.values()) else 1


def _figures(outcome: Outcome) -> Table:
    table = Table(title="what became of it", title_justify="left", show_edge=False)
    table.add_column("", justify="left")
    table.add_column("", justify="right")
    table.add_column("step", justify="left")
    table.add_column("seconds", justify="right")
    counts = {
        "orders placed": outcome.placed,
        "split over nodes": outcome.split,
        "declined, routed again": outcome.declined,
        "units short-picked": outcome.short_units,
        "fetched at a store": outcome.fetched,
        "shipments": outcome.shipped,
        "invoices": outcome.invoiced,
        "mails": outcome.mailed,
        "orders ended": outcome.ended,
        "orders in a queue": outcome.waiting,
        "partner files": outcome.files,
        "bad rows in them": outcome.bad_rows,
    }
    steps = [(name, f"{seconds:.1f}") for name, seconds in outcome.seconds.items()]
    steps.append(("together", f"{sum(outcome.seconds.values()):.1f}"))
    left = [(name, str(count)) for name, count in counts.items()]
    for n in range(max(len(left), len(steps))):
        table.add_row(*(left[n] if n < len(left) else ("", "")), *(steps[n] if n < len(steps) else ("", "")))
    return table
