"""A node of the network: where it is, what it may do, when it works and how long it takes, and when it cannot work at all."""

from dataclasses import dataclass
from datetime import datetime, time

from comanda.domain.nodes.calendars import Calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A warehouse, store or vendor. Orders that come after `cut_off` (local time) are begun on its next working day;
    `processing_minutes` of open time pass until goods are packed; `units_per_day` None is as many as come."""

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
    capacity_lanes: int = 1  # counters that share a day's units, where many orders a second take of them
    groups: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()  # what it may and can do: hazmat, cold, a skill
    priority: int = 5  # a planner's, the lowest first
    acceptance_percent: int = 100  # of its offers, that it takes
    handling: tuple[int, int] | None = None  # micro-units a package and a unit; None: that of its type
    closures: tuple[tuple[datetime, datetime | None], ...] = ()  # from, until: nothing is begun there meanwhile
    limits: tuple[tuple[str, int], ...] = ()  # local days that hold another number of units than the others
    cut: tuple[str, ...] = ()  # local days of which it was just said that they hold less, or nothing
    slower: bool = False  # or all days do
    watched_until: datetime | None = None  # somebody has just changed one of these: routers may not know yet

    @property
    def at(self) -> tuple[float, float]:
        return self.latitude, self.longitude

    def closed(self, at: datetime) -> bool:
        """Whether somebody has closed it, whatever its calendar says."""
        return any(start <= at and (end is None or at < end) for start, end in self.closures)

    def units_on(self, day: str) -> int | None:
        """How many units it begins on a local day; None: as many as come."""
        if self.units_per_day is None or not self.limits:
            return self.units_per_day
        return dict(self.limits).get(day, self.units_per_day)
