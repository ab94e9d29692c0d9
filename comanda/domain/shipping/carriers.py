"""
Describe carriers: their services and collections, the days that a lane takes, and the cost and CO2e of a parcel.

A lane leads from a region of origin to a destination. The most exact row of the carrier's files gives its days: origin region
to postal prefix (the longest), else origin region to region, else a band of distance. Every service has bands, so every lane
has days. The result says if no row gave them, and they are a guess from the distance.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from comanda.domain.geography.regions import is_military_region
from comanda.domain.nodes.calendars import LOOK_AHEAD, Calendar, slots, working_day, works_on
from comanda.domain.nodes.node import Node
from comanda.domain.shipping import cartons, rate_cards
from comanda.domain.shipping.cartons import Carton, Dims, Kind, Parcel
from comanda.domain.shipping.rate_cards import RateCard

STANDARD, EXPRESS = "STANDARD", "EXPRESS"
SERVICES = (STANDARD, EXPRESS)
MODES = ("ROAD", "AIR")

# The guess behind an answer for which the carrier's files have no row.
BY_DISTANCE = "transit-by-distance"
AT_CLOSING = "collected-at-closing"
UNPLACED = "place-unknown"  # the destination has no known location: the slowest transit, the dearest zone

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A service of a carrier. A rate card has its prices.

    Without a card it costs `base` a package, `per_km`, and `per_kg` of the shipment, in micro-units of its currency. Bands are
    (up to km, days); the last one has no end. The way is `detour_percent` of the great circle. The `feeders`, smaller
    vehicles, drive the first and the last km.
    """

    service: str
    mode: str
    g_per_tonne_km: int  # CO2e, well to wheel
    detour_percent: int = 100
    feeders: tuple[tuple[int, int], ...] = ()  # (km, CO2e as above) of a collection or a delivery round
    base: int = 0
    per_km: int = 0
    per_kg: int = 0
    currency: str = "USD"
    max_package_g: int = 30_000
    carton_mm: Dims | None = None  # inside of the largest carton that it takes; None: weight alone fills cartons
    fill_percent: int = 80
    card: RateCard | None = None
    bands: tuple[tuple[int | None, int], ...] = ((None, 7),)
    regions: Mapping[tuple[str, str], int] = field(default_factory=dict)  # (origin region, region) -> days
    postal: Mapping[tuple[str, str], int] = field(default_factory=dict)  # (origin region, postal prefix) -> days

    def serves(self, country: str, region: str) -> bool:
        """Return True if the service goes to the region. It goes to military post only if a row of a lane does."""
        return not is_military_region(country, region) or any(to == region for _, to in self.regions)

    def days(
        self, origin: str, region: str, postal_prefix: str, km: float, *, placed: bool = True
    ) -> tuple[int, str | None]:
        """Return the working days in transit, and the guess behind them: None, or BY_DISTANCE if no row of a lane gives them.

        For a destination that is not `placed` and has no row, return the most days that the service takes from this origin,
        and UNPLACED.
        """
        for digits in range(len(postal_prefix) if self.postal else 0, 0, -1):
            found = self.postal.get((origin, postal_prefix[:digits]))
            if found is not None:
                return found, None
        found = self.regions.get((origin, region))
        if found is not None:
            return found, None
        if not placed:
            rows = [
                days for lanes in (self.regions, self.postal) for (start, _), days in lanes.items() if start == origin
            ]
            return max(*(days for _, days in self.bands), *rows, 0), UNPLACED
        return next(days for up_to, days in self.bands if up_to is None or km <= up_to), BY_DISTANCE

    @property
    def carton(self) -> Carton:
        """Return the largest carton of the service."""
        return Carton(max_g=self.max_package_g, inside_mm=self.carton_mm, fill_percent=self.fill_percent)

    def parcels(self, kinds: Iterable[Kind]) -> tuple[Parcel, ...]:
        """Pack goods into cartons of the service."""
        return cartons.pack(kinds, self.carton)

    def quote(
        self,
        parcels: Sequence[Parcel],
        origin: str,
        region: str,
        postal_prefix: str,
        km: float,
        *,
        placed: bool = True,
    ) -> int:
        """Return the price of a whole shipment with its real parcels, in micro-units of the service's currency."""
        card = self.card
        if card is None:
            grams = sum(parcel.grams * parcel.count for parcel in parcels)
            return self.base * cartons.packages(parcels) + int(self.per_km * km) + self.per_kg * grams // 1000
        zone = card.zone(origin, region, postal_prefix, km, placed=placed)
        return sum(card.price(zone, card.billable(parcel.grams, parcel.mm3)) * parcel.count for parcel in parcels)

    def billable_g(self, parcels: Iterable[Parcel]) -> int:
        """Return the grams that the shipment is charged for. Without a card they are its weight."""
        if self.card is None:
            return sum(parcel.grams * parcel.count for parcel in parcels)
        return sum(self.card.billable(parcel.grams, parcel.mm3) * parcel.count for parcel in parcels)

    def linear(
        self,
        origin: str,
        region: str,
        postal_prefix: str,
        km: float,
        light_g: int,
        heavy_g: int,
        *,
        placed: bool = True,
    ) -> tuple[int, int]:
        """Return (micro-units a shipment, micro-units a kilogram): a straight line that approximates the price.

        The line is the chord between shipments of `light_g` and `heavy_g` billable grams, in parcels that only weight fills. The
        router needs it for every node of an order.
        """
        card = self.card
        if card is not None:
            zone = card.zone(origin, region, postal_prefix, km, placed=placed)
            return card.chord(zone, light_g, heavy_g, self.max_package_g)
        fixed, per_kg = rate_cards.chord(light_g, self._by_weight(light_g), heavy_g, self._by_weight(heavy_g))
        return fixed + int(self.per_km * km), per_kg

    def _by_weight(self, grams: int) -> int:
        return self.base * max(1, -(-grams // self.max_package_g)) + self.per_kg * grams // 1000

    def carbon_g(self, grams: int, km: float) -> int:
        """Return the grams of CO2e for a great circle of so many km, after ISO 14083.

        They are tonnes x km x factor, summed over the legs of the way. The feeders drive their km first. They drive the whole
        way if it is not longer than that.
        """
        return self.carbon_of_each(grams, (km,))[0]

    def carbon_of_each(self, grams: int, kms: Iterable[float]) -> list[int]:
        """Return the grams of CO2e, as `carbon_g` does, for many distances."""
        ways = [km * self.detour_percent / 100 for km in kms]
        if not self.feeders:
            return [round(grams * (way * self.g_per_tonne_km) / 1_000_000) for way in ways]
        found: list[int] = []
        for way in ways:
            left, per_tonne = way, 0.0
            for fed_km, factor in self.feeders:
                fed = min(left, fed_km)
                per_tonne += fed * factor
                left -= fed
            found.append(round(grams * (per_tonne + left * self.g_per_tonne_km) / 1_000_000))
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """A weekly collection at a node, at a local time. It takes goods that are ready `cut_off_minutes` before."""

    weekday: int
    at: time
    cut_off_minutes: int = 0
    service: str | None = None  # None: all services of the carrier


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """A carrier of one country. Its region codes and postal prefixes are that country's; its calendar counts whole days."""

    carrier_id: str
    country: str
    calendar: Calendar
    services: Mapping[str, Service]
    collections: Mapping[str, tuple[Collection, ...]] = field(default_factory=dict)  # by node

    def collected(self, node: Node, service: str, ready: datetime) -> tuple[datetime, datetime, str | None] | None:
        """Return the first collection of goods that are ready at `ready`, or None if there is none.

        A collection is (its time, the time by which goods must be ready, the guess behind it or None). A node without a row
        is visited when it closes, and the guess is AT_CLOSING.
        """
        zone = ZoneInfo(node.calendar.timezone)
        rows = [row for row in self.collections.get(node.node_id, ()) if row.service in (None, service)]
        day = ready.astimezone(zone).date()
        for _ in range(LOOK_AHEAD):
            if works_on(self.calendar, day):
                found = [
                    (at, at - timedelta(minutes=row.cut_off_minutes))
                    for row in rows
                    if row.weekday == day.weekday()
                    for at in (datetime.combine(day, row.at, zone).astimezone(UTC),)
                ] or ([(end, end) for _, end in slots(node.calendar, day)[-1:]] if not rows else [])
                fits = min(
                    (row for row in found if row[1] >= ready), key=lambda row: (row[0], ready - row[1]), default=None
                )
                if fits:
                    return *fits, None if rows else AT_CLOSING
            day += _DAY
        return None

    def delivered(self, ship_on: date, days: int) -> date | None:
        """Return the day that is `days` working days of the carrier after the collection, or None if there is no such day."""
        return working_day(self.calendar, ship_on, days)
