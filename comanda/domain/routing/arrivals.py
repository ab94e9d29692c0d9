"""
Compute when shipments of hundreds of nodes would arrive. Work that nodes have in common is done once.

Called by   comanda.domain.routing.order_rates
Returns     local dates of the destination
Raises      nothing

A node's day depends on its calendar, its processing time, its cut-off, and its carriers' collections; few of these differ.
Nodes with a limit on their capacity are computed one by one.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from comanda.domain.nodes.calendars import finish_time, local_day
from comanda.domain.nodes.node import Node
from comanda.domain.routing.reachable import ReachableNetwork
from comanda.domain.shipping import delivery_dates
from comanda.domain.shipping.carriers import Carrier, Service


class Arrivals:
    """The arrivals at one destination, for work that begins at one moment. Dates are local to the destination."""

    def __init__(self, network: ReachableNetwork, carriers: Sequence[Carrier], begins: datetime) -> None:
        self._network, self.carriers, self._begins = network, carriers, begins
        self._offers: dict[tuple[str, str], tuple[tuple[Carrier, Service], ...]] = {}
        self._ready: dict[object, datetime | None] = {}
        self._shipped: dict[object, object] = {}
        self._found: dict[tuple[str, str, int], str | None] = {}

    def offers(self, service: str, country: str) -> tuple[tuple[Carrier, Service], ...]:
        """Return the carriers, with their offers, that take a service from a country to the destination."""
        found = self._offers.get((service, country))
        if found is None:
            found = self._offers[service, country] = tuple(
                (carrier, carrier.services[service])
                for carrier in self.carriers
                if carrier.country == country == self._network.to.country
                and service in carrier.services
                and carrier.services[service].serves(country, self._network.to.region)
            )
        return found

    def deliver_on(self, node: Node, service: str, units: int) -> str | None:
        """Return the earliest date on which a carrier delivers. Returns None if no carrier has a date."""
        known = (node.node_id, service, 0 if node.units_per_day is None else units)
        if known not in self._found:
            self._found[known] = self._deliver_on(node, service, units)
        return self._found[known]

    def _deliver_on(self, node: Node, service: str, units: int) -> str | None:
        key, ready = self._is_ready(node, units)
        if ready is None:
            return None
        to, km = self._network.to, self._network.km.get(node.node_id, 0.0)
        found: list[str] = []
        for carrier, offer in self.offers(service, node.country):
            rows = carrier.collections.get(node.node_id)
            days, _ = offer.days(node.region, to.region, to.postal_prefix, km, placed=self._network.placed)
            at = (key, carrier.carrier_id, service, id(rows), days)
            if at not in self._shipped:
                self._shipped[at] = self._arrives(node, carrier, service, ready, days)
            if (on := self._shipped[at]) is not None:
                found.append(str(on))
        return min(found, default=None)

    def _is_ready(self, node: Node, units: int) -> tuple[object, datetime | None]:
        key: object = node.node_id
        if node.units_per_day is None:
            key = (id(node.calendar), node.processing_minutes, node.cut_off)
        if key not in self._ready:
            begun = delivery_dates.begin_time(node, self._begins.astimezone(UTC), units, self._network.taken)
            self._ready[key] = begun and finish_time(node.calendar, begun, node.processing_minutes)
        return key, self._ready[key]

    @staticmethod
    def _arrives(node: Node, carrier: Carrier, service: str, ready: datetime, days: int) -> str | None:
        collected = carrier.collected(node, service, ready)
        if collected is None:
            return None
        on = carrier.delivered(local_day(node.calendar, collected[0]), days)
        return on.isoformat() if on else None
