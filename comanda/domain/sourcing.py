"""
What an order costs from a given set of nodes: the cheapest filling, exactly, with what nodes hold and may ship.

Called by   comanda.domain.optimizer and its siblings; pure, integers only
Returns     the filling of a set of nodes, its cost and what it leaves over
Raises      nothing

Without capacity each line takes from the cheapest of the set. With it, that filling is mended: units of nodes that have
too much move along cheapest paths to nodes with room (successive shortest paths), which keeps it the cheapest there is.
"""

from collections.abc import Iterator, Sequence
from heapq import heappop, heappush
from itertools import islice, product
from operator import mul

NEVER = 1 << 60  # the unit cost of a node that does not have the line; above any real cost
_MOST_SPREADS = 2_000  # ways to place what ships together that are tried for one set of nodes under capacity


class Problem:
    """One order, normalised. Lines are indexed i, nodes j; a line's unit is a *set* of `size[i]` pieces when several must
    ship together. `take[i][j]` <= need[i]; `cost[i][j]` is NEVER where take is 0. `over`: pieces that may be left."""

    __slots__ = ("cost", "fixed", "need", "over", "room", "size", "take", "whole", "work")

    def __init__(
        self,
        *,
        need: list[int],
        size: list[int],
        fixed: list[int],
        cost: list[list[int]],
        take: list[list[int]],
        room: list[int] | None = None,
        over: int = 0,
        whole: bool = True,
    ) -> None:
        self.need, self.size, self.fixed, self.cost, self.take, self.room = need, size, fixed, cost, take, room
        self.over = over
        self.whole = whole  # False once a filling was too wide to try in full
        self.work = 0  # numbers looked at while full nodes were mended

    @property
    def pieces(self) -> int:
        return sum(map(mul, self.need, self.size))

    def narrowed(self, nodes: Sequence[int]) -> "Problem":
        """The same order, seen by these nodes only."""
        return Problem(
            need=self.need,
            size=self.size,
            fixed=[self.fixed[j] for j in nodes],
            cost=[[row[j] for j in nodes] for row in self.cost],
            take=[[row[j] for j in nodes] for row in self.take],
            room=None if self.room is None else [self.room[j] for j in nodes],
            over=self.over,
            whole=self.whole,
        )


Filling = list[dict[int, int]]  # for each line, units by node


def price(problem: Problem, nodes: Sequence[int], below: int = NEVER) -> int | None:
    """What the order costs from exactly these nodes; None where more than `over` pieces stay, or it is not `below`."""
    if problem.room is not None and sum([problem.room[j] for j in nodes]) + problem.over < problem.pieces:
        return None
    total, left, full = sum([problem.fixed[j] for j in nodes]), 0, False
    loads = dict.fromkeys(nodes, 0)
    for need, size, cost, take in zip(problem.need, problem.size, problem.cost, problem.take, strict=True):
        missing = need
        for unit, j in sorted([(cost[j], j) for j in nodes]):
            have = take[j]
            if have >= missing:
                total += unit * missing
                loads[j] += missing * size
                missing = 0
                break
            if have:
                total += unit * have
                loads[j] += have * size
                missing -= have
        left += missing * size
    # Capacity only makes it dearer, unless more may still be left over: then the dearest pieces may be those.
    if left > problem.over or (total >= below and (problem.room is None or left == problem.over)):
        return None
    if problem.room is not None:
        full = any(load > problem.room[j] for j, load in loads.items())
    if not full:
        return total
    left, total, _ = fill(problem, nodes)
    return None if left > problem.over else total


def fill(problem: Problem, nodes: Sequence[int]) -> tuple[int, int, Filling]:
    """(pieces left over, cost, filling) of the best filling from these nodes: fewest left over, then cheapest.

    What ships in sets under capacity is a knapsack, and tried in every way, the least left over and cheapest first, until
    no way that follows can be better: what the other lines cost without capacity is added to each.
    """
    rooms = {j: NEVER if problem.room is None else problem.room[j] for j in nodes}
    bulky = [i for i, size in enumerate(problem.size) if size > 1] if problem.room is not None else []
    single = [i for i in range(len(problem.need)) if i not in bulky]
    missing, cost = 0, 0
    if bulky:
        missing, cost = _flow(problem, nodes, single, dict.fromkeys(nodes, NEVER), [{} for _ in problem.need])
    best: tuple[int, int, Filling] = NEVER, NEVER, []
    for left, total, spread in _spreads(problem, nodes, bulky):
        if (left + missing, total + cost) >= best[:2]:
            break
        rest, filling = dict(rooms), [dict[int, int]() for _ in problem.need]
        for i, units in zip(bulky, spread, strict=True):
            filling[i] = dict(units)
            for j, count in units.items():
                rest[j] -= count * problem.size[i]
        if min(rest.values(), default=0) >= 0:
            more, further = _flow(problem, nodes, single, rest, filling)
            best = min(best, (left + more, total + further, filling), key=lambda one: one[:2])
    return best[0], best[1] + sum(problem.fixed[j] for j in nodes), best[2]


def _spreads(
    problem: Problem, nodes: Sequence[int], bulky: Sequence[int]
) -> list[tuple[int, int, tuple[dict[int, int], ...]]]:
    """(pieces left over, cost, units by node of each) of every way to give the bulky lines to these nodes, best first."""
    ways = []
    for i in bulky:
        size, cost = problem.size[i], problem.cost[i]
        parts = list(islice(_parts(problem, i, list(nodes), problem.need[i]), _MOST_SPREADS))
        if parts[-1]:  # cut off before the last way, which leaves all over
            problem.whole = False
            parts.append({})
        ways.append([
            (size * (problem.need[i] - sum(part.values())), sum(cost[j] * count for j, count in part.items()), part)
            for part in parts
        ])  # fmt: skip
    spreads = list(islice(product(*ways), _MOST_SPREADS))
    if len(spreads) == _MOST_SPREADS:
        problem.whole = False
        spreads.append(tuple(way[-1] for way in ways))
    return sorted(
        [(sum(x for x, _, _ in one), sum(c for _, c, _ in one), tuple(part for _, _, part in one)) for one in spreads],
        key=lambda one: one[:2],
    )


def _parts(problem: Problem, i: int, nodes: list[int], need: int) -> Iterator[dict[int, int]]:
    if not nodes:
        yield {}
        return
    first, rest = nodes[0], nodes[1:]
    for count in range(min(need, problem.take[i][first]), -1, -1):
        for part in _parts(problem, i, rest, need - count):
            yield {first: count, **part} if count else part


def _flow(
    problem: Problem, nodes: Sequence[int], lines: Sequence[int], room: dict[int, int], filling: Filling
) -> tuple[int, int]:
    """Fill the lines from the nodes into `filling`. (units left over, cost). `room` is used up; -1 stands for nobody."""
    for i in lines:
        missing, units = problem.need[i], filling[i]
        for _, j in sorted([(problem.cost[i][j], j) for j in nodes]):
            count = min(missing, problem.take[i][j])
            if count:
                units[j] = count
                room[j] -= count * problem.size[i]
                missing -= count
        units[-1] = missing
    room[-1] = NEVER
    moves = _Moves(problem, lines, list(room), filling) if min(room.values()) < 0 else None
    while moves is not None and min(room.values()) < 0:
        full = min(j for j in room if room[j] < 0)
        path = _cheapest_path(moves, full, room)
        count = min(-room[full], room[path[-1][2]])
        for i, a, b in path:
            free = NEVER if b < 0 else problem.take[i][b] - filling[i].get(b, 0)
            count = min(count, filling[i][a], free)
        for i, a, b in path:
            filling[i][a] -= count
            filling[i][b] = filling[i].get(b, 0) + count
        for i, a, b in path:
            moves.changed(i, a, b)
        room[full] += count
        room[path[-1][2]] -= count
    left = sum(filling[i].pop(-1) * problem.size[i] for i in lines)
    return left, sum(problem.cost[i][j] * count for i in lines for j, count in filling[i].items())


def _cheapest_path(moves: "_Moves", full: int, room: dict[int, int]) -> list[tuple[int, int, int]]:
    """The cheapest way to move a unit from a full node to one with room: steps (line, from, to), by Bellman and Ford."""
    steps = moves.cheapest()
    far, came = {full: 0}, {full: (0, full)}
    moved = [full]
    while moved:
        further: dict[int, None] = {}
        for a in moved:
            here = far[a]
            for b, (cost, i) in steps.get(a, {}).items():
                if b not in far or here + cost < far[b]:
                    far[b], came[b], further[b] = here + cost, (i, a), None
            moves.problem.work += len(room)
        moved = list(further)
    at = min((j for j in far if room[j] > 0), key=lambda j: (far[j], j))
    path = []
    while at != full:
        i, before = came[at]
        path.append((i, before, at))
        at = before
    return path[::-1]


class _Moves:
    """For each pair of nodes the lines a unit of which can move, cheapest first; what can no longer is dropped on sight."""

    __slots__ = ("_changed", "_filling", "_heaps", "_nodes", "_steps", "problem")

    def __init__(self, problem: Problem, lines: Sequence[int], nodes: list[int], filling: Filling) -> None:
        self.problem, self._nodes, self._filling = problem, nodes, filling
        self._steps: dict[int, dict[int, tuple[int, int]]] = {a: {} for a in nodes}
        self._changed = set(nodes)
        self._heaps: dict[int, dict[int, list[tuple[int, int]]]] = {a: {} for a in nodes}
        for i in lines:
            for a in filling[i]:
                self._add(i, a)

    def changed(self, line: int, a: int, b: int) -> None:
        """Units of the line went from a to b: they may go on from b, and others may go to a."""
        self._changed |= {a, b}
        self._add(line, b)
        for c in self._filling[line]:
            if c != a and self._can(line, c, a):
                heappush(self._heaps[c].setdefault(a, []), (self._cost(line, a) - self._cost(line, c), line))

    def cheapest(self) -> dict[int, dict[int, tuple[int, int]]]:
        """From each node to each: (cost, line) of the cheapest unit to move."""
        for a, heaps in self._heaps.items():
            steps = self._steps[a]
            for b in heaps if a in self._changed else sorted(self._changed.intersection(heaps)):
                heap = heaps[b]
                while heap and not self._can(heap[0][1], a, b):
                    heappop(heap)
                if heap:
                    steps[b] = heap[0]
                else:
                    steps.pop(b, None)
        self.problem.work += len(self._nodes) * len(self._changed)
        self._changed = set()
        return self._steps

    def _add(self, line: int, a: int) -> None:
        here = self._cost(line, a)
        for b in self._nodes:
            if b != a and self._can(line, a, b):
                heappush(self._heaps[a].setdefault(b, []), (self._cost(line, b) - here, line))
        self.problem.work += len(self._nodes)

    def _can(self, line: int, a: int, b: int) -> bool:
        units = self._filling[line]
        return bool(units.get(a)) and (b < 0 or units.get(b, 0) < self.problem.take[line][b])

    def _cost(self, line: int, node: int) -> int:
        return NEVER if node < 0 else self.problem.cost[line][node]
