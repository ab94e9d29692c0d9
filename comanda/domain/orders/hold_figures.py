"""
Compute the figures of an order and of its lines that rules of holds compare: amounts, units, and lines. Cancelled units count no more.

Lines of the same article count together, so that nobody avoids a limit of lines by splitting a line into several.

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
    """An amount in minor units, with the units and lines that it is for: the order's total, or an article's goods less discounts."""

    amount: int
    units: int
    lines: int = 1

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(
            amount=self.amount + other.amount, units=self.units + other.units, lines=self.lines + other.lines
        )


def of_order(order: Order) -> Figures:
    """Return the total of the order, and the units and lines that are left of what the customer bought. Sets count as units."""
    left = [units for line in sold(order) if (units := units_left(order, line))]
    return Figures(amount=order.totals.total, units=sum(left), lines=len(left))


def of_lines(order: Order) -> dict[str, Figures]:
    """Return the figures of each line by its id: of all lines of its article. A component has those of its bundle's article."""
    found: dict[str, Figures] = {}
    for line in sold(order):
        own, others = _of_line(order, line), found.get(line.sku)
        found[line.sku] = own if others is None else others + own
    return {line_id: found[sku] for line_id, sku in articles(order).items()}


def articles(order: Order) -> dict[str, str]:
    """Return the sku that the customer bought by each line: of a component, that of its bundle."""
    bundles = {bundle.line_id: bundle.sku for bundle in order.bundles}
    return {line.line_id: bundles[line.component.bundle] if line.component else line.sku for line in order.lines}


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
    off = line.discount * min(units, line.sold) // line.sold  # units that joined later have none of it
    return Figures(amount=units * line.unit_price - off, units=units)
