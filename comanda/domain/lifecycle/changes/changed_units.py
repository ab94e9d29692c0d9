"""
Change how many units of a line an order has, or of which sku: fewer units are a cancel, further ones are routed like new ones.

Called by   functions/intake, which makes them of a request; comanda.domain.lifecycle.changes.changing applies them
Returns     values, and orders with further units
Raises      nothing of its own
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, ClassVar, override

from comanda.domain.billing import invoices
from comanda.domain.errors import Problem
from comanda.domain.lifecycle.changes.changed_amounts import tax_at, tax_share
from comanda.domain.lifecycle.changes.wanted_changes import UnitChange, live, sold
from comanda.domain.lifecycle.modifications.modification_matrix import Modification
from comanda.domain.orders.bundle import Bundle
from comanda.domain.orders.line import Added, Allocation, Line, merged
from comanda.domain.orders.order import Order
from comanda.domain.orders.status import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class NewQuantity(UnitChange):
    """Another number of units of a line, or of sets of a bundle. Fewer are a cancel.

    `unit_usual` is what each further unit usually costs, None: what it costs.
    """

    modification: ClassVar = Modification.QUANTITY
    raises: ClassVar = "quantity"
    quantity: int
    unit_usual: int | None = None

    @override
    def same(self, order: Order) -> str:
        return "quantity" if self.quantity == live(order, self.line_id) else ""

    @override
    def cancelled(self, order: Order) -> int:
        return max(0, live(order, self.line_id) - self.quantity)

    @override
    def problems(self, order: Order, at: str) -> Iterator[Problem]:
        yield from ()

    @override
    def fact(self, order: Order) -> dict[str, Any]:
        return {"before": live(order, self.line_id), "after": self.quantity}

    @override
    def applied(self, order: Order, actor: str, at: str) -> Order:
        more = self.quantity - live(order, self.line_id)
        if more <= 0:
            return order
        line = sold(order, self.line_id)
        line = replace(line, usual=self._usual(line, more))
        if isinstance(line, Line):
            grown = _with_more(order, _priced(order, line, more, line.order_discount), more)
            return invoices.revalued(order.with_lines([grown]))
        return invoices.revalued(_with_more_sets(order, line, more))

    def _usual(self, line: Line | Bundle, more: int) -> int | None:
        """Return what the line's units usually cost with further ones."""
        if self.unit_usual is None and line.usual is None:
            return None
        each = line.unit_price if self.unit_usual is None else self.unit_usual
        return line.usual_goods + more * each


def new_units(order: Order, quantity: int) -> tuple[Allocation, ...]:
    """Return units that join the order, which the router places like those of a new order."""
    return (Allocation(quantity=quantity, status=Status.DRAFT if order.draft else Status.CREATED),)


def _priced[Sold: (Line, Bundle)](order: Order, line: Sold, more: int, of_order: int) -> Sold:
    """Return the line with the amounts of further units, which have no discount: their tax is by its rate, or in proportion
    without one.

    `of_order` is the line's part of the order's discount.
    """
    share = tax_share(line, line.quantity * line.unit_price - line.discount - of_order)
    if share is None and not Decimal(line.tax_rate):  # its units have a tax, and cost nothing
        added = (2 * line.tax * more + line.quantity) // (2 * line.quantity)
    else:
        added = tax_at(order, line, share, more * line.unit_price)
    return replace(line, tax=line.tax + added, tax_share=share, added=(*line.added, Added(quantity=more, tax=added)))


def _with_more(order: Order, line: Line, more: int) -> Line:
    """Return the line with further units."""
    return replace(
        line, quantity=line.quantity + more, allocations=merged((*line.allocations, *new_units(order, more)))
    )


def _with_more_sets(order: Order, bundle: Bundle, more: int) -> Order:
    """Return the order with further sets of a bundle, of which no unit is cancelled or invoiced."""
    from comanda.domain.billing import bundle_prices  # few orders have bundles
    from comanda.domain.orders import bundles

    parts = bundles.components(order, bundle.line_id)
    grown = order.with_lines(_with_more(order, part, more * bundles.ratio(part)) for part in parts)
    of_order = sum(part.order_discount for part in parts)
    sets = replace(_priced(order, bundle, more, of_order), quantity=bundle.quantity + more)
    return bundle_prices.with_bundle(grown, sets)
