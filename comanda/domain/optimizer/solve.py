"""
Choose the nodes that ship an order at the least cost, and prove it: a capacitated facility-location problem per order.

Called by   comanda.domain.routing.solve_stage, and benches that compare policies; pure and deterministic, standard library only
Returns     Solution: the pieces of each node, the pieces left over, the cost, a lower bound, and whether the plan is proven best
Raises      ValueError for an invalid instance (a negative fixed cost, rows of different lengths), TooDear

The best plan leaves the fewest pieces over; of such plans it costs least: the fixed cost of each node that ships something,
plus unit costs. Ties go to the lower node index, so callers sort nodes by id. All costs are integer micro-units.

A plan is found greedily and improved by swaps. Then plans are ruled out by their number of nodes: the number of the best
known plan, more, fewer. For each number a Lagrangian bound (`bounds`) either rules all plans out or leaves a few dozen nodes,
whose sets are searched (`branch_and_bound`). The proof is exact, because bounds are integers. The budget is a number of sets
searched, the same on every machine. The time limit `late` is a safety stop that the solution records. Every loop that grows
with lines times nodes checks both, also while full nodes are repaired.
"""

from dataclasses import dataclass

from comanda.domain.errors import TooDear
from comanda.domain.optimizer.filling import cheapest
from comanda.domain.optimizer.problem import DEAREST, NEVER, Filling, Problem
from comanda.domain.optimizer.proof import find_best
from comanda.domain.optimizer.subsets import Best
from comanda.domain.time_limit import TimeLimit, never

BUDGET = 5_000  # sets searched for one order; the sets of a long order, or under capacity, count for more


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """Lines that ship together: `sets` equal sets (n kits; 1 is all of it or nothing), each whole from one node."""

    lines: tuple[int, ...]
    sets: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """One order as numbers. Lines i and nodes j are indices. Lines share no stock: lines of one sku are added up
    before."""

    quantity: tuple[int, ...]  # pieces of each line
    fixed: tuple[int, ...]  # of a node that ships anything; >= 0
    cost: tuple[tuple[int, ...], ...]  # [line][node], a piece
    stock: tuple[tuple[int, ...], ...]  # [line][node], pieces it may ship; 0 where it may not
    capacity: tuple[int | None, ...] | None = None  # pieces of all lines that a node may ship
    max_nodes: int | None = None  # the split limit
    together: tuple[Together, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """The answer. `cost` is of the assigned pieces. No plan that leaves as few pieces over costs less than
    `lower_bound`."""

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
        """Return the share of its cost by which the plan may be too dear."""
        return (self.cost - self.lower_bound) / self.cost if self.cost > self.lower_bound else 0.0


Parts = list[tuple[tuple[int, int], ...]]  # by line of the problem: (line of the instance, pieces in a set)


def solve(instance: Instance, *, budget: int = BUDGET, late: TimeLimit = never) -> Solution:
    """Return the cheapest of the plans that leave the fewest pieces over, or the best plan found within the budget."""
    _require_affordable(instance)
    problem, parts = _normalise(instance)
    most = min(len(problem.fixed), sum(problem.need))
    if instance.max_nodes is not None:
        most = min(most, max(0, instance.max_nodes))
    # A set takes longer in a long order, and still longer with full nodes and sets of pieces.
    each = 1 + len(problem.need) // 50
    if problem.room is not None:
        each *= 3 if max(problem.size, default=1) == 1 else 10
    best = Best(budget, late, each)
    problem.spends = best.charge
    lower, proven = find_best(problem, most, best)
    cost = best.cost if best.nodes else 0
    filling = cheapest(problem, best.nodes) if best.filling is None else best.filling
    pieces, left = _pieces_by_line(instance, parts, filling)
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


def _pieces_by_line(instance: Instance, parts: Parts, filling: Filling) -> tuple[dict[tuple[int, int], int], list[int]]:
    """Return ({(line, node): pieces}, pieces of each line that are left over) of a filling of the problem's lines."""
    pieces: dict[tuple[int, int], int] = {}
    left = list(instance.quantity)
    for part, units in zip(parts, filling, strict=True):
        for line, size in part:
            for node, count in units.items():
                pieces[line, node] = pieces.get((line, node), 0) + count * size
                left[line] -= count * size
    return pieces, left


def _require_affordable(instance: Instance) -> None:
    """Raise TooDear, with the highest costs, when costs are so high that the proof could be wrong."""
    fixed, unit = max(instance.fixed, default=0), max((max(row, default=0) for row in instance.cost), default=0)
    if sum(instance.fixed) + unit * sum(instance.quantity) < DEAREST:
        return  # affordable even with costs of nodes that have no stock
    held = [
        max([c for c, have in zip(row, stock, strict=True) if have > 0], default=0) * quantity
        for row, stock, quantity in zip(instance.cost, instance.stock, instance.quantity, strict=True)
    ]
    if sum(instance.fixed) + sum(max(0, cost) for cost in held) >= DEAREST:
        raise TooDear(shipment=fixed, unit=unit)


def _normalise(instance: Instance) -> tuple[Problem, Parts]:
    """Return the instance as a problem. Lines that ship together become one; lines that no node can ship are left
    out."""
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
        take, cost = _pieces_by_node(instance, part[0][0], sets)
    else:
        take, cost = _sets_by_node(instance, part, sets)
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


def _pieces_by_node(instance: Instance, line: int, most: int) -> tuple[list[int], list[int]]:
    """Return (pieces that each node can ship, their cost a piece) for a line that ships alone."""
    take = [have if have < most else most for have in instance.stock[line]]  # noqa: FURB136  faster, in the widest loop
    return take, [each if count > 0 else NEVER for each, count in zip(instance.cost[line], take, strict=True)]


def _sets_by_node(instance: Instance, part: tuple[tuple[int, int], ...], most: int) -> tuple[list[int], list[int]]:
    """Return (sets that each node can ship, their cost a set); `part` is (line, pieces) in a set."""
    held = zip(*([have // count for have in instance.stock[line]] for line, count in part), strict=True)
    take = [min(most, *have) for have in held]
    each = zip(*([c * count for c in instance.cost[line]] for line, count in part), strict=True)
    return take, [sum(one) if count > 0 else NEVER for one, count in zip(each, take, strict=True)]
