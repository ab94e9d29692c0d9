"""
Tax an order again after changes: what is not invoiced and has not left, by the tax table of its channel or by its own rates.

Lines and charges whose rate is from a table are taxed by what the table says now of their place. Those with a tax that was
given keep it, or have it computed by the rate that was given, and are marked as estimates. A unit that has left keeps the tax
with which it left.

Called by   comanda.domain.lifecycle.changes.changing and comanda.domain.lifecycle.resume; functions/intake, for previews
Returns     orders with their taxes, and the taxes that changes made others
Raises      Invalid for a further line, or a charge, that came without a tax and for which the table has no rate
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from comanda.domain.billing import invoices
from comanda.domain.errors import Invalid, Problem
from comanda.domain.lifecycle.changes import charge_taxes, taxed_places
from comanda.domain.lifecycle.changes.line_taxes import retaxed_bundle, retaxed_line, untouched_units
from comanda.domain.orders.bundle import Bundle
from comanda.domain.orders.decision import Decision
from comanda.domain.orders.line import Line
from comanda.domain.orders.order import Charge, Order

if TYPE_CHECKING:  # few channels have a tax table
    from comanda.domain.taxes.quotes import Knowledge, Tax, Taxable


@dataclass(frozen=True, slots=True)
class _Sold:
    """A line or a bundle that is taxed, with its components; those of a line are the line."""

    row: Line | Bundle
    parts: Sequence[Line]

    @property
    def is_open(self) -> bool:
        """Return True if units are neither invoiced nor gone nor cancelled."""
        return any(part.live > untouched_units(part) for part in self.parts)

    @property
    def by_table(self) -> bool:
        """Return True if a table says the rate. The sets of a bundle of which units have left are not taxed apart."""
        apart = isinstance(self.row, Bundle) and any(map(untouched_units, self.parts))
        return bool(self.row.tax_table) and not apart


def taxed(before: Order, after: Order, known: "Knowledge | None", untaxed: Mapping[str, str]) -> Order:
    """Return the changed order with its taxes. `known`: what rates depend on, None without a tax table. `untaxed` are the
    pointers of further lines by their ids, and of new charges by `key_of_charge`."""
    lines = _touched(before, after)
    charges = charge_taxes.touched(before, after)
    by_table = [sold for sold in lines if known and sold.by_table]
    asked = [i for i in charges if known and after.charges[i].tax_table]
    ids = {sold.row.line_id for sold in by_table}
    of_others = [sold for sold in lines if sold.row.line_id not in ids]
    made = _estimated(before, after, [sold.row for sold in of_others])
    made = _without_reasons(made, [sold.row for sold in of_others if _goes_elsewhere(before, after, sold)])
    given = {i for i in charges if i < len(before.charges)}.difference(asked)
    made = charge_taxes.estimated(made, given)
    if known is None or not (by_table or asked):
        return made
    classes = known.classes(one.row.sku for one in by_table)
    asking = taxed_places.Questions(after, known)
    questions = [asking.line(one.row, one.parts[0], classes) for one in by_table]
    questions += [asking.charge(after.charges[i]) for i in asked]
    found = known.quote(questions)
    keys = [*(one.row.line_id for one in by_table), *(key_of_charge(i) for i in asked)]
    _require_rates(keys, questions, found, untaxed)
    made = _with_taxes(before, made, list(zip((one.row for one in by_table), found, strict=False)))
    new = dict(zip(asked, found[len(by_table) :], strict=True))
    made = replace(made, charges=tuple(_charged(before, made, i, new.get(i)) for i in range(len(made.charges))))
    return invoices.revalued(made)


def estimated(before: Order, after: Order) -> Order:
    """Return an order with its taxes as they are, marked as estimates where a line or the charges go elsewhere than before."""
    return taxed(before, after, None, {})


def key_of_charge(number: int) -> str:
    """Return the key of a charge among the pointers of lines. No line id begins with a blank."""
    return f" {number}"


def _sold(order: Order) -> dict[str, _Sold]:
    """Return the lines and the bundles of an order, by their ids."""
    parts: dict[str, list[Line]] = {}
    for line in order.lines:
        parts.setdefault(line.component.bundle if line.component else line.line_id, []).append(line)
    return {row.line_id: _Sold(row, parts[row.line_id]) for row in order.as_sent() if row.line_id in parts}


def _touched(before: Order, after: Order) -> list[_Sold]:
    """Return what is further, or has another place, price or number of units, and has units that are taxed again."""
    had, there = _sold(before), _sold(after)
    was, terms = _terms(before), _terms(after)
    return [one for name, one in there.items() if one.is_open and (name not in had or was(had[name]) != terms(one))]


def _terms(order: Order) -> Callable[[_Sold], tuple[object, ...]]:
    """Return a function that says what the tax of a line of the order depends on."""
    sale = taxed_places.sale(order)
    return lambda one: (one.row.quantity, one.row.unit_price, taxed_places.where(sale, order, one.parts[0]))


def _estimated(before: Order, order: Order, rows: Sequence[Line | Bundle]) -> Order:
    """Return the order with these lines marked as estimates, if they have a tax. Further ones came with theirs."""
    had = {row.line_id for row in before.as_sent()}
    marked = {row.line_id for row in rows if _has_tax(row) and (row.line_id in had or _replaces(row))}
    if not marked:
        return order
    return replace(
        order,
        lines=tuple(replace(one, tax_estimated=True) if one.line_id in marked else one for one in order.lines),
        bundles=tuple(replace(one, tax_estimated=True) if one.line_id in marked else one for one in order.bundles),
    )


def _goes_elsewhere(before: Order, after: Order, sold: _Sold) -> bool:
    """Return True for a line with a reason of its zero rate that had another place before."""
    had = _sold(before).get(sold.row.line_id) if sold.row.zero_rate_reason else None
    if had is None:
        return False
    was, there = taxed_places.sale(before), taxed_places.sale(after)
    return taxed_places.where(was, before, had.parts[0]) != taxed_places.where(there, after, sold.parts[0])


def _without_reasons(order: Order, rows: Sequence[Line | Bundle]) -> Order:
    """Return the order with lines of which nothing says any more why they are not taxed: the reason was that of a place."""
    gone = {row.line_id for row in rows}
    if not gone:
        return order
    return replace(
        order,
        lines=tuple(replace(one, zero_rate_reason="") if one.line_id in gone else one for one in order.lines),
        bundles=tuple(replace(one, zero_rate_reason="") if one.line_id in gone else one for one in order.bundles),
    )


def _has_tax(row: Line | Bundle) -> bool:
    return bool(row.tax or row.tax_table or row.tax_share or Decimal(row.tax_rate))


def _replaces(row: Line | Bundle) -> bool:
    return isinstance(row, Line) and row.replaces_line is not None


def _require_rates(
    keys: Sequence[str], questions: "Sequence[Taxable]", found: "Sequence[Tax]", untaxed: Mapping[str, str]
) -> None:
    """Raise Invalid for each further line and each new charge that came without a tax, and that the table does not tax."""
    wrong = [
        Problem(
            pointer=untaxed[key],
            code="no-tax-rate",
            message=f"{'the charge' if key.startswith(' ') else f'line {key}'} is not taxed: {one.no_rate(tax.table)}; send its tax",
        )
        for key, one, tax in zip(keys, questions, found, strict=True)
        if key in untaxed and not tax.name
    ]
    if wrong:
        raise Invalid(*wrong)


def _with_taxes(before: Order, order: Order, found: "Sequence[tuple[Line | Bundle, Tax]]") -> Order:
    """Return the order with lines taxed again. Without a row of the table they keep their rates, as estimates."""
    included = order.prices_include_tax
    order = _estimated(before, order, [row for row, tax in found if not tax.name])
    lines = [
        _of_table(retaxed_line(row, tax.rate, included=included), tax)
        for row, tax in found
        if isinstance(row, Line) and tax.name
    ]
    order = order.with_lines(lines)
    for row, tax in found:
        if isinstance(row, Bundle) and tax.name:
            from comanda.domain.billing import bundle_prices  # few orders have bundles

            order = bundle_prices.with_bundle(order, _of_table(retaxed_bundle(order, row, tax.rate), tax))
    return order


def _of_table[Sold: (Line, Bundle)](row: Sold, tax: "Tax") -> Sold:
    return replace(
        row,
        tax_table=tax.table,
        tax_name=tax.name,
        zero_rate_reason=tax.zero_rate_reason,
        tax_estimated=tax.estimated,
    )


def _charged(before: Order, order: Order, i: int, tax: "Tax | None") -> Charge:
    return charge_taxes.charged(before, order, i, tax) if tax else order.charges[i]


def changed(before: Order, decision: Decision | None) -> Iterator[tuple[str, str, int, Line | Bundle | Charge]]:
    """Yield each line by its id, and each charge by its kind, whose tax the changes make another one or an estimate, with its
    tax before. None: nothing changes."""
    if decision is None:
        return
    had = {row.line_id: (row.tax, row.tax_estimated) for row in before.as_sent()}
    for row in decision.order.as_sent():
        tax, estimated = had.get(row.line_id, (0, False))
        if (tax, estimated) != (row.tax, row.tax_estimated):
            yield row.line_id, "", tax, row
    for i, charge in enumerate(decision.order.charges):
        old = before.charges[i] if i < len(before.charges) else None
        if (old.tax if old else 0, old is not None and old.tax_estimated) != (charge.tax, charge.tax_estimated):
            yield "", charge.kind, old.tax if old else 0, charge
