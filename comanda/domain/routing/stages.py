"""
A stage: one rule's choice as numbers, and the choice made of them.

Nothing here knows orders, shelves or carriers: what is stored of a stage is all that it takes to choose again, long after
stock, cards and rules have changed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import nsmallest
from typing import Any

from comanda.domain.optimizer.minimum_value import (
    Assignment,
    all_reach_minimum,
    enlarge_shipments,
    pieces_sent,
    shipment_values,
)
from comanda.domain.optimizer.solve import BUDGET, Instance, Solution, Together, solve
from comanda.domain.rules.rule_sets import COVERAGE

_TRIES = 20  # plans looked at, where shipments are worth too little


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Lines i and nodes j by index, nodes sorted by id. Either `cost` (optimise) or `ranks` with their `criteria` (rank).

    `value` of a piece of each line and `min_value` in minor units. `one_node`: all of it from one node, or nothing.
    """

    nodes: tuple[str, ...]
    skus: tuple[str, ...]
    quantity: tuple[int, ...]
    stock: tuple[tuple[int, ...], ...]  # [line][node], pieces that it may send
    capacity: tuple[int | None, ...] | None = None
    together: tuple[Together, ...] = ()
    max_nodes: int | None = None
    one_node: bool = False
    value: tuple[int, ...] = ()
    min_value: int = 0
    fixed: tuple[int, ...] = ()
    cost: tuple[tuple[int, ...], ...] = ()  # [line][node], a piece
    criteria: tuple[str, ...] = ()
    ranks: tuple[tuple[int, ...], ...] = ()  # [node][criterion], least is best; that of coverage is worked out


@dataclass(frozen=True, slots=True, kw_only=True)
class StageResult:
    """Who sends what. The rest is what an optimiser knows of its answer: without costs all of it is 0 and not proven."""

    assignment: Assignment
    cost: int = 0
    lower_bound: int = 0
    proven: bool = False
    nodes_searched: int = 0
    clock_stopped: bool = False


NOTHING_SENT = StageResult(assignment=())


def _never() -> bool:
    return False


def solve_stage(stage: Stage, *, budget: int = BUDGET, late: Callable[[], bool] = _never) -> StageResult:
    """The choice; the same for the same stage, unless the clock stopped it, which it says."""
    if not stage.nodes or not stage.skus or stage.max_nodes == 0:
        return NOTHING_SENT
    if stage.one_node:
        return _from_one(stage)
    return _ranked(stage) if stage.criteria else _optimised(stage, budget, late)


def _optimised(stage: Stage, budget: int, late: Callable[[], bool]) -> StageResult:
    """The cheapest plan. Where a shipment would be worth too little, the best found of plans where none is: the same
    nodes with more from the small one, then without the small one, then of fewer shipments; all within one budget."""
    # Unit costs below zero are raised, all by the same: as many pieces are sent whatever they cost.
    least = min(0, min((c for row in stage.cost for c in row), default=0))
    first = solve(_instance(stage, stage.max_nodes, least), budget=budget, late=late)
    if _reaches_minimum(stage, first.assignment):
        return _result(first, least)
    searched, stopped = first.nodes_searched, first.clock_stopped
    found: Assignment = ()
    for fewer in (False, True):
        now, solution = stage, first
        for _ in range(_TRIES):
            for plan in (solution.assignment, _enlarged(now, solution.assignment, late)):
                if _reaches_minimum(stage, plan) and _better(stage, plan, found):
                    found = plan
            stopped = stopped or late()
            if pieces_sent(solution.assignment) < pieces_sent(found) or searched >= budget or stopped:
                break
            if not solution.assignment or _reaches_minimum(stage, solution.assignment):
                break
            now = _without_smallest(now, solution.assignment, fewer)
            if now.max_nodes == 0:
                break
            solution = solve(_instance(now, now.max_nodes, least), budget=budget - searched, late=late)
            searched, stopped = searched + solution.nodes_searched, stopped or solution.clock_stopped
    if not found:
        return replace(NOTHING_SENT, nodes_searched=searched, clock_stopped=stopped)
    cost = _cost(stage, found)
    return StageResult(
        assignment=found,
        cost=cost,
        lower_bound=min(
            cost, first.lower_bound + least * pieces_sent(first.assignment)
        ),  # the limit on values is not in it
        nodes_searched=searched,
        clock_stopped=stopped,
    )


def _result(solution: Solution, least: int) -> StageResult:
    added = least * pieces_sent(solution.assignment)
    return StageResult(
        assignment=solution.assignment,
        cost=solution.cost + added,
        lower_bound=solution.lower_bound + added,
        proven=solution.proven,
        nodes_searched=solution.nodes_searched,
        clock_stopped=solution.clock_stopped,
    )


def _without_smallest(stage: Stage, assignment: Assignment, fewer: bool) -> Stage:
    """The stage with a shipment fewer, or without the node whose shipment is worth least."""
    values = shipment_values(stage.value, assignment)
    if fewer:
        return replace(stage, max_nodes=len(values) - 1)
    smallest = min(values, key=lambda j: (values[j], j))
    return replace(stage, stock=tuple((*row[:smallest], 0, *row[smallest + 1 :]) for row in stage.stock))


def _enlarged(stage: Stage, assignment: Assignment, late: Callable[[], bool]) -> Assignment:
    """The same nodes, the small shipments made larger. Lines that belong together stay where they are."""
    fast = {i for group in stage.together for i in group.lines}
    return enlarge_shipments(
        assignment, stage.value, stage.min_value, stage.cost, stage.stock, stage.capacity, fast, late
    )


def _better(stage: Stage, plan: Assignment, than: Assignment) -> bool:
    """More pieces, then less cost."""
    return (-pieces_sent(plan), _cost(stage, plan)) < (-pieces_sent(than), _cost(stage, than))


def _cost(stage: Stage, assignment: Assignment) -> int:
    fixed = sum(stage.fixed[j] for j in {j for _, j, _ in assignment})
    return fixed + sum(stage.cost[i][j] * pieces for i, j, pieces in assignment)


def _instance(stage: Stage, most: int | None, least: int) -> Instance:
    return Instance(
        quantity=stage.quantity,
        fixed=stage.fixed,
        cost=tuple(tuple(c - least for c in row) for row in stage.cost) if least else stage.cost,
        stock=stage.stock,
        capacity=stage.capacity,
        max_nodes=most,
        together=stage.together,
    )


def _reaches_minimum(stage: Stage, assignment: Assignment) -> bool:
    return not stage.min_value or all_reach_minimum(assignment, stage.value, stage.quantity, stage.min_value)


def _from_one(stage: Stage) -> StageResult:
    """The best node that has all of it."""
    pieces = sum(stage.quantity)
    best: tuple[tuple[int, ...], int] | None = None
    for j in range(len(stage.nodes)):
        room = stage.capacity[j] if stage.capacity is not None else None
        if (room is not None and room < pieces) or any(
            row[j] < wanted for row, wanted in zip(stage.stock, stage.quantity, strict=True)
        ):
            continue
        key = stage.ranks[j] if stage.criteria else (_cost_from_one(stage, j),)
        if best is None or key < best[0]:
            best = key, j
    if best is None:
        return NOTHING_SENT
    assignment = tuple((i, best[1], quantity) for i, quantity in enumerate(stage.quantity))
    if stage.criteria:
        return StageResult(assignment=assignment)
    return StageResult(assignment=assignment, cost=best[0][0], lower_bound=best[0][0], proven=True)


def _cost_from_one(stage: Stage, j: int) -> int:
    return stage.fixed[j] + sum(row[j] * q for row, q in zip(stage.cost, stage.quantity, strict=True))


def cheapest_single_nodes(stage: Stage, most: int) -> tuple[tuple[str, int], ...]:
    """(node, cost of all from there) of the cheapest nodes that have all of it and room for it; none where costs were not asked for."""
    if not stage.fixed:
        return ()
    pieces, rooms = sum(stage.quantity), stage.capacity or [None] * len(stage.nodes)
    have_all: Sequence[int] = [j for j, room in enumerate(rooms) if room is None or room >= pieces]
    for row, wanted in zip(stage.stock, stage.quantity, strict=True):
        have_all = [j for j in have_all if row[j] >= wanted]
    found = [(_cost_from_one(stage, j), j) for j in have_all]
    return tuple((stage.nodes[j], micros) for micros, j in nsmallest(most, found))


def _ranked(stage: Stage) -> StageResult:
    """One node after the other: that which is first by the criteria now, as much as it can send."""
    left = list(stage.quantity)
    sets = {i: group for group in stage.together for i in group.lines}
    chosen: list[tuple[int, int, int]] = []
    open_nodes = list(range(len(stage.nodes)))
    most = len(open_nodes) if stage.max_nodes is None else stage.max_nodes
    covers = {j: sum(_sends(stage, j, left, sets).values()) for j in open_nodes}
    while any(left) and most > 0 and open_nodes:
        best: tuple[tuple[int, ...], int] | None = None
        for j in open_nodes:
            # What a node covers only falls, so what is known of it is a bound: few are counted again.
            if not covers[j] or (best is not None and _key(stage, j, covers[j]) >= best[0]):
                continue
            sends = _sends(stage, j, left, sets)
            covers[j] = sum(sends.values())
            key = _key(stage, j, covers[j])
            if covers[j] and (best is None or key < best[0]) and _worth_sending(stage, sends, left):
                best = key, j
        if best is None:
            break
        j = best[1]
        for i, pieces in sorted(_sends(stage, j, left, sets).items()):
            chosen.append((i, j, pieces))
            left[i] -= pieces
        open_nodes.remove(j)
        most -= 1
    return StageResult(assignment=tuple(sorted(chosen)))


def _key(stage: Stage, j: int, covers: int) -> tuple[int, ...]:
    ranks = stage.ranks[j]
    return tuple(-covers if name == COVERAGE else rank for name, rank in zip(stage.criteria, ranks, strict=True))


def _worth_sending(stage: Stage, sends: Mapping[int, int], left: Sequence[int]) -> bool:
    """Whether the part, and what it leaves, is worth enough; all that is left always is."""
    if not stage.min_value or sum(sends.values()) == sum(left):
        return True
    part = sum(stage.value[i] * pieces for i, pieces in sends.items())
    everything = sum(value * pieces for value, pieces in zip(stage.value, left, strict=True))
    return min(part, everything - part) >= stage.min_value


def _sends(stage: Stage, j: int, left: Sequence[int], sets: Mapping[int, Together]) -> dict[int, int]:
    """Pieces by line that the node can send of what is left; lines that belong together in whole sets."""
    room = stage.capacity[j] if stage.capacity is not None else None
    found: dict[int, int] = {}
    for i, wanted in enumerate(left):
        group = sets.get(i)
        if not wanted or i in found or (group is not None and i != group.lines[0]):
            continue
        if group is None:
            pieces = min(wanted, stage.stock[i][j]) if room is None else min(wanted, stage.stock[i][j], room)
            each = {i: 1}
        else:
            each = {k: stage.quantity[k] // group.sets for k in group.lines if stage.quantity[k]}
            pieces = min(min(left[k], stage.stock[k][j]) // size for k, size in each.items())
            pieces = pieces if room is None else min(pieces, room // sum(each.values()))
        for k, size in each.items():
            if pieces * size > 0:
                found[k] = pieces * size
        if room is not None:
            room -= pieces * sum(each.values())
    return found


def encode(stage: Stage) -> dict[str, Any]:
    """As JSON, without what is as always."""
    found: dict[str, Any] = {"nodes": stage.nodes, "skus": stage.skus, "quantity": stage.quantity, "stock": stage.stock}
    for name in ("capacity", "max_nodes", "one_node", "value", "min_value", "fixed", "cost", "criteria", "ranks"):
        if value := getattr(stage, name):
            found[name] = value
    if stage.together:
        found["together"] = [[group.lines, group.sets] for group in stage.together]
    if stage.max_nodes == 0:
        found["max_nodes"] = 0
    return found


def decode(stored: Mapping[str, Any]) -> Stage:
    rows = {"stock", "cost", "ranks"}
    scalars = {"max_nodes", "one_node", "min_value"}
    fields: dict[str, Any] = {}
    for name, value in stored.items():
        if name == "together":
            fields[name] = tuple(Together(lines=tuple(lines), sets=sets) for lines, sets in value)
        elif name in rows:
            fields[name] = tuple(map(tuple, value))
        elif name in scalars:
            fields[name] = value
        else:
            fields[name] = tuple(value)
    return Stage(**fields)


def with_nodes(stage: Stage, stay: Sequence[int]) -> Stage:
    """The stage with these nodes."""
    if len(stay) == len(stage.nodes):
        return stage

    def cut(row: Sequence[Any]) -> tuple[Any, ...]:
        return tuple([row[j] for j in stay])

    return replace(
        stage,
        nodes=cut(stage.nodes),
        stock=tuple(map(cut, stage.stock)),
        capacity=None if stage.capacity is None else cut(stage.capacity),
        fixed=cut(stage.fixed) if stage.fixed else (),
        cost=tuple(map(cut, stage.cost)),
        ranks=cut(stage.ranks) if stage.ranks else (),
    )
