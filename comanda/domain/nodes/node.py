"""Describe a node of the network: its place, its abilities, its hours and speed, and the times at which it is closed."""

from dataclasses import dataclass
from datetime import datetime, time

from comanda.domain.nodes.calendars import Calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A warehouse, store or vendor that holds stock.

    Orders that come after `cut_off`, a local time, are begun on the next working day. Goods are packed after
    `processing_minutes` of open time. `units_per_day` None means that the node has no limit.
    """

    node_id: str
    type: str  # WAREHOUSE, STORE or VENDOR
    country: str
    latitude: float
    longitude: float
    calendar: Calendar
    ship: bool = True
    pickup: bool = False
    accept_minutes: int = 120
    ship_minutes: int = 1440
    partner: str | None = None
    region: str = ""
    postal_code: str = ""
    processing_minutes: int = 60
    cut_off: time | None = None
    units_per_day: int | None = None
    capacity_lanes: int = 1  # counters that share a day's units, for nodes with many orders a second
    groups: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()  # its permissions and abilities: hazmat, cold, a skill
    priority: int = 5  # set by a planner; the lowest comes first
    acceptance_percent: int = 100  # of its offers, the percentage that it accepts
    handling: tuple[int, int] | None = None  # micro-units a package and a unit; None: the costs of its type
    closures: tuple[
        tuple[datetime, datetime | None], ...
    ] = ()  # from, until (None: without end): no work is begun in between
    limits: tuple[tuple[str, int], ...] = ()  # local days that hold another number of units than the others
    reduced_days: tuple[str, ...] = ()  # local days whose limit was lowered, or that were closed, in the last minutes
    reduced_every_day: bool = False  # `units_per_day` itself was lowered in the last minutes
    watched_until: datetime | None = None  # until then routers may still use the values before the last change

    @property
    def at(self) -> tuple[float, float]:
        return self.latitude, self.longitude

    def closed(self, at: datetime) -> bool:
        """Return True if a closure covers the moment. The calendar is not considered."""
        return any(start <= at and (end is None or at < end) for start, end in self.closures)

    def units_on(self, day: str) -> int | None:
        """Return the units that the node can begin on a local day. None means that it has no limit."""
        if self.units_per_day is None or not self.limits:
            return self.units_per_day
        return dict(self.limits).get(day, self.units_per_day)
