"""
Spread the header amounts of an order, its discounts and charges, over its lines by largest remainder.

The order's discount is shared over all units that were ordered (SHARE): a cancelled unit takes its part along. A channel may
keep the discount whole for the units that are left (KEEP), as charges are.

Called by   comanda.domain.lifecycle, comanda.domain.billing.invoices, functions/intake
Returns     orders, and fields of their lines, in minor units of the order's currency
Raises      nothing
"""

from collections.abc import Iterator
from typing import TypedDict

from comanda.domain.billing import unit_amounts
from comanda.domain.money import spread
from comanda.domain.orders.line import HeaderPart
from comanda.domain.orders.order import Order

SHARE, KEEP = "SHARE", "KEEP"  # how the order's discount changes when units are cancelled


class HeaderFields(TypedDict):
    """The fields of a line that carry its part of the order's header amounts."""

    header: HeaderPart
    header_units: int
    header_base: int
    header_billed: HeaderPart
    order_discount: int


def header_parts(order: Order, *, share_discount: bool = False) -> Iterator[HeaderFields]:
    """Yield the header fields of each line, in order, after the header amounts are spread.

    Weights are net values, or quantities if all net values are zero. With `share_discount`, as for a new order, the lines carry
    the order's discounts up to the value of the goods, and the rest stays with the charges. A discount that no line carries
    never exceeds the goods and charges that are left, in all and of each line. When no unit is left, the lines carry nothing.
    """
    lines, billed = order.lines, [unit_amounts.header(line, line.invoiced) for line in order.lines]
    live = [line.live for line in lines]
    units = [n - line.invoiced for line, n in zip(lines, live, strict=True)]
    nets = [unit_amounts.net_value(line, n) for line, n in zip(lines, live, strict=True)]
    discount = sum(d.amount for d in order.discounts)
    carried = spread(min(discount, sum(nets)), nets) if share_discount else [line.order_discount for line in lines]
    none = (0,) * len(lines)
    charges = taxes = discounts = none
    if any(units):
        weights = nets if any(nets) else units
        charges = spread(sum(c.amount for c in order.charges) - sum(b.charges for b in billed), weights)
        taxes = spread(sum(c.tax for c in order.charges) - sum(b.charges_tax for b in billed), weights)
        if left := discount - sum(b.discounts for b in billed) - sum(carried):
            worth = [unit_amounts.net_value(line, n, part) for line, n, part in zip(lines, live, carried, strict=True)]
            room = [goods + charge for goods, charge in zip(worth, charges, strict=True)]
            discounts = spread(min(left, sum(room)), worth if left <= sum(worth) else room)
    for i, line in enumerate(lines):
        yield {
            "header": HeaderPart(charges=charges[i], charges_tax=taxes[i], discounts=discounts[i]),
            "header_units": units[i],
            "header_base": line.invoiced,
            "header_billed": billed[i],
            "order_discount": carried[i],
        }


def uncarried_discount(order: Order) -> int:
    """Return the part of the order's discounts that no unit carries when they are spread, because the units are not worth it."""
    billed = [unit_amounts.header(line, line.invoiced) for line in order.lines]
    left = sum(d.amount for d in order.discounts) - sum(b.discounts for b in billed)
    left -= sum(line.order_discount for line in order.lines)
    if not left:
        return 0
    still_open = [(line, live) for line in order.lines if (live := line.live) > line.invoiced]
    if not still_open:
        return left
    worth = sum(unit_amounts.net_value(line, live, line.order_discount) for line, live in still_open)
    charges = sum(c.amount for c in order.charges) - sum(b.charges for b in billed)
    return max(0, left - worth - charges)
