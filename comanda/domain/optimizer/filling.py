"""
Fill an order from a given set of nodes: the cheapest filling, exactly, with what the nodes hold and may ship.

Called by   comanda.domain.optimizer.solve and its siblings; pure, integers only
Returns     the filling of a set of nodes, its cost, and the pieces that it leaves over
Raises      nothing

Without capacity each line takes from the cheapest node of the set. With capacity that filling is repaired: units of nodes
that have too much move along cheapest paths to nodes with room (`full_nodes`), which keeps it the cheapest there is.
"""

from collections.abc import Iterator, Sequence
from itertools import islice, product

from comanda.domain.optimizer.full_nodes import relieve, repair
from comanda.domain.optimizer.problem import NEVER, Filling, Problem

_MOST_SPREADS = 2_000  # ways to place units that ship together that are tried for one set of nodes under capacity


def price(problem: Problem, nodes: Sequence[int], below: int = NEVER) -> tuple[int, Filling | None] | None:
    """Return the cost of the order from exactly these nodes, and the filling where full nodes were repaired; None is
    the filling of `cheapest`.

    Returns None if more than `over` pieces stay, or the cost is not `below`.
    """
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
    # Capacity only raises the cost, unless more pieces may be left over: these may be the dearest.
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
    """Return the units of the line by node, the cheapest node first, and the units that none of the nodes has."""
    missing, units = problem.need[i], dict[int, int]()
    for _, j in sorted([(problem.cost[i][j], j) for j in nodes]):
        count = min(missing, problem.take[i][j])
        if count:
            units[j] = count
            missing -= count
    return units, missing


def fill(problem: Problem, nodes: Sequence[int]) -> tuple[int, int, Filling]:
    """Return (pieces left over, cost, filling) of the best filling from these nodes: the fewest pieces left over, then
    the cheapest.

    Sets of pieces under capacity are a knapsack problem. Every way to place them is tried, the least left over and
    cheapest first, until no later way can be better: the cost of the other lines without capacity is added to each.
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
        cut = (
            problem.spends(len(parts) * len(nodes)) or cut or bool(parts[-1])
        )  # the last of all ways leaves everything over
        ways.append(parts)
    spreads = list(islice(product(*ways), _MOST_SPREADS))
    if cut or len(spreads) == _MOST_SPREADS:
        problem.whole = False
        spreads.append(_plain_spread(problem, nodes, bulky))
    problem.spends(len(spreads) * len(bulky))
    return sorted([(*_spread_cost(problem, bulky, spread), spread) for spread in spreads], key=lambda one: one[:2])


def _spread_cost(problem: Problem, bulky: Sequence[int], spread: Spread) -> tuple[int, int]:
    """Return (pieces left over, cost) of a spread."""
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
    """Yield every way to take `need` units of a line from these nodes, most from the first nodes first."""
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
    """Fill the lines from the nodes into `filling`; return (units left over, cost). `room` is used up. Node -1 stands
    for no node."""
    for i in lines:
        units, missing = _from_cheapest(problem, i, nodes)
        for j, count in units.items():
            room[j] -= count * problem.size[i]
        filling[i] = {**units, -1: missing}
    room[-1] = NEVER
    if min(room.values()) < 0 and not repair(problem, lines, room, filling):
        problem.whole = False
        relieve(problem, lines, room, filling)
    left = sum(filling[i].pop(-1) * problem.size[i] for i in lines)
    return left, sum(problem.cost[i][j] * count for i in lines for j, count in filling[i].items())
