"""
Compute what the first units of a line carry: their price, discounts and tax, and their part of the order's header amounts.

Unit k of n carries floor(total x k / n) - floor(total x (k-1) / n) of an amount. Where the floors of several amounts would let a
unit cost a cent less than nothing, units before it carry that cent of the discounts: the first k units together cost no less
than fewer of them, and no more than all. So no invoice gives money back, and no cancelled unit makes an order dearer.

Units that changes added to a line come after those with which it was sold, carry no discount and have their own tax. So they
take along what they added when they are cancelled, and nothing else.

The invoiced units of a line come first, in the order of their invoices, then all others in the order in which they joined.
A void of an invoice lets its units join the others, where they were sold (`comanda.domain.orders.line.Line.standing`).

Called by   comanda.domain.billing (invoices, voids), comanda.domain.lifecycle.changes
Returns     amounts in minor units of the order's currency
Raises      nothing
"""

from collections.abc import Callable, Iterator
from itertools import pairwise

from comanda.domain.money import share_of_units
from comanda.domain.orders.line import HeaderPart, Line, Span

# The floors of all amounts of a unit together move what the first k units cost by less than this.
_MOST_CENTS = 12


def spans(line: Line, first: int, last: int) -> Iterator[Span]:
    """Yield the places, as they were sold, of units first+1 .. last of the line."""
    if not line.standing:
        yield first, last
        return
    before = 0
    for a, b in _in_order(line):
        start, end = max(first - before, 0), min(last - before, b - a)
        if start < end:
            yield a + start, a + end
        before += b - a


def _in_order(line: Line) -> Iterator[Span]:
    """Yield the units that invoices have, in the order of these, then all others in the order in which they joined."""
    yield from line.standing
    inside = sorted(line.standing)
    for (_, a), (b, _) in pairwise([(0, 0), *inside, (line.quantity, line.quantity)]):
        if a < b:
            yield a, b


def goods(line: Line, first: int, last: int) -> int:
    """Return the price of units first+1 .. last of the line."""
    if line.standing:
        return sum(_goods(line, a, b) for a, b in spans(line, first, last))
    return _goods(line, first, last)


def _goods(line: Line, first: int, last: int) -> int:
    if line.component:
        return line.component.carried(line.component.goods, first, last, line.quantity)
    return (last - first) * line.unit_price


def tax(line: Line, first: int, last: int) -> int:
    """Return the part of the line's tax that units first+1 .. last carry."""
    if line.standing:
        return sum(_taxed(line, b) - _taxed(line, a) for a, b in spans(line, first, last))
    return _taxed(line, last) - _taxed(line, first)


def tax_of_free(line: Line) -> int:
    """Return the tax of the live units that are not invoiced and that cost nothing without header amounts, as samples do."""
    base, carried = line.invoiced, line.order_discount
    before = _net(line, base, carried)
    sold = min(_sold_after(line, base), line.live - base)  # they cost the same, and so do those that joined
    return sum(
        tax(line, first, last)
        for first, last in ((base, base + sold), (base + sold, line.live))
        if first < last and _net(line, last, carried) == (before if first == base else _net(line, first, carried))
    )


def _taxed(line: Line, units: int) -> int:
    """Return the part of the line's tax that the units that joined first carry."""
    sold, component = line.sold, line.component
    part = min(units, sold)
    if component:
        found = component.carried(component.tax, 0, part, sold)
    elif line.tax_parts:
        found = _of_parts(line, part)
    else:
        found = share_of_units(line.tax_of_sold, 0, part, sold)
    left = units - part
    for one in line.added if left else ():
        part = min(left, one.quantity)
        found += share_of_units(one.tax, 0, part, one.quantity)
        if component:
            found += component.carried(one.set_tax, 0, part, one.quantity)
        left -= part
    return found


def _of_parts(line: Line, units: int) -> int:
    """Return the tax of the first units with which a line was sold, of which parts were taxed apart."""
    found, left, rest, tax = 0, units, line.sold, line.tax_of_sold
    for quantity, its_tax in line.tax_parts:
        part = min(left, quantity)
        found += share_of_units(its_tax, 0, part, quantity)
        left, rest, tax = left - part, rest - quantity, tax - its_tax
    return found + share_of_units(tax, 0, left, rest)


def discount(line: Line, first: int, last: int) -> int:
    """Return the part of the line's discounts, and of the order's, that units first+1 .. last carry."""
    return goods(line, first, last) - _net(line, last, line.order_discount) + _net(line, first, line.order_discount)


def net_value(line: Line, live: int, carried: int = 0) -> int:
    """Return the net value of the live units that are not invoiced. `carried` is the line's part of the order's discount."""
    invoiced = _net(line, line.invoiced, carried) if line.invoiced else 0
    return max(0, _net(line, live, carried) - invoiced)


def header(line: Line, last: int) -> HeaderPart:
    """Return the part of the header amounts that units 1 .. last of the line carry, with last >= header_base."""
    done, all_units = last - line.header_base, line.header_units
    spread, billed = line.header, line.header_billed
    if not done:
        return billed  # so for each line of a new order
    charges_tax = share_of_units(spread.charges_tax, 0, done, all_units)
    goods_off, charges_off = _taxes_off(line, done, charges_tax)
    return HeaderPart(
        charges=billed.charges + share_of_units(spread.charges, 0, done, all_units),
        charges_tax=billed.charges_tax + charges_tax,
        discounts=billed.discounts + (_header_discount(line, done) if spread.discounts else 0),
        goods_tax_off=billed.goods_tax_off + goods_off,
        charges_tax_off=billed.charges_tax_off + charges_off,
    )


def _taxes_off(line: Line, done: int, charges_tax: int) -> tuple[int, int]:
    """Return the taxes that discounts take off the first `done` open units, and off their `charges_tax`.

    Units of one price may carry more of a discount than they are worth, as those that had one of their own. So what is left of
    the taxes follows what the units, and their charges, cost then: no units have more tax than they cost, whichever come first.
    """
    spread, base, all_units = line.header, line.header_base, line.header_units
    uneven = bool(spread.discounts and (line.added or line.tax_parts))
    if done == all_units or not (uneven or spread.goods_tax_off or spread.charges_tax_off):
        return (spread.goods_tax_off, spread.charges_tax_off) if done == all_units else (0, 0)
    goods_left = tax(line, base, base + all_units) - spread.goods_tax_off
    charges_left = spread.charges_tax - spread.charges_tax_off
    worth = _worth(line, done)

    def cost(units: int) -> int:
        return _discounted(line, worth, units)

    goods_cost, whole = _goods_cost(line, cost, done), _goods_cost(line, cost, all_units)
    charges_cost, all_charges = cost(done) - goods_cost, cost(all_units) - whole
    return (
        tax(line, base, base + done) - _follows(goods_left, goods_cost, whole, done, all_units),
        charges_tax - _follows(charges_left, charges_cost, all_charges, done, all_units),
    )


def _follows(tax: int, cost: int, whole: int, units: int, all_units: int) -> int:
    """Return the part of a tax that the first units carry, which cost `cost` of the `whole`."""
    return tax * cost // whole if whole > 0 else share_of_units(tax, 0, units, all_units)


def _goods_cost(line: Line, cost: Callable[[int], int], done: int) -> int:
    """Return what the first open units cost without charges: no less than fewer of them, and no more than all."""
    spread, all_units = line.header, line.header_units

    def without_charges(units: int) -> int:
        return cost(units) - share_of_units(spread.charges, 0, units, all_units)

    if without_charges(all_units) <= 0:
        return 0  # discounts take the goods, and of the charges
    return rising(without_charges, done, all_units, _sold_of_open(line))


def _header_discount(line: Line, done: int) -> int:
    """Return the part of the header discount that the first `done` open units carry."""
    if done == line.header_units:
        return line.header.discounts
    worth = _worth(line, done)
    return worth(done) - _discounted(line, worth, done)


def _worth(line: Line, most: int) -> Callable[[int], int]:
    """Return the function that tells what up to `most` first open units, or all of them, are worth with their charges."""
    spread, base, all_units = line.header, line.header_base, line.header_units
    nets = _nets(line, most) if line.component and not line.standing else []
    before = _net(line, base, line.order_discount)

    def worth(units: int) -> int:
        net = nets[units] if units < len(nets) else _net(line, base + units, line.order_discount)
        return net - before + share_of_units(spread.charges, 0, units, all_units)

    return worth


def _discounted(line: Line, worth: Callable[[int], int], done: int) -> int:
    """Return what the first `done` open units cost with their charges after the header discount, before tax."""
    spread, all_units = line.header, line.header_units
    if not spread.discounts or done == all_units:
        return worth(done) - spread.discounts
    return rising(
        lambda units: worth(units) - share_of_units(spread.discounts, 0, units, all_units),
        done,
        all_units,
        _sold_of_open(line),
    )


def _sold_of_open(line: Line) -> int:
    return _sold_after(line, line.header_base)


def _sold_after(line: Line, base: int) -> int:
    """Return with how many of the units after the first ones the line was sold. They come before those that joined it."""
    sold = line.sold
    before = sum(min(b, sold) - min(a, sold) for a, b in spans(line, 0, base)) if line.standing else min(base, sold)
    return sold - before


def _nets(line: Line, done: int) -> list[int]:
    """Return `_net` of the billed units of a component, and of up to `done` more: each from the one before."""
    base, carried = line.header_base, line.order_discount
    found, most = [_net(line, base, carried)], _floored(line, line.sold, carried)
    for k in range(base + 1, base + done + 1):
        here = _floored(line, k, carried)
        found.append(here if most < 0 or k > line.sold else min(most, max(found[-1], here)))
    return found


def _net(line: Line, units: int, carried: int) -> int:
    """Return what the first units of the line cost without header amounts. `carried`: its part of the order's discount."""
    if line.standing:
        return sum(_net_as_sold(line, b, carried) - _net_as_sold(line, a, carried) for a, b in spans(line, 0, units))
    return _net_as_sold(line, units, carried)


def _net_as_sold(line: Line, units: int, carried: int) -> int:
    """Return what the units that joined first cost, as `_net`."""
    if line.component is None or not (carried or line.component.discount.total):
        return _floored(line, units, carried)  # the price of each unit is whole: no floor exceeds it
    if units > line.sold:
        return _floored(line, units, carried)  # units without discounts
    return rising(lambda k: _floored(line, k, carried), units, line.sold)


def _floored(line: Line, units: int, carried: int) -> int:
    """Return the price of the units that joined first, less the floors of their discounts."""
    sold = line.sold
    part = min(units, sold)
    less = share_of_units(line.discount + carried, 0, part, sold)
    if line.component:
        less += line.component.carried(line.component.discount, 0, part, sold)
    return _goods(line, 0, units) - less


def rising(cost: Callable[[int], int], units: int, all_units: int, alike: int = 0) -> int:
    """Return the highest cost of up to so many units, and no more than that of all units.

    The first `alike` units cost the same but for floors, and so do the others. A cost of all units below nothing is left as it
    is.
    """
    whole = cost(all_units)
    if units in (0, all_units) or whole < 0:
        return cost(units)
    found, first = 0, 0
    for last in (alike, units) if 0 < alike < units else (units,):
        found, first = max(found, _highest(cost, first, last, whole)), last
    return min(whole, found)


def _highest(cost: Callable[[int], int], first: int, last: int, enough: int) -> int:
    """Return the highest cost of first .. last units, or one of `enough` or more.

    Units cost the same but for floors. So only those near the dearer end are tried: others cost less by more than floors
    could raise them.
    """
    rise, n = cost(last) - cost(first), last - first
    found, tried = max(cost(first), cost(last)), 1
    while found < enough and tried < n and abs(rise) * tried <= 2 * _MOST_CENTS * n:
        found, tried = max(found, cost(last - tried if rise > 0 else first + tried)), tried + 1
    return found
