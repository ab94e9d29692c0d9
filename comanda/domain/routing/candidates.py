"""
Find the candidates of a rule: the nodes that it may choose from, their units, and the reasons of the nodes left out.

Called by   comanda.domain.routing.build_stage, assignment and own_reservation
Returns     candidates in order of node id
Raises      nothing
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from comanda.domain.nodes.node import Node
from comanda.domain.routing.order_rates import OrderRates
from comanda.domain.routing.reachable import NO_CAPACITY, ReachableNetwork, Shelves
from comanda.domain.routing.stage_rows import Group, StageRow
from comanda.domain.rules.rule_sets import DATE, NodeFilter, Rule

TOO_MANY = "too-many-splits"

_ANY_NODE = NodeFilter()


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRun:
    """One run of a rule for a group of lines over these shelves.

    `due` is the UTC day on which the shelves hold these units; None is now. `in_time`: the promised date is a limit.
    """

    group: Group
    rule: Rule
    shelves: Shelves
    due: str | None
    in_time: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentLimit:
    """The limit on shipments: `begun` are nodes that already ship something of the group, `more` may be added to them."""

    begun: frozenset[str]
    more: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """The nodes to choose from: `stock` [row][node] and `rooms` are in their order.

    `loads`: the units of this order that each node could have to do, where dates matter. `out`: why each other node that
    has some of the units is left out.
    """

    nodes: Sequence[Node]
    stock: Sequence[Sequence[int]]
    rooms: Sequence[int | None]
    loads: Mapping[str, int]
    out: Mapping[str, str]


class TakenUnits:
    """The units that an assignment has taken from the shelves, and from the nodes' room, so far."""

    def __init__(self, network: ReachableNetwork) -> None:
        self._network = network
        self._units: dict[tuple[str, str], int] = {}
        self._begun: dict[str, int] = {}  # node -> units

    def left(self, shelf: Mapping[str, int], node: str, sku: str) -> int:
        """Return the units of a sku that are left on the node's shelf."""
        return max(0, shelf.get(sku, 0) - self._units.get((node, sku), 0))

    def room(self, node: str, shelf: Mapping[str, int], due: str | None) -> int | None:
        """Return the units that the node may still be given; None is no limit. Units that are yet to arrive need no room."""
        room = self._network.room(node)
        if room is None:
            return None
        if due:
            now = self._network.shelves.get(node, {})
            room += sum(max(0, units - now.get(sku, 0)) for sku, units in shelf.items())
        return max(0, room - self._begun.get(node, 0))

    def add(self, node: str, units: Sequence[tuple[str, int]]) -> None:
        """Take (sku, units) from the node."""
        for sku, count in units:
            self._units[node, sku] = self._units.get((node, sku), 0) + count
        self._begun[node] = self._begun.get(node, 0) + sum(count for _, count in units)

    def leave_out(self, units: Iterable[tuple[str, str, int]]) -> None:
        """Take (node, sku, units) from the shelves. The node's room does not count them: it knows of them already."""
        for node, sku, count in units:
            self._units[node, sku] = self._units.get((node, sku), 0) + count

    def begun(self, node: str) -> int:
        """Return the units that the node was given so far."""
        return self._begun.get(node, 0)

    @property
    def nothing(self) -> bool:
        return not self._units


def find_candidates(
    run: RuleRun, rows: Sequence[StageRow], taken: TakenUnits, rates: OrderRates, limit: ShipmentLimit
) -> Candidates:
    """Return the candidates in order of node id."""
    out: dict[str, str] = {}
    nodes = _allowed(run, rows, rates.network, limit, out)
    shelves = [run.shelves[node.node_id] for node in nodes]
    stock = [_units_to_send(row, nodes, shelves, taken, run.rule.nodes) for row in rows]
    loads: dict[str, int] = {}
    dated = rates.facts.deliver_by is not None or DATE in run.rule.rank
    stay: list[int] = []
    for j, node in enumerate(nodes):
        if not any(units[j] for units in stock):
            out[node.node_id] = _why_nothing(rows, node, shelves[j], run.rule.nodes)
            continue
        if dated:
            sends = sum(min(row.wanted.units, units[j]) for row, units in zip(rows, stock, strict=True))
            loads[node.node_id] = sends + taken.begun(node.node_id)
        if run.in_time and _is_late(node, run.group.service, loads[node.node_id], rates):
            out[node.node_id] = "late"
        else:
            stay.append(j)
    return Candidates(
        nodes=[nodes[j] for j in stay],
        stock=[[units[j] for j in stay] for units in stock],
        rooms=[taken.room(nodes[j].node_id, shelves[j], run.due) for j in stay],
        loads=loads,
        out=out,
    )


def why_not(found: Candidates, stay: Collection[str]) -> dict[str, str]:
    """Return why candidates could not be chosen: they have no room, or are not among those that `stay` in the stage."""
    out: dict[str, str] = {}
    for node, room in zip(found.nodes, found.rooms, strict=True):
        if room == 0:
            out[node.node_id] = NO_CAPACITY
        elif node.node_id not in stay:
            out[node.node_id] = "dominated"
    return out


def _allowed(
    run: RuleRun, rows: Sequence[StageRow], network: ReachableNetwork, limit: ShipmentLimit, out: dict[str, str]
) -> list[Node]:
    """Return the nodes that have some of the units and that the rule allows; write into `out` why others are not."""
    skus = {row.wanted.sku for row in rows}
    any_node = run.rule.nodes == _ANY_NODE
    nodes: list[Node] = []
    for node_id in sorted(run.shelves):
        if skus.isdisjoint(run.shelves[node_id]) or node_id not in network.km:
            continue
        node = network.nodes[node_id]
        why = None if any_node else _why_rule_bars(run.rule.nodes, node, network)
        if why is None and limit.more <= 0 and node_id not in limit.begun:
            why = TOO_MANY
        if why is None:
            nodes.append(node)
        else:
            out[node_id] = why
    return nodes


def _why_nothing(rows: Sequence[StageRow], node: Node, shelf: Mapping[str, int], filter_: NodeFilter) -> str:
    """Return why a node that has some of the units may send none."""
    here = [row for row in rows if shelf.get(row.wanted.sku, 0)]
    if all(node.node_id in row.excluded for row in here):
        return "gave-it-back"
    here = [row for row in here if node.node_id not in row.excluded]
    if all(not set(row.wanted.goods.requires) <= set(node.tags) for row in here):
        return "lacks-a-tag-of-the-goods"
    return "keeps-its-last-units" if filter_.min_stock is not None else "taken-by-other-lines"


def _why_rule_bars(filter_: NodeFilter, node: Node, network: ReachableNetwork) -> str | None:
    """Return why a rule may not use a node that is fit to send there. Returns None if it may."""
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
    if filter_.max_km is not None and (network.at is None or network.km[node.node_id] > filter_.max_km):
        return "too-far"
    if filter_.capacity_left is not None and (room := network.room(node.node_id)) is not None:
        return NO_CAPACITY if room < filter_.capacity_left else None
    return None


def _is_late(node: Node, service: str, units: int, rates: OrderRates) -> bool:
    wanted = rates.facts.deliver_by
    if wanted is None or not rates.arrivals.offers(service, node.country):
        return False  # no carrier has a date
    on = rates.arrivals.deliver_on(node, service, units)
    return on is None or on > wanted


def _units_to_send(
    row: StageRow, nodes: Sequence[Node], shelves: Sequence[Mapping[str, int]], taken: TakenUnits, filter_: NodeFilter
) -> list[int]:
    """Return the units of the row that each node may send."""
    sku, requires, excluded = row.wanted.sku, row.wanted.goods.requires, row.excluded
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
