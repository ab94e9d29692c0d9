"""
Run one rule for a group of lines: build its stages as numbers, solve them, and give the chosen units to the lines.

Called by   comanda.domain.routing.assignment
Returns     the choices, one for each layer of rows
Raises      TooDear, from the optimizer

`candidates` finds the nodes to choose from, `stage_rows` the units that are wanted, `solve_stage` makes the choice.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import chain

from comanda.domain.nodes.node import Node
from comanda.domain.routing import dominance
from comanda.domain.routing.candidates import (
    TOO_MANY,
    Candidates,
    RuleRun,
    ShipmentLimit,
    TakenUnits,
    find_candidates,
    why_not,
)
from comanda.domain.routing.order_rates import OrderRates, Parts, WantedSku, load_percent
from comanda.domain.routing.plan import Want
from comanda.domain.routing.solve_stage import cheapest_single_nodes, solve_stage
from comanda.domain.routing.stage import NOTHING_SENT, Stage, StageResult, with_nodes
from comanda.domain.routing.stage_costs import Lane, StageCosts
from comanda.domain.routing.stage_rows import StageRow, layers, together
from comanda.domain.rules import rule_sets
from comanda.domain.rules.rule_sets import Rule
from comanda.domain.time_limit import TimeLimit

_NO_DATE = 10**7  # after every ordinal of a date
_MOST_ALONE = 5

WantUnits = tuple[tuple[Want, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StageChoice:
    """One choice of a rule: its inputs, the result, and the units that each node gives to each line, with their costs.

    `out`: why each node that has some of the units was not chosen from. `alone`: the cost of each of the cheapest nodes
    that have everything. `limited`: more units would have been sent if more shipments were allowed. `wanted`, `loads`
    and `lanes` are the inputs of the stage's costs.
    """

    rule_set: str
    rule: Rule
    service: str
    due: str | None
    in_time: bool
    stage: Stage
    result: StageResult
    given: tuple[tuple[str, WantUnits, Parts], ...]
    wanted: tuple[WantedSku, ...] = ()
    loads: Mapping[str, int] = field(default_factory=dict)
    lanes: Mapping[str, Lane] = field(default_factory=dict)
    out: Mapping[str, str] = field(default_factory=dict)
    alone: tuple[tuple[str, int], ...] = ()
    limited: bool = False

    @property
    def wave(self) -> bool:
        """Return True if the units wait for a wave, so that their costs are those of the wave's time."""
        return self.rule.release == rule_sets.WAVE and self.due is None


def run_rule(
    run: RuleRun,
    rule_set: str,
    left: Mapping[str, int],
    taken: TakenUnits,
    rates: OrderRates,
    *,
    most: int,
    begun: Collection[str],
    late: TimeLimit,
) -> Iterator[StageChoice]:
    """Yield the choices that a rule makes for what is `left` (line id -> units) of a group.

    The caller takes the units of each choice before it asks for the next. `begun`: nodes that already ship something of
    the group; `most`: the shipments that may be added to them.
    """
    used: set[str] = set()
    for rows in layers(run.group, run.rule, left):
        for row in rows:
            row.wanted = rates.billed(row.wanted, run.group.service)
        limit = ShipmentLimit(begun=frozenset({*begun, *used}), more=most - len(used.difference(begun)))
        choice = _choose(run, rule_set, rows, find_candidates(run, rows, taken, rates, limit), limit, rates, late)
        used |= {node for node, _, _ in choice.given}
        yield choice


def _choose(
    run: RuleRun,
    rule_set: str,
    rows: Sequence[StageRow],
    found: Candidates,
    limit: ShipmentLimit,
    rates: OrderRates,
    late: TimeLimit,
) -> StageChoice:
    wanted = tuple(row.wanted for row in rows)
    costs = StageCosts(rates, run.group.service, wanted, run.rule, found.loads)
    stage, priced = _build(run.rule, costs, rows, found, limit)
    alone = cheapest_single_nodes(stage, _MOST_ALONE)
    stage, still = dominance.without_needless(stage)
    stay = [priced[j] for j in still]
    nodes = [found.nodes[j] for j in stay]
    out = {**found.out, **why_not(found, {node.node_id for node in nodes})}
    stage, result = _solve(stage, limit, late) if nodes else (stage, NOTHING_SENT)
    sent = sum(pieces for _, _, pieces in result.assignment)
    shipments = len({j for _, j, _ in result.assignment})
    full = TOO_MANY in out.values() or (stage.max_nodes is not None and shipments >= stage.max_nodes)
    stock = [[row[j] for j in stay] for row in found.stock]
    return StageChoice(
        rule_set=rule_set,
        rule=run.rule,
        service=run.group.service,
        due=run.due,
        in_time=run.in_time,
        stage=stage,
        result=result,
        given=tuple(_lines_by_node(result, rows, nodes, stock, costs, limit.begun)),
        wanted=wanted,
        loads=found.loads,
        lanes=costs.known_lanes,
        out=out,
        alone=alone,
        limited=full and sent < sum(row.units for row in wanted),
    )


def _solve(stage: Stage, limit: ShipmentLimit, late: TimeLimit) -> tuple[Stage, StageResult]:
    """Solve the stage. Nodes that already ship something for this order do not count against the limit on shipments.

    Returns the stage with the limit that it was solved with, and the result.
    """
    along = limit.begun.intersection(stage.nodes)
    if along and limit.more > 0:
        wider = replace(stage, max_nodes=limit.more + len(along))
        result = solve_stage(wider, late=late)
        if len({stage.nodes[j] for _, j, _ in result.assignment}.difference(along)) <= limit.more:
            return wider, result
    return stage, solve_stage(stage, late=late)


def _build(
    rule: Rule, costs: StageCosts, rows: Sequence[StageRow], found: Candidates, limit: ShipmentLimit
) -> tuple[Stage, Sequence[int]]:
    """Return the stage, and the indices of its nodes among the candidates."""
    rates = costs.unit_rates(found.nodes)
    fixed = [
        0 if node.node_id in limit.begun else each
        for node, each in zip(found.nodes, costs.fixed(found.nodes), strict=True)
    ]
    stage = _without_unit_costs(rule, costs.rates.facts.currency, rows, found, limit, fixed)
    if rule.rank:
        return _with_ranks(stage, rule, costs, rows, found, fixed, rates), range(len(found.nodes))
    return _with_unit_costs(stage, costs, rows, found.nodes, rates)


def _without_unit_costs(
    rule: Rule, currency: str, rows: Sequence[StageRow], found: Candidates, limit: ShipmentLimit, fixed: Sequence[int]
) -> Stage:
    """Return the stage without unit costs and ranks. A stage that is ranked has no costs."""
    minimum = rule.splits.min_value
    value = tuple(max((want.value for want, _ in row.wants), default=0) for row in rows)
    return Stage(
        nodes=tuple(node.node_id for node in found.nodes),
        skus=tuple(row.wanted.sku for row in rows),
        quantity=tuple(row.wanted.units for row in rows),
        stock=tuple(map(tuple, found.stock)),
        capacity=tuple(found.rooms) if any(room is not None for room in found.rooms) else None,
        together=tuple(together(rows)),
        max_nodes=limit.more if limit.more > 0 else len(limit.begun),
        one_node=rule.splits.complete == rule_sets.ORDER,
        value=value if minimum else (),
        min_value=minimum[0] if minimum and minimum[1] == currency else 0,
        fixed=() if rule.rank else tuple(fixed),
        criteria=rule.rank,
    )


def _with_unit_costs(
    stage: Stage,
    costs: StageCosts,
    rows: Sequence[StageRow],
    nodes: Sequence[Node],
    rates: Sequence[tuple[int, int]],
) -> tuple[Stage, Sequence[int]]:
    """Return the stage with unit costs, without the nodes that are known to be needless before these are computed.

    Of five hundred nodes most need no unit costs. Returns the indices of the nodes that stay, too.
    """
    needless = dominance.needless_by_rates(stage, rates) if costs.bare_shelves else set()
    stay = [j for j in range(len(nodes)) if j not in needless]
    stage, kept, rates = with_nodes(stage, stay), [nodes[j] for j in stay], [rates[j] for j in stay]
    units = [costs.units(row.wanted, kept, have, rates) for row, have in zip(rows, stage.stock, strict=True)]
    return replace(stage, cost=tuple(map(tuple, units))), stay


def _with_ranks(
    stage: Stage,
    rule: Rule,
    costs: StageCosts,
    rows: Sequence[StageRow],
    found: Candidates,
    fixed: Sequence[int],
    rates: Sequence[tuple[int, int]],
) -> Stage:
    """Return the stage with the nodes' values of the rule's criteria."""
    cost = [costs.units(row.wanted, found.nodes, have, rates) for row, have in zip(rows, found.stock, strict=True)]
    ranks = [
        _criteria_values(rule, costs, rows, node, j, found.stock, fixed, cost) for j, node in enumerate(found.nodes)
    ]
    return replace(stage, ranks=tuple(ranks))


def _criteria_values(
    rule: Rule,
    costs: StageCosts,
    rows: Sequence[StageRow],
    node: Node,
    j: int,
    stock: Sequence[Sequence[int]],
    fixed: Sequence[int],
    cost: Sequence[Sequence[int]],
) -> tuple[int, ...]:
    """Return the node's values of the criteria as integers. The least is the best."""
    sends = [min(row.wanted.units, units[j]) for row, units in zip(rows, stock, strict=True)]
    network = costs.rates.network

    def arrival() -> int:
        on = costs.rates.arrivals.deliver_on(node, costs.service, costs.load(node))
        return date.fromisoformat(on).toordinal() if on else _NO_DATE

    def unit_cost() -> int:
        total = fixed[j] + sum(each[j] * count for each, count in zip(cost, sends, strict=True))
        return total // max(1, sum(sends))

    values: dict[str, Callable[[], int]] = {
        rule_sets.COVERAGE: lambda: 0,
        rule_sets.PRIORITY: lambda: node.priority,
        rule_sets.DISTANCE: lambda: round(10 * network.km[node.node_id]),
        rule_sets.COST: unit_cost,
        rule_sets.DATE: arrival,
        rule_sets.CARBON: lambda: costs.carbon_g(node),
        rule_sets.LOAD: lambda: load_percent(node, network),
        rule_sets.BALANCE: lambda: -sum(units[j] - count for units, count in zip(stock, sends, strict=True)),
        rule_sets.ACCEPTANCE: lambda: -node.acceptance_percent,
    }
    return tuple(values[name]() for name in rule.rank)


def _lines_by_node(
    result: StageResult,
    rows: Sequence[StageRow],
    nodes: Sequence[Node],
    stock: Sequence[Sequence[int]],
    costs: StageCosts,
    begun: Collection[str],
) -> Iterator[tuple[str, WantUnits, Parts]]:
    """Yield (node, units of each line, cost components). Pieces of a row go to its lines in their order."""
    left = [list(row.wants) for row in rows]
    by_node: dict[int, list[tuple[int, int]]] = {}
    for i, j, pieces in result.assignment:
        by_node.setdefault(j, []).append((i, pieces))
    for j, sends in sorted(by_node.items()):
        got = tuple(
            chain.from_iterable(
                rows[i].shared(pieces) if rows[i].group is not None else _split_between_wants(left[i], pieces)
                for i, pieces in sends
            )
        )
        units = [(rows[i].wanted, pieces, stock[i][j]) for i, pieces in sends]
        yield nodes[j].node_id, got, costs.parts(nodes[j], units, first=nodes[j].node_id not in begun)


def _split_between_wants(wants: list[tuple[Want, int]], pieces: int) -> Iterator[tuple[Want, int]]:
    """Yield units of the wants, the first want first. Units that a want still needs stay in the list."""
    while pieces:
        want, units = wants[0]
        part = min(units, pieces)
        pieces -= part
        yield want, part
        if part == units:
            del wants[0]
        else:
            wants[0] = want, units - part
