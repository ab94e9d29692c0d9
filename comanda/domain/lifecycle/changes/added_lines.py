"""
Add lines to an order after the sale. Their units are routed like those of a new order.

Called by   functions/intake, which makes the lines of a request; comanda.domain.lifecycle.changes.changing applies them
Returns     orders with further lines
Raises      nothing of its own: the room checks lines like those of a new order
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar, override

from comanda.domain.lifecycle.changes.changed_units import new_units
from comanda.domain.lifecycle.changes.wanted_changes import WantedChange
from comanda.domain.lifecycle.modifications.modification_matrix import Modification
from comanda.domain.orders import holds
from comanda.domain.orders.bundle import Bundle
from comanda.domain.orders.destination import Destination
from comanda.domain.orders.line import Line
from comanda.domain.orders.order import Hold, Order

# The modifications of a line that a further line could take in its place.
_TERMS = frozenset(
    {
        Modification.PRICE,
        Modification.SHIP_TO,
        Modification.SERVICE,
        Modification.METHOD,
        Modification.STORE,
        Modification.NODE,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLines(WantedChange):
    """Lines that join the order: a line, or a bundle with its components.

    A bundle's `place` is that among the lines of this change. `destinations` are further ones of the order: lines go to the
    numbers after the `known` ones that the order had before the request. `contact`: the contact has the message of a gift, or
    an address, of these lines.
    """

    modification: ClassVar = Modification.ADD_LINE
    raises: ClassVar = "lines"
    repeats: ClassVar = True
    lines: tuple[Line, ...]
    bundles: tuple[Bundle, ...] = ()
    destinations: tuple[Destination, ...] = ()
    known: int = 0
    contact: bool = False

    @property
    def line_ids(self) -> tuple[str, ...]:
        """Return the ids of its lines and bundles."""
        return (*(line.line_id for line in self.lines), *(bundle.line_id for bundle in self.bundles))

    @override
    def fact(self, order: Order) -> dict[str, Any]:
        units = {line.line_id: line.quantity for line in self.lines} | {b.line_id: b.quantity for b in self.bundles}
        return {"added": [{"line_id": line_id, "quantity": n} for line_id, n in units.items()]}

    @override
    def applied(self, order: Order, actor: str, at: str) -> Order:
        place = len(order.as_sent())
        bundles = tuple(replace(bundle, place=place + bundle.place) for bundle in self.bundles)
        grown = replace(
            order,
            lines=(*order.lines, *(self._joining(order, line) for line in self.lines)),
            bundles=(*order.bundles, *bundles),
            destinations=(*order.destinations, *self.destinations),
            contact=order.contact + self.contact,
        )
        for bundle in bundles:
            from comanda.domain.billing import bundle_prices  # few orders have bundles

            grown = bundle_prices.with_bundle(grown, bundle)
        return holds.with_held_lines(replace(grown, holds=tuple(self._holds(order))))

    def _holds(self, order: Order) -> Iterator[Hold]:
        """Yield the order's holds. An active hold of a line that bars another price or way covers new lines of its article.

        Else the change would be made to the new line, and the held one cancelled. A kit and a bundle are covered whole.
        """
        for hold in order.holds:
            if not hold.active or not hold.lines or _TERMS.isdisjoint(hold.blocks):
                yield hold
                continue
            held = {line.sku for line in order.lines if line.line_id in hold.lines}
            groups = {line.group for line in self.lines if line.sku in held and line.group is not None}
            new = (line.line_id for line in self.lines if line.sku in held or line.group in groups)
            yield replace(hold, lines=(*hold.lines, *new))

    def _joining(self, order: Order, line: Line) -> Line:
        """Return a line with its units, and its destination among those that the order has by now."""
        later = len(order.destinations) - self.known if line.destination > self.known else 0
        return replace(line, allocations=new_units(order, line.quantity), destination=line.destination + later)
