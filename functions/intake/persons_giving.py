"""
Hold what a person gives away to their limits: by changes of an order, and by a new order.

Called by   functions/intake/changes/asked_changes.py, functions/intake/orders.py
Returns     changes and orders with what their units usually cost
Raises      Forbidden with a problem for each field that asks for too much
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from comanda.aws.directory import listed_prices
from comanda.domain.drafts import giving as draft_giving
from comanda.domain.drafts.draft import Draft, DraftCharge, DraftLine
from comanda.domain.drafts.pricing import ListedPrice
from comanda.domain.errors import Forbidden, Problem
from comanda.domain.lifecycle.changes import giving
from comanda.domain.lifecycle.changes.added_lines import NewLines
from comanda.domain.lifecycle.changes.changed_amounts import NewCharge
from comanda.domain.lifecycle.changes.replaced_units import Replacement
from comanda.domain.lifecycle.changes.wanted_changes import Wanted
from comanda.domain.limits import ALL, Limits, Sale, require
from comanda.domain.money import spread, tax_of
from comanda.domain.orders.bundle import Bundle
from comanda.domain.orders.line import Line
from comanda.domain.orders.order import Order
from functions.intake import order_taxes
from functions.intake.changes import change_rules
from functions.intake.contract import OrderIn

if TYPE_CHECKING:
    from comanda.domain.taxes.quotes import Knowledge


class PersonsGiving:
    """The changes that a person asks for on a version of an order."""

    def __init__(
        self, order: Order, wanted: Sequence[Wanted], limits: Limits, now: datetime, taxes: "Knowledge | None"
    ) -> None:
        self.order, self.limits, self.taxes = order, limits, taxes
        skus = set[str]().union(*(change_rules.priced_skus(order, one) for one in wanted))
        self.listed = _listed(order, skus, now)
        self.asked = giving.of_person(order, wanted, {sku: one.amount for sku, one in self.listed.items()})
        self.changes: Sequence[Wanted] = self.asked.changes

    def require(self, after: Order) -> None:
        """Raise Forbidden if the changes give more than the person may."""
        before = giving.sale(self.order)
        most = max(self.limits.amounts.get(self.order.currency, 0), before.given)
        at = giving.place_above(self.changes, before.given, most)
        require(before, replace(giving.sale(after, self.asked), given_at=at), self.limits)
        charges = [f"/changes/{i}/tax" for i, one in enumerate(self.changes) if isinstance(one, NewCharge)]
        new = range(len(self.order.charges), len(after.charges))
        pointers = _Pointers(lines=self._taxed(), charges=dict(zip(new, charges, strict=False)))
        _require_taxes(after, pointers, self.listed, self.limits, self.taxes)

    def _taxed(self) -> Mapping[str, str]:
        """Return the pointers of the lines whose tax a person sends, by line id. Units that replace untaxed ones have none."""
        found: dict[str, str] = {}
        untaxed = {line.line_id for line in self.order.lines if not Decimal(line.tax_rate)}
        for i, one in enumerate(self.changes):
            if isinstance(one, NewLines):
                found |= {line.line_id: f"/changes/{i}/lines" for line in one.lines}
                found |= {bundle.line_id: f"/changes/{i}/lines" for bundle in one.bundles}
            elif isinstance(one, Replacement) and one.line_id in untaxed:
                found[one.new_line_id] = f"/changes/{i}/sku"
        return found


def of_draft(order: Order, draft: Draft) -> Order:
    """Return the order of a draft, with what its goods usually cost by the draft, and with the sources of its taxes."""
    sale = draft_giving.sale(draft, draft.currency, {})
    taxed = {line.line_id: line for line in draft.lines}
    usual = {line_id: one.worth for line_id, one in sale.goods.items() if not one.part and one.worth != one.asked}
    return replace(
        order,
        lines=tuple(_of_draft_line(line, taxed, usual) for line in order.lines),
        bundles=tuple(_of_draft_line(bundle, taxed, usual) for bundle in order.bundles),
        charges=tuple(
            replace(charge, tax_rate=one.tax_rate if one.tax_table else "0", **_source_of_tax(one))
            for charge, one in zip(order.charges, draft.charges, strict=True)
        ),
        given_before=draft_giving.has_persons_discounts(draft),
    )


def _of_draft_line[Sold: (Line, Bundle)](sold: Sold, taxed: Mapping[str, DraftLine], usual: Mapping[str, int]) -> Sold:
    return replace(sold, usual=usual.get(sold.line_id), **_source_of_tax(taxed[sold.line_id]))


def _source_of_tax(taxed: DraftLine | DraftCharge) -> dict[str, Any]:
    return {
        "tax_table": taxed.tax_table,
        "tax_name": taxed.tax_name,
        "zero_rate_reason": taxed.zero_rate_reason,
        "tax_estimated": taxed.tax_estimated,
    }


def of_new(order: Order, given: OrderIn, limits: Mapping[str, Any], now: datetime) -> Order:
    """Return a new order of a person, with what its goods usually cost. `given` is its request.

    Raises Forbidden for more than the person may give.
    """
    may, rows = Limits.stored(limits), order.as_sent()
    listed = _listed(order, {row.sku for row in rows}, now)
    prices = {sku: one.amount for sku, one in listed.items()}
    found = giving.joining(order.lines, order.bundles, prices, "/lines")
    places = {row.line_id: f"/lines/{i}/unit_price" for i, row in enumerate(rows)}
    asked = giving.PersonsChanges(changes=(), unknown=found.unknown, parts=found.parts, places=places)
    made = replace(order, lines=found.lines, bundles=found.bundles, given_before=_is_discounted(order))
    require(Sale(currency=order.currency), _new_sale(made, asked), may)
    pointers = _Pointers(
        lines={row.line_id: f"/lines/{i}/tax" for i, row in enumerate(rows)},
        charges={i: f"/charges/{i}/tax" for i in range(len(made.charges))},
    )
    addresses = [given.ship_to, *(line.ship_to for line in given.lines)]
    _require_taxes(made, pointers, listed, may, order_taxes.knowledge(made, (), now, addresses))
    return made


def _is_discounted(order: Order) -> bool:
    return bool(order.discounts) or any(row.discounts for row in order.as_sent())


def _new_sale(order: Order, asked: giving.PersonsChanges) -> Sale:
    """Return what a new order gives away: each line has its own discounts, and its part of the order's."""
    found, rows = giving.sale(order, asked), order.as_sent()
    nets = [max(0, row.quantity * row.unit_price - row.discount) for row in rows]
    of_order = min(sum(d.amount for d in order.discounts), sum(nets))
    goods = dict(found.goods)
    for row, share in zip(rows, spread(of_order, nets), strict=True):
        if (one := goods.get(row.line_id)) and not one.part:
            goods[row.line_id] = replace(one, asked=one.asked - row.discount, shared=share)
    off = {f"discount {n}": d.amount for n, d in enumerate(order.discounts)}
    off |= {f"line {row.line_id}": row.discount for row in rows if row.discounts}
    return replace(found, goods=goods, off=off, off_at="/discounts" if order.discounts else "/lines")


def _listed(order: Order, skus: set[str], now: datetime) -> Mapping[str, ListedPrice]:
    return listed_prices.find(order.channel, order.currency, skus, now, include_tax=order.prices_include_tax)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pointers:
    """Name the lines that a person adds, by their ids, and their charges, by their numbers in the order."""

    lines: Mapping[str, str]
    charges: Mapping[int, str]


def _require_taxes(
    order: Order,
    pointers: _Pointers,
    listed: Mapping[str, ListedPrice],
    limits: Limits,
    taxes: "Knowledge | None",
) -> None:
    """Raise Forbidden for each line that a person taxes less than the tax table does, or else the price list, and for each
    charge. Taxes in prices change no total."""
    if order.prices_include_tax or limits.percent >= ALL:
        return
    if taxes is None:
        rates = {row.line_id: listed[row.sku].tax_rate or "0" for row in order.as_sent() if row.sku in listed}
        of_charges = ["0" for _ in order.charges]
    else:
        rates = order_taxes.usual_rates(order, pointers.lines, taxes)
        of_charges = order_taxes.usual_charge_rates(order, taxes) if pointers.charges else []
    due = [
        (pointers.lines[row.line_id], row.tax, _usual_tax(order, row, rates))
        for row in order.as_sent()
        if row.line_id in pointers.lines
    ]
    charges = [(at, order.charges[i], of_charges[i]) for i, at in pointers.charges.items()]
    due += [(at, charge.tax, tax_of(charge.amount, rate, included=False)) for at, charge, rate in charges]
    wrong = [
        Problem(pointer=at, code="above-limit", message=f"usually its tax is {usual}")
        for at, tax, usual in due
        if tax < usual
    ]
    if wrong:
        raise Forbidden("the tax is below the usual one", *wrong)


def _usual_tax(order: Order, row: Line | Bundle, rates: Mapping[str, str]) -> int:
    """Return the usual tax of a line: that of a component is its bundle's, which has the highest rate of its parts."""
    if isinstance(row, Line) and row.component:
        return 0
    parts = [line.line_id for line in order.lines if line.component and line.component.bundle == row.line_id]
    found = [rates[line_id] for line_id in (row.line_id, *parts) if line_id in rates]
    net = row.quantity * row.unit_price - row.discount - (row.order_discount if isinstance(row, Line) else 0)
    return tax_of(net, max(found, key=Decimal, default="0"), included=False)
