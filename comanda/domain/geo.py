"""Points on a sphere, and how far apart they are."""

from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

EARTH_KM = 6371.0088  # mean radius, IUGG

type Point = tuple[float, float]  # latitude and longitude in degrees


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """Where an address is, in degrees, and what that is the middle of: one of the words of comanda.domain.gazetteer."""

    latitude: float
    longitude: float
    precision: str


def distance_km(a: Point, b: Point) -> float:
    """Great-circle distance in km between two (latitude, longitude) in degrees, by the haversine formula."""
    lat1, lon1, lat2, lon2 = radians(a[0]), radians(a[1]), radians(b[0]), radians(b[1])
    h = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_KM * asin(sqrt(min(1.0, h)))  # rounding may pass 1 between antipodes
