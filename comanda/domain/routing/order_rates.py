"""
Compute the rates of one order once: the parts of a cost that do not depend on which units a stage looks at.

Called by   comanda.domain.routing.stage_costs, candidates and assign; comanda.domain.routing.route and comanda.domain.promise,
            which make them
Returns     costs in integer micro-units; the components of a cost stand in the order of `rule_sets.COMPONENTS`
Raises      nothing
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from comanda.domain.nodes.node import Node
from comanda.domain.orders.wave_times import next_wave
from comanda.domain.routing import workload
from comanda.domain.routing.arrivals import Arrivals
from comanda.domain.routing.costs import Costs, Handling
from comanda.domain.routing.reachable import ReachableNetwork
from comanda.domain.rules.rule_sets import Goods, OrderFacts
from comanda.domain.shipping.carriers import Carrier

Prices = Mapping[tuple[str, str], int]  # (sku, node) -> micro-units: the cost of taking a unit for later orders
Parts = tuple[int, ...]  # micro-units, in the order of rule_sets.COMPONENTS

NO_PRICES: Prices = {}
_NO_HANDLING = Handling()


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedSku:
    """A row's units of one sku. `grams` of one unit are those that carriers charge for (`OrderRates.billed`)."""

    sku: str
    units: int
    grams: int
    goods: Goods


class OrderRates:
    """The rates of one order: handling, load, performance, lateness, shelf values, and the dates of arrival."""

    def __init__(
        self,
        network: ReachableNetwork,
        carriers: Sequence[Carrier],
        costs: Costs,
        prices: Prices,
        facts: OrderFacts,
        begins: datetime | None = None,
    ) -> None:
        """`begins` is when nodes get the work; None is now."""
        self.network, self.costs, self.prices, self.facts = network, costs, prices, facts
        self.arrivals = Arrivals(network, carriers, begins or network.now)
        self._in_wave: OrderRates | None = None
        self._load: dict[str, int] = {}
        # By service: mm3 of a hundred grams, with the air beside the goods; 0 where only the weight counts.
        self._divisors: dict[str, int] = {}

    def whole(self) -> "OrderRates":
        """Return the rates of the same order, wanted in one shipment."""
        facts = replace(self.facts, whole=True)
        return OrderRates(self.network, self.arrivals.carriers, self.costs, self.prices, facts)

    def in_wave(self) -> "OrderRates":
        """Return the rates of the same order for units that leave with the next wave."""
        if self._in_wave is None:
            begins = next_wave(self.network.now)
            self._in_wave = OrderRates(
                self.network, self.arrivals.carriers, self.costs, self.prices, self.facts, begins
            )
        return self._in_wave

    def billed(self, wanted: WantedSku, service: str) -> WantedSku:
        """Return the units with the grams that a carrier charges for: by their size, if that is more than they weigh.

        The first offer that has a divisor decides; the plan is priced with each carrier's own.
        """
        dims = wanted.goods.dims_mm
        if dims is None:
            return wanted
        if service not in self._divisors:
            offers = self.arrivals.offers(service, self.network.to.country)
            cards = [
                (offer.card.dim_divisor * offer.fill_percent)
                for _, offer in offers
                if offer.card and offer.card.dim_divisor
            ]
            self._divisors[service] = cards[0] if cards else 0
        divisor = self._divisors[service]
        length, width, height = dims
        grams = -(-length * width * height * 100 // divisor) if divisor else 0
        return replace(wanted, grams=grams) if grams > wanted.grams else wanted

    def handling(self, node: Node) -> tuple[int, int]:
        """Return (per package, per unit) of the node's own work, in micro-units."""
        if node.handling is not None:
            return node.handling
        of_type = self.costs.handling.get(node.type, _NO_HANDLING)
        return of_type.per_package, of_type.per_unit

    def full(self, node: Node) -> int:
        """Return the cost of a unit's room at the node, in proportion to how full its next days are."""
        if node.units_per_day is None or not self.costs.full_node:
            return 0
        if node.node_id not in self._load:
            self._load[node.node_id] = self.costs.full_node * load_percent(node, self.network) // 100
        return self._load[node.node_id]

    def redo(self, node: Node) -> int:
        """Return the expected cost of a decline: its cost, times how often the node declines."""
        return self.costs.redo * (100 - node.acceptance_percent) // 100

    def late(self, deliver_on: str | None) -> int:
        """Return the cost of arriving after the wanted date. It is 0 if either date is None."""
        wanted = self.facts.deliver_by
        if wanted is None or deliver_on is None or deliver_on <= wanted:
            return 0
        return self.costs.per_late_day * (date.fromisoformat(deliver_on) - date.fromisoformat(wanted)).days

    def shelf(self, wanted: WantedSku, node: Node, have: int) -> tuple[int, int, int]:
        """Return (stockout, markdown, price) of a unit at the node: its value where it lies. `have` is on the shelf."""
        scarce, plenty = self.costs.last_units.get(node.type), self.costs.overstock.get(node.type)
        stockout = markdown = 0
        if scarce is not None and scarce.units > 0:
            stockout = scarce.micros * max(0, scarce.units - max(0, have - wanted.units)) // scarce.units
        if plenty is not None and have > plenty.units:
            markdown = -(wanted.goods.markdown_micros or plenty.micros)
        return stockout, markdown, self.prices.get((wanted.sku, node.node_id), 0)


def load_percent(node: Node, network: ReachableNetwork) -> int:
    """Return how full the node's next working days are, 0 to 100. A node without a limit is at 0."""
    if node.units_per_day is None:
        return 0
    days = len(workload.days(node, network.now))
    room = network.room(node.node_id) or 0
    return 100 - 100 * room // (node.units_per_day * days) if days else 100
