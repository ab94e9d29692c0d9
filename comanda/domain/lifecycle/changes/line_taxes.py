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
    """Tax the units of a line from the first to the last one, as they were sold."""

    def __init__(self, line: Line, rate: str, included: bool) -> None:
        self.rate, self.included = rate, included
        self.as_sold = replace(line, standing=())
        self.kept = tuple(unit_amounts.spans(line, 0, untouched_units(line)))
        first = (line.invoiced, untouched_units(line), line.live)
        self.cuts = {place for units in first for span in unit_amounts.spans(line, 0, units) for place in span}
        self.net = 0  # of the units so far that are taxed anew
        self.tax = 0  # theirs
        self.carried = 0  # by the units so far

    def parts(self, first: int, last: int) -> Iterator[tuple[int, int]]:
        """Yield the units first+1 .. last with their tax, cut where units were invoiced, have left or were cancelled."""
        for a, b in pairwise(sorted({first, last, *(cut for cut in self.cuts if first < cut < last)})):
            tax = self._tax(a, b)
            self.carried += tax
            yield b - a, tax

    def _tax(self, first: int, last: int) -> int:
        """Return the tax of these units. Those that are taxed anew are rounded together."""
        if any(a <= first and last <= b for a, b in self.kept):
            return unit_amounts.tax(self.as_sold, first, last)
        self.net += unit_amounts.goods(self.as_sold, first, last) - unit_amounts.discount(self.as_sold, first, last)
        before, self.tax = self.tax, max(self.tax, tax_of(max(0, self.net), self.rate, included=self.included))
        return self.tax - before


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
