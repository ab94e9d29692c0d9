"""
Compute the figures of an order and of its lines that rules of holds compare: amounts, units, and lines. Cancelled units count no more.

Called by   comanda.domain.orders.hold_rules, .holds; comanda.domain.lifecycle.changes.asked_again
Returns     figures
Raises      nothing
"""

from dataclasses import dataclass

from comanda.domain.orders.bundle import Bundle
from comanda.domain.orders.line import Line
from comanda.domain.orders.order import Order


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """An amount in minor units, with the units and lines that it is for: the order's total, or a line's goods less its discounts."""

    amount: int
    units: int
    lines: int = 1


def of_order(order: Order) -> Figures:
    """Return the total of the order, and the units and lines that are left of what the customer bought. Sets count as units."""
    left = [units for line in sold(order) if (units := units_left(order, line))]
    return Figures(amount=order.totals.total, units=sum(left), lines=len(left))


def of_lines(order: Order) -> dict[str, Figures]:
    """Return the figures of each line by its id. A component has those of its bundle."""
    found = {line.line_id: _of_line(order, line) for line in sold(order)}
    return {line.line_id: found[line.component.bundle if line.component else line.line_id] for line in order.lines}


def sold(order: Order) -> tuple[Line | Bundle, ...]:
    """Return what the customer bought: lines and bundles, without the components of bundles."""
    return (*order.bundles, *(line for line in order.lines if line.component is None))


def units_left(order: Order, line: Line | Bundle) -> int:
    """Return the units of a line that are not cancelled, or the sets of a bundle of which a unit is not."""
    if isinstance(line, Line):
        return line.live
    from comanda.domain.orders import bundles  # few orders have bundles

    parts = bundles.components(order, line.line_id)
    return max((-(-part.live // bundles.ratio(part)) for part in parts), default=0)


def _of_line(order: Order, line: Line | Bundle) -> Figures:
    units = units_left(order, line)
    return Figures(amount=units * line.unit_price - line.discount * units // line.quantity, units=units)
