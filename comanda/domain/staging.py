"""
Staging: what one rule may choose from, as numbers, and what the choice gives to whom.

Lines of one sku share its stock, so they are one row of a stage, unless they may not come from the same nodes: then they
are chosen for one after the other. Lines of a group are chosen for in sets.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import chain

from comanda.domain import dominance, rulesets, stages
from comanda.domain.costing import Costing, Parts, Table, load_percent
from comanda.domain.network import Node
from comanda.domain.plan import Want
from comanda.domain.rows import Group, StageRow, layers, together
from comanda.domain.rulesets import NodeFilter, Rule
from comanda.domain.scene import NO_CAPACITY, Scene, Shelves
from comanda.domain.stages import NOTHING, Played, Stage

_ANYONE = NodeFilter()
_NO_DATE = 10**7  # after every ordinal of a date
_MOST_ALONE = 5

Got = tuple[tuple[Want, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A choice: its inputs, what was chosen, and who gets what at which cost. `out`: why a node that has some of it was not
    chosen from. `alone`: what each of the cheapest nodes that have all of it would have cost. `limited`: more shipments than
    are allowed would have sent more."""

    rule_set: str
    rule: str
    service: str
    due: str | None
    in_time: bool
    stage: Stage
    played: Played
    given: tuple[tuple[str, Got, Parts], ...]
    out: Mapping[str, str] = field(default_factory=dict)
    alone: tuple[tuple[str, int], ...] = ()
    limited: bool = False
    table: Table | None = None  # for who tells the costs of those that were not chosen


class Taken:
    """What an assignment has taken of the shelves and of the nodes' room so far."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._units: dict[tuple[str, str], int] = {}
        self._begun: dict[str, int] = {}  # node -> units

    def left(self, shelf: Mapping[str, int], node: str, sku: str) -> int:
        return max(0, shelf.get(sku, 0) - self._units.get((node, sku), 0))

    def room(self, node: str, shelf: Mapping[str, int], due: str | None) -> int | None:
        """Units that the node may still be given: it has room for them, or they are yet to arrive."""
        room = self._scene.room(node)
        if room is None:
            return None
        if due:
            now = self._scene.shelves.get(node, {})
            room += sum(max(0, units - now.get(sku, 0)) for sku, units in shelf.items())
        return max(0, room - self._begun.get(node, 0))

    def add(self, node: str, units: Sequence[tuple[str, int]]) -> None:
        for sku, count in units:
            self._units[node, sku] = self._units.get((node, sku), 0) + count
        self._begun[node] = self._begun.get(node, 0) + sum(count for _, count in units)

    @property
    def nothing(self) -> bool:
        return not self._units


def staged(
    group: Group,
    rule_set: str,
    rule: Rule,
    left: Mapping[str, int],
    shelves: Shelves,
    due: str | None,
    *,
    taken: Taken,
    costing: Costing,
    most: int,
    begun: Sequence[str],
    in_time: bool,
    late: Callable[[], bool],
) -> Iterator[Made]:
    """The choices that a rule makes for what is `left` (line id -> units) of a group; the caller gives, then asks on.

    `begun`: nodes that send something of it anyway; `most`: shipments that may be added to these.
    """
    used: set[str] = set()
    for rows in layers(group, rule, left):
        allowed = most - len(used.difference(begun))
        made = _chosen(
            group,
            rule_set,
            rule,
            rows,
            shelves,
            due,
            taken,
            costing,
            allowed,
            {*begun, *used},
            in_time=in_time,
            late=late,
        )
        used |= {node for node, _, _ in made.given}
        yield made


def _chosen(
    group: Group,
    rule_set: str,
    rule: Rule,
    rows: Sequence[StageRow],
    shelves: Shelves,
    due: str | None,
    taken: Taken,
    costing: Costing,
    most: int,
    begun: set[str],
    *,
    in_time: bool,
    late: Callable[[], bool],
) -> Made:
    scene = costing.scene
    for row in rows:
        row.row = costing.billed(row.row, group.service)
    table = Table(costing, group.service, [row.row for row in rows], rule)
    units = sum(row.row.units for row in rows)
    out: dict[str, str] = {}
    nodes: list[Node] = []
    skus = {row.row.sku for row in rows}
    anyone = rule.nodes == _ANYONE
    for node_id in sorted(shelves):
        if skus.isdisjoint(shelves[node_id]) or node_id not in scene.km:
            continue
        node = scene.nodes[node_id]
        why = None if anyone else barred(rule.nodes, node, scene)
        if why is None and most <= 0 and node_id not in begun:
            why = "too-many-splits"
        if why is None and in_time and _is_late(node, group.service, units, costing):
            why = "late"
        if why is None:
            nodes.append(node)
        else:
            out[node_id] = why
    theirs = [shelves[node.node_id] for node in nodes]
    stock = [_stock(row, nodes, theirs, taken, rule.nodes) for row in rows]
    rooms = [taken.room(node.node_id, shelves[node.node_id], due) for node in nodes]
    stage, priced = _stage(rule, table, rows, nodes, stock, rooms, begun, most, costing)
    alone = stages.alone(stage, _MOST_ALONE)
    stage, still = dominance.narrowed(stage)
    stay = [priced[j] for j in still]
    kept = [nodes[j] for j in stay]
    out |= _why_not(nodes, stock, rooms, {nodes[j].node_id for j in stay})
    played = stages.play(stage, late=late) if kept else NOTHING
    sent = sum(pieces for _, _, pieces in played.assignment)
    shipments = len({j for _, j, _ in played.assignment})
    barred_by_splits = "too-many-splits" in out.values()
    return Made(
        rule_set=rule_set,
        rule=rule.name,
        service=group.service,
        due=due,
        in_time=in_time,
        stage=stage,
        played=played,
        given=tuple(_given(played, rows, kept, [[row[j] for j in stay] for row in stock], table, begun)),
        out=out,
        alone=alone,
        table=table,
        limited=sent < units and (barred_by_splits or (stage.max_nodes is not None and shipments >= stage.max_nodes)),
    )


def barred(filter_: NodeFilter, node: Node, scene: Scene) -> str | None:
    """Why a rule may not use a node that is fit to send there, or None."""
    if filter_.types and node.type not in filter_.types:
        return "type-not-allowed"
    if (filter_.nodes and node.node_id not in filter_.nodes) or node.node_id in filter_.not_nodes:
        return "node-not-allowed"
    if filter_.groups and not set(filter_.groups) & set(node.groups):
        return "group-not-allowed"
    if not set(filter_.tags) <= set(node.tags):
        return "lacks-tag"
    if filter_.pickup and not node.pickup:
        return "no-pickup"
    if filter_.max_km is not None and (scene.at is None or scene.km[node.node_id] > filter_.max_km):
        return "too-far"
    if filter_.capacity_left is not None and (room := scene.room(node.node_id)) is not None:
        return NO_CAPACITY if room < filter_.capacity_left else None
    return None


def _is_late(node: Node, service: str, units: int, costing: Costing) -> bool:
    wanted = costing.asked.deliver_by
    if wanted is None or not costing.arrivals.offers(service, node.country):
        return False  # nobody knows a date
    on = costing.arrivals.deliver_on(node, service, units)
    return on is None or on > wanted


def _stock(
    row: StageRow, nodes: Sequence[Node], shelves: Sequence[Mapping[str, int]], taken: Taken, filter_: NodeFilter
) -> list[int]:
    """What each node may send of the row."""
    sku, requires, excluded = row.row.sku, row.row.goods.requires, row.excluded
    have = [shelf.get(sku, 0) for shelf in shelves]
    if not taken.nothing:
        have = [taken.left(shelf, node.node_id, sku) for node, shelf in zip(nodes, shelves, strict=True)]
    if excluded:
        have = [0 if node.node_id in excluded else units for node, units in zip(nodes, have, strict=True)]
    if requires:
        have = [units if set(requires) <= set(node.tags) else 0 for node, units in zip(nodes, have, strict=True)]
    if filter_.min_stock is not None:
        have = [0 if units < filter_.min_stock else units for units in have]
    return have


def _stage(
    rule: Rule,
    table: Table,
    rows: Sequence[StageRow],
    nodes: Sequence[Node],
    stock: Sequence[Sequence[int]],
    rooms: Sequence[int | None],
    begun: set[str],
    most: int,
    costing: Costing,
) -> tuple[Stage, Sequence[int]]:
    """The stage, and the indices of its nodes: of five hundred most need no price to be known for needless."""
    rates = table.rates(nodes)
    fixed = [0 if node.node_id in begun else each for node, each in zip(nodes, table.fixed(nodes), strict=True)]
    value = tuple(max((want.value for want, _ in row.wants), default=0) for row in rows)
    minimum = rule.splits.min_value
    stage = Stage(
        nodes=tuple(node.node_id for node in nodes),
        skus=tuple(row.row.sku for row in rows),
        quantity=tuple(row.row.units for row in rows),
        stock=tuple(map(tuple, stock)),
        capacity=tuple(rooms) if any(room is not None for room in rooms) else None,
        together=tuple(together(rows)),
        max_nodes=most if most > 0 else len(begun),
        one_node=rule.splits.complete == rulesets.ORDER,
        value=value if minimum else (),
        min_value=minimum[0] if minimum and minimum[1] == costing.asked.currency else 0,
        fixed=() if rule.rank else tuple(fixed),
        criteria=rule.rank,
    )
    everyone = range(len(nodes))
    if rule.rank:
        cost = [table.units(row.row, nodes, of, rates) for row, of in zip(rows, stock, strict=True)]
        ranks = [_ranks(rule, table, rows, node, j, stock, fixed, cost, costing) for j, node in enumerate(nodes)]
        return replace(stage, ranks=tuple(ranks)), everyone
    needless = dominance.beaten(stage, rates) if table.bare_shelves else set()
    stay = [j for j in everyone if j not in needless]
    stage, kept, rates = stages.only(stage, stay), [nodes[j] for j in stay], [rates[j] for j in stay]
    units = [table.units(row.row, kept, of, rates) for row, of in zip(rows, stage.stock, strict=True)]
    return replace(stage, cost=tuple(map(tuple, units))), stay


def _ranks(
    rule: Rule,
    table: Table,
    rows: Sequence[StageRow],
    node: Node,
    j: int,
    stock: Sequence[Sequence[int]],
    fixed: Sequence[int],
    cost: Sequence[Sequence[int]],
    costing: Costing,
) -> tuple[int, ...]:
    """The node's values of the criteria as integers, least is best."""
    sends = [min(row.row.units, of[j]) for row, of in zip(rows, stock, strict=True)]
    scene = costing.scene

    def date_of() -> int:
        on = costing.arrivals.deliver_on(node, table.service, sum(row.row.units for row in rows))
        return date.fromisoformat(on).toordinal() if on else _NO_DATE

    def cost_of() -> int:
        total = fixed[j] + sum(each[j] * count for each, count in zip(cost, sends, strict=True))
        return total // max(1, sum(sends))

    values: dict[str, Callable[[], int]] = {
        rulesets.COVERAGE: lambda: 0,
        rulesets.PRIORITY: lambda: node.priority,
        rulesets.DISTANCE: lambda: round(10 * scene.km[node.node_id]),
        rulesets.COST: cost_of,
        rulesets.DATE: date_of,
        rulesets.CARBON: lambda: table.carbon_g(node),
        rulesets.LOAD: lambda: load_percent(node, scene),
        rulesets.BALANCE: lambda: -sum(of[j] - count for of, count in zip(stock, sends, strict=True)),
        rulesets.ACCEPTANCE: lambda: -node.acceptance_percent,
    }
    return tuple(values[name]() for name in rule.rank)


def _why_not(
    nodes: Sequence[Node], stock: Sequence[Sequence[int]], rooms: Sequence[int | None], stay: set[str]
) -> dict[str, str]:
    """Why nodes that the rule allows are not in the stage."""
    found: dict[str, str] = {}
    for j, node in enumerate(nodes):
        if node.node_id in stay and rooms[j] != 0:
            continue
        if not any(of[j] for of in stock):
            found[node.node_id] = "may-not-send-it"
        elif rooms[j] == 0:
            found[node.node_id] = NO_CAPACITY
        else:
            found[node.node_id] = "dominated"
    return found


def _given(
    played: Played,
    rows: Sequence[StageRow],
    nodes: Sequence[Node],
    stock: Sequence[Sequence[int]],
    table: Table,
    begun: set[str],
) -> Iterator[tuple[str, Got, Parts]]:
    """Who gets what: pieces of a row go to its lines in their order."""
    left = [list(row.wants) for row in rows]
    of_node: dict[int, list[tuple[int, int]]] = {}
    for i, j, pieces in played.assignment:
        of_node.setdefault(j, []).append((i, pieces))
    for j, sends in sorted(of_node.items()):
        got = tuple(
            chain.from_iterable(
                rows[i].shared(pieces) if rows[i].group is not None else _shared(left[i], pieces) for i, pieces in sends
            )
        )
        units = [(rows[i].row, pieces, stock[i][j]) for i, pieces in sends]
        yield nodes[j].node_id, got, table.parts(nodes[j], units, first=nodes[j].node_id not in begun)


def _shared(wants: list[tuple[Want, int]], pieces: int) -> Iterator[tuple[Want, int]]:
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
