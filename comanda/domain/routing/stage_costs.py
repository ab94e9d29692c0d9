"""
Compute the costs of a stage: the cost of sending units from each node, before the plan is chosen.

    a shipment   shipping + handling of a package + lateness + performance
    a unit       grams x (shipping + carbon of a kilogram) + handling + capacity + stockout - markdown + shadow price

Called by   comanda.domain.routing.build_stage, assign and record
Returns     costs in integer micro-units; the components of a cost stand in the order of `rule_sets.COMPONENTS`
Raises      nothing

The costs are linear, so that the cheapest plan can be proven. The rule weighs each part (percent). Shipping is the chord of
the carrier's price between the lightest unit and the whole order, so the card's price holds at both ends. `priced` prices
the chosen plan again with its real parcels.
"""

from collections.abc import Mapping, Sequence

from comanda.domain.nodes.node import Node
from comanda.domain.orders.methods import PICKUP
from comanda.domain.routing.order_rates import OrderRates, Parts, WantedSku
from comanda.domain.routing.plan import PlannedFulfillment, Want
from comanda.domain.rules.rule_sets import COMPONENTS, Rule
from comanda.domain.shipping.carriers import Service

Lane = tuple[int, int, int]  # shipping of a shipment, shipping of a kilogram, carbon of a kilogram

NO_LOADS: Mapping[str, int] = {}
NO_LANES: Mapping[str, Lane] = {}
_NO_CHOICE = Rule(name="kept")  # weighs nothing: these units go where they are reserved
_ZERO: Parts = (0,) * len(COMPONENTS)
_AT = {name: i for i, name in enumerate(COMPONENTS)}


class StageCosts:
    """The costs of one stage: its units from any node, in its service, as its rule weighs them.

    `loads`: the units that each node could have to do, which its dates are computed with; all of the stage's units where
    a node has no entry. `lanes` are those of nodes that are known from earlier costs of the same stage.
    """

    def __init__(
        self,
        rates: OrderRates,
        service: str,
        rows: Sequence[WantedSku],
        rule: Rule,
        loads: Mapping[str, int] = NO_LOADS,
        lanes: Mapping[str, Lane] = NO_LANES,
    ) -> None:
        self.rates, self.service, self.rows, self.rule = rates, service, rows, rule
        self._loads, self._units = loads, sum(row.units for row in rows)
        self._light = min((row.grams for row in rows), default=0)
        self._heavy = sum(row.grams * row.units for row in rows)
        self._weights = tuple(rule.weight(name) for name in COMPONENTS)
        self._plain = all(weight == 100 for weight in self._weights)
        self._lanes: dict[str, Lane] = dict(lanes)
        self._offers: dict[str, list[tuple[Service, tuple[int, int] | None]]] = {}
        costs = rates.costs
        # True if a unit costs the same on any shelf: its cost is then that of its weight and of a unit alone.
        self.bare_shelves = not (costs.last_units or costs.overstock or rates.prices)

    def load(self, node: Node) -> int:
        """Return the units that the node could have to do, which its dates are computed with."""
        return self._loads.get(node.node_id, self._units)

    @property
    def known_lanes(self) -> Mapping[str, Lane]:
        """Return the lanes that were computed so far, by node."""
        return self._lanes

    def lane(self, node: Node) -> Lane:
        """Return the costs of the cheapest carrier from the node."""
        return self._lanes.get(node.node_id) or self.lanes([node])[0]

    def lanes(self, nodes: Sequence[Node]) -> list[Lane]:
        """Return the `lane` of each node. One call for many nodes takes a third of the time of a call for each."""
        known = [self._lanes.get(node.node_id) for node in nodes]
        if None not in known:
            return [lane for lane in known if lane is not None]
        countries = {node.country for node in nodes}
        if len(countries) > 1:
            return [self.lane(node) for node in nodes]
        km_of = self.rates.network.km
        kms = [km_of.get(node.node_id, 0.0) for node in nodes]
        offers = [one for country in countries for one in self._offers_from(country)]
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
        bids: list[
            list[tuple[int, int, int, int, int]]
        ] = []  # by offer and node: total, offer, shipment, kilogram, carbon
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

    def _offers_from(self, country: str) -> list[tuple[Service, tuple[int, int] | None]]:
        """Return the offers from a country, each with (per shipment, per kilogram) without the distance.

        That pair is None for an offer with a rate card: its price depends on the node.
        """
        found = self._offers.get(country)
        if found is None:
            found = self._offers[country] = [
                (offer, None if offer.card else offer.linear("", "", "", 0.0, self._light, self._heavy))
                for _, offer in self.rates.arrivals.offers(self.service, country)
            ]
        return found

    def carbon_g(self, node: Node) -> int:
        """Return the grams of CO2e of a tonne by the carrier that emits least; 0 where no carrier is known."""
        km = self.rates.network.km.get(node.node_id, 0.0)
        offers = self.rates.arrivals.offers(self.service, node.country)
        return min((offer.carbon_g(1_000_000, km) for _, offer in offers), default=0)

    def fixed(self, nodes: Sequence[Node]) -> list[int]:
        """Return the cost of a shipment from each node, whatever is in it. It is never below zero."""
        rates = self.rates
        if self._plain and rates.facts.deliver_by is None:  # nothing is weighed, nothing late
            return [
                max(0, first + rates.handling(node)[0] + rates.redo(node))
                for node, (first, _, _) in zip(nodes, self.lanes(nodes), strict=True)
            ]
        self.lanes(nodes)
        return [max(0, self._weighed(self._shipment(node))) for node in nodes]

    def unit_rates(self, nodes: Sequence[Node]) -> list[tuple[int, int]]:
        """Return (per kilogram, per unit) from each node: the costs that do not depend on the shelf."""
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
        self, wanted: WantedSku, nodes: Sequence[Node], have: Sequence[int], rates: Sequence[tuple[int, int]]
    ) -> list[int]:
        """Return the cost of one unit from each node. `have` is on their shelves, `rates` come from `unit_rates`."""
        grams = wanted.grams
        if self.bare_shelves:
            return [grams * of_kg // 1000 + of_unit for of_kg, of_unit in rates]
        return [self._unit(wanted, *of) for of in zip(nodes, have, rates, strict=True)]

    def _unit(self, wanted: WantedSku, node: Node, have: int, rate: tuple[int, int]) -> int:
        cost = wanted.grams * rate[0] // 1000 + rate[1]
        stockout, markdown, price = self.rates.shelf(wanted, node, have)
        if self._plain:
            return cost + stockout + markdown + price
        weights = self._weights
        shelf = (
            stockout * weights[_AT["stockout"]] + markdown * weights[_AT["markdown"]] + price * weights[_AT["price"]]
        )
        return cost + shelf // 100

    def parts(self, node: Node, units: Sequence[tuple[WantedSku, int, int]], *, first: bool = True) -> Parts:
        """Return the components of sending (wanted, units, units on the shelf) from the node, unweighed.

        Weights steer the choice; they are no money. `first` is False if the node already sends a shipment.
        """
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
    """Return the components of a planned shipment at its real price, unweighed.

    The price is that of the card for its parcels; carbon is that of its weight and way; lateness is that of its date.
    Components that depend on the shelf stay as modelled.
    """
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


def parts_without_choice(rates: OrderRates, want: Want, units: int, node: Node, *, first: bool) -> Parts:
    """Return the components of units that a node sends without a choice, because they are reserved there."""
    wanted = rates.billed(WantedSku(sku=want.sku, units=units, grams=want.weight_g, goods=want.goods), want.service)
    have = rates.network.shelves.get(node.node_id, {}).get(want.sku, units)
    return StageCosts(rates, want.service, [wanted], _NO_CHOICE).parts(node, [(wanted, units, have)], first=first)
