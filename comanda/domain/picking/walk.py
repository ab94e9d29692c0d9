"""
Find a short walk over the places where goods lie, zone by zone. Pure.

Called by   functions/documents/pick_lists.py
Returns     the stops in the order of the walk; each stop once

A zone of few places is solved exactly (Held and Karp, 1962). For more, the shortest is taken of three walks: along the aisles in
an S, to the nearest place next, and from the front in each aisle. Then 2-opt turns parts of it round while that makes it shorter.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations, pairwise

from comanda.domain.picking.location import START, Location, Place, distance

MOST_EXACT = 7  # places of a zone: 8 take twice the time, and 2-opt is within some percent of the exact walk there
_ROUNDS = 20  # of 2-opt over all parts; most walks end after 3 to 6
_LONGEST_TURNED = 40  # places of a part that 2-opt turns round: longer parts take more time than they save way


def in_order(locations: Mapping[str, Location | None]) -> list[str]:
    """Return the skus in the order of the walk. Skus without a location are last, in their own order."""
    placed = {sku: where for sku, where in locations.items() if where is not None}
    stops: dict[str, dict[Place, list[tuple[str, str]]]] = {}
    for sku, where in placed.items():
        of_zone = stops.setdefault(where.zone, {})
        of_zone.setdefault(Place(where.aisle, where.rack), []).append((where.bin, sku))
    walked = [sku for zone in sorted(stops) for place in tour(stops[zone]) for _, sku in sorted(stops[zone][place])]
    return [*walked, *sorted(locations.keys() - placed.keys())]


def tour(places: Mapping[Place, object] | Sequence[Place]) -> list[Place]:
    """Return the places of a zone in the order of a short walk that begins and ends at its start."""
    wanted = sorted(set(places))
    if len(wanted) <= MOST_EXACT:
        return exact(wanted)
    back = _back(wanted)
    walks = (s_shape(wanted), nearest_neighbour(wanted), wanted)
    return _two_opt(min(walks, key=lambda walk: length(walk, back)), back)


def length(walk: Sequence[Place], back: int | None = None) -> int:
    """Return the length of a walk from the start over its places and back to the start, in racks."""
    behind = _back(walk) if back is None else back
    return sum(distance(one, other, behind) for one, other in pairwise([START, *walk, START]))


def _back(places: Sequence[Place]) -> int:
    return max((place.rack for place in places), default=0) + 1


def s_shape(places: Sequence[Place]) -> list[Place]:
    """Return the walk that goes through each aisle that has a place, in turn from the front and from the back."""
    aisles = sorted({place.aisle for place in places})
    return [
        place
        for turn, aisle in enumerate(aisles)
        for place in sorted((one for one in places if one.aisle == aisle), reverse=turn % 2 == 1)
    ]


def nearest_neighbour(places: Sequence[Place]) -> list[Place]:
    """Return the walk that goes to the nearest place that is left, each time."""
    back, left, walk = _back(places), set(places), [START]
    while left:
        here = walk[-1]
        walk.append(min(left, key=lambda place: (distance(here, place, back), place)))
        left.remove(walk[-1])
    return walk[1:]


def _two_opt(places: Sequence[Place], back: int) -> list[Place]:
    """Return the walk after each turn of a part of it that makes it shorter."""
    walk = [START, *places, START]
    for _ in range(_ROUNDS):
        turned = [_turned(walk, i, back) for i in range(1, len(walk) - 2)]
        if not any(turned):
            break
    return walk[1:-1]


def _turned(walk: list[Place], i: int, back: int) -> bool:
    """Turn each part that begins at `i` and is longer than its turn. Return whether one was turned."""
    turned = False
    before, into = walk[i - 1], distance(walk[i - 1], walk[i], back)
    for j in range(i + 1, min(i + _LONGEST_TURNED, len(walk) - 1)):
        first, last, after = walk[i], walk[j], walk[j + 1]
        # The way into the turned part is compared first: most are longer already.
        saved = into + distance(last, after, back) - distance(before, last, back)
        if saved > 0 and saved > distance(first, after, back):
            walk[i : j + 1] = walk[i : j + 1][::-1]
            into, turned = distance(before, last, back), True
    return turned


def exact(places: Sequence[Place]) -> list[Place]:
    """Return a shortest walk. It takes 2^n * n^2 steps for n places, so it is for few, and for tests."""
    back = _back(places)
    # The shortest way from the start over a set of places to one of them: its length, and the place before.
    ways: dict[tuple[frozenset[int], int], tuple[int, int]] = {
        (frozenset({i}), i): (distance(START, place, back), -1) for i, place in enumerate(places)
    }
    everything = frozenset(range(len(places)))
    for size in range(2, len(places) + 1):
        for chosen in map(frozenset, combinations(range(len(places)), size)):
            for last in chosen:
                rest = chosen - {last}
                ways[chosen, last] = min(
                    (ways[rest, one][0] + distance(places[one], places[last], back), one) for one in rest
                )
    if not everything:
        return []
    last = min(everything, key=lambda i: (ways[everything, i][0] + distance(places[i], START, back), i))
    walk, left = [], everything
    while last >= 0:
        walk.append(places[last])
        last, left = ways[left, last][1], left - {last}
    return walk[::-1]
