"""The world as a router sees it: all that plans and dates are made of, at one moment, beside the order itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from comanda.domain.nodes.node import Node
from comanda.domain.routing.costs import NO_PRICES, Prices
from comanda.domain.routing.plan import Costs, Limits, Rules
from comanda.domain.rules.rule_sets import Goods
from comanda.domain.shipping import delivery_dates
from comanda.domain.shipping.carriers import Carrier
from comanda.domain.stock.stock import Position


@dataclass(frozen=True, slots=True, kw_only=True)
class RouterInputs:
    """`at_counters`: the positions as a pickup sees them, where safety stock differs. `taken`: the units that nodes have to do
    already. `prices`: what a unit is worth to later orders. `goods` by sku. `radius_km`, `most_stores`: which counters are
    near; `preorder_days`: how far ahead a pre-order is offered."""

    positions: Sequence[Position]
    nodes: Sequence[Node]
    carriers: Sequence[Carrier] = ()
    rules: Rules = field(default_factory=Rules)
    costs: Costs = field(default_factory=Costs)
    national: Mapping[str, Costs] = field(default_factory=dict)  # of countries with costs of their own
    limits: Limits = field(default_factory=Limits)
    at_counters: Sequence[Position] | None = None
    taken: delivery_dates.BookedUnits = field(default_factory=dict)
    prices: Prices = field(default_factory=lambda: NO_PRICES)
    goods: Mapping[str, Goods] = field(default_factory=dict)
    sellers: Mapping[str, str] = field(default_factory=dict)  # by channel, where it is not the channel itself
    radius_km: float = 80.0
    most_stores: int = 5
    preorder_days: int = 180

    @property
    def whole_days(self) -> int:
        """How far ahead one looks for a day on which a node has all of an order."""
        return self.rules.future_days or self.preorder_days

    def costs_in(self, country: str) -> Costs:
        """What routes to a country are weighed by, in its currency."""
        return self.national.get(country, self.costs)
