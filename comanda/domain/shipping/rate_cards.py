"""
Price a parcel of a carrier's service by zone and billable weight.

    billable = max(actual, dimensional), rounded up to the card's step of grams
    dimensional grams = mm3 / divisor      a divisor of 5,000 cm3 a kilogram is 5,000 mm3 a gram: one number for both
    parcel   = (price of its zone and billable weight + per package) x (1 + fuel)

The dimensional formula is the trade's usual one: IATA's cargo rules charge a kilogram for 6,000 cm3, most parcel carriers
for 5,000 (139 cubic inches a pound). Prices are micro-units of the card's currency.

The most exact row of a lane names its zone, as it gives its days: origin region to postal prefix (the longest), origin
region to region, and last a band of distance. Every lane therefore has a zone.
"""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field

MOST_KEPT = 20_000  # cached answers; then the cache is emptied

type Chord = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tariff:
    """The prices of one zone: steps of (up to grams, micro-units), both rising, and `per_kg` for each started kilogram above.

    `per_kg` counts from the last step on.
    """

    steps: tuple[tuple[int, int], ...]
    per_kg: int = 0

    def price(self, grams: int) -> int:
        """Return the price of so many billable grams, in micro-units."""
        at = bisect_left(self.steps, (grams,))  # a step includes its own weight
        if at < len(self.steps):
            return self.steps[at][1]
        up_to, micros = self.steps[-1]
        return micros + -(-(grams - up_to) // 1000) * self.per_kg


@dataclass(frozen=True, slots=True, kw_only=True)
class RateCard:
    """A version of a rate card. It holds from the UTC day `starts` until `ends`, which is not included."""

    card_id: str
    version: int
    currency: str
    zones: Mapping[str, Tariff]
    bands: tuple[tuple[int | None, str], ...]  # (up to km, zone), the last one without an end
    regions: Mapping[tuple[str, str], str] = field(default_factory=dict)  # (origin region, region) -> zone
    postal: Mapping[tuple[str, str], str] = field(default_factory=dict)  # (origin region, postal prefix) -> zone
    dim_divisor: int | None = None  # mm3 a gram; None: only weight counts
    round_up_g: int = 1
    per_package: int = 0
    fuel_basis_points: int = 0  # 1,825 is 18.25 %
    starts: str = ""
    ends: str | None = None
    _lanes: dict[tuple[str, str, str], str | None] = field(default_factory=dict, init=False, compare=False, repr=False)
    _chords: dict[tuple[str, int, int, int], Chord] = field(default_factory=dict, init=False, compare=False, repr=False)

    @property
    def key(self) -> str:
        return f"{self.card_id}@{self.version}"

    def in_force(self, day: str) -> bool:
        """Return True if the card holds on a UTC day."""
        return self.starts <= day and (self.ends is None or day < self.ends)

    def zone(self, origin: str, region: str, postal_prefix: str, km: float, *, placed: bool = True) -> str:
        """Return the zone of a lane. A destination that is not `placed` and has no row gets the origin's dearest zone."""
        lane = (origin, region, postal_prefix)
        try:
            named = self._lanes[lane]
        except KeyError:
            if len(self._lanes) >= MOST_KEPT:
                self._lanes.clear()
            named = self._lanes[lane] = self._named(*lane)
        if named is not None:
            return named
        if not placed:
            return self._dearest(origin)
        return next(zone for up_to, zone in self.bands if up_to is None or km <= up_to)

    def _dearest(self, origin: str) -> str:
        """Return the zone with the dearest heaviest step, among all zones that a parcel from the origin may be in."""
        rows = [zone for lanes in (self.regions, self.postal) for (start, _), zone in lanes.items() if start == origin]
        zones = sorted({*(zone for _, zone in self.bands), *rows})
        heaviest = max(self.zones[zone].steps[-1][0] for zone in zones)
        return max(zones, key=lambda zone: self.zones[zone].price(heaviest))

    def _named(self, origin: str, region: str, postal_prefix: str) -> str | None:
        for digits in range(len(postal_prefix), 0, -1):
            found = self.postal.get((origin, postal_prefix[:digits]))
            if found is not None:
                return found
        return self.regions.get((origin, region))

    def billable(self, grams: int, mm3: int = 0) -> int:
        """Return the grams that one parcel is charged for."""
        dimensional = -(-mm3 // self.dim_divisor) if self.dim_divisor else 0
        return -(-max(grams, dimensional) // self.round_up_g) * self.round_up_g

    def price(self, zone: str, billable_g: int) -> int:
        """Return the micro-units of one parcel. The fuel surcharge is rounded half up."""
        net = self.zones[zone].price(billable_g) + self.per_package
        return net + (net * self.fuel_basis_points + 5_000) // 10_000

    def chord(self, zone: str, light_g: int, heavy_g: int, max_g: int) -> Chord:
        """Return (micro-units a shipment, micro-units a kilogram) of the line between shipments of these billable grams."""
        key = (zone, light_g, heavy_g, max_g)
        try:
            return self._chords[key]
        except KeyError:
            if len(self._chords) >= MOST_KEPT:
                self._chords.clear()
            made = chord(light_g, self._whole(zone, light_g, max_g), heavy_g, self._whole(zone, heavy_g, max_g))
            self._chords[key] = made
            return made

    def _whole(self, zone: str, grams: int, max_g: int) -> int:
        """Return the price of a shipment by weight alone: full parcels, and one with the remainder."""
        full, odd = divmod(grams, max_g)
        micros = full * self.price(zone, self.billable(max_g)) if full else 0
        return micros + (self.price(zone, self.billable(odd)) if odd or not full else 0)


def chord(light_g: int, light: int, heavy_g: int, heavy: int) -> Chord:
    """Return (micro-units a shipment, micro-units a kilogram) of the line through the prices of two shipments.

    It is exact at `light_g`, and at `heavy_g` to one micro-unit a kilogram. A line that would begin below zero begins at zero
    and keeps its heavy end.
    """
    if heavy_g <= light_g:
        return light, 0
    per_kg = max(0, heavy - light) * 1000 // (heavy_g - light_g)
    fixed = light - per_kg * light_g // 1000
    return (fixed, per_kg) if fixed >= 0 else (0, heavy * 1000 // heavy_g)
