"""
Repair a filling in which nodes have more than their capacity: move units to nodes with room, each the cheapest way.

Called by   comanda.domain.optimizer.filling; pure, integers only
Returns     the filling, changed in place
Raises      nothing

Successive shortest paths keep the filling the cheapest there is. The repair charges the search's budget while it runs. When
the budget is used up, each unit that is still too much goes to the cheapest node with room, and the problem is no longer
`whole`.
"""

from collections.abc import Sequence
from heapq import heappop, heappush

from comanda.domain.optimizer.problem import NEVER, Filling, Problem


def repair(problem: Problem, lines: Sequence[int], room: dict[int, int], filling: Filling) -> bool:
    """Move units from nodes that have too much to nodes with room, each the cheapest way.

    Returns False if the budget was used up before: `filling` is then repaired in part.
    """
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


def relieve(problem: Problem, lines: Sequence[int], room: dict[int, int], filling: Filling) -> None:
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
    Ford. Returns None if the budget is used up."""
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
    """The lines of which a unit can move, the cheapest first, for each pair of nodes. Impossible moves are dropped when
    they are met."""

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
                return  # the next path stops, too

    def changed(self, line: int, a: int, b: int) -> None:
        """Update the moves after units of the line went from a to b. They may go on from b, and other units may go to
        a."""
        self._changed |= {a, b}
        self._add(line, b)
        for c in self._filling[line]:
            if c != a and self._can(line, c, a):
                heappush(self._heaps[c].setdefault(a, []), (self._cost(line, a) - self._cost(line, c), line))

    def cheapest(self) -> dict[int, dict[int, tuple[int, int]]]:
        """Return for each pair of nodes the (cost, line) of the cheapest unit to move."""
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
