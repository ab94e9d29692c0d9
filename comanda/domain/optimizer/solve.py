"""
Choose the nodes that ship an order at the least cost, and prove it: a capacitated facility-location problem per order.

Called by   comanda.domain.routing.route, and whoever compares policies; pure and deterministic, standard library only
Returns     Solution: who ships what, what is left over, the cost, a lower bound, and whether the answer is proven best
Raises      ValueError for an instance that is none (a negative fixed cost, rows of different lengths), TooDear

The best plan leaves the fewest pieces over; among those it costs least: fixed cost of each node that ships something,
plus unit costs. Ties go to the lower node index, so callers sort nodes by id. All costs are integer micro-units.

How: a plan is found greedily and mended by swaps, then plans are ruled out by how many nodes they use: so many as the
best known, more, fewer. For each number a Lagrangian bound (`bounds`) either closes it or leaves a few dozen nodes, whose
sets are looked through (`branching`). What is proven is exact: bounds are integers. The budget is a number of sets looked at,
the same on every machine; `late` (the clock) is a safety stop that is recorded. Both are asked by every loop that grows with
lines times nodes, also while full nodes are mended.
"""

from dataclasses import dataclass

from comanda.domain.errors import TooDear
from comanda.domain.optimizer.problem import DEAREST, NEVER, Problem, cheapest
from comanda.domain.optimizer.proof import find_best
from comanda.domain.optimizer.subsets import Best
from comanda.domain.time_limit import TimeLimit, never

BUDGET = 5_000  # sets looked at for one order; those of a long one, or under capacity, count for more


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """Lines that ship together: `sets` equal sets (n kits; 1: all of it or nothing), each whole from one node."""

    lines: tuple[int, ...]
    sets: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """One order as numbers. Lines i and nodes j by index; lines share no stock (add up lines of one sku before)."""

    quantity: tuple[int, ...]  # pieces of each line
    fixed: tuple[int, ...]  # of a node that ships anything; >= 0
    cost: tuple[tuple[int, ...], ...]  # [line][node], a piece
    stock: tuple[tuple[int, ...], ...]  # [line][node], pieces it may ship; 0 where it may not
    capacity: tuple[int | None, ...] | None = None  # pieces of all lines that a node may ship
    max_nodes: int | None = None  # the split limit
    together: tuple[Together, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """`cost` of what is assigned; no plan that leaves over as few pieces costs less than `lower_bound`."""

    assignment: tuple[tuple[int, int, int], ...]  # (line, node, pieces)
    leftovers: tuple[tuple[int, int], ...]  # (line, pieces)
    cost: int
    lower_bound: int
    proven: bool
    nodes_searched: int
    clock_stopped: bool

    @property
    def nodes(self) -> tuple[int, ...]:
        return tuple(sorted({node for _, node, _ in self.assignment}))

    @property
    def gap(self) -> float:
        """By which share of its cost the plan may be too dear."""
        return (self.cost - self.lower_bound) / self.cost if self.cost > self.lower_bound else 0.0


Parts = list[tuple[tuple[int, int], ...]]  # for each line of the problem: (line of the instance, pieces in a set)


def solve(instance: Instance, *, budget: int = BUDGET, late: TimeLimit = never) -> Solution:
    """The cheapest plan of those that leave the fewest pieces over, or the best found within the budget."""
    _require_affordable(instance)
    problem, parts = _normalise(instance)
    most = min(len(problem.fixed), sum(problem.need))
    if instance.max_nodes is not None:
        most = min(most, max(0, instance.max_nodes))
    each = 1 + len(problem.need) // 50  # long orders take longer to look at, full nodes and sets in them still longer
    if problem.room is not None:
        each *= 3 if max(problem.size, default=1) == 1 else 10
    best = Best(budget, late, each)
    problem.spends = best.charge
    lower, proven = find_best(problem, most, best)
    cost = best.cost if best.nodes else 0
    filling = cheapest(problem, best.nodes) if best.filling is None else best.filling
    pieces: dict[tuple[int, int], int] = {}
    left = list(instance.quantity)
    for part, units in zip(parts, filling, strict=True):
        for line, size in part:
            for node, count in units.items():
                pieces[line, node] = pieces.get((line, node), 0) + count * size
                left[line] -= count * size
    used = {node for _, node in pieces}
    cost -= sum(instance.fixed[node] for node in best.nodes if node not in used)
    return Solution(
        assignment=tuple((line, node, count) for (line, node), count in sorted(pieces.items()) if count),
        leftovers=tuple((line, count) for line, count in enumerate(left) if count),
        cost=cost,
        lower_bound=cost if proven else lower,
        proven=proven,
        nodes_searched=best.searched,
        clock_stopped=best.stopped,
    )


def _require_affordable(instance: Instance) -> None:
    """Raise TooDear, with the highest costs, when costs are so high that the proof could be wrong."""
    fixed, unit = max(instance.fixed, default=0), max((max(row, default=0) for row in instance.cost), default=0)
    if sum(instance.fixed) + unit * sum(instance.quantity) < DEAREST:
        return  # also of what no node has
    held = [
        max([c for c, have in zip(row, stock, strict=True) if have > 0], default=0) * quantity
        for row, stock, quantity in zip(instance.cost, instance.stock, instance.quantity, strict=True)
    ]
    if sum(instance.fixed) + sum(max(0, cost) for cost in held) >= DEAREST:
        raise TooDear(shipment=fixed, unit=unit)


def _normalise(instance: Instance) -> tuple[Problem, Parts]:
    """Lines that ship together become one; what no node holds is left out, and so are lines that then want nothing."""
    nodes = len(instance.fixed)
    tables = (*instance.cost, *instance.stock, *([] if instance.capacity is None else [instance.capacity]))
    if min(instance.fixed, default=0) < 0 or any(len(row) != nodes for row in tables):
        raise ValueError("a fixed cost below zero, or a row that is not as long as there are nodes")
    room = None if instance.capacity is None else [NEVER if c is None else max(0, c) for c in instance.capacity]
    joined = {line for group in instance.together for line in group.lines}
    alone = [Together(lines=(line,), sets=count) for line, count in enumerate(instance.quantity) if line not in joined]
    problem = Problem(need=[], size=[], fixed=list(instance.fixed), cost=[], take=[], room=room)
    parts: Parts = []
    for group in (*instance.together, *alone):
        part = tuple((line, instance.quantity[line] // group.sets) for line in group.lines if group.sets > 0)
        if any(size * group.sets != instance.quantity[line] for line, size in part):
            raise ValueError("lines that ship together are not whole sets")
        _add_line(problem, instance, part, group.sets)
        if len(problem.need) > len(parts):
            parts.append(part)
    return problem, parts


def _add_line(problem: Problem, instance: Instance, part: tuple[tuple[int, int], ...], sets: int) -> None:
    """Add a line of sets to the problem, unless no node can ship one."""
    part = tuple((line, size) for line, size in part if size)
    size = sum(count for _, count in part)
    if not size:
        return
    if len(part) == 1 and size == 1:
        ((line, _),) = part
        take = [have if have < sets else sets for have in instance.stock[line]]  # noqa: FURB136  faster, in the widest loop
        cost = [each if count > 0 else NEVER for each, count in zip(instance.cost[line], take, strict=True)]
    else:
        held = zip(*([have // count for have in instance.stock[line]] for line, count in part), strict=True)
        take = [min(sets, *have) for have in held]
        each = zip(*([c * count for c in instance.cost[line]] for line, count in part), strict=True)
        cost = [sum(one) if count > 0 else NEVER for one, count in zip(each, take, strict=True)]
    if problem.room is not None:
        take = [min(count, room // size) for count, room in zip(take, problem.room, strict=True)]
        cost = [each_set if count > 0 else NEVER for each_set, count in zip(cost, take, strict=True)]
    if min(take, default=0) < 0:
        take = [max(0, count) for count in take]
    need = min(sets, sum(take))
    if need:
        problem.need.append(need)
        problem.size.append(size)
        problem.cost.append(cost)
        problem.take.append([min(count, need) for count in take] if need < sets else take)
