"""
Demand by sku and region: past demand, and a forecast from the same weekdays of four weeks.

Called by   comanda.aws.routing.regional_demand, functions/price
Returns     units by sku and region
Raises      nothing

A region is the destination's country and region, or a degree of the map if the destination names no region; it lies at the mean
location of its orders. Units that a customer picks up are wanted at one node, which is a region of its own.

The horizon of a sku ends with its next supply, after a week at most: today's stock must last until then. A week has every
weekday once, and prices are found anew every night.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

from comanda.domain.geography.distance import Point
from comanda.domain.orders.destination import Destination
from comanda.domain.orders.methods import PICKUP
from comanda.domain.orders.status import UNPLACED, Status

if TYPE_CHECKING:  # a room without orders need not load their code
    from comanda.domain.orders.line import Line
    from comanda.domain.orders.order import Order

WEEKS, HORIZON = 4, 7  # days
_AT = "@"  # stands before the node in the name of a region of pickups

type Demand = dict[str, dict[str, float]]  # sku -> region -> units


@dataclass(slots=True, kw_only=True)
class Region:
    """The location of a region: sums of the coordinates of its `orders`."""

    country: str
    region: str
    orders: int = 0
    latitude: float = 0.0
    longitude: float = 0.0

    @property
    def middle(self) -> Point | None:
        return (self.latitude / self.orders, self.longitude / self.orders) if self.orders else None


@dataclass(slots=True, kw_only=True)
class RegionalDemand:
    """The demand of a day, or of many days."""

    wanted: Demand = field(default_factory=dict)
    regions: dict[str, Region] = field(default_factory=dict)

    def add_order(self, order: "Order") -> None:
        """Add all units that an order wants, whatever became of them."""
        for line in order.lines:
            if line.is_provided:  # it takes no stock
                continue
            self._add_units(order, line, line.quantity)

    def add_waiting(self, order: "Order") -> None:
        """Add the units of an order that have no node yet."""
        for line in order.lines:
            units = 0 if line.is_provided else line.units(lambda a: a.status in (*UNPLACED, Status.BACKORDERED))
            if units:
                self._add_units(order, line, units)

    def _add_units(self, order: "Order", line: "Line", units: int) -> None:
        fetched = line.method == PICKUP
        name = f"{_AT}{line.node_id}" if fetched else self._region(order.destination_of(line.destination))
        of_sku = self.wanted.setdefault(line.sku, {})
        of_sku[name] = of_sku.get(name, 0) + units

    def _region(self, to: Destination) -> str:
        where = to.region
        if not where and to.latitude is not None and to.longitude is not None:
            where = f"{to.latitude:.0f}:{to.longitude:.0f}"
        name = f"{to.country}-{where}"
        at = self.regions.setdefault(name, Region(country=to.country, region=to.region))
        if to.latitude is not None and to.longitude is not None:
            at.orders, at.latitude, at.longitude = at.orders + 1, at.latitude + to.latitude, at.longitude + to.longitude
        return name

    def add(self, other: "RegionalDemand", share: float = 1.0, skus: frozenset[str] | None = None) -> None:
        """Add another demand, or a share of it; only of these skus if they are named. Its regions are added, too."""
        for sku, of_sku in other.wanted.items():
            if skus is None or sku in skus:
                mine = self.wanted.setdefault(sku, {})
                for name, units in of_sku.items():
                    mine[name] = mine.get(name, 0) + units * share
        for name, region in other.regions.items():
            at = self.regions.setdefault(name, Region(country=region.country, region=region.region))
            at.orders += region.orders
            at.latitude, at.longitude = at.latitude + region.latitude, at.longitude + region.longitude


def fetched_at(region: str) -> str | None:
    """Return the node of a region of units that customers pick up. Returns None for another region."""
    return region.removeprefix(_AT) if region.startswith(_AT) else None


def horizons(supplies: Mapping[str, str], today: date) -> dict[str, int]:
    """Return the days that each sku's stock must last, for skus with a supply. `supplies`: the UTC day of the first
    supply by sku."""
    return {sku: min(HORIZON, max(1, (date.fromisoformat(day) - today).days)) for sku, day in supplies.items()}


def forecast(
    known: Mapping[date, RegionalDemand], today: date, horizon: Mapping[str, int], skus: Iterable[str]
) -> RegionalDemand:
    """Return the demand of each sku from today until its horizon: for each day, the mean of its weekday in the known
    weeks."""
    found, skus = RegionalDemand(), frozenset(skus)
    for ahead in range(HORIZON):
        day = today + timedelta(days=ahead)
        same = [known[d] for week in range(1, WEEKS + 1) if (d := day - timedelta(days=7 * week)) in known]
        concerned = frozenset(sku for sku in skus if horizon.get(sku, HORIZON) > ahead)
        for one in same:
            found.add(one, 1 / len(same), concerned)
    return found
