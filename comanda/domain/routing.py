"""
Route: choose the node for every unit that has nobody.

The skeleton's policy: in stock, open, nearest, fewest splits. What is behind `route` may be replaced; its signature and
its promises stay: it is pure and deterministic (ties by node id), never takes more than a node holds, never an excluded
node, and every unit is assigned or explicitly left over.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from comanda.domain.calendars import Calendar, opens_within
from comanda.domain.geo import distance_km
from comanda.domain.order import PICKUP, SHIP, Line, Order
from comanda.domain.queues import BACKORDER, CUSTOMER_CARE, ROUTING
from comanda.domain.stock import Position

_MOST_CANDIDATES = 3_000  # positions that a stored decision keeps, beside those of the chosen nodes


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A warehouse, store or vendor: where it is, what it may do, and how long it has for an answer."""

    node_id: str
    type: str  # WAREHOUSE, STORE or VENDOR
    country: str
    latitude: float
    longitude: float
    calendar: Calendar
    ship: bool = True
    pickup: bool = False
    accept_minutes: int = 120
    ship_minutes: int = 1440
    partner: str | None = None

    @property
    def at(self) -> tuple[float, float]:
        return self.latitude, self.longitude


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a planner may set. `open_days`: a node counts as open when it works within so many days."""

    version: str = "skeleton-1"
    types: tuple[str, ...] = ("WAREHOUSE", "STORE", "VENDOR")
    open_days: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What distance costs, in micro-units of currency per km and per shipment; the decision records the result."""

    version: str = "skeleton-1"
    per_shipment: int = 8_000_000
    per_km: int = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """`attempts`: after so many nodes gave a line back, a person decides. `splits`: most fulfillments of one plan."""

    attempts: int = 4
    splits: int = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedLine:
    line_id: str
    sku: str
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedFulfillment:
    node: Node
    method: str
    service: str
    lines: tuple[PlannedLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Leftover:
    """Units that got no node, and the queue that they wait in."""

    line_id: str
    sku: str
    quantity: int
    queue: str  # backorder, customer-care or routing
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    fulfillments: tuple[PlannedFulfillment, ...]
    leftovers: tuple[Leftover, ...]
    decision: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class _Stock:
    """What is left of each position while a plan is made, and which are switched off for shipping or for pickup."""

    free: dict[tuple[str, str], int]
    off: frozenset[tuple[str, str, str]]  # (sku, node, method)

    def can(self, node: str, sku: str, method: str, wanted: int) -> int:
        return 0 if (sku, node, method) in self.off else min(wanted, self.free.get((sku, node), 0))

    def take(self, node: str, sku: str, quantity: int) -> None:
        self.free[sku, node] -= quantity


def route(
    order: Order,
    positions: Sequence[Position],
    nodes: Sequence[Node],
    rules: Rules,
    costs: Costs,
    now: datetime,
    limits: Limits,
) -> Plan:
    """Assign exactly the units that nobody has (CREATED, UNSCHEDULED) and leave the rest over, with a reason.

    `positions` are those of the order's skus at any nodes, `nodes` the network. The decision keeps the candidates, their
    distance and stock, and why others were left out.
    """
    stock = _Stock(
        free={(p.sku, p.node): p.available for p in positions},
        off=frozenset((p.sku, p.node, SHIP) for p in positions if not p.ship)
        | frozenset((p.sku, p.node, PICKUP) for p in positions if not p.pickup),
    )
    by_id = {node.node_id: node for node in nodes}
    planned: list[PlannedFulfillment] = []
    leftovers: list[Leftover] = []
    tired = [line for line in order.lines if line.unplaced() and line.attempts >= limits.attempts]
    wanted = {line.line_id: line.unplaced() for line in order.lines if line.unplaced() and line not in tired}
    leftovers += [_left(line, line.unplaced(), ROUTING, "too-many-declines") for line in tired]

    for line in order.lines:
        if line.line_id in wanted and line.method == PICKUP:
            _pick_up(line, wanted.pop(line.line_id), by_id, stock, rules, now, planned, leftovers)

    reasons = {n.node_id: why for n in nodes if (why := _unfit(n, order, rules, now))}
    fit = [node for node in nodes if node.node_id not in reasons]
    distance = {node.node_id: _km(order, node) for node in fit}
    lines = {line.line_id: line for line in order.lines}
    for service in sorted({lines[line_id].service for line_id in wanted}):
        left = {line_id: q for line_id, q in wanted.items() if lines[line_id].service == service}
        queue, reason = BACKORDER, "no-stock"
        while left:
            best = min(
                ((-covers, distance[n.node_id], n.node_id) for n in fit if (covers := _covers(n, left, lines, stock))),
                default=None,
            )
            if best is None:
                break
            if len(planned) >= limits.splits:
                queue, reason = ROUTING, "too-many-splits"
                break
            planned.append(_take(by_id[best[2]], service, left, lines, stock))
        leftovers += [_left(lines[line_id], q, queue, reason) for line_id, q in left.items()]
    return Plan(
        fulfillments=_joined(planned),
        leftovers=tuple(leftovers),
        decision=_decision(order, positions, reasons, distance, planned, leftovers, rules, costs, now),
    )


def _covers(node: Node, left: Mapping[str, int], lines: Mapping[str, Line], stock: _Stock) -> int:
    """Units that the node could ship. Lines of one sku share its stock."""
    by_sku: dict[str, int] = {}
    for line_id, quantity in left.items():
        if node.node_id not in lines[line_id].excluded:
            by_sku[lines[line_id].sku] = by_sku.get(lines[line_id].sku, 0) + quantity
    return sum(stock.can(node.node_id, sku, SHIP, quantity) for sku, quantity in by_sku.items())


def _take(
    node: Node, service: str, left: dict[str, int], lines: Mapping[str, Line], stock: _Stock
) -> PlannedFulfillment:
    taken: list[PlannedLine] = []
    for line_id, quantity in list(left.items()):
        line = lines[line_id]
        got = 0 if node.node_id in line.excluded else stock.can(node.node_id, line.sku, SHIP, quantity)
        if got:
            stock.take(node.node_id, line.sku, got)
            taken.append(PlannedLine(line_id=line_id, sku=line.sku, quantity=got))
            left[line_id] = quantity - got
            if not left[line_id]:
                del left[line_id]
    return PlannedFulfillment(node=node, method=SHIP, service=service, lines=tuple(taken))


def _pick_up(
    line: Line,
    quantity: int,
    nodes: Mapping[str, Node],
    stock: _Stock,
    rules: Rules,
    now: datetime,
    planned: list[PlannedFulfillment],
    leftovers: list[Leftover],
) -> None:
    """A pickup line is filled at the customer's store whole, or customer care is asked: never shipped instead."""
    node = nodes.get(line.node_id or "")
    if node is None or not node.pickup or not opens_within(node.calendar, now, rules.open_days):
        leftovers.append(_left(line, quantity, CUSTOMER_CARE, "pickup-node-closed"))
    elif node.node_id in line.excluded:
        leftovers.append(_left(line, quantity, CUSTOMER_CARE, "pickup-declined"))
    elif stock.can(node.node_id, line.sku, PICKUP, quantity) < quantity:
        leftovers.append(_left(line, quantity, CUSTOMER_CARE, "pickup-out-of-stock"))
    else:
        stock.take(node.node_id, line.sku, quantity)
        picked = PlannedLine(line_id=line.line_id, sku=line.sku, quantity=quantity)
        planned.append(PlannedFulfillment(node=node, method=PICKUP, service=line.service, lines=(picked,)))


def _unfit(node: Node, order: Order, rules: Rules, now: datetime) -> str | None:
    """Why the node may not ship this order, or None."""
    if not node.ship:
        return "does-not-ship"
    if node.type not in rules.types:
        return "type-not-allowed"
    if node.country != order.destination.country:
        return "other-country"
    if not opens_within(node.calendar, now, rules.open_days):
        return "closed"
    return None


def _km(order: Order, node: Node) -> float:
    to = order.destination
    if to.latitude is None or to.longitude is None:
        return 0.0
    return distance_km((to.latitude, to.longitude), node.at)


def _left(line: Line, quantity: int, queue: str, reason: str) -> Leftover:
    return Leftover(line_id=line.line_id, sku=line.sku, quantity=quantity, queue=queue, reason=reason)


def _joined(planned: Iterable[PlannedFulfillment]) -> tuple[PlannedFulfillment, ...]:
    """Pickup lines of one store are one fulfillment; so are shipments of one node and service."""
    together: dict[tuple[str, str, str], PlannedFulfillment] = {}
    for p in planned:
        key = (p.node.node_id, p.method, p.service)
        lines = together[key].lines if key in together else ()
        together[key] = PlannedFulfillment(node=p.node, method=p.method, service=p.service, lines=(*lines, *p.lines))
    return tuple(together.values())


def _decision(
    order: Order,
    positions: Sequence[Position],
    reasons: Mapping[str, str],
    distance: Mapping[str, float],
    planned: Sequence[PlannedFulfillment],
    leftovers: Sequence[Leftover],
    rules: Rules,
    costs: Costs,
    now: datetime,
) -> dict[str, Any]:
    """The decision with its inputs, for the nodes that survived the filters: enough to explain and replay it."""
    chosen = {p.node.node_id for p in planned}
    return {
        "at": now.isoformat(),
        "order_version": order.version,
        "rules": rules.version,
        "costs": costs.version,
        "excluded": dict(reasons),
        "candidates": [
            {
                "node": p.node,
                "sku": p.sku,
                "available": p.available,
                "rev": p.rev,
                "km": round(distance[p.node], 1) if p.node in distance else None,
            }
            for p in _worth_keeping(positions, distance, chosen)
        ],
        "fulfillments": [
            {
                "node": p.node.node_id,
                "method": p.method,
                "km": round(_km(order, p.node), 1),
                "cost_micros": costs.per_shipment + int(costs.per_km * _km(order, p.node)),
                "lines": [[line.line_id, line.sku, line.quantity] for line in p.lines],
            }
            for p in planned
        ],
        "leftovers": [[left.line_id, left.sku, left.quantity, left.queue, left.reason] for left in leftovers],
    }


def _worth_keeping(
    positions: Sequence[Position], distance: Mapping[str, float], chosen: Collection[str]
) -> list[Position]:
    """The chosen nodes' positions, and for each sku the nearest others that had stock: a decision of a thousand skus over
    hundreds of nodes still fits its item."""
    skus = {p.sku for p in positions}
    each = max(2, _MOST_CANDIDATES // max(1, len(skus)))
    others: dict[str, list[tuple[float, str]]] = {sku: [] for sku in skus}
    for p in positions:
        if p.available and p.node in distance and p.node not in chosen:
            others[p.sku].append((distance[p.node], p.node))
    near = {(sku, node) for sku, found in others.items() for _, node in sorted(found)[:each]}
    return [p for p in positions if p.node in chosen or (p.sku, p.node) in near]
