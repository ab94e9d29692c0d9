"""
The record of a routing decision: its inputs, for the nodes that came through the filters, its choices, and what they cost
by component, as modelled and as priced. It can be explained, and made again, after everything has changed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from comanda.domain.orders.order import Order
from comanda.domain.routing import stages
from comanda.domain.routing.assign import Assigned
from comanda.domain.routing.build_stage import StageChoice
from comanda.domain.routing.costs import OrderRates, Parts, priced
from comanda.domain.routing.inputs import RouterInputs
from comanda.domain.routing.plan import Leftover, PlannedFulfillment
from comanda.domain.routing.reachable import NO_CAPACITY
from comanda.domain.routing.stages import Stage, StageResult
from comanda.domain.rules.rule_sets import COMPONENTS

VERSION = 2  # 1 had candidates and no stages
MOST_DETAILED = 16  # nodes of a stage whose costs are told by component
MOST_NUMBERS = 12_000  # of a stage's tables: an order of a thousand skus over hundreds of nodes still fits its item


def record(order: Order, world: RouterInputs, rates: OrderRates, assigned: Assigned) -> dict[str, Any]:
    """As JSON. `excluded`: why a node may not send there at all; each stage says for the others."""
    network = rates.network
    nodes = {node for made in assigned.made for node in made.stage.nodes} | {
        p.node.node_id for p in assigned.fulfillments
    }
    chosen = {(line.sku, p.node.node_id) for p in assigned.fulfillments for line in p.lines}
    return {
        "v": VERSION,
        "at": network.now.isoformat(),
        "order_version": order.version,
        "costs": rates.costs.key,
        "currency": _currency(order, assigned.fulfillments),
        "rule_sets": sorted({made.rule_set for made in assigned.made}),
        "deliver_by": rates.facts.deliver_by,
        "excluded": _by_reason({**dict.fromkeys(sorted(network.full()), NO_CAPACITY), **network.unfit}),
        "nodes": {node_id: round(network.distance(network.nodes[node_id]), 1) for node_id in sorted(nodes)},
        "revs": [[p.sku, p.node, p.rev] for p in world.positions if (p.sku, p.node) in chosen],
        "stages": [_stage(made, rates) for made in assigned.made],
        "fulfillments": [_fulfillment(p, rates) for p in assigned.fulfillments],
        "leftovers": [_leftover(left) for left in assigned.leftovers],
    }


def lean(decision: Mapping[str, Any]) -> dict[str, Any]:
    """A record that does not fit its item, without what its choices were made of: told as ever, but not to be made again."""
    told = ("nodes", "skus", "quantity", "criteria")
    made = [
        {
            **{name: value for name, value in one.items() if name != "parts_micros"},
            "stage": {name: one["stage"][name] for name in told if name in one["stage"]},
        }
        for one in decision["stages"]
    ]
    return {**decision, "stages": made, "too_large": True}


def _currency(order: Order, planned: Sequence[PlannedFulfillment]) -> str:
    """Of the costs: that of the carriers' cards, else the order's."""
    return next((p.leg.currency for p in planned if p.leg and p.leg.currency), order.currency)


def _leftover(left: Leftover) -> list[Any]:
    said = [left.line_id, left.sku, left.quantity, left.queue, left.reason]
    return [*said, left.cancel_on] if left.cancel_on else said


def _by_reason(why: Mapping[str, str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for node_id, reason in sorted(why.items()):
        found.setdefault(reason, []).append(node_id)
    return found


def _stage(made: StageChoice, rates: OrderRates) -> dict[str, Any]:
    stage, result = made.stage, made.result
    kept, stay = _cut_stage(stage, result)
    at = {j: k for k, j in enumerate(stay)}
    said: dict[str, Any] = {
        "rule_set": made.rule_set,
        "rule": made.rule,
        "service": made.service,
        "in_time": made.in_time,
        "out": _by_reason(made.out),
        "stage": stages.encode(kept),
        "assignment": [[i, at[j], pieces] for i, j, pieces in result.assignment],
        "given": [[node, [[want.line_id, units] for want, units in got]] for node, got, _ in made.given],
    }
    if parts := _parts(made, rates):
        said["parts_micros"] = parts
    if weights := made.stage_costs and {
        name: n for name in COMPONENTS if (n := made.stage_costs.rule.weight(name)) != 100
    }:
        said["weights"] = weights
    if made.due:
        said["due"] = made.due
    if made.alone:
        said["alone_micros"] = [list(one) for one in made.alone]
    if len(stay) < len(stage.nodes):
        said["cut"] = len(stage.nodes) - len(stay)
    if stage.fixed:
        said |= {
            "cost_micros": result.cost,
            "lower_bound_micros": result.lower_bound,
            "proven": result.proven,
            "nodes_searched": result.nodes_searched,
        }
    if result.clock_stopped:
        said["clock_stopped"] = True
    return said


def _parts(made: StageChoice, rates: OrderRates) -> dict[str, list[Any]]:
    """What the nodes to choose from would have cost by component, each with all that it could send: those that were chosen,
    and those that could send most. A column by component, in the order of `nodes`."""
    stage, stage_costs = made.stage, made.stage_costs
    if stage_costs is None:
        return {}
    chosen = {j for _, j, _ in made.result.assignment}
    sends = {
        j: [
            (row, min(of[j], wanted), of[j])
            for row, of, wanted in zip(stage_costs.rows, stage.stock, stage.quantity, strict=True)
        ]
        for j in _nodes_with_details(stage, chosen)
    }
    found = {
        j: stage_costs.parts(rates.network.nodes[stage.nodes[j]], units)
        for j, units in sends.items()
        if any(n for _, n, _ in units)
    }
    columns = {name: [parts[at] for parts in found.values()] for at, name in enumerate(COMPONENTS)}
    units = [sum(count for _, count, _ in sends[j]) for j in found]
    return (
        {
            "nodes": [stage.nodes[j] for j in found],
            "units": units,
            **{name: column for name, column in columns.items() if any(column)},
        }
        if found
        else {}
    )


def _nodes_with_details(stage: Stage, chosen: set[int]) -> list[int]:
    """At most MOST_TOLD nodes: those that were chosen, then those that could send most, by index."""
    if len(stage.nodes) <= MOST_DETAILED:
        return list(range(len(stage.nodes)))
    most = sorted(
        range(len(stage.nodes)),
        key=lambda j: (
            j not in chosen,
            -sum(min(of[j], wanted) for of, wanted in zip(stage.stock, stage.quantity, strict=True)),
            stage.fixed[j] if stage.fixed else 0,
            stage.ranks[j] if stage.ranks else (),
            j,
        ),
    )
    return sorted(most[:MOST_DETAILED])


def _cut_stage(stage: Stage, result: StageResult) -> tuple[Stage, Sequence[int]]:
    """The stage, or where its tables are too large the nodes that were chosen and those that could do most."""
    most = max(8, MOST_NUMBERS // max(1, len(stage.skus)))
    everyone = range(len(stage.nodes))
    if len(stage.nodes) <= most:
        return stage, everyone
    chosen = {j for _, j, _ in result.assignment}
    widest = sorted(everyone, key=lambda j: (j not in chosen, -sum(row[j] > 0 for row in stage.stock), j))
    stay = sorted(widest[: max(most, len(chosen))])
    return stages.with_nodes(stage, stay), stay


def _fulfillment(p: PlannedFulfillment, rates: OrderRates) -> dict[str, Any]:
    said: dict[str, Any] = {
        "node": p.node.node_id,
        "method": p.method,
        "service": p.service,
        "km": round(rates.network.distance(p.node), 1),
        "lines": [[line.line_id, line.sku, line.quantity] for line in p.lines],
        "modelled_micros": _by_component(p.modelled),
        "priced_micros": _by_component(priced(p, rates)),
    }
    if p.due:
        said["due"] = p.due
    if p.wave:
        said["wave"] = True
    if p.turns:
        said["turns"] = [list(turn) for turn in p.turns]
        said["room"] = rates.network.room(p.node.node_id)
    if p.leg:
        said |= {
            "ship_on": p.ship_on,
            "deliver_on": p.deliver_on,
            "zone": p.zone,
            "carrier": p.leg.carrier,
            "card": p.leg.card,
            "packages": p.leg.packages,
            "carbon_g": p.leg.carbon_g,
            "guesses": list(p.leg.guesses),
        }
    return said


def _by_component(parts: Parts) -> dict[str, int]:
    return {name: part for name, part in zip(COMPONENTS, parts, strict=False) if part}


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """A stored stage, chosen again from its inputs. `same`: the very choice, or where the record was cut its cost."""

    stage: int
    same: bool
    result: StageResult


def replay(decision: Mapping[str, Any]) -> tuple[Replayed, ...]:
    """Make each choice of a stored decision again, from what is stored alone. Raises ValueError for a record of before."""
    if decision.get("v") != VERSION:
        raise ValueError("a decision of before stages were stored cannot be made again")
    if decision.get("too_large"):
        raise ValueError("a decision that was too large to be stored with its inputs cannot be made again")
    return tuple(_replay_stage(n, stored) for n, stored in enumerate(decision["stages"]))


def _replay_stage(n: int, stored: Mapping[str, Any]) -> Replayed:
    stage = stages.decode(stored["stage"])
    result = stages.solve_stage(stage)
    was = tuple(tuple(row) for row in stored["assignment"])
    same = result.assignment == was
    if not same and (stored.get("cut") or stored.get("clock_stopped")):
        same = bool(stage.fixed) and result.cost <= stored["cost_micros"]
    return Replayed(stage=n, same=same, result=result)
