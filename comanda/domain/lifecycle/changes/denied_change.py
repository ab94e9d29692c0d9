"""
Decide whether an order takes a change: by what it is, and by all that it causes.

What is denied is denied by every way that leads to it. A price, for instance, is changed by `price`, by `replace` with another
price, and by a further line of the same article at another price.

Called by   comanda.domain.lifecycle.changes.change
Returns     denials, None for a change that the order takes
Raises      nothing
"""

from collections.abc import Iterator, Mapping, Sequence

from comanda.domain.lifecycle.changes.added_lines import NewLines
from comanda.domain.lifecycle.changes.allowed_changes import bars_of_line, of_line, of_order
from comanda.domain.lifecycle.changes.changed_units import NewQuantity
from comanda.domain.lifecycle.changes.replaced_units import Replacement
from comanda.domain.lifecycle.changes.wanted_changes import UnitChange, Wanted, live, sold
from comanda.domain.lifecycle.modifications.allowed_cancels import cancel_of, taken_away
from comanda.domain.lifecycle.modifications.denials import AllowedChange, Denial, barred, parts_of
from comanda.domain.lifecycle.modifications.modification_matrix import Level, Matrix, Modification
from comanda.domain.orders.bundle import Bundle
from comanda.domain.orders.line import Line
from comanda.domain.orders.methods import PICKUP
from comanda.domain.orders.order import Order
from comanda.domain.orders.status import Status


def denials(order: Order, one: Wanted, fewer: Mapping[str, int], matrix: Matrix) -> tuple[Denial, ...] | None:
    """Return why an order does not take a change, None if it does. `fewer` are the units (line id: units, or sets of a bundle)
    that the whole request takes away."""
    if isinstance(one, NewQuantity) and one.quantity > live(order, one.line_id):
        return bars_of_line(order, sold(order, one.line_id), Modification.QUANTITY, matrix) or None
    row = _row(order, one, matrix)
    needed = fewer.get(one.line_id, 0) if isinstance(one, UnitChange) else 1
    caused = tuple(dict.fromkeys(_caused(order, one, fewer, matrix)))
    return (*row.denials, *caused) if caused or row.units < max(needed, 1) else None


def _row(order: Order, one: Wanted, matrix: Matrix) -> AllowedChange:
    if not one.line_id:
        return of_order(order, one.modification, matrix)
    line = sold(order, one.line_id)
    return (
        cancel_of(order, line, matrix)
        if isinstance(one, NewQuantity)
        else of_line(order, line, one.modification, matrix)
    )


def _caused(order: Order, one: Wanted, fewer: Mapping[str, int], matrix: Matrix) -> Iterator[Denial]:
    """Yield a denial for all that a change causes by its own fields."""
    if isinstance(one, Replacement):
        old = sold(order, one.line_id)
        if isinstance(old, Line) and one.unit_price not in (None, old.unit_price):
            touched, lines = taken_away(order, old, one.quantity, matrix), [old.line_id]
            yield from barred(order, Modification.PRICE, Level.LINE, touched, matrix, old.line_id, held_lines=lines)
    elif isinstance(one, NewLines):
        yield from _AddedLines(order, one, fewer, matrix).denials()


class _AddedLines:
    """Compare lines that join an order with what it has: units of the same article, or all its lines if it has none.

    What they have in common with it is no change of it. Another price, address, service, method or counter is one, as if the
    units that are there were cancelled and came again.
    """

    def __init__(self, order: Order, added: NewLines, fewer: Mapping[str, int], matrix: Matrix) -> None:
        self.order, self.added, self.fewer, self.matrix = order, added, fewer, matrix
        self.sold: dict[str, list[Line | Bundle]] = {}
        for row in order.as_sent():
            if isinstance(row, Bundle) or row.component is None:
                self.sold.setdefault(row.sku, []).append(row)
        self.sent: dict[str, list[Line]] = {}
        for line in order.lines:
            if not line.is_provided:
                self.sent.setdefault(line.sku, []).append(line)

    def denials(self) -> Iterator[Denial]:
        """Yield a denial for each change of the order that the lines bring, and that it does not take."""
        rows: list[Line | Bundle] = [*self.added.lines, *self.added.bundles]
        if any(row.discounts for row in rows):
            yield from of_order(self.order, Modification.DISCOUNT, self.matrix).denials
        for row in rows:
            same = self.sold.get(row.sku, [])
            if same and self._has_other_price(row, same):
                yield from self._barred(Modification.PRICE, row.line_id, same)
        for line in self.added.lines:
            for modification in self._other_ways(line):
                yield from self._barred(modification, line.line_id, self.sent.get(line.sku, []))

    @staticmethod
    def _has_other_price(row: Line | Bundle, same: Sequence[Line | Bundle]) -> bool:
        """Return True if units cost what none of the same article does. The price of a component is a part of its bundle's."""
        of_bundle = isinstance(row, Line) and row.component is not None
        return of_bundle or all(row.unit_price != one.unit_price for one in same)

    def _other_ways(self, line: Line) -> Iterator[Modification]:
        """Yield what is new about the way of a line to its customer."""
        if line.is_provided:
            return
        same = self.sent.get(line.sku)
        like = same or [one for lines in self.sent.values() for one in lines]
        if like and all(one.method != line.method for one in like):
            yield Modification.METHOD
        if line.method == PICKUP:
            if all(one.node_id != line.node_id for one in like):
                yield Modification.STORE
            return
        shipped = [one for one in like if one.method != PICKUP]
        if line.destination not in ({one.destination for one in shipped} if same else self._addresses()):
            yield Modification.SHIP_TO
        if shipped and all(one.service != line.service for one in shipped):
            yield Modification.SERVICE

    def _addresses(self) -> range:
        """Return the numbers of the destinations that the order had before the request."""
        return range(0 if self.order.destination.address else 1, self.added.known + 1)

    def _barred(self, modification: Modification, line_id: str, same: Sequence[Line | Bundle]) -> Iterator[Denial]:
        """Yield a denial for all that bars a change of these lines, of the units that the request takes away, and of new ones."""
        touched = {Status.DRAFT if self.order.draft else Status.CREATED: 1}
        for one in same:
            for part in parts_of(self.order, one):
                gone = taken_away(self.order, part, self._gone(one, part), self.matrix)
                touched = gone | touched
        lines = [part.line_id for one in same for part in parts_of(self.order, one)]
        yield from barred(
            self.order, modification, Level.LINE, touched, self.matrix, line_id, held_lines=dict.fromkeys(lines)
        )

    def _gone(self, one: Line | Bundle, part: Line) -> int:
        """Return the units of a line that the request takes away: of a component by the sets of its bundle, too."""
        sets = self.fewer.get(part.component.bundle, 0) * part.component.ratio if part.component else 0
        return max(self.fewer.get(one.line_id, 0) if one is part else 0, sets)
