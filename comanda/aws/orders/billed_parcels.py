"""
Keep what carriers bill for parcels, each parcel once, beside its order; ask a person about bills that differ from their labels.

Called by   functions/inbox/carrier_invoice_file.py, which takes the bills; functions/intake, which shows and answers the items of
            the queue `shipping-costs`
Returns     an outcome for each bill; items, and the write that ends one
Raises      StaleOrder when another file keeps a bill of the parcel, Throttled (Busy); NotFound for an item that does not wait

A bill is one item below its order, so it neither changes the order's version nor waits for another writer of the order.
Its own item is also the row by which the same bill is known again.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from functools import partial
from itertools import batched, islice
from typing import Any

from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.orders import orders
from comanda.aws.runtime.clients import client
from comanda.aws.runtime.concurrently import run_concurrently
from comanda.aws.runtime.settings import settings
from comanda.domain import ids, views
from comanda.domain.errors import NotFound, StaleOrder
from comanda.domain.lifecycle.parcels import track
from comanda.domain.lifecycle.parcels.track import Parcel
from comanda.domain.orders.fulfillment import plain_tracking_number
from comanda.domain.orders.queues import Queue
from comanda.domain.shipping.billed_cost import BillLimits, BillStatus, judge_bill

_MOST_PARCELS = 20  # with one tracking number
_TOGETHER = 50  # bills of one transaction
_BETWEEN = "~"  # stands between the fulfillment and the tracking number
REASON = "shipping-cost-differs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """A line of a carrier's invoice. `amount` is in minor units, `content` a hash of the line."""

    line: int
    number: str
    carrier: str
    invoice: str
    amount: int
    currency: str
    day: str
    content: str
    weight_g: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class BillOutcome:
    """`code` and `reason` say why a bill was not kept. `before`: it was kept before, in another line or file."""

    line: int
    fulfillment_id: str = ""
    code: str = ""
    reason: str = ""
    before: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Carriers:
    """The names of a label's carrier, and the limits of its bills."""

    names: Callable[[str], frozenset[str]]
    limits: Callable[[str], BillLimits | None]


def apply(source: str, bills: Sequence[Bill], carriers: Carriers, now: datetime) -> list[BillOutcome]:
    """Keep the bills whose parcel is found, and return the outcome of each."""
    found = _parcels({plain_tracking_number(bill.number) for bill in bills})
    meant = {bill.line: _meant(bill, found, carriers) for bill in bills}
    outcomes = [outcome for outcome in meant.values() if isinstance(outcome, BillOutcome)]
    own = [(bill, parcel) for bill in bills if isinstance(parcel := meant[bill.line], Parcel)]
    key_of = {bill.line: keys.billed_parcel(p.order.order_id, p.number, p.name) for bill, p in own}
    wanted = {_text(key): key for key in key_of.values()}
    kept = {_text(row): row for row in reads.batch(settings.orders_table, wanted.values())}
    fresh: list[Write] = []
    for bill, parcel in own:
        before = kept.get(_text(key_of[bill.line]))
        outcomes.append(_outcome(source, bill, parcel, before))
        if before is None:
            row = _row(source, bill, parcel, carriers, now)
            kept[_text(key_of[bill.line])] = row
            fresh.append(transaction.put_once(settings.orders_table, row, StaleOrder(parcel.order.order_id)))
    for some in batched(fresh, _TOGETHER, strict=False):
        transaction.commit(some)
    return outcomes


def _text(key: Mapping[str, Any]) -> str:
    return f"{key['pk']}|{key['sk']}"


def _parcels(names: Iterable[str]) -> dict[str, list[Parcel]]:
    """Return the parcels of tracking numbers. The index is asked for numbers side by side, the orders come in pages."""
    client("dynamodb")
    wanted = sorted(name for name in names if name)
    pages = run_concurrently(partial(_fulfillments, name) for name in wanted)
    named = {name: page() for name, page in zip(wanted, pages, strict=True)}
    order_ids = dict.fromkeys(order_id for found in named.values() for order_id, _ in found)
    rows = reads.batch(settings.orders_table, [keys.order(order_id) for order_id in order_ids])
    known = {keys.order_id_of(row): orders.order_of_item(row) for row in rows}
    return {
        name: [
            parcel
            for order_id, number in found
            if (order := known.get(order_id)) is not None and any(f.number == number for f in order.fulfillments)
            for parcel in track.parcels(order, number).values()
            if parcel.name == name
        ]
        for name, found in named.items()
    }


def _fulfillments(name: str) -> list[tuple[str, int]]:
    page = keys.tracking_page(name)
    rows = reads.query(
        settings.orders_table, "gsi1pk = :pk", index="GSI1", together=_MOST_PARCELS, newest=True, pk=page
    )
    return list(dict.fromkeys(ids.parse("ful", row["sk"], settings.cell) for row in islice(rows, _MOST_PARCELS)))


def _meant(bill: Bill, found: Mapping[str, list[Parcel]], carriers: Carriers) -> Parcel | BillOutcome:
    """Return the parcel that a bill is for, or why there is none."""
    names = carriers.names(bill.carrier)
    parcels = [
        parcel
        for parcel in found.get(plain_tracking_number(bill.number), ())
        if not parcel.carrier or not names.isdisjoint(carriers.names(parcel.carrier))
    ]
    end = datetime.combine(datetime.fromisoformat(bill.day).date(), time.max, UTC)
    meant = track.meant(parcels, end)
    if not meant:
        reason = "tracking_number: is of no parcel that this carrier had by then"
        return BillOutcome(line=bill.line, code="unknown-number", reason=reason)
    if len(meant) > 1:
        reason = "tracking_number: is of parcels of several shipments"
        return BillOutcome(line=bill.line, code="several-parcels", reason=reason)
    if meant[0].order.currency != bill.currency:
        return BillOutcome(line=bill.line, code="mixed-currencies", reason="currency: is not the order's")
    return meant[0]


def _outcome(source: str, bill: Bill, parcel: Parcel, before: Mapping[str, Any] | None) -> BillOutcome:
    fulfillment_id = ids.fulfillment(parcel.order.order_id, parcel.number)
    if before is None or (before["source"], before["line"]) == (source, bill.line):
        return BillOutcome(line=bill.line, fulfillment_id=fulfillment_id)
    if before["content"] == bill.content:
        return BillOutcome(line=bill.line, fulfillment_id=fulfillment_id, before=True)
    reason = "tracking_number: was billed before, with another invoice, amount, day or weight"
    return BillOutcome(line=bill.line, fulfillment_id=fulfillment_id, code="billed-before", reason=reason)


def _row(source: str, bill: Bill, parcel: Parcel, carriers: Carriers, now: datetime) -> dict[str, Any]:
    order_id = parcel.order.order_id
    estimated = sum(package.label_cost for package in parcel.packages)
    estimated = estimated if all(package.label_cost for package in parcel.packages) else 0
    status = judge_bill(bill.amount, estimated, carriers.limits(parcel.carrier or bill.carrier))
    asks = keys.shipping_cost_place(now, order_id, parcel.number, parcel.name) if status is BillStatus.DIFFERS else {}
    return {
        **keys.billed_parcel(order_id, parcel.number, parcel.name),
        **asks,
        "order_id": order_id,
        "fulfillment": parcel.number,
        "name": parcel.name,
        "carrier": bill.carrier,
        "invoice": bill.invoice,
        "amount": bill.amount,
        "estimated": estimated,
        "currency": bill.currency,
        "day": bill.day,
        "weight_g": bill.weight_g,
        "weighed_g": sum(package.weight_g for package in parcel.packages),
        "status": status,
        "due": views.time(now),
        "source": source,
        "line": bill.line,
        "content": bill.content,
    }


def item(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return an item of the queue from its row."""
    fulfillment_id = ids.fulfillment(row["order_id"], row["fulfillment"])
    facts = {
        "order_id": row["order_id"],
        "fulfillment_id": fulfillment_id,
        "tracking_number": row["name"],
        "carrier": row["carrier"],
        "invoice": row["invoice"],
        "day": row["day"],
        "currency": row["currency"],
        **{name: str(row[name]) for name in ("amount", "estimated", "weight_g", "weighed_g") if row[name]},
    }
    return {
        "item_id": f"{fulfillment_id}{_BETWEEN}{row['name']}",
        "queue": Queue.SHIPPING_COSTS,
        "reason": REASON,
        "due": row["due"],
        "since": row["due"],
        "data": facts,
    }


def end(item_id: str) -> Write:
    """Return the write that takes a bill out of the queue."""
    fulfillment_id, _, name = item_id.partition(_BETWEEN)
    missing = NotFound(f"item of queue {Queue.SHIPPING_COSTS}", item_id[:200])
    if not name:
        raise missing
    order_id, number = ids.parse("ful", fulfillment_id, settings.cell)
    return transaction.update(
        settings.orders_table,
        keys.billed_parcel(order_id, number, name),
        "SET #status = :answered REMOVE gsi3pk, gsi3sk",
        missing,
        condition="#status = :differs",
        n_status="status",
        answered=BillStatus.ANSWERED,
        differs=BillStatus.DIFFERS,
    )
