"""
Compute how much of an order can be shipped at all: the fewest pieces left over, whatever it costs.

Called by   comanda.domain.optimizer.proof, when no plan was found that ships everything; pure, deterministic
Returns     a lower bound of the pieces left over; a set of nodes that leaves few over
Raises      nothing
"""

from collections.abc import Sequence
from heapq import nlargest
from itertools import pairwise
from operator import mul

from comanda.domain.optimizer.problem import NEVER, Problem
from comanda.domain.optimizer.subsets import Best


def fewest_left(problem: Problem, most: int) -> int:
    """Return a lower bound of the pieces that stay, even when the `most` widest nodes share nothing, or when every node
    ships what it can. The second bound is left out when the budget does not suffice for it."""
    alone = nlargest(most, (covered(problem, [j]) for j in range(len(problem.fixed))))
    return max(0, problem.pieces - sum(alone), problem.pieces - _flow(problem))


def _flow(problem: Problem) -> int:
    """Return the pieces that all nodes together can ship: the greatest flow from lines through nodes with their
    capacity. Returns all pieces when the budget is used up before the flow is known.

    Augmenting paths over lines: a line takes from a node with room, or from a node without by displacing another line.
    """
    lines = range(len(problem.need))
    room = list(problem.room) if problem.room is not None else [NEVER] * len(problem.fixed)
    held = [[take * size for take in row] for row, size in zip(problem.take, problem.size, strict=True)]
    used: list[dict[int, int]] = [{} for _ in lines]
    shipped = 0
    for i in lines:
        missing = problem.need[i] * problem.size[i]
        while missing:
            path = _path(problem, i, held, used, room)
            if problem.spends(0):
                return problem.pieces
            if path is None:
                break
            count = min(missing, room[path[-1][1]], *(held[a][j] - used[a].get(j, 0) for a, j in path))
            for (_, j), (b, _) in pairwise(path):
                count = min(count, used[b][j])
            for k, (a, j) in enumerate(path):
                used[a][j] = used[a].get(j, 0) + count
                if k + 1 < len(path):
                    used[path[k + 1][0]][j] -= count
            room[path[-1][1]] -= count
            missing -= count
            shipped += count
    return shipped


def _path(
    problem: Problem, start: int, held: Sequence[Sequence[int]], used: Sequence[dict[int, int]], room: Sequence[int]
) -> list[tuple[int, int]] | None:
    """Return steps (line, node that it takes from). Each displaces the next step's line there; the last node has room.
    Returns None if there is no path, or the budget is used up."""
    before: dict[int, tuple[int, int] | None] = {start: None}  # line: (line that displaces it, at which node)
    queue = [start]
    for i in queue:
        if problem.spends(len(room)):
            return None
        open_nodes = [j for j, have in enumerate(held[i]) if have > used[i].get(j, 0)]
        for j in open_nodes:
            if room[j] > 0:
                path, line = [(i, j)], i
                while (step := before[line]) is not None:
                    path.append(step)
                    line = step[0]
                return path[::-1]
        for j in open_nodes:
            problem.spends(len(used))
            for b, units in enumerate(used):
                if b not in before and units.get(j, 0):
                    before[b] = (i, j)
                    queue.append(b)
    return None


def widest(problem: Problem, most: int, best: Best) -> list[int]:
    """Return a set of at most `most` nodes that holds much of the order: chosen greedily, then improved by single
    swaps."""
    alone = [covered(problem, [j]) for j in range(len(problem.fixed))]
    best.spend(len(alone) * len(problem.need))
    order = sorted(range(len(alone)), key=lambda j: -alone[j])
    nodes: list[int] = []
    gained = 0
    while len(nodes) < most:
        if best.spent():  # the rest of the set is the widest nodes alone, uncounted
            return [*nodes, *(j for j in order if j not in nodes)][:most]
        reached, more = _best_addition(problem, nodes, order, alone, gained, best)
        if reached <= gained:
            break
        nodes, gained = more, reached
    better = True
    while better:
        better = False
        for node in list(nodes):
            if best.spent():
                return nodes
            rest = [j for j in nodes if j != node]
            reached, swapped = _best_addition(problem, rest, order, alone, gained, best)
            if reached > gained:
                nodes, gained, better = swapped, reached, True
                break
    return nodes


def _best_addition(
    problem: Problem, nodes: list[int], order: Sequence[int], alone: Sequence[int], above: int, best: Best
) -> tuple[int, list[int]]:
    """Return (pieces held, nodes) with the further node that adds most, if that is more than `above`.

    Ties go to the first node of `order`, the widest alone. A node never adds more than it holds alone, so few are
    tried.
    """
    takes = zip(problem.need, problem.take, strict=True)
    missing = [max(0, need - sum([take[j] for j in nodes])) for need, take in takes]
    open_lines = [
        (units, size, take) for units, size, take in zip(missing, problem.size, problem.take, strict=True) if units
    ]
    held = problem.pieces - sum(units * size for units, size, _ in open_lines)
    room = NEVER if problem.room is None else sum([problem.room[j] for j in nodes])
    reached, found, tried = above, nodes, 0
    for j in order:
        if j in nodes:
            continue
        if held + alone[j] <= reached:
            break
        pieces = held + sum([min(units, take[j]) * size for units, size, take in open_lines])
        if problem.room is not None:
            pieces = min(pieces, room + problem.room[j])
        if pieces > reached:
            reached, found = pieces, [*nodes, j]
        tried += 1
    best.spend((tried + len(nodes)) * len(problem.need))
    return reached, found


def covered(problem: Problem, nodes: Sequence[int]) -> int:
    """Return the pieces of the order that the nodes hold, at most those that they may ship together."""
    units = [min(need, sum([take[j] for j in nodes])) for need, take in zip(problem.need, problem.take, strict=True)]
    pieces: int = sum(map(mul, units, problem.size))
    return pieces if problem.room is None else min(pieces, sum([problem.room[j] for j in nodes]))
