"""Candidates: the nodes that a rule may choose from, what each may send and has room for, and why others are left out."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from comanda.domain.costing import Costing
from comanda.domain.network import Node
from comanda.domain.rows import Group, StageRow
from comanda.domain.rulesets import NodeFilter, Rule
from comanda.domain.scene import NO_CAPACITY, Scene, Shelves

TOO_MANY = "too-many-splits"

_ANYONE = NodeFilter()


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A rule has its turn: for a group, with these shelves, which are there on `due` (None: now). `in_time`: the promised
    date is a limit."""

    group: Group
    rule: Rule
    shelves: Shelves
    due: str | None
    in_time: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """`begun`: nodes that send something of it anyway; `more`: shipments that may be added to these."""

    begun: frozenset[str]
    more: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """`stock` [row][node], `rooms` by node. `out`: why a node that has some of it may not be chosen from."""

    nodes: Sequence[Node]
    stock: Sequence[Sequence[int]]
    rooms: Sequence[int | None]
    out: Mapping[str, str]


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


def of(turn: Turn, rows: Sequence[StageRow], taken: Taken, costing: Costing, limit: Limit) -> Candidates:
    """By node id."""
    scene, filter_ = costing.scene, turn.rule.nodes
    units = sum(row.row.units for row in rows)
    skus = {row.row.sku for row in rows}
    anyone = filter_ == _ANYONE
    nodes: list[Node] = []
    out: dict[str, str] = {}
    for node_id in sorted(turn.shelves):
        if skus.isdisjoint(turn.shelves[node_id]) or node_id not in scene.km:
            continue
        node = scene.nodes[node_id]
        why = None if anyone else _barred(filter_, node, scene)
        if why is None and limit.more <= 0 and node_id not in limit.begun:
            why = TOO_MANY
        if why is None and turn.in_time and _is_late(node, turn.group.service, units, costing):
            why = "late"
        if why is None:
            nodes.append(node)
        else:
            out[node_id] = why
    shelves = [turn.shelves[node.node_id] for node in nodes]
    return Candidates(
        nodes=nodes,
        stock=[_stock(row, nodes, shelves, taken, filter_) for row in rows],
        rooms=[taken.room(node.node_id, turn.shelves[node.node_id], turn.due) for node in nodes],
        out=out,
    )


def _barred(filter_: NodeFilter, node: Node, scene: Scene) -> str | None:
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


def why_not(found: Candidates, stay: Collection[str]) -> dict[str, str]:
    """Why nodes that the rule allows are not in the stage."""
    out: dict[str, str] = {}
    for j, node in enumerate(found.nodes):
        if node.node_id in stay and found.rooms[j] != 0:
            continue
        if not any(of[j] for of in found.stock):
            out[node.node_id] = "may-not-send-it"
        elif found.rooms[j] == 0:
            out[node.node_id] = NO_CAPACITY
        else:
            out[node.node_id] = "dominated"
    return out
