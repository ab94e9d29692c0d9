"""
Change how many units of a line an order has, or of which sku: fewer units are a cancel, further ones are routed like new ones.

Called by   functions/intake, which makes them of a request; comanda.domain.lifecycle.changes.changing applies them
Returns     values, and orders with further units
Raises      nothing of its own
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar, override

from comanda.domain.errors import Problem
from comanda.domain.lifecycle.changes.changed_amounts import rate_of, tax_at, tax_share
from comanda.domain.lifecycle.changes.wanted_changes import UnitChange, live, sold
from comanda.domain.lifecycle.modifications.modification_matrix import Modification
from comanda.domain.orders.bought_cards import MOST_CARDS
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
        line = sold(order, self.line_id)
        if isinstance(line, Line) and line.gift_card and self.quantity > max(MOST_CARDS, line.live):
            message = f"at most {MOST_CARDS} gift cards in one line: add another line"
            yield Problem(pointer=f"{at}/quantity", code="too-large", message=message)

    @override
    def fact(self, order: Order) -> dict[str, Any]:
        return {"before": live(order, self.line_id), "after": self.quantity}

    @override
    def applied(self, order: Order, actor: str, at: str) -> Order:
        more = self.quantity - live(order, self.line_id)
        if more <= 0:
            return order
        line = sold(order, self.line_id)
        if isinstance(line, Line):
            return order.with_lines([_with_more(order, self._priced(order, line, more, line.order_discount), more)])
        return self._with_more_sets(order, line, more)

    def _priced[Sold: (Line, Bundle)](self, order: Order, line: Sold, more: int, of_order: int) -> Sold:
        """Return the line with the amounts of further units, which have no discount. `of_order` is the line's part of the order's
        discount.

        Units that were cancelled come back first, at what they cost: amounts are of the first units that are left. So the same
        units cost the same again, and only those beyond all that the line had are priced now.
        """
        share = tax_share(line, line.quantity * line.unit_price - line.discount - of_order)
        new = max(0, live(order, line.line_id) + more - line.quantity)
        joined: tuple[Added, ...] = tuple(
            Added(
                quantity=units,
                tax=_tax_of(order, line, share, units),
                usual=None if self.unit_usual is None else units * self.unit_usual,
            )
            for units in (new, more - new)
            if units
        )
        tax = line.tax + sum(one.tax for one in joined)
        return replace(line, tax=tax, tax_share=share, added=(*line.added, *joined))

    def _with_more_sets(self, order: Order, bundle: Bundle, more: int) -> Order:
        """Return the order with further sets of a bundle, of which no unit is invoiced, and whole sets are cancelled."""
        from comanda.domain.billing import bundle_prices  # few orders have bundles
        from comanda.domain.orders import bundles

        parts = bundles.components(order, bundle.line_id)
        grown = order.with_lines(_with_more(order, part, more * bundles.ratio(part)) for part in parts)
        of_order = sum(part.order_discount for part in parts)
        sets = replace(self._priced(order, bundle, more, of_order), quantity=bundle.quantity + more)
        return bundle_prices.with_bundle(grown, sets)


def _tax_of(order: Order, line: Line | Bundle, share: tuple[int, int] | None, units: int) -> int:
    """Return the tax of further units: by the line's rate, or in proportion without one."""
    if share is None and not rate_of(line):  # its units have a tax, and cost nothing
        return (2 * line.tax * units + line.quantity) // (2 * line.quantity)
    return tax_at(order, line, share, units * line.unit_price)


def new_units(order: Order, quantity: int) -> tuple[Allocation, ...]:
    """Return units that join the order, which the router places like those of a new order."""
    return (Allocation(quantity=quantity, status=Status.DRAFT if order.draft else Status.CREATED),)


def _with_more(order: Order, line: Line, more: int) -> Line:
    """Return the line with further units."""
    return replace(
        line, quantity=line.quantity + more, allocations=merged((*line.allocations, *new_units(order, more)))
    )
