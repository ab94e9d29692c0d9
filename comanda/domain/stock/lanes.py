"""
Lanes: a hot position in parts, each an item of its own, because one item takes some fifty transactions a second.

Lane 0 is the position itself, with its supplies, dated demand and safety stock; the others have free units only, and the
demand that was met from them. What is sold for a later day is sold from lane 0.
"""

from collections.abc import Sequence
from zlib import crc32

from comanda.domain.stock.stock import SELLABLE, Position

MOST_LANES = 128
_WORTH_MOVING = 8  # units: below it, taking from several lanes is cheaper than evening them out


def lane_order(request: str, lanes: int) -> tuple[int, ...]:
    """The lanes 0 to `lanes` in the order in which a request tries them: each request begins somewhere else."""
    first = crc32(request.encode()) % (lanes + 1)
    return tuple((first + i) % (lanes + 1) for i in range(lanes + 1))


def evening_moves(free: Sequence[int], kept: int = 0) -> tuple[tuple[int, int, int], ...]:
    """(from, to, units) that leave every lane with the same units, give or take one, and `kept` more in lane 0.

    `free` is by lane. Units that lane 0 is short of are brought to it first; other lanes are never short for long, for
    only their own demand is met from them.
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
    """(from, 0, units) that bring everything free to lane 0."""
    return tuple((i, 0, units) for i, units in enumerate(free) if i and units > 0)


def relief_move(free: Sequence[int], dry: int) -> tuple[int, int, int] | None:
    """Half of the richest lane for one that ran dry; None when that is not worth a transaction."""
    richest = max(range(len(free)), key=lambda i: free[i])
    half = free[richest] // 2
    return (richest, dry, half) if richest != dry and half >= _WORTH_MOVING else None


def spread(there: Sequence[Position], bucket: str, units: int) -> tuple[int, ...]:
    """What each lane gets, or with fewer than no units gives, of a correction of the whole position.

    What is nobody's goes first, then what was promised: a lane must not be short while its neighbour sells. More units end
    a lane's shortage before they lie in lane 0.
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
    nobodys = [min(units, max(0, lane.free)) for units, lane in zip(has, there, strict=True)]
    for most in (nobodys if bucket == SELLABLE else has, has):
        for i, units_there in enumerate(most):
            part = min(left, max(0, units_there + parts[i]))
            parts[i] -= part
            left -= part
    parts[0] -= left
    return tuple(parts)


def moves_to_lane(
    there: Sequence[Position], to: int, units: int, *, only_free: bool
) -> tuple[tuple[int, int, int], ...]:
    """(from, to, units) that let so many units leave the shelf of one lane, whichever lanes they lie in: a person takes them
    from the node. `only_free`: units that were not promised, as far as there are any; else those of the lane's own demand.
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
