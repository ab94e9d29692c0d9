"""
Give each row of a shipment its fulfillment, units of the order's lines, and a package.

Called by   functions/inbox/departures.py
Returns     Departures, one for each fulfillment; a RowAnswer for each row that does not leave

All rows are of one shipment and one order, as far as the file has them together.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from comanda.domain import ids
from comanda.domain.lifecycle.node_work.ship import Shipment
from comanda.domain.lifecycle.node_work.work import Step
from comanda.domain.orders.fulfillment import Fulfillment, Package
from comanda.domain.orders.methods import SHIP
from comanda.domain.orders.order import Order
from comanda.domain.orders.status import TRANSACTIONS
from functions.inbox.fields import CLOCKS_DIFFER, RowAnswer
from functions.inbox.partner import Partner
from functions.inbox.row_answers import answer_repeated, refuse, unknown_order
from functions.inbox.shipment_rows import ShipmentRow

SHIPPABLE = frozenset(TRANSACTIONS["ship"].takes)

_TELL_APART = (
    "if these are further units, give each package a package_id or tracking_number of its own, or say them in one row"
)


@dataclass(slots=True, kw_only=True)
class Departure:
    """The rows that leave as the shipment of one fulfillment."""

    number: int
    rows: list[ShipmentRow] = field(default_factory=list)
    lines: list[frozenset[str]] = field(default_factory=list)  # for each row, the order's lines whose units it takes
    units: dict[str, int] = field(default_factory=dict)  # line id: units
    packages: dict[str, Package] = field(default_factory=dict)

    def step(self, partner: Partner, now: datetime) -> Step:
        """Return the step that ships these units."""
        return Step(number=self.number, actor=f"partner:{partner.id}", at=now, units=self.units)

    def shipment(self) -> Shipment:
        """Return the shipment. The latest time of the rows counts, because only then all units had left."""
        return Shipment(
            shipment_id=self.rows[0].shipment_id,
            shipped_at=max(row.shipped_at for row in self.rows),
            packages=tuple(self.packages.values()),
        )


class Loading:
    """Give each row its fulfillment and units of its lines. Units that one row has taken are not there for the next."""

    def __init__(self, order: Order, partner: Partner) -> None:
        self.order = order
        self.theirs = {f.number: f for f in order.fulfillments if partner.has(f)}
        self.left: dict[int, dict[str, int]] = {number: {} for number in self.theirs}
        for number, lines in self.left.items():
            for line, allocation in order.units_of(number):
                shippable = allocation.quantity if allocation.status in SHIPPABLE else 0
                lines[line.line_id] = lines.get(line.line_id, 0) + shippable
        self.loaded: dict[int, Departure] = {}
        self.taken: dict[str, ShipmentRow] = {}  # by identity, the rows that leave

    def load(self, row: ShipmentRow) -> RowAnswer | None:
        """Add the row to its departure and return None, or return the refusal of the row."""
        first = self.taken.get(row.identity)
        if first is not None:
            return answer_repeated(
                row, first.content, f"was applied with line {first.line} of this file; {_TELL_APART}"
            )
        refused = self._wrong_order(row)
        if refused is not None:
            return refused
        chosen = self._fulfillment(row)
        if isinstance(chosen, RowAnswer):
            return chosen
        number, units = chosen
        departure = self.loaded.get(number) or Departure(number=number)
        package = _packed(departure, row, units)
        if isinstance(package, RowAnswer):
            return package
        departure.packages[package.package_id] = package
        departure.rows.append(row)
        departure.lines.append(frozenset(line_id for line_id, _ in units))
        for line_id, quantity in units:
            self.left[number][line_id] -= quantity
            departure.units[line_id] = departure.units.get(line_id, 0) + quantity
        self.loaded[number] = departure
        self.taken[row.identity] = row
        return None

    def _wrong_order(self, row: ShipmentRow) -> RowAnswer | None:
        if not self.theirs or (row.number and row.number not in self.theirs):
            return unknown_order(row)
        if row.shipped_at < self.order.placed_at - CLOCKS_DIFFER:
            return refuse(row, "shipped_at", "before-the-order", "is earlier than the order")
        if row.label_cost and row.label_currency != self.order.currency:
            return refuse(row, "label_currency", "mixed-currencies", "is not the currency of the order")
        if row.number:
            return self._cannot_ship(row, self.theirs[row.number])
        return None

    def _cannot_ship(self, row: ShipmentRow, named: Fulfillment) -> RowAnswer | None:
        if named.method != SHIP:
            return refuse(row, "fulfillment_id", "pickup", "is handed over at a counter, not shipped")
        if named.shipped_at is None and not named.ended:
            return None
        status = self.order.fulfillment_status(named.number)
        rest = [n for n, f in self.theirs.items() if f.node == named.node and n > named.number and _open(f)]
        where = f"; what was left of it is in {ids.fulfillment(self.order.order_id, rest[-1])}" if rest else ""
        return refuse(row, "fulfillment_id", "not-open", f"is {status}{where}")

    def _fulfillment(self, row: ShipmentRow) -> tuple[int, list[tuple[str, int]]] | RowAnswer:
        """Return the fulfillment that has the row's units, and the units of each line. Fulfillments of the departures come first."""
        if not row.number and not row.line_id and len(self._destinations(row.sku)) > 1:
            message = "goes to several addresses: name the fulfillment_id or the line_id"
            return refuse(row, "sku", "several-destinations", message)
        candidates = [row.number] if row.number else sorted(self.theirs, key=lambda n: (n not in self.loaded, n))
        most, found = 0, False
        for number in candidates:
            lines = self._lines(row, number)
            found = found or lines is not None
            if not lines or not _open(self.theirs[number]) or self.theirs[number].method != SHIP:
                continue
            there = sum(self.left[number][line_id] for line_id in lines)
            if there >= row.quantity:
                return number, _spread(row.quantity, lines, self.left[number])
            most = max(most, there)
        if not found:
            name = "line_id" if row.line_id else "sku"
            message = "is not in what you have of this order"
            if row.sku and any(row.line_id in self.left[number] for number in candidates):
                name, message = "sku", "is not the sku of this line_id"
            if any(row.line_id == one.line_id or row.sku == one.sku for one in self.order.bundles):
                message = "is a bundle: name its components, which have the units"
            return refuse(row, name, "unknown-line", message)
        return refuse(row, "quantity", "more-than-there-is", f"{row.quantity} named, {most} can be shipped")

    def _destinations(self, sku: str) -> set[int]:
        """Return the destinations of the open fulfillments that have units of a sku."""
        return {
            self.theirs[number].destination
            for number, lines in self.left.items()
            if _open(self.theirs[number])
            for line_id, units in lines.items()
            if units and self.order.line(line_id).sku == sku
        }

    def _lines(self, row: ShipmentRow, number: int) -> list[str] | None:
        """Return the lines of the fulfillment that the row names, or None if it has none of them."""
        found = [
            line_id
            for line_id in self.left[number]
            if (not row.line_id or line_id == row.line_id) and (not row.sku or self.order.line(line_id).sku == row.sku)
        ]
        return found or None


def _open(fulfillment: Fulfillment) -> bool:
    return fulfillment.shipped_at is None and not fulfillment.ended


def _spread(quantity: int, lines: Iterable[str], left: Mapping[str, int]) -> list[tuple[str, int]]:
    """Spread units of one sku over the lines that have it, in line order."""
    out = []
    for line_id in lines:
        part = min(quantity, left[line_id])
        if part:
            quantity -= part
            out.append((line_id, part))
    return out


_PACKAGE_FIELDS = ("carrier", "service", "tracking_number", "weight_g", "label_cost")


def _packed(departure: Departure, row: ShipmentRow, units: Sequence[tuple[str, int]]) -> Package | RowAnswer:
    """Return the row's package with its units added, or the refusal of a row that contradicts the package's other rows.

    A row without a package id is in the package of its tracking number, or in the shipment's only package. A field that is
    blank in one row is taken from another.
    """
    package_id = row.package_id or row.tracking_number or row.shipment_id
    package = departure.packages.get(package_id) or Package(package_id=package_id)
    given = {name: getattr(row, name) for name in _PACKAGE_FIELDS if getattr(row, name)}
    for name, value in given.items():
        if getattr(package, name) not in (value, type(value)()):
            return refuse(row, name, "another-package", "differs from that of the package's other rows")
    contents = dict(package.contents)
    for line_id, quantity in units:
        contents[line_id] = contents.get(line_id, 0) + quantity
    return replace(package, contents=tuple(contents.items()), **given)
