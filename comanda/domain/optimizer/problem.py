"""
Compute what an order costs from a given set of nodes: the cheapest filling, exactly, with what the nodes hold and may
ship.

Called by   comanda.domain.optimizer.solve and its siblings; pure, integers only
Returns     the filling of a set of nodes, its cost and what it leaves over
Raises      nothing

Without capacity each line takes from the cheapest of the set. With it, that filling is mended: units of nodes that have
too much move along cheapest paths to nodes with room (successive shortest paths), which keeps it the cheapest there is.
The mending charges the search's budget while it runs. When that is used up, each unit that is still too much goes to the
cheapest node with room, and the problem is no longer `whole`.
"""

from collections.abc import Callable, Iterator, Sequence
from heapq import heappop, heappush
from itertools import islice, product
from operator import mul

NEVER = 1 << 60  # the unit cost of a node that does not have the line; above any real cost
DEAREST = 1 << 59  # a plan that may cost so much, or more, is refused: sums with NEVER would prove what is wrong
_MOST_SPREADS = 2_000  # ways to place what ships together that are tried for one set of nodes under capacity


def _unlimited(_numbers: int) -> bool:
    return False


class Problem:
    """One order, normalised. Lines are indexed i, nodes j; a line's unit is a *set* of `size[i]` pieces when several must
    ship together. `take[i][j]` <= need[i]; `cost[i][j]` is NEVER where take is 0. `over`: pieces that may be left."""

    __slots__ = ("cost", "fixed", "need", "over", "room", "size", "spends", "take", "whole")

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
        spends: Callable[[int], bool] = _unlimited,
    ) -> None:
        self.need, self.size, self.fixed, self.cost, self.take, self.room = need, size, fixed, cost, take, room
        self.over = over
        self.whole = whole  # False once a filling was too wide to try in full
        self.spends = spends  # counts numbers that were looked at, and answers whether the budget is used up

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
            spends=self.spends,
        )


Filling = list[dict[int, int]]  # for each line, units by node


def price(problem: Problem, nodes: Sequence[int], below: int = NEVER) -> tuple[int, Filling | None] | None:
    """Return the cost of the order from exactly these nodes, and the filling where full nodes were mended (else the
    filling is that of `cheapest`). Returns None where more than `over` pieces stay, or the cost is not `below`."""
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
        return total, None
    left, total, filling = fill(problem, nodes)
    return None if left > problem.over else (total, filling)


def cheapest(problem: Problem, nodes: Sequence[int]) -> Filling:
    """Return the filling that takes each line from the cheapest of these nodes, whatever capacity they have."""
    return [_from_cheapest(problem, i, nodes)[0] for i in range(len(problem.need))]


def _from_cheapest(problem: Problem, i: int, nodes: Sequence[int]) -> tuple[dict[int, int], int]:
    """Return the units of the line by node, the cheapest first, and the units that none of the nodes has."""
    missing, units = problem.need[i], dict[int, int]()
    for _, j in sorted([(problem.cost[i][j], j) for j in nodes]):
        count = min(missing, problem.take[i][j])
        if count:
            units[j] = count
            missing -= count
    return units, missing


def fill(problem: Problem, nodes: Sequence[int]) -> tuple[int, int, Filling]:
    """(pieces left over, cost, filling) of the best filling from these nodes: fewest left over, then cheapest.

    What ships in sets under capacity is a knapsack, and tried in every way, the least left over and cheapest first, until
    no way that follows can be better: what the other lines cost without capacity is added to each.
    """
    rooms = {j: NEVER if problem.room is None else problem.room[j] for j in nodes}
    bulky = [i for i, size in enumerate(problem.size) if size > 1] if problem.room is not None else []
    single = [i for i in range(len(problem.need)) if i not in set(bulky)]
    missing, cost = 0, 0
    if bulky:
        missing, cost = _fill_lines(problem, nodes, single, dict.fromkeys(nodes, NEVER), [{} for _ in problem.need])
    best: tuple[int, int, Filling] = NEVER, NEVER, []
    for left, total, spread in _spreads(problem, nodes, bulky):
        if (left + missing, total + cost) >= best[:2]:
            break
        if best[2] and problem.spends(len(single)):
            problem.whole = False
            break
        rest, filling = dict(rooms), [dict[int, int]() for _ in problem.need]
        for i, units in zip(bulky, spread, strict=True):
            filling[i] = dict(units)
            for j, count in units.items():
                rest[j] -= count * problem.size[i]
        if min(rest.values(), default=0) >= 0:
            more, further = _fill_lines(problem, nodes, single, rest, filling)
            best = min(best, (left + more, total + further, filling), key=lambda one: one[:2])
    return best[0], best[1] + sum(problem.fixed[j] for j in nodes), best[2]


Spread = tuple[dict[int, int], ...]  # for each of the bulky lines, units by node


def _spreads(problem: Problem, nodes: Sequence[int], bulky: Sequence[int]) -> list[tuple[int, int, Spread]]:
    """Return (pieces left over, cost, spread) for every way to give the bulky lines to these nodes, best first. Where
    there are too many ways, return the first ones and a plain one that fits."""
    ways, cut = list[list[dict[int, int]]](), False
    for i in bulky:
        parts = list(islice(_parts(problem, i, list(nodes), problem.need[i]), _MOST_SPREADS)) if not cut else [{}]
        cut = problem.spends(len(parts) * len(nodes)) or cut or bool(parts[-1])  # the last way of all leaves all over
        ways.append(parts)
    spreads = list(islice(product(*ways), _MOST_SPREADS))
    if cut or len(spreads) == _MOST_SPREADS:
        problem.whole = False
        spreads.append(_plain_spread(problem, nodes, bulky))
    problem.spends(len(spreads) * len(bulky))
    return sorted([(*_spread_cost(problem, bulky, spread), spread) for spread in spreads], key=lambda one: one[:2])


def _spread_cost(problem: Problem, bulky: Sequence[int], spread: Spread) -> tuple[int, int]:
    left = cost = 0
    for i, part in zip(bulky, spread, strict=True):
        left += problem.size[i] * (problem.need[i] - sum(part.values()))
        cost += sum([problem.cost[i][j] * count for j, count in part.items()])
    return left, cost


def _plain_spread(problem: Problem, nodes: Sequence[int], bulky: Sequence[int]) -> Spread:
    """Return the spread that gives each line in turn, the largest sets first, to the cheapest nodes with room for
    them."""
    room = {j: NEVER if problem.room is None else problem.room[j] for j in nodes}
    found = dict[int, dict[int, int]]()
    for i in sorted(bulky, key=lambda i: -problem.size[i]):
        missing, size, found[i] = problem.need[i], problem.size[i], {}
        for _, j in sorted([(problem.cost[i][j], j) for j in nodes]):
            if count := min(missing, problem.take[i][j], room[j] // size):
                found[i][j] = count
                room[j] -= count * size
                missing -= count
    return tuple([found[i] for i in bulky])


def _parts(problem: Problem, i: int, nodes: list[int], need: int) -> Iterator[dict[int, int]]:
    if not nodes:
        yield {}
        return
    first, rest = nodes[0], nodes[1:]
    for count in range(min(need, problem.take[i][first]), -1, -1):
        for part in _parts(problem, i, rest, need - count):
            yield {first: count, **part} if count else part


def _fill_lines(
    problem: Problem, nodes: Sequence[int], lines: Sequence[int], room: dict[int, int], filling: Filling
) -> tuple[int, int]:
    """Fill the lines from the nodes into `filling`. (units left over, cost). `room` is used up; -1 stands for nobody."""
    for i in lines:
        units, missing = _from_cheapest(problem, i, nodes)
        for j, count in units.items():
            room[j] -= count * problem.size[i]
        filling[i] = {**units, -1: missing}
    room[-1] = NEVER
    if min(room.values()) < 0 and not _repair(problem, lines, room, filling):
        problem.whole = False
        _relieve(problem, lines, room, filling)
    left = sum(filling[i].pop(-1) * problem.size[i] for i in lines)
    return left, sum(problem.cost[i][j] * count for i in lines for j, count in filling[i].items())


def _repair(problem: Problem, lines: Sequence[int], room: dict[int, int], filling: Filling) -> bool:
    """Move units from nodes that have too much to nodes with room, each the cheapest way. False where the budget was used
    up before: `filling` is then mended in part."""
    if problem.spends(0):
        return False
    moves = _Moves(problem, lines, list(room), filling)
    while min(room.values()) < 0:
        full = min(j for j in room if room[j] < 0)
        path = _cheapest_path(moves, full, room)
        if path is None:
            return False
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
    return True


def _relieve(problem: Problem, lines: Sequence[int], room: dict[int, int], filling: Filling) -> None:
    """Move the units that are too many for a node to the cheapest node with room, the least further cost first. Units
    for which no node has room are left over."""
    for full in sorted(j for j in room if room[j] < 0):
        open_nodes = [j for j in room if j >= 0 and room[j] > 0]
        here = [i for i in lines if filling[i].get(full)]
        ways = {i: sorted([(problem.cost[i][j], j) for j in open_nodes if problem.take[i][j]]) for i in here}

        def further(i: int, ways: dict[int, list[tuple[int, int]]] = ways, full: int = full) -> int:
            return (ways[i][0][0] if ways[i] else NEVER) - problem.cost[i][full]

        for i in sorted(here, key=further):
            for j in [*(j for _, j in ways[i]), -1]:
                units, free = filling[i], NEVER if j < 0 else problem.take[i][j] - filling[i].get(j, 0)
                count = min(-room[full], units[full], max(0, room[j]), free)
                if count > 0:
                    units[full] -= count
                    units[j] = units.get(j, 0) + count
                    room[full] += count
                    room[j] -= count
            if room[full] >= 0:
                break


def _cheapest_path(moves: "_Moves", full: int, room: dict[int, int]) -> list[tuple[int, int, int]] | None:
    """Return the cheapest way to move a unit from a full node to one with room: steps (line, from, to), by Bellman and
    Ford. Returns None where the budget is used up."""
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
        if moves.problem.spends(len(moved) * len(room)):
            return None
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
            if problem.spends(0):
                return  # as the next path will find

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
        self.problem.spends(len(self._nodes) * len(self._changed))
        self._changed = set()
        return self._steps

    def _add(self, line: int, a: int) -> None:
        here = self._cost(line, a)
        for b in self._nodes:
            if b != a and self._can(line, a, b):
                heappush(self._heaps[a].setdefault(b, []), (self._cost(line, b) - here, line))
        self.problem.spends(len(self._nodes))

    def _can(self, line: int, a: int, b: int) -> bool:
        units = self._filling[line]
        return bool(units.get(a)) and (b < 0 or units.get(b, 0) < self.problem.take[line][b])

    def _cost(self, line: int, node: int) -> int:
        return NEVER if node < 0 else self.problem.cost[line][node]
