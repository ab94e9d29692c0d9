"""
Staging: what one rule may choose from, as numbers, and what the choice gives to whom.

Who may be chosen from is worked out by `candidates`, what is wanted by `rows`; the choice itself is `stages.play`.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import chain

from comanda.domain.nodes.node import Node
from comanda.domain.routing import candidates, dominance, stages
from comanda.domain.routing.candidates import Candidates, RuleRun, ShipmentLimit, TakenUnits
from comanda.domain.routing.costs import OrderRates, Parts, StageCosts, load_percent
from comanda.domain.routing.plan import Want
from comanda.domain.routing.stage_rows import StageRow, layers, together
from comanda.domain.routing.stages import NOTHING_SENT, Stage, StageResult
from comanda.domain.rules import rule_sets
from comanda.domain.rules.rule_sets import Rule

_NO_DATE = 10**7  # after every ordinal of a date
_MOST_ALONE = 5

WantUnits = tuple[tuple[Want, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StageChoice:
    """A choice: its inputs, what was chosen, and who gets what at which cost. `out`: why a node that has some of it was not
    chosen from. `alone`: what each of the cheapest nodes that have all of it would have cost. `limited`: more shipments than
    are allowed would have sent more."""

    rule_set: str
    rule: str
    service: str
    due: str | None
    in_time: bool
    stage: Stage
    result: StageResult
    given: tuple[tuple[str, WantUnits, Parts], ...]
    out: Mapping[str, str] = field(default_factory=dict)
    alone: tuple[tuple[str, int], ...] = ()
    limited: bool = False
    stage_costs: StageCosts | None = None  # for who tells the costs of those that were not chosen


def run_rule(
    run: RuleRun,
    rule_set: str,
    left: Mapping[str, int],
    taken: TakenUnits,
    rates: OrderRates,
    *,
    most: int,
    begun: Collection[str],
    late: Callable[[], bool],
) -> Iterator[StageChoice]:
    """The choices that a rule makes for what is `left` (line id -> units) of a group; the caller gives, then asks on.

    `begun`: nodes that send something of it anyway; `most`: shipments that may be added to these.
    """
    used: set[str] = set()
    for rows in layers(run.group, run.rule, left):
        for row in rows:
            row.row = rates.billed(row.row, run.group.service)
        limit = ShipmentLimit(begun=frozenset({*begun, *used}), more=most - len(used.difference(begun)))
        made = _choose(
            run, rule_set, rows, candidates.find_candidates(run, rows, taken, rates, limit), limit, rates, late
        )
        used |= {node for node, _, _ in made.given}
        yield made


def _choose(
    run: RuleRun,
    rule_set: str,
    rows: Sequence[StageRow],
    found: Candidates,
    limit: ShipmentLimit,
    rates: OrderRates,
    late: Callable[[], bool],
) -> StageChoice:
    stage_costs = StageCosts(rates, run.group.service, [row.row for row in rows], run.rule, found.loads)
    stage, priced = _build(run.rule, stage_costs, rows, found, limit, rates)
    alone = stages.cheapest_single_nodes(stage, _MOST_ALONE)
    stage, still = dominance.without_needless(stage)
    stay = [priced[j] for j in still]
    nodes = [found.nodes[j] for j in stay]
    out = {**found.out, **candidates.why_not(found, {node.node_id for node in nodes})}
    stage, result = _solve(stage, limit, late) if nodes else (stage, NOTHING_SENT)
    sent = sum(pieces for _, _, pieces in result.assignment)
    shipments = len({j for _, j, _ in result.assignment})
    full = candidates.TOO_MANY in out.values() or (stage.max_nodes is not None and shipments >= stage.max_nodes)
    stock = [[row[j] for j in stay] for row in found.stock]
    return StageChoice(
        rule_set=rule_set,
        rule=run.rule.name,
        service=run.group.service,
        due=run.due,
        in_time=run.in_time,
        stage=stage,
        result=result,
        given=tuple(_lines_by_node(result, rows, nodes, stock, stage_costs, limit.begun)),
        out=out,
        alone=alone,
        stage_costs=stage_costs,
        limited=full and sent < sum(row.row.units for row in rows),
    )


def _solve(stage: Stage, limit: ShipmentLimit, late: Callable[[], bool]) -> tuple[Stage, StageResult]:
    """The choice, and the stage as it was made from: what is sent along with other units makes no shipment more."""
    along = limit.begun.intersection(stage.nodes)
    if along and limit.more > 0:
        wider = replace(stage, max_nodes=limit.more + len(along))
        result = stages.solve_stage(wider, late=late)
        if len({stage.nodes[j] for _, j, _ in result.assignment}.difference(along)) <= limit.more:
            return wider, result
    return stage, stages.solve_stage(stage, late=late)


def _build(
    rule: Rule,
    stage_costs: StageCosts,
    rows: Sequence[StageRow],
    found: Candidates,
    limit: ShipmentLimit,
    rates: OrderRates,
) -> tuple[Stage, Sequence[int]]:
    """The stage, and the indices of its nodes: of five hundred most need no price to be known for needless."""
    nodes, stock = found.nodes, found.stock
    unit_rates = stage_costs.unit_rates(nodes)
    fixed = [
        0 if node.node_id in limit.begun else each for node, each in zip(nodes, stage_costs.fixed(nodes), strict=True)
    ]
    value = tuple(max((want.value for want, _ in row.wants), default=0) for row in rows)
    minimum = rule.splits.min_value
    stage = Stage(
        nodes=tuple(node.node_id for node in nodes),
        skus=tuple(row.row.sku for row in rows),
        quantity=tuple(row.row.units for row in rows),
        stock=tuple(map(tuple, stock)),
        capacity=tuple(found.rooms) if any(room is not None for room in found.rooms) else None,
        together=tuple(together(rows)),
        max_nodes=limit.more if limit.more > 0 else len(limit.begun),
        one_node=rule.splits.complete == rule_sets.ORDER,
        value=value if minimum else (),
        min_value=minimum[0] if minimum and minimum[1] == rates.facts.currency else 0,
        fixed=() if rule.rank else tuple(fixed),
        criteria=rule.rank,
    )
    everyone = range(len(nodes))
    if rule.rank:
        cost = [stage_costs.units(row.row, nodes, of, unit_rates) for row, of in zip(rows, stock, strict=True)]
        ranks = [
            _criteria_values(rule, stage_costs, rows, node, j, stock, fixed, cost, rates)
            for j, node in enumerate(nodes)
        ]
        return replace(stage, ranks=tuple(ranks)), everyone
    needless = dominance.needless_by_rates(stage, unit_rates) if stage_costs.bare_shelves else set()
    stay = [j for j in everyone if j not in needless]
    stage, kept, unit_rates = stages.with_nodes(stage, stay), [nodes[j] for j in stay], [unit_rates[j] for j in stay]
    units = [stage_costs.units(row.row, kept, of, unit_rates) for row, of in zip(rows, stage.stock, strict=True)]
    return replace(stage, cost=tuple(map(tuple, units))), stay


def _criteria_values(
    rule: Rule,
    stage_costs: StageCosts,
    rows: Sequence[StageRow],
    node: Node,
    j: int,
    stock: Sequence[Sequence[int]],
    fixed: Sequence[int],
    cost: Sequence[Sequence[int]],
    rates: OrderRates,
) -> tuple[int, ...]:
    """The node's values of the criteria as integers, least is best."""
    sends = [min(row.row.units, of[j]) for row, of in zip(rows, stock, strict=True)]
    network = rates.network

    def date_of() -> int:
        on = rates.arrivals.deliver_on(node, stage_costs.service, stage_costs.load(node))
        return date.fromisoformat(on).toordinal() if on else _NO_DATE

    def cost_of() -> int:
        total = fixed[j] + sum(each[j] * count for each, count in zip(cost, sends, strict=True))
        return total // max(1, sum(sends))

    values: dict[str, Callable[[], int]] = {
        rule_sets.COVERAGE: lambda: 0,
        rule_sets.PRIORITY: lambda: node.priority,
        rule_sets.DISTANCE: lambda: round(10 * network.km[node.node_id]),
        rule_sets.COST: cost_of,
        rule_sets.DATE: date_of,
        rule_sets.CARBON: lambda: stage_costs.carbon_g(node),
        rule_sets.LOAD: lambda: load_percent(node, network),
        rule_sets.BALANCE: lambda: -sum(of[j] - count for of, count in zip(stock, sends, strict=True)),
        rule_sets.ACCEPTANCE: lambda: -node.acceptance_percent,
    }
    return tuple(values[name]() for name in rule.rank)


def _lines_by_node(
    result: StageResult,
    rows: Sequence[StageRow],
    nodes: Sequence[Node],
    stock: Sequence[Sequence[int]],
    stage_costs: StageCosts,
    begun: Collection[str],
) -> Iterator[tuple[str, WantUnits, Parts]]:
    """Who gets what: pieces of a row go to its lines in their order."""
    left = [list(row.wants) for row in rows]
    of_node: dict[int, list[tuple[int, int]]] = {}
    for i, j, pieces in result.assignment:
        of_node.setdefault(j, []).append((i, pieces))
    for j, sends in sorted(of_node.items()):
        got = tuple(
            chain.from_iterable(
                rows[i].shared(pieces) if rows[i].group is not None else _split_between_wants(left[i], pieces)
                for i, pieces in sends
            )
        )
        units = [(rows[i].row, pieces, stock[i][j]) for i, pieces in sends]
        yield nodes[j].node_id, got, stage_costs.parts(nodes[j], units, first=nodes[j].node_id not in begun)


def _split_between_wants(wants: list[tuple[Want, int]], pieces: int) -> Iterator[tuple[Want, int]]:
    """So many units of the wants, the first ones first; what they then still want stays in the list."""
    while pieces:
        want, units = wants[0]
        part = min(units, pieces)
        pieces -= part
        yield want, part
        if part == units:
            del wants[0]
        else:
            wants[0] = want, units - part
