"""
What a partner's rows mean for an order: which were applied before, which fulfillment each belongs to, what leaves.

All rows here are of one shipment and one order, as far as the file has them together.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from comanda.domain import ids
from comanda.domain.lifecycle import kits
from comanda.domain.lifecycle.ship import Shipment
from comanda.domain.lifecycle.work import Step
from comanda.domain.orders.fulfillment import Fulfillment, Package
from comanda.domain.orders.line import SHIP
from comanda.domain.orders.order import Order
from comanda.domain.orders.status import TRANSACTIONS
from functions.inbox.fields import APPLIED, CLOCKS_DIFFER, CONFLICT, DUPLICATE, REJECTED, Answer
from functions.inbox.rows import UNKNOWN_ORDER, Row

SHIPPABLE = frozenset(TRANSACTIONS["ship"].takes)

_TELL_APART = (
    "if these are further units, give each package a package_id or tracking_number of its own, or say them in one row"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Partner:
    """Whose file it is, and the nodes that it runs."""

    id: str
    nodes: frozenset[str]

    def has(self, fulfillment: Fulfillment) -> bool:
        return fulfillment.partner == self.id or fulfillment.node in self.nodes


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """A row that was applied before, by the line of this very file that is asked about, or by another one."""

    content: str
    same_line: int | None
    fulfillment_id: str


def known(rows: Iterable[Row], before: Mapping[str, Before]) -> tuple[list[Answer], list[Row]]:
    """Return the answers to the rows that were applied before, and the rows that were not."""
    answers: list[Answer] = []
    fresh: list[Row] = []
    for row in rows:
        kept = before.get(row.identity)
        if kept is None:
            fresh.append(row)
        elif kept.same_line == row.line:
            answers.append(Answer(line=row.line, status=APPLIED, fulfillment_id=kept.fulfillment_id))
        else:
            answers.append(_again(row, kept.content, "was applied before"))
    return answers, fresh


def _again(row: Row, content: str, where: str) -> Answer:
    if row.content == content:
        return Answer(line=row.line, status=DUPLICATE, code="applied-before", reason=f"the row {where}")
    *names, last = row.named_by
    reason = f"{', '.join(names)} and {last} were used before, with other content"
    return Answer(line=row.line, status=CONFLICT, code="other-content", reason=reason)


@dataclass(slots=True, kw_only=True)
class Departure:
    """The rows that leave as one fulfillment's shipment."""

    number: int
    rows: list[Row] = field(default_factory=list)
    lines: list[frozenset[str]] = field(default_factory=list)  # of each row: the order's lines that it takes units of
    units: dict[str, int] = field(default_factory=dict)  # line id: units
    packages: dict[str, Package] = field(default_factory=dict)

    def step(self, partner: Partner, now: datetime) -> Step:
        return Step(number=self.number, actor=f"partner:{partner.id}", at=now, units=self.units)

    def shipment(self) -> Shipment:
        """Its rows agree on the shipment; of their times the latest counts: only then all was gone."""
        return Shipment(
            shipment_id=self.rows[0].shipment_id,
            shipped_at=max(row.shipped_at for row in self.rows),
            packages=tuple(self.packages.values()),
        )


def departures(order: Order, partner: Partner, rows: Sequence[Row]) -> tuple[list[Departure], list[Answer]]:
    """What leaves, one departure for each fulfillment, and the answers to all other rows.

    Rows that name their line choose first, so that those of a sku share what is left. A refused row has used no
    identity: a row of other content below it, such as its correction, is decided as if the refused row were not there.
    """
    by_choice = sorted(rows, key=lambda row: (not row.line_id, row.line))
    refused: dict[int, Answer] = {}
    while True:
        loading = _Loading(order, partner)
        left = [(row, loading.load(row)) for row in by_choice if row.line not in refused]
        leaving = [loading.loaded[number] for number in sorted(loading.loaded)]
        stay = {a.line: a for departure in leaving for a in (*_torn(order, departure), *_held(order, departure))}
        if not stay:
            return leaving, [*refused.values(), *(answer for _, answer in left if answer is not None)]
        alike = {(row.identity, row.content): stay[row.line] for row, _ in left if row.line in stay}
        refused |= {
            row.line: replace(alike[row.identity, row.content], line=row.line)
            for row, _ in left
            if (row.identity, row.content) in alike
        }


def stayed(
    departure: Departure, rows: Iterable[Row], answers: Sequence[Answer], code: str, message: str
) -> list[Answer]:
    """Return the answers, with a refusal for each row of the departure and for each row that was answered as its like."""
    identities = {row.identity for row in departure.rows}
    had = {answer.line for answer in answers if answer.status == REJECTED}
    again = all_refused((row for row in rows if row.identity in identities and row.line not in had), code, message)
    lines = {answer.line for answer in again}
    return [answer for answer in answers if answer.line not in lines] + again


def _held(order: Order, departure: Departure) -> list[Answer]:
    """Refuse the rows of lines that a hold keeps from leaving."""
    kept = {line.line_id for line in order.lines if "ship" in line.held}
    return [
        _refused(row, "line_id" if row.line_id else "sku", "held", "is on hold")
        for row, lines in zip(departure.rows, departure.lines, strict=True)
        if not lines.isdisjoint(kept)
    ]


def _torn(order: Order, departure: Departure) -> list[Answer]:
    """Refuse the rows that hold a part of a kit's set, when the rest of the set would stay at the node."""
    broken = kits.parts(order, departure.number, departure.units)
    message = f"a kit leaves in whole sets: {kits.described(order, broken)}"
    return [
        _refused(row, "quantity", kits.INCOMPLETE, message)
        for row, lines in zip(departure.rows, departure.lines, strict=True)
        if not lines.isdisjoint(broken)
    ]


def all_refused(rows: Iterable[Row], code: str, message: str) -> list[Answer]:
    return [_refused(row, _ordered_by(row), code, message) for row in rows]


def unknown_order(rows: Iterable[Row]) -> list[Answer]:
    """One answer for an order that does not exist and for one that is not the partner's."""
    return [_unknown_order(row) for row in rows]


def _unknown_order(row: Row) -> Answer:
    return _refused(row, _ordered_by(row), "unknown-order", UNKNOWN_ORDER)


def _ordered_by(row: Row) -> str:
    """Return the column that says which order the row is about."""
    return "fulfillment_id" if row.number else "order_id"


class _Loading:
    """Gives each row its fulfillment and units of its lines; what one row took, the next cannot."""

    def __init__(self, order: Order, partner: Partner) -> None:
        self.order = order
        self.theirs = {f.number: f for f in order.fulfillments if partner.has(f)}
        self.left: dict[int, dict[str, int]] = {number: {} for number in self.theirs}
        for number, lines in self.left.items():
            for line, allocation in order.units_of(number):
                shippable = allocation.quantity if allocation.status in SHIPPABLE else 0
                lines[line.line_id] = lines.get(line.line_id, 0) + shippable
        self.loaded: dict[int, Departure] = {}
        self.taken: dict[str, Row] = {}  # by identity, the rows that are taken along

    def load(self, row: Row) -> Answer | None:
        """Take the row along, or say why not."""
        first = self.taken.get(row.identity)
        if first is not None:
            return _again(row, first.content, f"was applied with line {first.line} of this file; {_TELL_APART}")
        refused = self._not_theirs(row)
        if refused is not None:
            return refused
        chosen = self._fulfillment(row)
        if isinstance(chosen, Answer):
            return chosen
        number, units = chosen
        departure = self.loaded.get(number) or Departure(number=number)
        package = _packed(departure, row, units)
        if isinstance(package, Answer):
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

    def _not_theirs(self, row: Row) -> Answer | None:
        if not self.theirs or (row.number and row.number not in self.theirs):
            return _unknown_order(row)
        if row.shipped_at < self.order.placed_at - CLOCKS_DIFFER:
            return _refused(row, "shipped_at", "before-the-order", "is earlier than the order")
        if row.label_cost and row.label_currency != self.order.currency:
            return _refused(row, "label_currency", "mixed-currencies", "is not the currency of the order")
        if row.number:
            return self._cannot_ship(row, self.theirs[row.number])
        return None

    def _cannot_ship(self, row: Row, named: Fulfillment) -> Answer | None:
        if named.method != SHIP:
            return _refused(row, "fulfillment_id", "pickup", "is handed over at a counter, not shipped")
        if named.shipped_at is None and not named.ended:
            return None
        status = self.order.fulfillment_status(named.number)
        rest = [n for n, f in self.theirs.items() if f.node == named.node and n > named.number and _open(f)]
        where = f"; what was left of it is in {ids.fulfillment(self.order.order_id, rest[-1])}" if rest else ""
        return _refused(row, "fulfillment_id", "not-open", f"is {status}{where}")

    def _fulfillment(self, row: Row) -> tuple[int, list[tuple[str, int]]] | Answer:
        """The fulfillment that has the row's units, and how many of which of its lines; those already loading first."""
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
            return _refused(row, name, "unknown-line", message)
        return _refused(row, "quantity", "more-than-there-is", f"{row.quantity} named, {most} can be shipped")

    def _lines(self, row: Row, number: int) -> list[str] | None:
        """The fulfillment's lines that the row is about; None when it has none."""
        found = [
            line_id
            for line_id in self.left[number]
            if (not row.line_id or line_id == row.line_id) and (not row.sku or self.order.line(line_id).sku == row.sku)
        ]
        return found or None


def _open(fulfillment: Fulfillment) -> bool:
    return fulfillment.shipped_at is None and not fulfillment.ended


def _spread(quantity: int, lines: Iterable[str], left: Mapping[str, int]) -> list[tuple[str, int]]:
    """Units of one sku over the lines that have it, in line order."""
    out = []
    for line_id in lines:
        part = min(quantity, left[line_id])
        if part:
            quantity -= part
            out.append((line_id, part))
    return out


_OF_PACKAGE = ("carrier", "service", "tracking_number", "weight_g", "label_cost")


def _packed(departure: Departure, row: Row, units: Sequence[tuple[str, int]]) -> Package | Answer:
    """The row's package with its units in it. What rows say of one package must agree; what one leaves out, another says.

    A row without a package id is in the package of its tracking number, or in the shipment's only one.
    """
    name = row.package_id or row.tracking_number or row.shipment_id
    package = departure.packages.get(name) or Package(package_id=name)
    said = {what: getattr(row, what) for what in _OF_PACKAGE if getattr(row, what)}
    for what, value in said.items():
        if getattr(package, what) not in (value, type(value)()):
            return _refused(row, what, "another-package", "differs from that of the package's other rows")
    contents = dict(package.contents)
    for line_id, quantity in units:
        contents[line_id] = contents.get(line_id, 0) + quantity
    return replace(package, contents=tuple(contents.items()), **said)


def _refused(row: Row, name: str, code: str, message: str) -> Answer:
    return Answer(line=row.line, status=REJECTED, code=code, reason=f"{name}: {message}")
