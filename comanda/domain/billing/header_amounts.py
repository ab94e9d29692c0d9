"""
Spread the header amounts of an order, its discounts and charges, over its lines by largest remainder.

The order's discount is shared over all units that were ordered (SHARE): a cancelled unit takes its part along. A channel may
keep the discount whole for the units that are left (KEEP), as charges are.

The taxes of a new order are those after its discounts. A discount that is given later takes off the taxes of what it lowers, in
proportion: they stay taxed by the same rates. No price that includes its tax is left with more tax than it costs.

Called by   comanda.domain.lifecycle, comanda.domain.billing.invoices, functions/intake
Returns     orders, and fields of their lines, in minor units of the order's currency
Raises      nothing
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TypedDict

from comanda.domain.billing import unit_amounts
from comanda.domain.money import spread
from comanda.domain.orders.line import HeaderPart, Line
from comanda.domain.orders.order import Order

SHARE, KEEP = "SHARE", "KEEP"  # how the order's discount changes when units are cancelled


class HeaderFields(TypedDict):
    """The fields of a line that carry its part of the order's header amounts."""

    header: HeaderPart
    header_units: int
    header_base: int
    header_billed: HeaderPart
    order_discount: int


def header_parts(order: Order, *, new: bool = False, share_discount: bool = False) -> Iterator[HeaderFields]:
    """Yield the header fields of each line, in order, after the header amounts are spread.

    Weights are net values, or quantities if all net values are zero. Of a `new` order no discount lowers the taxes. With
    `share_discount` the lines of a new order carry its discounts up to the value of the goods, and the rest stays with the charges. A discount that no line carries
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
    taken = [dict[str, int]()] * len(lines)
    if any(units):
        weights = nets if any(nets) else units
        charges = spread(sum(c.amount for c in order.charges) - sum(b.charges for b in billed), weights)
        taxes = spread(sum(c.tax for c in order.charges) - sum(b.charges_tax for b in billed), weights)
        if left := discount - sum(b.discounts for b in billed) - sum(carried):
            worth = [unit_amounts.net_value(line, n, part) for line, n, part in zip(lines, live, carried, strict=True)]
            room = [goods + charge for goods, charge in zip(worth, charges, strict=True)]
            discounts = spread(min(left, sum(room)), worth if left <= sum(worth) else room)
            if not new:
                taxed = _Taxed.open_amounts(order, sum(worth), sum(charges), left)
                taken = [taxed.taxes_off(*one) for one in zip(lines, worth, charges, taxes, discounts, strict=True)]
    for i, line in enumerate(lines):
        yield {
            "header": HeaderPart(charges=charges[i], charges_tax=taxes[i], discounts=discounts[i], **taken[i]),
            "header_units": units[i],
            "header_base": line.invoiced,
            "header_billed": billed[i],
            "order_discount": carried[i],
        }


@dataclass(frozen=True, slots=True)
class _Taxed:
    """Take the discounts of an order off its taxes. `goods` and `charges` are (what is left of them, what they were when taxed):
    all lines have the same proportion, so a unit that is cancelled raises the tax of no other one."""

    included: bool
    goods: tuple[int, int]
    charges: tuple[int, int]

    @classmethod
    def open_amounts(cls, order: Order, goods: int, charges: int, discount: int) -> "_Taxed":
        """Tax what is open: goods, charges, and the discount on them. The taxes that came with the order are those after its own
        discounts."""
        later = sum(d.amount for d in order.discounts if d.by)
        all_of_them = sum(d.amount for d in order.discounts) - sum(line.order_discount for line in order.lines)
        return cls(
            included=order.prices_include_tax,
            goods=_proportion(goods, discount, later, all_of_them),
            charges=_proportion(charges, max(0, discount - goods), later, all_of_them),
        )

    def taxes_off(self, line: Line, worth: int, charges: int, charges_tax: int, discount: int) -> dict[str, int]:
        """Return the fields of a line's header part for what discounts take off the taxes of its open units and charges. The
        charges carry what the units are not worth."""
        goods_tax = unit_amounts.tax(line, line.invoiced, line.live)
        # No discount lowers what costs nothing: its tax, as of a sample, is not inside a price.
        lowered = goods_tax if self.included else goods_tax - unit_amounts.tax_of_free(line)
        goods_tax_off = lowered - self._left(lowered, self.goods, max(0, worth - discount))
        charges_tax_off = charges_tax - self._left(charges_tax, self.charges, charges - max(0, discount - worth))
        found = {"goods_tax": goods_tax, "goods_tax_off": goods_tax_off} if goods_tax_off else {}
        return found | ({"charges_tax_off": charges_tax_off} if charges_tax_off else {})

    def _left(self, tax: int, proportion: tuple[int, int], cost: int) -> int:
        """Return the tax of what costs so much, rounded half up."""
        left, whole = proportion
        tax = (2 * tax * left + whole) // (2 * whole)
        return min(tax, cost) if self.included else tax


def _proportion(worth: int, discount: int, later: int, discounts: int) -> tuple[int, int]:
    """Return the proportion of a tax that is left after a discount, of which `later` of all `discounts` were not there when it
    was taxed."""
    if not (discount and later):
        return 1, 1
    if discount >= worth:
        return 0, 1
    return (worth - discount) * discounts, worth * discounts - discount * (discounts - later)


def with_less_tax(lines: Iterable[Line], less: int) -> Iterator[Line]:
    """Yield the lines with so much less tax on their open units."""
    for line in lines:
        off = line.header.goods_tax_off
        taxed = line.header.goods_tax if off else unit_amounts.tax(line, line.invoiced, line.live)
        taken = min(less, taxed - off)
        less -= taken
        yield replace(line, header=replace(line.header, goods_tax=taxed, goods_tax_off=off + taken)) if taken else line


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
