"""
What it costs to send units from a node, before it is known which: linear, so that the cheapest plan can be proven.

    a shipment   shipping + handling of a package + lateness + performance
    a unit       grams x (shipping + carbon of a kilogram) + handling + capacity + stockout - markdown + shadow price

Each part is weighed by the rule (percent). Shipping is the chord of the carrier's price between the lightest unit and the
whole order, so both of these cost what the card says; the chosen plan is priced again with its real parcels (`priced`).
All numbers are integer micro-units.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from comanda.domain.nodes.node import Node
from comanda.domain.orders.line import PICKUP
from comanda.domain.orders.wave_wait import next_wave
from comanda.domain.routing import workload
from comanda.domain.routing.arrivals import Arrivals
from comanda.domain.routing.plan import Costs, Handling, PlannedFulfillment, Want
from comanda.domain.routing.reachable import ReachableNetwork
from comanda.domain.rules.rule_sets import COMPONENTS, Goods, OrderFacts, Rule
from comanda.domain.shipping.carriers import Carrier, Service

Prices = Mapping[tuple[str, str], int]  # (sku, node) -> micro-units: what taking a unit costs those who come after
Parts = tuple[int, ...]  # by COMPONENTS

NO_PRICES: Prices = {}
_AS_IT_IS = Rule(name="kept")
NO_LOADS: Mapping[str, int] = {}
_NONE = Handling()
_ZERO: Parts = (0,) * len(COMPONENTS)
_AT = {name: i for i, name in enumerate(COMPONENTS)}


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedSku:
    """Units of one sku that a stage of an assignment wants. `grams` of one: what carriers charge for (`OrderRates.billed`)."""

    sku: str
    units: int
    grams: int
    goods: Goods


class OrderRates:
    """The rates of one order: what does not depend on which units are looked at, worked out once."""

    def __init__(
        self,
        network: ReachableNetwork,
        carriers: Sequence[Carrier],
        costs: Costs,
        prices: Prices,
        asked: OrderFacts,
        begins: datetime | None = None,
    ) -> None:
        """`begins`: when nodes get the work, where that is not now."""
        self.network, self.costs, self.prices, self.facts = network, costs, prices, asked
        self.arrivals = Arrivals(network, carriers, begins or network.now)
        self._in_wave: OrderRates | None = None
        self._load: dict[str, int] = {}
        # By service: mm3 a hundred grams, with the air beside the goods; 0 where only weight counts.
        self._divisors: dict[str, int] = {}

    def whole(self) -> "OrderRates":
        """The same for an order that the customer wants in one shipment."""
        return OrderRates(
            self.network, self.arrivals.carriers, self.costs, self.prices, replace(self.facts, whole=True)
        )

    def in_wave(self) -> "OrderRates":
        """The same for what goes with the next wave."""
        if self._in_wave is None:
            begins = next_wave(self.network.now)
            self._in_wave = OrderRates(
                self.network, self.arrivals.carriers, self.costs, self.prices, self.facts, begins
            )
        return self._in_wave

    def alone(self, want: Want, units: int, node: Node, *, first: bool) -> Parts:
        """The components of units that are sent from there without a choice: they were kept there."""
        row = self.billed(WantedSku(sku=want.sku, units=units, grams=want.weight_g, goods=want.goods), want.service)
        have = self.network.shelves.get(node.node_id, {}).get(want.sku, units)
        return StageCosts(self, want.service, [row], _AS_IT_IS).parts(node, [(row, units, have)], first=first)

    def billed(self, row: WantedSku, service: str) -> WantedSku:
        """The row with the grams that a carrier charges for: those of its size, where that is more than it weighs. The
        first offer with a divisor says how many; the plan is priced by each carrier's own."""
        dims = row.goods.dims_mm
        if dims is None:
            return row
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
        return replace(row, grams=grams) if grams > row.grams else row

    def handling(self, node: Node) -> tuple[int, int]:
        """Of a package, and of a unit."""
        if node.handling is not None:
            return node.handling
        of_type = self.costs.handling.get(node.type, _NONE)
        return of_type.per_package, of_type.per_unit

    def full(self, node: Node) -> int:
        """What a unit costs for taking room where it is scarce: in proportion to what is taken of the node's next days."""
        if node.units_per_day is None or not self.costs.full_node:
            return 0
        if node.node_id not in self._load:
            self._load[node.node_id] = self.costs.full_node * load_percent(node, self.network) // 100
        return self._load[node.node_id]

    def redo(self, node: Node) -> int:
        """What a decline costs, as often as the node declines."""
        return self.costs.redo * (100 - node.acceptance_percent) // 100

    def late(self, deliver_on: str | None) -> int:
        wanted = self.facts.deliver_by
        if wanted is None or deliver_on is None or deliver_on <= wanted:
            return 0
        return self.costs.per_late_day * (date.fromisoformat(deliver_on) - date.fromisoformat(wanted)).days

    def shelf(self, row: WantedSku, node: Node, have: int) -> tuple[int, int, int]:
        """(stockout, markdown, price) of a unit: what is worth more, or less, where it lies."""
        scarce, plenty = self.costs.last_units.get(node.type), self.costs.overstock.get(node.type)
        stockout = markdown = 0
        if scarce is not None and scarce.units > 0:
            stockout = scarce.micros * max(0, scarce.units - max(0, have - row.units)) // scarce.units
        if plenty is not None and have > plenty.units:
            markdown = -(row.goods.markdown_micros or plenty.micros)
        return stockout, markdown, self.prices.get((row.sku, node.node_id), 0)


def load_percent(node: Node, network: ReachableNetwork) -> int:
    """How much of what the node can begin in the days that one looks ahead is taken: 0 to 100; 0 without a limit."""
    if node.units_per_day is None:
        return 0
    days = len(workload.days(node, network.now))
    room = network.room(node.node_id) or 0
    return 100 - 100 * room // (node.units_per_day * days) if days else 100


class StageCosts:
    """The costs of one stage: its rows from any node, in its service, as its rule weighs them. `loads`: units that a node
    could have to do, by which it is dated; all of them where nothing is said."""

    def __init__(
        self,
        rates: OrderRates,
        service: str,
        rows: Sequence[WantedSku],
        rule: Rule,
        loads: Mapping[str, int] = NO_LOADS,
    ) -> None:
        self.rates, self.service, self.rows, self.rule = rates, service, rows, rule
        self._loads, self._units = loads, sum(row.units for row in rows)
        self._light = min((row.grams for row in rows), default=0)
        self._heavy = sum(row.grams * row.units for row in rows)
        self._weights = tuple(rule.weight(name) for name in COMPONENTS)
        self._plain = all(weight == 100 for weight in self._weights)
        self._lanes: dict[str, tuple[int, int, int]] = {}
        self._offers: dict[str, list[tuple[Service, tuple[int, int] | None]]] = {}
        costs = rates.costs
        # Whether a unit costs the same wherever it lies: then what a kilogram and what a unit costs say all.
        self.bare_shelves = not (costs.last_units or costs.overstock or rates.prices)

    def load(self, node: Node) -> int:
        """Units that the node could have to do: what it is dated by."""
        return self._loads.get(node.node_id, self._units)

    def lane(self, node: Node) -> tuple[int, int, int]:
        """(shipping of a shipment, shipping of a kilogram, carbon of a kilogram) by the carrier that takes it cheapest."""
        return self._lanes.get(node.node_id) or self.lanes([node])[0]

    def lanes(self, nodes: Sequence[Node]) -> list[tuple[int, int, int]]:
        """The same of many nodes, which costs a third of asking for each."""
        known = [self._lanes.get(node.node_id) for node in nodes]
        if None not in known:
            return [lane for lane in known if lane is not None]
        countries = {node.country for node in nodes}
        if len(countries) > 1:
            return [self.lane(node) for node in nodes]
        km_of = self.rates.network.km
        kms = [km_of.get(node.node_id, 0.0) for node in nodes]
        offers = [one for country in countries for one in self._of_country(country)]
        if not offers:
            costs = self.rates.costs
            found = [(costs.per_shipment + int(costs.per_km * km), 0, 0) for km in kms]
        else:
            found = self._cheapest(nodes, kms, offers)
        self._lanes.update(zip([node.node_id for node in nodes], found, strict=True))
        return found

    def _cheapest(
        self, nodes: Sequence[Node], kms: Sequence[float], offers: Sequence[tuple[Service, tuple[int, int] | None]]
    ) -> list[tuple[int, int, int]]:
        to, heavy, carbon = self.rates.network.to, self._heavy, self.rates.costs.per_kg_co2e
        placed = self.rates.network.placed
        bids: list[list[tuple[int, int, int, int, int]]] = []  # of each offer: total, which, shipment, kilogram, carbon
        for n, (offer, alike) in enumerate(offers):
            per_tonne = offer.carbon_of_each(1_000_000, kms) if carbon else [0] * len(kms)
            if alike is not None:
                first, per_kg, per_km = *alike, offer.per_km
                total = first + per_kg * heavy // 1000
                bids.append([
                    (total + (far := int(per_km * km)), n, first + far, per_kg, grams)
                    for km, grams in zip(kms, per_tonne, strict=True)
                ])  # fmt: skip
            else:
                lines = [
                    offer.linear(node.region, to.region, to.postal_prefix, km, self._light, heavy, placed=placed)
                    for node, km in zip(nodes, kms, strict=True)
                ]
                bids.append([
                    (first + per_kg * heavy // 1000, n, first, per_kg, grams)
                    for (first, per_kg), grams in zip(lines, per_tonne, strict=True)
                ])  # fmt: skip
        best = bids[0] if len(bids) == 1 else [min(each) for each in zip(*bids, strict=True)]
        return [(first, per_kg, grams * carbon // 1_000_000) for _, _, first, per_kg, grams in best]

    def _of_country(self, country: str) -> list[tuple[Service, tuple[int, int] | None]]:
        """The offers from there; beside one without a card what it costs but for the distance, from wherever it is sent."""
        found = self._offers.get(country)
        if found is None:
            found = self._offers[country] = [
                (offer, None if offer.card else offer.linear("", "", "", 0.0, self._light, self._heavy))
                for _, offer in self.rates.arrivals.offers(self.service, country)
            ]
        return found

    def carbon_g(self, node: Node) -> int:
        """Grams of CO2e of a tonne, by the carrier that emits least; 0 where no carrier is known."""
        km = self.rates.network.km.get(node.node_id, 0.0)
        offers = self.rates.arrivals.offers(self.service, node.country)
        return min((offer.carbon_g(1_000_000, km) for _, offer in offers), default=0)

    def fixed(self, nodes: Sequence[Node]) -> list[int]:
        """Of a shipment of each node, whatever is in it; never below zero."""
        rates = self.rates
        if self._plain and rates.facts.deliver_by is None:  # nothing is weighed, nothing late
            return [
                max(0, first + rates.handling(node)[0] + rates.redo(node))
                for node, (first, _, _) in zip(nodes, self.lanes(nodes), strict=True)
            ]
        self.lanes(nodes)
        return [max(0, self._weighed(self._shipment(node))) for node in nodes]

    def unit_rates(self, nodes: Sequence[Node]) -> list[tuple[int, int]]:
        """(of a kilogram, of a unit) from each node: what does not depend on the shelf."""
        rates, lanes = self.rates, self.lanes(nodes)
        each = [rates.handling(node)[1] for node in nodes]
        full = [rates.full(node) for node in nodes] if rates.costs.full_node else [0] * len(nodes)
        if self._plain:
            return [
                (per_kg + carbon, unit + taken)
                for (_, per_kg, carbon), unit, taken in zip(lanes, each, full, strict=True)
            ]
        shipping, carbon_, handling, capacity = (
            self._weights[_AT[name]] for name in ("shipping", "carbon", "handling", "capacity")
        )
        return [
            ((per_kg * shipping + carbon * carbon_) // 100, (unit * handling + taken * capacity) // 100)
            for (_, per_kg, carbon), unit, taken in zip(lanes, each, full, strict=True)
        ]

    def units(
        self, row: WantedSku, nodes: Sequence[Node], have: Sequence[int], unit_rates: Sequence[tuple[int, int]]
    ) -> list[int]:
        """Of one unit of the row from each node; `have` is on their shelves, `unit_rates` are as `unit_rates` says."""
        grams = row.grams
        if self.bare_shelves:
            return [grams * of_kg // 1000 + of_unit for of_kg, of_unit in unit_rates]
        return [self._unit(row, *of) for of in zip(nodes, have, unit_rates, strict=True)]

    def _unit(self, row: WantedSku, node: Node, have: int, rate: tuple[int, int]) -> int:
        cost = row.grams * rate[0] // 1000 + rate[1]
        stockout, markdown, price = self.rates.shelf(row, node, have)
        if self._plain:
            return cost + stockout + markdown + price
        weights = self._weights
        shelf = (
            stockout * weights[_AT["stockout"]] + markdown * weights[_AT["markdown"]] + price * weights[_AT["price"]]
        )
        return cost + shelf // 100

    def parts(self, node: Node, units: Sequence[tuple[WantedSku, int, int]], *, first: bool = True) -> Parts:
        """The components of sending (row, units, what is on the shelf) from there, as they are: weights choose, they are no
        money. Not `first`: the node sends a shipment anyway."""
        shipment = self._shipment(node) if first else _ZERO
        _, per_kg, carbon = self.lane(node)
        found = list(shipment)
        for row, count, have in units:
            stockout, markdown, price = self.rates.shelf(row, node, have)
            found[_AT["shipping"]] += count * (row.grams * per_kg // 1000)
            found[_AT["carbon"]] += count * (row.grams * carbon // 1000)
            found[_AT["handling"]] += count * self.rates.handling(node)[1]
            found[_AT["capacity"]] += count * self.rates.full(node)
            found[_AT["stockout"]] += count * stockout
            found[_AT["markdown"]] += count * markdown
            found[_AT["price"]] += count * price
        return tuple(found)

    def _shipment(self, node: Node) -> Parts:
        found = [0] * len(COMPONENTS)
        found[_AT["shipping"]] = self.lane(node)[0]
        found[_AT["handling"]] = self.rates.handling(node)[0]
        found[_AT["performance"]] = self.rates.redo(node)
        if self.rates.facts.deliver_by is not None:
            deliver_on = self.rates.arrivals.deliver_on(node, self.service, self.load(node))
            found[_AT["lateness"]] = self.rates.late(deliver_on)
        return tuple(found)

    def _weighed(self, parts: Parts) -> int:
        if self._plain:
            return sum(parts)
        return sum(part * weight for part, weight in zip(parts, self._weights, strict=True)) // 100


def priced(p: PlannedFulfillment, rates: OrderRates) -> Parts:
    """What the shipment really costs: the card's price of its parcels, the carbon of its weight and way, its date. What
    depends on the shelf stays as modelled. Not weighed."""
    found = list(p.modelled or _ZERO)
    per_package, per_unit = rates.handling(p.node)
    leg = p.leg
    if leg is None:
        return tuple(found)
    found[_AT["shipping"]] = leg.cost_micros
    found[_AT["handling"]] = per_package * leg.packages + per_unit * p.units
    found[_AT["carbon"]] = leg.carbon_g * rates.costs.per_kg_co2e // 1000
    found[_AT["lateness"]] = rates.late(p.deliver_on)
    found[_AT["performance"]] = 0 if p.method == PICKUP else rates.redo(p.node)
    return tuple(found)
