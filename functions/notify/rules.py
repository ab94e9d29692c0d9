"""
Make the content of a mail, a letter, from the order and its event. Pure.

Called by   functions/notify/handler.py
Returns     letters without names of persons, addresses and language; functions/notify/render.py adds those

A letter shows its fact as it was, whatever happened to the order later: "received" is the order as it was placed, or as sales
confirmed it, and a cancellation has its own lines only. So the letter is the same whenever, and in whatever order, its event
arrives.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from comanda.domain import text
from comanda.domain.lifecycle.closing import mail_of_hand_over, mail_of_scan, mail_of_shipment
from comanda.domain.orders.decision import EventType
from comanda.domain.orders.fulfillment import Package
from comanda.domain.orders.methods import PICKUP, SHIP
from comanda.domain.orders.order import REPLACEMENT, Order, Totals
from comanda.domain.orders.status import GONE, Status
from comanda.domain.orders.tender import PIX
from comanda.domain.shipping.tracking import TrackingStatus, possible_ids
from functions.notify import item_rows
from functions.notify.dates import News
from functions.notify.item_rows import ItemRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """The content of one mail. `event` names the fact in the mail's row `M#`; `kind` is its template in templates/words."""

    event: str
    kind: str
    rows: tuple[ItemRow, ...]
    totals: Totals | None = None  # of the rows; None: no prices are shown
    packages: tuple[Package, ...] = ()
    node: str | None = None  # the node where units wait or were handed over
    delivered: bool = False  # units go to the address of `destination`
    destination: int | None = 0  # None: all units go to addresses of their lines, which the rows show
    rest: bool = False  # other units of the order still have to come
    whole: bool = False  # no unit of the order is left
    prepaid: bool = False  # more was captured than was invoiced
    left: int = 0  # the order's total after a cancellation; what a credit note credits
    back: int = 0  # the part of a credit note that is refunded
    papers: tuple[str, str] = ("", "")  # the numbers of a credit note and of its invoice
    uncollected: bool = False  # the units waited at a counter, and nobody came for them
    moved: bool = False  # a date that the customer was told does not hold any more
    provision: int | None = None  # the number of the provision whose proof is in the mail
    tax_estimated: bool = False  # of a quote: the tax in `totals`
    until: str = ""  # the minute, in UTC, at which a quote or a way to pay is over: 2026-12-03T10:22
    code: str = ""  # of Pix, to pay with


def mail_address(contact: Mapping[str, Any]) -> str | None:
    """Return the customer's e-mail address as SES takes it, or None if there is none that SES can send to."""
    try:
        return text.mailable(text.trimmed(str((contact.get("customer") or {}).get("email") or "")))
    except text.WrongText:
        return None


def is_announced(statuses: Iterable[tuple[str, str]]) -> bool:
    """Return True if the customer was mailed about the order, from the (type, status) of its events so far.

    The customer gets no mail about a draft until the draft is confirmed.
    """
    return any(
        kind == EventType.CONFIRMED or (kind == EventType.PLACED and status != Status.DRAFT)
        for kind, status in statuses
    )


def received_letter(order: Order, *, confirmed: bool = False) -> Letter:
    """Return the letter about an order that was received. It shows the order as it was placed, or as sales `confirmed` it: what
    they have changed or cancelled until then was in no mail."""
    units = {line.line_id: line.live if confirmed else line.quantity for line in order.lines}
    lines = [line for line in order.lines if units[line.line_id]]
    shipped = [line for line in lines if line.method == SHIP and not line.is_provided]
    counters = {line.line_id: line.node_id for line in lines if line.method == PICKUP}
    goes = {line.line_id: line.destination for line in lines if line.destination}
    rows = item_rows.make_rows(order, units, nodes=counters, destinations=goes)
    as_received = order.totals if confirmed else _totals_as_placed(order)
    return Letter(
        event="placed",
        kind="resent" if order.kind == REPLACEMENT else "received",
        rows=rows,
        totals=None if order.kind == REPLACEMENT else as_received,
        delivered=bool(shipped),
        destination=None if shipped and all(line.destination for line in shipped) else 0,
    )


def cancelled_letter(order: Order, version: int, data: Mapping[str, Any], *, uncollected: bool = False) -> Letter:
    """Return the letter about units that the event of this version cancelled or refused. `uncollected`: nobody came for them."""
    named = data.get("lines")
    units = (
        {line.line_id: line.cancelled for line in order.lines}
        if named is None  # sales rejected the order with all its units
        else {row["line_id"]: row["quantity"] for row in named}
    )
    instead = _in_their_place(data, units)
    return Letter(
        event=f"cancelled-{version}",
        kind="replaced" if instead else "cancelled",
        rows=item_rows.make_rows(order, instead or units),
        whole=data["status"] == Status.CANCELLED,
        prepaid=order.captured > order.invoiced_total - order.credited_total,
        left=data.get("total", 0),
        uncollected=uncollected,
    )


def _in_their_place(data: Mapping[str, Any], units: Mapping[str, int]) -> dict[str, int]:
    """Return the units (line id: units) that replace those that a change cancelled. Empty unless it replaced them all."""
    if not data.get("changes"):
        return {}
    from comanda.domain.lifecycle.modifications.modification_matrix import (
        Modification,  # most mails are about no change
    )

    replaced = [row for row in data["changes"] if row["modification"] == Modification.REPLACE]
    gone = {row["line_id"]: row["quantity"] for row in replaced}
    return {row["new_line_id"]: row["quantity"] for row in replaced} if gone == units else {}


def change_dropped_letter(version: int) -> Letter:
    """Return the letter about a change that was not made, because its payment did not come. The event of this version says so."""
    return Letter(event=f"change-dropped-{version}", kind="change_dropped", rows=())


def asked_letter(order: Order, version: int, data: Mapping[str, Any]) -> Letter | None:
    """Return the letter that asks the customer to pay, or None if there is nothing to pay with yet, or any more."""
    number = data.get("payment")
    tender = order.payments[number - 1] if number else None
    if tender is None or not tender.asked:
        return None
    return Letter(
        event=f"asked-{version}",
        kind="asked",
        rows=(),
        left=tender.asked,
        until=f"{tender.pay_until:%Y-%m-%dT%H:%M}" if tender.pay_until else "",
        code=tender.pay_with if tender.method == PIX else "",
    )


def credited_letter(note: Mapping[str, Any]) -> Letter:
    """Return the letter about a credit note that has its number, as the API shows it."""
    return Letter(
        event=f"credited-{note['credit_note_id'][-3:]}",
        kind="credited",
        rows=(),
        left=note["totals"]["total"]["amount"],
        back=sum(one["amount"]["amount"] for one in note["refunds"]),
        papers=(note["number"], note["invoice_number"]),
    )


def shipment_letter(order: Order, number: int, invoice: Mapping[str, Any] | None) -> Letter | None:
    """Return the letter about units that were shipped or handed over, or None if no unit of the fulfillment has left.

    `invoice` is the view of the shipment's invoice (`comanda.domain.invoice_view`); the mail shows its totals.
    """
    fulfillment = order.fulfillment(number)
    units = {line.line_id: 0 for line, _ in order.units_of(number)}
    for line, allocation in order.units_of(number):
        units[line.line_id] += allocation.quantity if allocation.status in GONE else 0
    rows = item_rows.make_rows(order, units, _goods(invoice))
    if not rows:
        return None
    shipped = fulfillment.method == SHIP
    return Letter(
        event=mail_of_shipment(number) if shipped else mail_of_hand_over(number),
        kind="shipped" if shipped else "picked_up",
        rows=rows,
        totals=None
        if invoice is None
        else Totals(**{name: invoice["totals"][name]["amount"] for name in Totals.__slots__}),
        packages=fulfillment.packages if shipped else (),
        node=None if shipped else fulfillment.node,
        delivered=shipped,
        destination=fulfillment.destination,
        rest=any(status not in GONE and status is not Status.CANCELLED for status in order.quantities()),
    )


def delivered_letter(order: Order, data: Mapping[str, Any]) -> Letter | None:
    """Return the letter about a shipment that the carrier delivered, or None while a unit of it is on its way."""
    if not data["whole"]:
        return None
    number = data["fulfillment"]
    units: dict[str, int] = {}
    for line, allocation in order.units_of(number):
        if allocation.status is Status.DELIVERED:
            units[line.line_id] = units.get(line.line_id, 0) + allocation.quantity
    arrived = (Status.DELIVERED, Status.PICKED_UP, Status.PROVIDED, Status.CANCELLED)
    return Letter(
        event=f"delivered-{number:03d}",
        kind="delivered",
        rows=item_rows.make_rows(order, units),
        packages=tuple(p for p in order.fulfillment(number).packages if p.delivered_at is not None),
        delivered=True,
        destination=order.fulfillment(number).destination,
        rest=any(status not in arrived for status in order.quantities()),
    )


def ready_letter(order: Order, data: Mapping[str, Any]) -> Letter:
    """Return the letter about units that wait at a counter, from the data of the event."""
    number = data["fulfillment"]
    return Letter(
        event=f"ready-{number:03d}",
        kind="ready",
        rows=item_rows.make_rows(order, {row["line_id"]: row["quantity"] for row in data["lines"]}),
        node=order.fulfillment(number).node,
    )


def provided_letter(order: Order, data: Mapping[str, Any]) -> Letter:
    """Return the letter about units that were provided, from the data of the event. Its proof is added when it is rendered."""
    number = data["provision"]
    return Letter(
        event=f"provided-{number:03d}",
        kind="provided",
        rows=item_rows.make_rows(order, {row["line_id"]: row["quantity"] for row in data["lines"]}),
        provision=number,
    )


def parcel_letter(order: Order, data: Mapping[str, Any]) -> Letter | None:
    """Return the letter about a parcel that is out for delivery, or that waits at a pickup point of the carrier.

    `data` is that of the published scan. Returns None for a parcel that was delivered or lost meanwhile."""
    number, status = data["fulfillment"], data["status"]
    named = set(data["packages"])
    packages = tuple(p for p in order.fulfillment(number).packages if p.package_id in named)
    if not packages or all(p.delivered_at or p.lost_at for p in packages):
        return None
    units: dict[str, int] = {}
    for line_id, quantity in (units_of for p in packages for units_of in p.contents):
        units[line_id] = units.get(line_id, 0) + quantity
    at_door = status == TrackingStatus.OUT_FOR_DELIVERY
    return Letter(
        event=mail_of_scan(status, number, packages[0].tracking_number),
        kind="out_for_delivery" if at_door else "at_pickup_point",
        rows=item_rows.make_rows(order, units),
        packages=packages,
        delivered=at_door,
    )


def delayed_letter(order: Order, version: int, news: Iterable[News]) -> Letter | None:
    """Return the letter about dates that the event of this version changed, or None if there is no news."""
    dates = tuple(news)
    if not dates:
        return None
    return Letter(
        event=f"delayed-{version}",
        kind="delayed",
        rows=tuple(_delayed_row(order, date) for date in dates),
        moved=any(date.moved for date in dates),
    )


def _delayed_row(order: Order, date: News) -> ItemRow:
    line = order.line(date.line_id)
    row = item_rows.make_row(order, line, date.quantity, line.node_id if line.method == PICKUP else None)
    return replace(row, expected=date.expected)


def _goods(invoice: Mapping[str, Any] | None) -> dict[str, int]:
    """Return the price of the units of each line of an invoice, by line id."""
    return {line["line_id"]: line["goods"]["amount"] for line in invoice["lines"]} if invoice else {}


def named_nodes(letter: Letter) -> frozenset[str]:
    """Return the ids of the nodes that the letter names."""
    return frozenset(node for node in (letter.node, *(row.node for row in letter.rows)) if node)


def tracking_links(packages: Iterable[Package], carriers: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Return the address of each package's page at its carrier, by package id.

    `carriers` are the carriers' documents by id. A package has no address if it has no number, or if its carrier has no
    document or no `tracking_url`.
    """
    links: dict[str, str] = {}
    for package in packages:
        known = [carriers[name] for name in possible_ids(package.carrier) if name in carriers]
        page = next((doc["tracking_url"] for doc in known if doc.get("tracking_url")), None)
        if page and package.tracking_number:
            links[package.package_id] = page.replace("{number}", quote(package.tracking_number, safe=""))
    return links


def _totals_as_placed(order: Order) -> Totals:
    """Return the totals over all units of the order, also over units that were cancelled later.

    They are sums of the parts that the shop sent; no part is computed again.
    """
    goods = sum(line.quantity * line.unit_price for line in order.as_sent())
    discounts = sum(line.discount for line in order.as_sent()) + sum(d.amount for d in order.discounts)
    charges = sum(charge.amount for charge in order.charges)
    tax = sum(line.tax for line in order.as_sent()) + sum(charge.tax for charge in order.charges)
    total = goods - discounts + charges + (0 if order.prices_include_tax else tax)
    return Totals(goods=goods, discounts=discounts, charges=charges, tax=tax, total=total)
