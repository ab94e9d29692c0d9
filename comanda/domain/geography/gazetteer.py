"""
Locate postal codes, cities and regions of one country in a block of bytes that is never unpacked.

The block, little-endian, is written by `pack_country` when the layer is built:
    header   magic, scale, digits, number of codes, number of cities, length of the regions
    codes    the number of each code, 4 bytes, ascending;   then the location of each: latitude and longitude, 2 bytes each
    cities   the name of each as 8 bytes of its hash, ascending;   then the location of each
    regions  JSON: {"names": {folded name: region}, "points": {region: [latitude, longitude]}}
Coordinates are hundredths of a degree, at most 0.8 km off. A code is found as the last entry that is not above it, if both
are equal when divided by the scale. Scale 1 means exactly this code. Scale 1000 means that the table has one entry for all
codes that begin alike.
"""

import json
import struct
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Final, Literal

from comanda.domain.geography.distance import Located, Point
from comanda.domain.geography.regions import fold

_HEADER = struct.Struct("<4sIIIII")
_MAGIC = b"GAZ1"
_HUNDREDTHS = 100

# The area whose middle a pair of coordinates is, the finest first.
POSTAL_CODE: Final = "POSTAL_CODE"  # the postal code is known
CITY: Final = "CITY"  # the code is unknown or was not given, and the city is known
POSTAL_PREFIX: Final = "POSTAL_PREFIX"  # neither is known, but codes that begin alike are
REGION: Final = "REGION"  # only the region is known

# Codes that begin with all but so many digits lie together: a post office's district, then a sorting centre's.
_ALIKE = {5: (2,), 8: (4, 5)}

type Numbers = memoryview[int]  # evaluated by type checkers only: 3.13 has no such subscript


class Gazetteer:
    """Locate the places of one country."""

    __slots__ = ("_cities", "_city_points", "_code_points", "_codes", "_digits", "_regions", "_scale")

    def __init__(self, block: bytes) -> None:
        magic, self._scale, self._digits, codes, cities, regions = _HEADER.unpack_from(block)
        if magic != _MAGIC:
            raise ValueError("not a table of places, or one of another shape")
        rest = memoryview(block)[_HEADER.size :]

        def take(count: int, size: int, kind: Literal["I", "h", "Q"]) -> Numbers:
            nonlocal rest
            taken, rest = rest[: count * size], rest[count * size :]
            return taken.cast(kind)

        # Both kinds of processor of Lambda are little-endian, as the block is: a cast copies nothing.
        self._codes, self._code_points = take(codes, 4, "I"), take(codes, 4, "h")
        self._cities, self._city_points = take(cities, 8, "Q"), take(cities, 4, "h")
        self._regions: dict[str, dict[str, list[float]]] = json.loads(bytes(rest[:regions]))

    def locate(self, code: int | None, city: str, region: str) -> Located | None:
        """Locate an address by its postal code, else by its city, by the codes that begin alike, or by its region.

        A city is sought in the region, or without a known region as the only city of its name. None: nothing is known.
        """
        known = None if code is None else self._by_code(code)
        if known:
            return _located(known, POSTAL_CODE)
        district = self._regions["names"].get(fold(region))
        in_city = self._by_city(city, str(district)) if district else self._by_city(city, "")
        if in_city:
            return _located(in_city, CITY)
        near = None if code is None else self._by_prefix(code)
        if near:
            return _located(near, POSTAL_PREFIX)
        points = self._regions["points"]
        if district and str(district) in points:
            latitude, longitude = points[str(district)]
            return _located((latitude, longitude), REGION)
        return None

    def _by_code(self, code: int) -> Point | None:
        at = bisect_right(self._codes, code) - 1
        if at < 0 or self._codes[at] // self._scale != code // self._scale:
            return None
        return _point(self._code_points, at)

    def _by_city(self, name: str, region: str) -> Point | None:
        wanted = city_key(region, name)
        at = bisect_left(self._cities, wanted)
        if at == len(self._cities) or self._cities[at] != wanted:
            return None
        return _point(self._city_points, at)

    def _by_prefix(self, code: int) -> Point | None:
        for digits in _ALIKE[self._digits]:
            width = 10**digits
            first = bisect_left(self._codes, code // width * width)
            last = bisect_left(self._codes, (code // width + 1) * width)
            if first < last:
                return middle(_point(self._code_points, at) for at in range(first, last))
        return None


def _point(points: Numbers, at: int) -> Point:
    return points[2 * at] / _HUNDREDTHS, points[2 * at + 1] / _HUNDREDTHS


def _located(point: Point, precision: str) -> Located:
    return Located(latitude=round(point[0], 2), longitude=round(point[1], 2), precision=precision)


def middle(points: Iterable[Point]) -> Point:
    """Return the mean of latitudes and of longitudes. It is good enough because no region crosses the date line."""
    latitudes, longitudes = zip(*points, strict=True)
    return sum(latitudes) / len(latitudes), sum(longitudes) / len(longitudes)


def uniquely_named(cities: Mapping[tuple[str, str], Point]) -> dict[tuple[str, str], Point]:
    """Return the cities whose name no other region has, under ("", name): they are found without their region."""
    count = Counter(name for _, name in cities)
    return {("", name): at for (_, name), at in cities.items() if count[name] == 1}


def city_key(region: str, city: str) -> int:
    """Return the key of a city in its region, or with a blank region of the only city of that name in the country."""
    return _key(region, fold(city))


def _key(region: str, folded: str) -> int:
    return int.from_bytes(blake2b(f"{region}/{folded}".encode(), digest_size=8).digest(), "little")


def pack_country(
    *,
    digits: int,
    scale: int,
    codes: Mapping[int, Point],
    cities: Mapping[tuple[str, str], Point],
    names: Mapping[str, str],
    regions: Mapping[str, Point],
) -> bytes:
    """Return the block of one country. Raises ValueError when two cities have one hash.

    `codes` are numbers of so many `digits`, `cities` are keyed by (region or blank, city), `names` lead from every name of a
    region to its id, and `regions` locates these.
    """
    folded = {(region, fold(city)): point for (region, city), point in cities.items()}
    hashed = {_key(region, city): point for (region, city), point in folded.items()}
    if len(hashed) != len(folded):
        raise ValueError("two cities of one hash")
    by_region = {
        "names": {fold(name): region for name, region in sorted(names.items())},
        "points": {region: [round(x, 2) for x in point] for region, point in sorted(regions.items())},
    }
    text = json.dumps(by_region, separators=(",", ":")).encode()
    return b"".join(
        (
            _HEADER.pack(_MAGIC, scale, digits, len(codes), len(hashed), len(text)),
            struct.pack(f"<{len(codes)}I", *sorted(codes)),
            _packed(codes[code] for code in sorted(codes)),
            struct.pack(f"<{len(hashed)}Q", *sorted(hashed)),
            _packed(hashed[key] for key in sorted(hashed)),
            text,
        )
    )


def _packed(points: Iterable[Point]) -> bytes:
    numbers = [round(x * _HUNDREDTHS) for point in points for x in point]
    return struct.pack(f"<{len(numbers)}h", *numbers)
