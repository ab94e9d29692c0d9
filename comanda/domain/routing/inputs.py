"""
Hold the router's inputs at one moment: everything that a plan and its dates are made from, except the order.

Called by   comanda.aws.routing.inputs, which reads them; the router, promises, evaluation, functions/replenish and wave
Returns     RouterInputs
Raises      nothing
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from comanda.domain.nodes.node import Node
from comanda.domain.routing.costs import Costs
from comanda.domain.routing.order_rates import NO_PRICES, Prices
from comanda.domain.routing.plan import Limits, Rules
from comanda.domain.rules.rule_sets import Goods
from comanda.domain.shipping import delivery_dates
from comanda.domain.shipping.carriers import Carrier
from comanda.domain.stock.stock import Position


@dataclass(frozen=True, slots=True, kw_only=True)
class RouterInputs:
    """Everything that the router reads for an order, at one moment.

    `at_counters`: the positions as a pickup sees them; None if safety stock is the same for pickup as for shipping. `taken`: the units that
    nodes already have to do, by (node, local day). `prices`: the shadow prices. `goods` by
    sku. `radius_km`, `most_stores`: the counters that count as near. `preorder_days`: how far ahead a pre-order is
    offered.
    """

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
    def whole_order_days(self) -> int:
        """Return how many days ahead the router looks for a day on which one node has a whole order."""
        return self.rules.future_days or self.preorder_days

    def costs_in(self, country: str) -> Costs:
        """Return the costs that weigh routes to a country, in its currency."""
        return self.national.get(country, self.costs)
