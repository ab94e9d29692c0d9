"""
Hold what a person gives away to their limits: by changes of an order, and by a new order.

Called by   functions/intake/changes/asked_changes.py, functions/intake/orders.py
Returns     changes and orders with what their units usually cost
Raises      Forbidden with a problem for each field that asks for too much
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from comanda.aws.directory import listed_prices
from comanda.domain.drafts.pricing import ListedPrice
from comanda.domain.errors import Forbidden, Problem
from comanda.domain.lifecycle.changes import giving
from comanda.domain.lifecycle.changes.added_lines import NewLines
from comanda.domain.lifecycle.changes.wanted_changes import Wanted
from comanda.domain.limits import ALL, Limits, require
from comanda.domain.money import tax_of
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


def _listed(order: Order, skus: set[str], now: datetime) -> Mapping[str, ListedPrice]:
    return listed_prices.find(order.channel, order.currency, skus, now, include_tax=order.prices_include_tax)


def _require_taxes(
    rows: Iterator[tuple[str, Line | Bundle]], listed: Mapping[str, ListedPrice], limits: Limits, *, included: bool
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
