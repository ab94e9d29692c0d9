"""
Hold what a person gives away to their limits: by changes of an order, and by a new order.

Called by   functions/intake/changes/asked_changes.py, functions/intake/orders.py
Returns     changes and orders with what their units usually cost
Raises      Forbidden with a problem for each field that asks for too much
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from comanda.aws.directory import listed_prices
from comanda.domain.drafts import giving as draft_giving
from comanda.domain.drafts.draft import Draft
from comanda.domain.drafts.pricing import ListedPrice
from comanda.domain.errors import Forbidden, Problem
from comanda.domain.lifecycle.changes import giving
from comanda.domain.lifecycle.changes.added_lines import NewLines
from comanda.domain.lifecycle.changes.wanted_changes import Wanted
from comanda.domain.limits import ALL, Limits, Sale, require
from comanda.domain.money import spread, tax_of
from comanda.domain.orders.bundle import Bundle
from comanda.domain.orders.line import Line
from comanda.domain.orders.order import Order
from functions.intake.changes import change_rules


class PersonsGiving:
    """The changes that a person asks for on a version of an order."""

    def __init__(self, order: Order, wanted: Sequence[Wanted], limits: Limits, now: datetime) -> None:
        self.order, self.limits = order, limits
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
        _require_taxes(self._taxed(), self.listed, self.limits, included=self.order.prices_include_tax)

    def _taxed(self) -> Iterator[tuple[str, Line | Bundle]]:
        for i, one in enumerate(self.changes):
            if isinstance(one, NewLines):
                yield from ((f"/changes/{i}/lines", line) for line in one.lines if line.component is None)
                yield from ((f"/changes/{i}/lines", bundle) for bundle in one.bundles)


def of_draft(order: Order, draft: Draft) -> Order:
    """Return the order of a draft, with what its goods usually cost by the draft."""
    sale = draft_giving.sale(draft, draft.currency, {})
    usual = {line_id: one.worth for line_id, one in sale.goods.items() if not one.part and one.worth != one.asked}
    return replace(
        order,
        lines=tuple(replace(line, usual=usual.get(line.line_id)) for line in order.lines),
        bundles=tuple(replace(bundle, usual=usual.get(bundle.line_id)) for bundle in order.bundles),
        given_before=draft_giving.has_persons_discounts(draft),
    )


def of_new(order: Order, limits: Mapping[str, Any], now: datetime) -> Order:
    """Return a new order of a person, with what its goods usually cost. Raises Forbidden for more than the person may give."""
    may, rows = Limits.stored(limits), order.as_sent()
    listed = _listed(order, {row.sku for row in rows}, now)
    prices = {sku: one.amount for sku, one in listed.items()}
    found = giving.joining(order.lines, order.bundles, prices, "/lines")
    places = {row.line_id: f"/lines/{i}/unit_price" for i, row in enumerate(rows)}
    asked = giving.PersonsChanges(changes=(), unknown=found.unknown, parts=found.parts, places=places)
    made = replace(order, lines=found.lines, bundles=found.bundles, given_before=_is_discounted(order))
    require(Sale(currency=order.currency), _new_sale(made, asked), may)
    taxed = [(f"/lines/{i}/tax", row) for i, row in enumerate(rows) if not isinstance(row, Line) or not row.component]
    _require_taxes(taxed, listed, may, included=order.prices_include_tax)
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


def _require_taxes(
    rows: Iterable[tuple[str, Line | Bundle]], listed: Mapping[str, ListedPrice], limits: Limits, *, included: bool
) -> None:
    """Raise Forbidden for each line that a person taxes less than the price list does. Taxes in prices change no total."""
    wrong = [
        Problem(pointer=at, code="above-limit", message=f"the price list taxes {row.sku} by {rate}, which is {due}")
        for at, row in rows
        if (rate := listed[row.sku].tax_rate if row.sku in listed else None)
        and row.tax < (due := tax_of(row.quantity * row.unit_price - row.discount, rate, included=included))
    ]
    if wrong and not included and limits.percent < ALL:
        raise Forbidden("the tax is below that of the price list", *wrong)
