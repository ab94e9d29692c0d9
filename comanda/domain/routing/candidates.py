"""Candidates: the nodes that a rule may choose from, what each may send and has room for, and why others are left out."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from comanda.domain.nodes.node import Node
from comanda.domain.routing.costs import OrderRates
from comanda.domain.routing.reachable import NO_CAPACITY, ReachableNetwork, Shelves
from comanda.domain.routing.stage_rows import Group, StageRow
from comanda.domain.rules.rule_sets import DATE, NodeFilter, Rule

TOO_MANY = "too-many-splits"

_ANY_NODE = NodeFilter()


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRun:
    """A rule has its run: for a group, with these shelves, which are there on `due` (None: now). `in_time`: the promised
    date is a limit."""

    group: Group
    rule: Rule
    shelves: Shelves
    due: str | None
    in_time: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentLimit:
    """`begun`: nodes that send something of it anyway; `more`: shipments that may be added to these."""

    begun: frozenset[str]
    more: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """`stock` [row][node], `rooms` by node. `loads`: units that each could have to do of this order, where dates are asked
    for. `out`: why a node that has some of it may not be chosen from."""

    nodes: Sequence[Node]
    stock: Sequence[Sequence[int]]
    rooms: Sequence[int | None]
    loads: Mapping[str, int]
    out: Mapping[str, str]


class TakenUnits:
    """What an assignment has taken of the shelves and of the nodes' room so far."""

    def __init__(self, network: ReachableNetwork) -> None:
        self._network = network
        self._units: dict[tuple[str, str], int] = {}
        self._begun: dict[str, int] = {}  # node -> units

    def left(self, shelf: Mapping[str, int], node: str, sku: str) -> int:
        return max(0, shelf.get(sku, 0) - self._units.get((node, sku), 0))

    def room(self, node: str, shelf: Mapping[str, int], due: str | None) -> int | None:
        """Units that the node may still be given: it has room for them, or they are yet to arrive."""
        room = self._network.room(node)
        if room is None:
            return None
        if due:
            now = self._network.shelves.get(node, {})
            room += sum(max(0, units - now.get(sku, 0)) for sku, units in shelf.items())
        return max(0, room - self._begun.get(node, 0))

    def add(self, node: str, units: Sequence[tuple[str, int]]) -> None:
        for sku, count in units:
            self._units[node, sku] = self._units.get((node, sku), 0) + count
        self._begun[node] = self._begun.get(node, 0) + sum(count for _, count in units)

    def begun(self, node: str) -> int:
        return self._begun.get(node, 0)

    @property
    def nothing(self) -> bool:
        return not self._units


def find_candidates(
    run: RuleRun, rows: Sequence[StageRow], taken: TakenUnits, rates: OrderRates, limit: ShipmentLimit
) -> Candidates:
    """By node id."""
    out: dict[str, str] = {}
    nodes = _allowed(run, rows, rates.network, limit, out)
    shelves = [run.shelves[node.node_id] for node in nodes]
    stock = [_units_to_send(row, nodes, shelves, taken, run.rule.nodes) for row in rows]
    loads: dict[str, int] = {}
    dated = rates.facts.deliver_by is not None or DATE in run.rule.rank
    stay: list[int] = []
    for j, node in enumerate(nodes):
        if not any(of[j] for of in stock):
            out[node.node_id] = _why_nothing(rows, node, shelves[j], run.rule.nodes)
            continue
        if dated:
            sends = sum(min(row.row.units, of[j]) for row, of in zip(rows, stock, strict=True))
            loads[node.node_id] = sends + taken.begun(node.node_id)
        if run.in_time and _is_late(node, run.group.service, loads[node.node_id], rates):
            out[node.node_id] = "late"
        else:
            stay.append(j)
    return Candidates(
        nodes=[nodes[j] for j in stay],
        stock=[[of[j] for j in stay] for of in stock],
        rooms=[taken.room(nodes[j].node_id, shelves[j], run.due) for j in stay],
        loads=loads,
        out=out,
    )


def _allowed(
    run: RuleRun, rows: Sequence[StageRow], network: ReachableNetwork, limit: ShipmentLimit, out: dict[str, str]
) -> list[Node]:
    """The nodes that the rule lets send some of it; why not goes into `out`."""
    skus = {row.row.sku for row in rows}
    anyone = run.rule.nodes == _ANY_NODE
    nodes: list[Node] = []
    for node_id in sorted(run.shelves):
        if skus.isdisjoint(run.shelves[node_id]) or node_id not in network.km:
            continue
        node = network.nodes[node_id]
        why = None if anyone else _why_rule_bars(run.rule.nodes, node, network)
        if why is None and limit.more <= 0 and node_id not in limit.begun:
            why = TOO_MANY
        if why is None:
            nodes.append(node)
        else:
            out[node_id] = why
    return nodes


def _why_nothing(rows: Sequence[StageRow], node: Node, shelf: Mapping[str, int], filter_: NodeFilter) -> str:
    """Why a node that has some of it may send none."""
    here = [row for row in rows if shelf.get(row.row.sku, 0)]
    if all(node.node_id in row.excluded for row in here):
        return "gave-it-back"
    here = [row for row in here if node.node_id not in row.excluded]
    if all(not set(row.row.goods.requires) <= set(node.tags) for row in here):
        return "lacks-a-tag-of-the-goods"
    return "keeps-its-last-units" if filter_.min_stock is not None else "taken-by-other-lines"


def _why_rule_bars(filter_: NodeFilter, node: Node, network: ReachableNetwork) -> str | None:
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
    if filter_.max_km is not None and (network.at is None or network.km[node.node_id] > filter_.max_km):
        return "too-far"
    if filter_.capacity_left is not None and (room := network.room(node.node_id)) is not None:
        return NO_CAPACITY if room < filter_.capacity_left else None
    return None


def _is_late(node: Node, service: str, units: int, rates: OrderRates) -> bool:
    wanted = rates.facts.deliver_by
    if wanted is None or not rates.arrivals.offers(service, node.country):
        return False  # nobody knows a date
    on = rates.arrivals.deliver_on(node, service, units)
    return on is None or on > wanted


def _units_to_send(
    row: StageRow, nodes: Sequence[Node], shelves: Sequence[Mapping[str, int]], taken: TakenUnits, filter_: NodeFilter
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


def why_not(found: Candidates, stay: Collection[str]) -> dict[str, str]:
    """Why nodes that may be chosen from are not in the stage, or could not be chosen."""
    out: dict[str, str] = {}
    for node, room in zip(found.nodes, found.rooms, strict=True):
        if room == 0:
            out[node.node_id] = NO_CAPACITY
        elif node.node_id not in stay:
            out[node.node_id] = "dominated"
    return out
