"""Measure distances between points on a sphere."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

EARTH_KM = 6371.0088  # mean radius, IUGG

type Point = tuple[float, float]  # latitude and longitude in degrees

# km between the two places of a country that are farthest apart. An address without a known location gets this distance.
FARTHEST_KM: Mapping[str, float] = {
    "AU": 4_000.0, "BR": 4_300.0, "CA": 5_500.0, "DE": 900.0, "ES": 2_200.0, "FR": 1_100.0, "GB": 1_200.0, "IT": 1_300.0,
    "JP": 2_900.0, "MX": 3_200.0, "NL": 350.0, "PT": 1_900.0, "US": 9_000.0,
}  # fmt: skip
_FARTHEST_ELSEWHERE = 5_000.0


def farthest_km(country: str) -> float:
    """Return the distance in km that a place of the country has from every node when it cannot be located."""
    return FARTHEST_KM.get(country, _FARTHEST_ELSEWHERE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """The location of an address in degrees. `precision` names the area whose middle it is, as in `gazetteer`."""

    latitude: float
    longitude: float
    precision: str


def distance_km(a: Point, b: Point) -> float:
    """Return the great-circle distance in km between two points, by the haversine formula."""
    return distances_km(a, (b,))[0]


def distances_km(a: Point, points: Iterable[Point]) -> list[float]:
    """Return the great-circle distances in km from one point to many, by the haversine formula."""
    lat1, lon1 = radians(a[0]), radians(a[1])
    level, around, found = cos(lat1), 2 * EARTH_KM, list[float]()
    for latitude, longitude in points:
        lat2 = radians(latitude)
        h = sin((lat2 - lat1) / 2) ** 2 + level * cos(lat2) * sin((radians(longitude) - lon1) / 2) ** 2
        found.append(around * asin(sqrt(min(1.0, h))))  # rounding may pass 1 between antipodes
    return found
