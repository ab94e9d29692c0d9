"""
What was asked for, sku by sku and region by region; and what will be, as far as the same weekdays of four weeks know.

A region is the destination's country and region, or a degree of the map where it names none; it lies where its orders go on
average. Units that a customer fetches are asked of one node, which is a region of its own.

The horizon of a sku is until its next supply, at most a week: what is there must last until then, afterwards there is more;
and a week has every weekday once, while prices are found anew every night.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from comanda.domain.geography.distance import Point
from comanda.domain.orders.line import PICKUP
from comanda.domain.orders.order import Order
from comanda.domain.orders.status import UNPLACED, Status

WEEKS, HORIZON = 4, 7  # days
_AT = "@"  # before the node of those who fetch it

type Demand = dict[str, dict[str, float]]  # sku -> region -> units


@dataclass(slots=True, kw_only=True)
class Region:
    """Where it is: sums over its orders, of which there are so many."""

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
    """A day's demand, or that of many days."""

    wanted: Demand = field(default_factory=dict)
    regions: dict[str, Region] = field(default_factory=dict)

    def order(self, order: Order) -> None:
        """All that an order asks for, whatever became of it."""
        for line in order.lines:
            self._ask(order, line.sku, line.quantity, line.node_id if line.method == PICKUP else None)

    def waiting(self, order: Order) -> None:
        """What nobody has of it yet."""
        for line in order.lines:
            units = line.units(lambda a: a.status in (*UNPLACED, Status.BACKORDERED))
            if units:
                self._ask(order, line.sku, units, line.node_id if line.method == PICKUP else None)

    def _ask(self, order: Order, sku: str, units: int, fetched_at: str | None) -> None:
        name = self._region(order) if fetched_at is None else f"{_AT}{fetched_at}"
        of_sku = self.wanted.setdefault(sku, {})
        of_sku[name] = of_sku.get(name, 0) + units

    def _region(self, order: Order) -> str:
        to = order.destination
        where = to.region
        if not where and to.latitude is not None and to.longitude is not None:
            where = f"{to.latitude:.0f}:{to.longitude:.0f}"
        name = f"{to.country}-{where}"
        at = self.regions.setdefault(name, Region(country=to.country, region=to.region))
        if to.latitude is not None and to.longitude is not None:
            at.orders, at.latitude, at.longitude = at.orders + 1, at.latitude + to.latitude, at.longitude + to.longitude
        return name

    def add(self, other: "RegionalDemand", share: float = 1.0, skus: frozenset[str] | None = None) -> None:
        """Another's demand, or a share of it; of these skus, where they are named. Regions come along."""
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
    """The node of those who fetch it, of a region of that kind."""
    return region.removeprefix(_AT) if region.startswith(_AT) else None


def horizons(supplies: Mapping[str, str], today: date) -> dict[str, int]:
    """Days that each sku's stock must last, of those that get more: `supplies` says when first, as UTC days."""
    return {sku: min(HORIZON, max(1, (date.fromisoformat(day) - today).days)) for sku, day in supplies.items()}


def forecast(
    known: Mapping[date, RegionalDemand], today: date, horizon: Mapping[str, int], skus: Iterable[str]
) -> RegionalDemand:
    """The demand of each sku from today until its horizon: of each day the mean of its weekday in the weeks that are known."""
    found, skus = RegionalDemand(), frozenset(skus)
    for ahead in range(HORIZON):
        day = today + timedelta(days=ahead)
        same = [known[d] for week in range(1, WEEKS + 1) if (d := day - timedelta(days=7 * week)) in known]
        concerned = frozenset(sku for sku in skus if horizon.get(sku, HORIZON) > ahead)
        for one in same:
            found.add(one, 1 / len(same), concerned)
    return found
