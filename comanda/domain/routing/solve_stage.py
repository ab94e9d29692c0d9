"""
Solve a stage: choose the cheapest plan, the best single node, or nodes in the order of their ranks.

Called by   comanda.domain.routing.build_stage; comanda.domain.routing.record, which makes stored choices again
Returns     the choice; the costs of the nodes that could send everything alone
Raises      TooDear, from the optimizer
"""

from collections.abc import Sequence
from dataclasses import replace
from heapq import nsmallest

from comanda.domain.optimizer.minimum_value import (
    Pieces,
    all_reach_minimum,
    enlarge_shipments,
    pieces_sent,
    shipment_values,
)
from comanda.domain.optimizer.solve import BUDGET, Instance, Solution, solve
from comanda.domain.routing.rank_nodes import rank_nodes
from comanda.domain.routing.stage import NOTHING_SENT, Stage, StageResult
from comanda.domain.time_limit import TimeLimit, never

_TRIES = 20  # plans tried where shipments are worth too little


def solve_stage(stage: Stage, *, budget: int = BUDGET, late: TimeLimit = never) -> StageResult:
    """Return the choice of a stage. It is the same for the same stage, unless `clock_stopped` is set in it."""
    if not stage.nodes or not stage.skus or stage.max_nodes == 0:
        return NOTHING_SENT
    if stage.one_node:
        return _from_one(stage)
    return rank_nodes(stage) if stage.criteria else _optimised(stage, budget, late)


def cheapest_single_nodes(stage: Stage, most: int) -> tuple[tuple[str, int], ...]:
    """Return (node, cost in micro-units) of the cheapest nodes that have everything and room for it.

    Returns none where the stage has no costs.
    """
    if not stage.fixed:
        return ()
    pieces, rooms = sum(stage.quantity), stage.capacity or [None] * len(stage.nodes)
    have_all: Sequence[int] = [j for j, room in enumerate(rooms) if room is None or room >= pieces]
    for row, wanted in zip(stage.stock, stage.quantity, strict=True):
        have_all = [j for j in have_all if row[j] >= wanted]
    found = [(_cost_from_one(stage, j), j) for j in have_all]
    return tuple((stage.nodes[j], micros) for micros, j in nsmallest(most, found))


def _optimised(stage: Stage, budget: int, late: TimeLimit) -> StageResult:
    """Return the cheapest plan, or the best plan found whose shipments all reach the minimum value."""
    # Unit costs below zero are all raised by the same amount: as many pieces are sent whatever they cost.
    least = min(0, min((c for row in stage.cost for c in row), default=0))
    first = solve(_instance(stage, stage.max_nodes, least), budget=budget, late=late)
    if _reaches_minimum(stage, first.assignment):
        return _result(first, least)
    found, searched, stopped = _search_above_minimum(stage, first, least, budget, late)
    if not found:
        return replace(NOTHING_SENT, nodes_searched=searched, clock_stopped=stopped)
    cost = _cost(stage, found)
    return StageResult(
        assignment=found,
        cost=cost,
        # The limit on values is not in this bound.
        lower_bound=min(cost, first.lower_bound + least * pieces_sent(first.assignment)),
        nodes_searched=searched,
        clock_stopped=stopped,
    )


def _search_above_minimum(
    stage: Stage, first: Solution, least: int, budget: int, late: TimeLimit
) -> tuple[Pieces, int, bool]:
    """Return (the best plan found, sets searched, whether the time limit stopped it); an empty plan where none was found.

    Tries the same nodes with more pieces from the small shipment, then plans without that node, then plans of fewer
    shipments, all within one budget.
    """
    searched, stopped = first.nodes_searched, first.clock_stopped
    found: Pieces = ()
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
    return found, searched, stopped


def _result(solution: Solution, least: int) -> StageResult:
    """Return the solution at the stage's own unit costs: `least` is what they were raised by, negative or 0."""
    added = least * pieces_sent(solution.assignment)
    return StageResult(
        assignment=solution.assignment,
        cost=solution.cost + added,
        lower_bound=solution.lower_bound + added,
        proven=solution.proven,
        nodes_searched=solution.nodes_searched,
        clock_stopped=solution.clock_stopped,
    )


def _without_smallest(stage: Stage, assignment: Pieces, fewer: bool) -> Stage:
    """Return the stage with one shipment fewer, or without the stock of the node whose shipment is worth least."""
    values = shipment_values(stage.value, assignment)
    if fewer:
        return replace(stage, max_nodes=len(values) - 1)
    smallest = min(values, key=lambda j: (values[j], j))
    return replace(stage, stock=tuple((*row[:smallest], 0, *row[smallest + 1 :]) for row in stage.stock))


def _enlarged(stage: Stage, assignment: Pieces, late: TimeLimit) -> Pieces:
    """Return the plan with its small shipments made larger. Lines that belong together stay where they are."""
    fast = {i for group in stage.together for i in group.lines}
    return enlarge_shipments(
        assignment, stage.value, stage.min_value, stage.cost, stage.stock, stage.capacity, fast, late
    )


def _better(stage: Stage, plan: Pieces, than: Pieces) -> bool:
    """Return True if the plan sends more pieces, or as many for less."""
    return (-pieces_sent(plan), _cost(stage, plan)) < (-pieces_sent(than), _cost(stage, than))


def _cost(stage: Stage, assignment: Pieces) -> int:
    fixed = sum(stage.fixed[j] for j in {j for _, j, _ in assignment})
    return fixed + sum(stage.cost[i][j] * pieces for i, j, pieces in assignment)


def _instance(stage: Stage, most: int | None, least: int) -> Instance:
    """Return the stage as the optimizer's problem, with unit costs raised by -`least` so that none is below zero."""
    return Instance(
        quantity=stage.quantity,
        fixed=stage.fixed,
        cost=tuple(tuple(c - least for c in row) for row in stage.cost) if least else stage.cost,
        stock=stage.stock,
        capacity=stage.capacity,
        max_nodes=most,
        together=stage.together,
    )


def _reaches_minimum(stage: Stage, assignment: Pieces) -> bool:
    return not stage.min_value or all_reach_minimum(assignment, stage.value, stage.quantity, stage.min_value)


def _from_one(stage: Stage) -> StageResult:
    """Choose the best node that has everything."""
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
