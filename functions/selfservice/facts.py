"""
Gather what the page of a link shows of an order, in plain values. Pure.

Called by   functions/selfservice/pages.py, functions/selfservice/acts.py
Returns     values that the templates read; amounts are minor units

The page says what a customer asks: what became of each unit, when the rest comes, where the parcels are, what it costs. It has
the customer's first name, and no other word of the contact until the customer has proven to know the order.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from comanda.domain.documents.address_lines import address_lines
from comanda.domain.orders.bundle import Bundle
from comanda.domain.orders.bundle_lines import COMPONENT
from comanda.domain.orders.delivery_places import delivery_places
from comanda.domain.orders.fulfillment import Fulfillment, Package
from comanda.domain.orders.line import Line
from comanda.domain.orders.methods import SHIP
from comanda.domain.orders.order import REPLACEMENT, Order
from comanda.domain.orders.status import GONE, Status
from comanda.domain.orders.tender import PIX
from comanda.domain.shipping.tracking import possible_ids

if TYPE_CHECKING:
    from comanda.domain.drafts.draft import Draft

LINE = "line-"  # the names of the fields of lines begin with it; the number of the line follows, from 0
POSTAL_CODE, EMAIL = "postal-code", "email"

# What became of a unit, as a customer reads it. The words are in templates/_words.html.
RECEIVED, WAITING, PREPARING, READY = "received", "waiting", "preparing", "ready"
_STATES: Mapping[Status, str] = {
    **dict.fromkeys((Status.DRAFT, Status.CREATED, Status.UNSCHEDULED, Status.SCHEDULED), RECEIVED),
    Status.BACKORDERED: WAITING,
    **dict.fromkeys((Status.RELEASED, Status.ACCEPTED, Status.PICKING, Status.PICKED, Status.PACKED), PREPARING),
    Status.READY_FOR_PICKUP: READY,
    Status.SHIPPED: "shipped",
    Status.DELIVERED: "delivered",
    Status.PICKED_UP: "picked-up",
    Status.PROVIDED: "provided",
    Status.LOST: "lost",
    Status.CANCELLED: "cancelled",
}
_TONES = {WAITING: "wait", READY: "good", "delivered": "good", "picked-up": "good", "provided": "good", "lost": "bad"}


def first_name(contact: Mapping[str, Any]) -> str:
    """Return the first word of the customer's name, "" if there is none."""
    name = "".join(c if c.isprintable() else " " for c in str((contact.get("customer") or {}).get("name") or ""))
    return (name.split() or [""])[0][:60]


def proof_of(order: Order, contact: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    """Return the kind of what a customer types to prove to know the order, and the texts of which one is right: the postal codes
    of the addresses that the order goes to now; the e-mail of an order without any. There is no text if it has none of them."""
    places = delivery_places(order, contact)
    if codes := tuple(str(place["postal_code"]) for place in places if place.get("postal_code")):
        return POSTAL_CODE, codes
    email = str((contact.get("customer") or {}).get("email") or "")
    return EMAIL, (email,) if email else ()


def chosen_units(order: Order, fields: Mapping[str, str]) -> dict[str, int]:
    """Return the units (line id: units) of the fields of lines. A text that is no number from 1 to the line's units is none."""
    found = {}
    for number, line in enumerate(order.as_sent()):
        typed = fields.get(f"{LINE}{number}", "").strip()
        if typed.isascii() and typed.isdecimal() and len(typed) <= len(str(line.quantity)):
            found[line.line_id] = int(typed)
    return {line_id: units for line_id, units in found.items() if 0 < units <= _quantity(order, line_id)}


def _quantity(order: Order, line_id: str) -> int:
    return next(line.quantity for line in order.as_sent() if line.line_id == line_id)


def lines(order: Order, cancellable: Mapping[str, int]) -> list[dict[str, Any]]:
    """Return the lines as they were sent, with the units by what became of them. What leaves in whole sets stands with its bundle,
    unless it can be cancelled alone."""
    return [
        {
            "field": f"{LINE}{number}",
            "title": line.title or line.sku,
            "quantity": line.quantity,
            "amount": None if order.kind == REPLACEMENT or _is_part(line) else line.quantity * line.unit_price,
            "states": _states(order, line),
            "expected": _expected(order, _units_of(order, line)),
            "cancellable": cancellable.get(line.line_id, 0),
            "parts": [part.title or part.sku for part in _units_of(order, line)] if isinstance(line, Bundle) else [],
        }
        for number, line in enumerate(order.as_sent())
        if cancellable.get(line.line_id) or not _is_part(line) or _is_single(line)
    ]


def _is_part(line: Line | Bundle) -> bool:
    """Return True for a component. The price of its bundle is not its own."""
    return isinstance(line, Line) and line.kind == COMPONENT


def _is_single(line: Line | Bundle) -> bool:
    """Return True for a line that belongs to no set which leaves whole."""
    return isinstance(line, Bundle) or line.group is None


def _units_of(order: Order, line: Line | Bundle) -> list[Line]:
    if isinstance(line, Line):
        return [line]
    from comanda.domain.orders import bundles  # few orders have bundles

    return list(bundles.components(order, line.line_id))


def _states(order: Order, line: Line | Bundle) -> list[dict[str, Any]]:
    """Return the units in each state, the states in the order of progress."""
    if isinstance(line, Line):
        rows = [(a.status, a.quantity) for a in line.allocations]
    else:
        from comanda.domain.orders import bundles

        rows = list(bundles.sets_by_status(_units_of(order, line)).items())
    return _summed(rows)


def _summed(rows: Iterable[tuple[Status, int]]) -> list[dict[str, Any]]:
    found: dict[str, int] = {}
    for status, quantity in sorted(rows, key=lambda row: list(_STATES).index(row[0])):
        if quantity:
            found[_STATES[status]] = found.get(_STATES[status], 0) + quantity
    return [{"state": state, "units": units, "tone": _TONES.get(state, "idle")} for state, units in found.items()]


def summary(order: Order) -> list[dict[str, Any]]:
    """Return all units of the order by what became of them."""
    return _summed(order.quantities().items())


def _expected(order: Order, of: Iterable[Line]) -> str | None:
    """Return the last day on which units of the lines are to be at the customer's door, None if none is known or left."""
    days = {f.number: f.deliver_on for f in order.fulfillments}
    found = {
        days.get(a.fulfillment) if a.fulfillment is not None else a.promise
        for line in of
        for a in line.allocations
        if a.status not in (Status.CANCELLED, Status.DELIVERED, *GONE - {Status.SHIPPED})
    }
    return max((day for day in found if day), default=None)


def totals(order: "Order | Draft") -> list[tuple[str, int]]:
    """Return the parts of the total that are shown, and the total, by their names. A quote has totals as an order does, and its
    tax may be an estimate."""
    sums, tax = order.totals, "estimated-tax" if getattr(order, "tax_estimated", False) else "tax"
    rows = [("goods", sums.goods, True), ("discounts", -sums.discounts, bool(sums.discounts))]
    rows += [("charges", sums.charges, bool(sums.charges)), (tax, sums.tax, not order.prices_include_tax)]
    return [(name, amount) for name, amount, shown in rows if shown] + [("total", sums.total)]


def to_pay(order: Order) -> list[dict[str, Any]]:
    """Return what the customer is asked to pay: a page of the payment provider, a code of Pix, or neither while it is being made."""
    return [
        {
            "amount": tender.asked,
            "url": "" if tender.method == PIX else tender.pay_with,
            "code": tender.pay_with if tender.method == PIX else "",
            "until": f"{tender.pay_until:%Y-%m-%d}" if tender.pay_until else "",
            "clock": f"{tender.pay_until:%H:%M} UTC" if tender.pay_until else "",
        }
        for tender in order.payments
        if tender.by_link and tender.asked
    ]


def sent_packages(order: Order) -> list[tuple[Fulfillment, Package]]:
    """Return the packages that have left, with their fulfillment."""
    return [(f, p) for f in order.fulfillments if f.method == SHIP and f.shipped_at for p in f.packages]


def carrier_ids(order: Order) -> set[str]:
    return {name for _, package in sent_packages(order) for name in possible_ids(package.carrier)}


def tracking_page(package: Package, carriers: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the address of a package's page at its carrier, "" if none is known."""
    known = (carriers[name].get("tracking_url") for name in possible_ids(package.carrier) if name in carriers)
    page = next((str(one) for one in known if one), "")
    return page.replace("{number}", quote(package.tracking_number, safe="")) if package.tracking_number else ""


def counters(order: Order) -> list[str]:
    """Return the nodes at which units wait for the customer."""
    numbers = {a.fulfillment for line in order.lines for a in line.allocations if a.status is Status.READY_FOR_PICKUP}
    return list(dict.fromkeys(f.node for f in order.fulfillments if f.number in numbers))


def addresses(order: Order, contact: Mapping[str, Any], countries: Mapping[str, str]) -> list[list[str]]:
    """Return the addresses that the order goes to now, each line by line. `countries` has the names of countries by code."""
    return [rows for place in delivery_places(order, contact) if (rows := address_lines(place, countries))]
