"""
Add lines to an order after the sale. Their units are routed like those of a new order.

Called by   functions/intake, which makes the lines of a request; comanda.domain.lifecycle.changes.changing applies them
Returns     orders with further lines
Raises      nothing of its own: the room checks lines like those of a new order
"""

from dataclasses import dataclass, replace
from typing import Any, ClassVar, override

from comanda.domain.billing import invoices
from comanda.domain.lifecycle.changes.changed_units import new_units
from comanda.domain.lifecycle.changes.wanted_changes import WantedChange
from comanda.domain.lifecycle.modifications.modification_matrix import Modification
from comanda.domain.orders.bundle import Bundle
from comanda.domain.orders.line import Line
from comanda.domain.orders.order import Destination, Order


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
        return invoices.revalued(grown)

    def _joining(self, order: Order, line: Line) -> Line:
        """Return a line with its units, and its destination among those that the order has by now."""
        later = len(order.destinations) - self.known if line.destination > self.known else 0
        return replace(line, allocations=new_units(order, line.quantity), destination=line.destination + later)
