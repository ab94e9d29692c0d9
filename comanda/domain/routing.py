"""
Route: choose the node for every unit that has nobody, and say when it leaves and arrives.

The skeleton's policy: in stock, open, nearest, fewest splits (`comanda.domain.assign`). What is behind `route` may be
replaced; its promises stay: it is pure and deterministic (ties by node id), never takes more than a node holds, never an
excluded node, and every unit is assigned or explicitly left over.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from comanda.domain import backlog, dating
from comanda.domain.assign import assign
from comanda.domain.carriers import Carrier
from comanda.domain.movements import Held
from comanda.domain.network import Node
from comanda.domain.order import PICKUP, Line, Order
from comanda.domain.plan import (
    Costs,
    Leftover,
    Limits,
    Plan,
    PlannedFulfillment,
    PlannedLine,
    Rules,
    Want,
)
from comanda.domain.queues import ROUTING
from comanda.domain.scene import NO_CAPACITY, Scene, units_now
from comanda.domain.stock import Position

__all__ = ["Costs", "Leftover", "Limits", "Node", "Plan", "PlannedFulfillment", "PlannedLine", "Rules", "route"]

_MOST_CANDIDATES = 3_000  # positions that a stored decision keeps, beside those of the chosen nodes


def route(
    order: Order,
    positions: Sequence[Position],
    nodes: Sequence[Node],
    rules: Rules,
    costs: Costs,
    now: datetime,
    limits: Limits,
    carriers: Sequence[Carrier] = (),
    taken: dating.Taken = dating.NOTHING,
    kept: Sequence[Held] = (),
) -> Plan:
    """Assign exactly the units that nobody has (CREATED, UNSCHEDULED) and leave the rest over, with a reason.

    `positions` are those of the order's skus at any nodes, `nodes` the network, `taken` the units that nodes have to do
    already. The decision keeps the candidates, their distance and stock, and why others were left out.
    """
    tired = [line for line in order.lines if line.unplaced() and line.attempts >= limits.attempts]
    leftovers = [_tired(line) for line in tired]
    wants = tuple(_want(line) for line in order.lines if line.unplaced() and line not in tired)
    scene = Scene(positions, nodes, order.destination, rules, now, taken)
    planned, left = assign(wants, scene, limits, rules.future_days, kept)
    planned = dated(planned, wants, scene, costs, carriers, taken)
    leftovers += left
    return Plan(
        fulfillments=planned,
        leftovers=tuple(leftovers),
        decision=_decision(order, scene, positions, planned, leftovers, costs),
    )


def _want(line: Line) -> Want:
    return Want(
        line_id=line.line_id,
        sku=line.sku,
        quantity=line.unplaced(),
        method=line.method,
        service=line.service,
        node_id=line.node_id,
        excluded=line.excluded,
        weight_g=line.weight_g,
    )


def dated(
    planned: Iterable[PlannedFulfillment],
    wants: Iterable[Want],
    scene: Scene,
    costs: Costs,
    carriers: Sequence[Carrier],
    taken: dating.Taken = dating.NOTHING,
) -> tuple[PlannedFulfillment, ...]:
    """The fulfillments with their turns, and where carriers are known with their dates, costs and carbon. One after the
    other: a node's room is for all that it gets."""
    grams = {want.line_id: want.weight_g for want in wants}
    found: list[PlannedFulfillment] = []
    for p in planned:
        found.append(_dated(p, grams, scene, costs, carriers, taken) if carriers else p)
        if p.due is None and (turns := backlog.turns(p.node, scene.now, p.units, taken)):
            found[-1] = replace(found[-1], turns=turns)
            taken = backlog.added(taken, p.node.node_id, turns)
    return tuple(found)


def _dated(
    p: PlannedFulfillment,
    grams: Mapping[str, int],
    scene: Scene,
    costs: Costs,
    carriers: Sequence[Carrier],
    taken: dating.Taken,
) -> PlannedFulfillment:
    load = dating.Load(weights=tuple((line.quantity, grams.get(line.line_id, 0)) for line in p.lines), due=p.due)
    if p.method == PICKUP:
        leg = dating.pick_up(p.node, load, costs.per_pickup, scene.now, taken)
    else:
        zone, said_by = scene.zone
        to = dating.To(
            country=scene.to.country,
            region=scene.to.region,
            postal_prefix=scene.to.postal_prefix,
            zone=zone,
            zone_by=said_by,
            km=scene.km.get(p.node.node_id, 0.0),
        )
        leg = dating.ship(p.node, carriers, p.service, load, to, scene.now, taken)
    if leg is None:
        return p
    return replace(p, ship_on=leg.ship_on, deliver_on=leg.deliver_on, zone=leg.zone, leg=leg)


def _tired(line: Line) -> Leftover:
    return Leftover(
        line_id=line.line_id, sku=line.sku, quantity=line.unplaced(), queue=ROUTING, reason="too-many-declines"
    )


def _decision(
    order: Order,
    scene: Scene,
    positions: Sequence[Position],
    planned: Sequence[PlannedFulfillment],
    leftovers: Sequence[Leftover],
    costs: Costs,
) -> dict[str, Any]:
    """The decision with its inputs, for the nodes that survived the filters: enough to explain and replay it."""
    chosen = {p.node.node_id for p in planned}
    return {
        "at": scene.now.isoformat(),
        "order_version": order.version,
        "costs": costs.version,
        "excluded": {**dict.fromkeys(sorted(scene.full()), NO_CAPACITY), **scene.unfit},
        "candidates": [
            {
                "node": p.node,
                "sku": p.sku,
                "available": units_now(p, scene.now),
                "rev": p.rev,
                "km": round(scene.km[p.node], 1) if p.node in scene.km else None,
            }
            for p in _worth_keeping(positions, scene, chosen)
        ],
        "fulfillments": [_explained(p, scene, costs) for p in planned],
        "leftovers": [[left.line_id, left.sku, left.quantity, left.queue, left.reason] for left in leftovers],
    }


def _explained(p: PlannedFulfillment, scene: Scene, costs: Costs) -> dict[str, Any]:
    km = scene.distance(p.node)
    said = {
        "node": p.node.node_id,
        "method": p.method,
        "km": round(km, 1),
        "cost_micros": p.leg.cost_micros if p.leg else costs.per_shipment + int(costs.per_km * km),
        "lines": [[line.line_id, line.sku, line.quantity] for line in p.lines],
    }
    if p.due:
        said["due"] = p.due
    if p.turns:
        said["turns"] = [list(turn) for turn in p.turns]
        said["room"] = scene.room(p.node.node_id)
    if p.leg:
        said |= {
            "ship_on": p.ship_on,
            "deliver_on": p.deliver_on,
            "zone": p.zone,
            "carrier": p.leg.carrier,
            "carbon_g": p.leg.carbon_g,
            "guesses": list(p.leg.guesses),
        }
    return said


def _worth_keeping(positions: Sequence[Position], scene: Scene, chosen: Collection[str]) -> list[Position]:
    """The chosen nodes' positions, and for each sku the nearest others that had stock: a decision of a thousand skus over
    hundreds of nodes still fits its item."""
    skus = {p.sku for p in positions}
    each = max(2, _MOST_CANDIDATES // max(1, len(skus)))
    others: dict[str, list[tuple[float, str]]] = {sku: [] for sku in skus}
    for p in positions:
        if p.node in scene.km and p.node not in chosen and units_now(p, scene.now):
            others[p.sku].append((scene.km[p.node], p.node))
    near = {(sku, node) for sku, found in others.items() for _, node in sorted(found)[:each]}
    return [p for p in positions if p.node in chosen or (p.sku, p.node) in near]
