"""
Divide the units of a hot position among lanes, each an item of its own. One item bears some fifty transactions a second.

Lane 0 is the position itself, with its supplies, dated demand and safety stock. Every other lane has free units only, and the
demand that was met from them. Units for a later day are sold from lane 0. A move is (from lane, to lane, units).

Called by   comanda.aws.stock.lanes; comanda.domain.reservations.allot (`lane_order`)
Returns     the lanes to try, moves, or signed units by lane
Raises      nothing
"""

from collections.abc import Sequence
from zlib import crc32

from comanda.domain.stock.stock import SELLABLE, Position

MOST_LANES = 128
_WORTH_MOVING = 8  # units: for fewer, taking from several lanes is cheaper than evening them out


def lane_order(request: str, lanes: int) -> tuple[int, ...]:
    """Return the lanes 0 to `lanes` in the order in which a request tries them. Requests begin at different lanes."""
    first = crc32(request.encode()) % (lanes + 1)
    return tuple((first + i) % (lanes + 1) for i in range(lanes + 1))


def evening_moves(free: Sequence[int], kept: int = 0) -> tuple[tuple[int, int, int], ...]:
    """Return moves that leave all lanes with equal free units, within one unit, and lane 0 with `kept` units more.

    `free` is by lane. A shortage of lane 0 is filled first. Another lane is never short for long, because only its own
    demand is met from it.
    """
    spare = max(0, sum(free) - kept)
    each, more = divmod(spare, len(free))
    goal = [each + (1 if i < more else 0) for i in range(len(free))]
    goal[0] += min(kept, max(0, sum(free)))
    giving = [[i, units - goal[i]] for i, units in enumerate(free) if units > goal[i]]
    moves = []
    for to, units in enumerate(free):
        lacks = goal[to] - units
        while lacks > 0 and giving:
            quantity = min(lacks, giving[-1][1])
            moves.append((giving[-1][0], to, quantity))
            lacks -= quantity
            giving[-1][1] -= quantity
            if not giving[-1][1]:
                giving.pop()
    return tuple(moves)


def gathering_moves(free: Sequence[int]) -> tuple[tuple[int, int, int], ...]:
    """Return moves that bring all free units to lane 0."""
    return tuple((i, 0, units) for i, units in enumerate(free) if i and units > 0)


def relief_move(free: Sequence[int], dry: int) -> tuple[int, int, int] | None:
    """Return a move of half of the fullest lane's units to a lane that ran dry. Return None if these are too few to move."""
    richest = max(range(len(free)), key=lambda i: free[i])
    half = free[richest] // 2
    return (richest, dry, half) if richest != dry and half >= _WORTH_MOVING else None


def spread(there: Sequence[Position], bucket: str, units: int) -> tuple[int, ...]:
    """Divide a correction of the whole position among its lanes: signed units for each lane.

    A negative correction takes free units first and promised ones last, so that no lane is short while another sells. A
    positive one first fills shortages, and puts the rest into lane 0.
    """
    parts = [0] * len(there)
    left = abs(units)
    if units >= 0:
        for i, lane in enumerate(there if bucket == SELLABLE else ()):
            parts[i] = min(left, max(0, -lane.free))
            left -= parts[i]
        parts[0] += left
        return tuple(parts)
    has = [max(0, lane.bucket(bucket)) for lane in there]
    unpromised = [min(units, max(0, lane.free)) for units, lane in zip(has, there, strict=True)]
    for most in (unpromised if bucket == SELLABLE else has, has):
        for i, units_there in enumerate(most):
            part = min(left, max(0, units_there + parts[i]))
            parts[i] -= part
            left -= part
    parts[0] -= left
    return tuple(parts)


def moves_to_lane(
    there: Sequence[Position], to: int, units: int, *, only_free: bool
) -> tuple[tuple[int, int, int], ...]:
    """Return moves after which so many units can leave the shelf of lane `to`. A person takes them from the node's shelf.

    With `only_free` unpromised units are moved first, and no move is made if the node has too few units. Otherwise the units
    are those of the lane's own demand, and only the lacking ones are moved.
    """
    has = [max(0, lane.bucket(SELLABLE)) for lane in there]
    free = [min(units_there, max(0, lane.free)) for units_there, lane in zip(has, there, strict=True)]
    if only_free and sum(has) < units:
        return ()
    lacks = max(0, units - has[to])
    others = [i for i in range(len(there)) if i != to]
    given = dict.fromkeys(others, 0)
    wants = max(lacks, units - free[to]) if only_free else lacks
    for most, goal in ((free, wants), (has, lacks)):
        for i in others:
            given[i] += max(0, min(goal - sum(given.values()), most[i] - given[i]))
    return tuple((i, to, quantity) for i, quantity in given.items() if quantity)
