"""
Tax the units of a line again by another rate, and leave those that have left as they were taxed. Pure.

The tax of the first units is kept in parts, each of which its units carry as all units of a line do. So units that were
invoiced have carried exactly the tax of their invoices, whatever the later ones are taxed by.

Called by   comanda.domain.lifecycle.changes.changed_taxes
Returns     lines and bundles with their taxes, in minor units
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from comanda.domain.billing import unit_amounts
from comanda.domain.money import share_of_units, tax_of
from comanda.domain.orders import bundles
from comanda.domain.orders.bundle import Bundle
from comanda.domain.orders.line import Added, Line
from comanda.domain.orders.order import Order
from comanda.domain.orders.status import GONE


def untouched_units(line: Line) -> int:
    """Return the first units of a line that keep their tax: those that have an invoice, or have left."""
    return max(line.invoiced, line.units(lambda a: a.status in GONE))


def retaxed_line(line: Line, rate: str, *, included: bool) -> Line:
    """Return a line whose units that have not left are taxed by a rate, rounded half up together."""
    work = _Retaxing(line, rate, included)
    *parts, _ = work.parts(0, line.sold)
    added, first = list[Added](), line.sold
    for one in line.added:
        added += _cut(one, list(work.parts(first, first + one.quantity)))
        first += one.quantity
    return replace(line, tax_rate=rate, tax=work.carried, tax_parts=tuple(parts), tax_share=None, added=tuple(added))


def _cut(one: Added, parts: Sequence[tuple[int, int]]) -> Iterator[Added]:
    """Yield units that joined a line in parts (units, tax), each with its part of what they usually cost."""
    first = 0
    for units, tax in parts:
        last = first + units
        usual = None if one.usual is None else share_of_units(one.usual, first, last, one.quantity)
        yield replace(one, quantity=units, tax=tax, usual=usual)
        first = last


class _Retaxing:
    """Tax the units of a line from the first to the last one."""

    def __init__(self, line: Line, rate: str, included: bool) -> None:
        self.line, self.rate, self.included = line, rate, included
        self.kept = untouched_units(line)
        self.cuts = {line.invoiced, self.kept, line.live}
        self.carried = 0  # by the units so far

    def parts(self, first: int, last: int) -> Iterator[tuple[int, int]]:
        """Yield the units first+1 .. last with their tax, cut where units were invoiced, have left or were cancelled."""
        for a, b in pairwise(sorted({first, last, *(cut for cut in self.cuts if first < cut < last)})):
            before, self.carried = self.carried, max(self.carried, self._tax(b))
            yield b - a, self.carried - before

    def _tax(self, units: int) -> int:
        """Return the tax of the first units."""
        line, kept = self.line, self.kept
        if units <= kept:
            return unit_amounts.tax(line, 0, units)
        net = unit_amounts.goods(line, kept, units) - unit_amounts.discount(line, kept, units)
        return unit_amounts.tax(line, 0, kept) + tax_of(max(0, net), self.rate, included=self.included)


def retaxed_bundle(order: Order, bundle: Bundle, rate: str) -> Bundle:
    """Return a bundle whose sets are taxed by a rate, of which none has left."""
    included = order.prices_include_tax
    off = bundle.discount + sum(part.order_discount for part in bundles.components(order, bundle.line_id))

    def tax_of_first(sets: int) -> int:
        return tax_of(max(0, sets * bundle.unit_price - off), rate, included=included)

    units, added = bundle.sold, list[Added]()
    tax = tax_of_first(units)
    for one in bundle.added:
        units += one.quantity
        with_them = tax_of_first(units)
        added.append(replace(one, tax=with_them - tax))
        tax = with_them
    return replace(bundle, tax_rate=rate, tax=tax, tax_share=None, added=tuple(added))
