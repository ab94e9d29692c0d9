"""
Make the record of a routing decision: its inputs, its choices, and their costs by component, as modelled and as priced.

Called by   comanda.domain.routing.route; comanda.aws.orders.order_items (`lean`); ops/routing.py (`replay`)
Returns     JSON that can be explained, and decided again, after everything has changed
Raises      ValueError for a record that cannot be decided again
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from comanda.domain.routing.assign import Assigned
from comanda.domain.routing.build_stage import StageChoice
from comanda.domain.routing.inputs import RouterInputs
from comanda.domain.routing.order_rates import OrderRates, Parts
from comanda.domain.routing.plan import Leftover, PlannedFulfillment
from comanda.domain.routing.reachable import NO_CAPACITY
from comanda.domain.routing.solve_stage import solve_stage
from comanda.domain.routing.stage import Stage, StageResult, decode, encode, with_nodes
from comanda.domain.routing.stage_costs import StageCosts, priced
from comanda.domain.rules.rule_sets import COMPONENTS

if TYPE_CHECKING:  # a room without orders need not load their code
    from comanda.domain.orders.order import Order

VERSION = 2  # version 1 had candidates and no stages
MOST_DETAILED = 16  # nodes of a stage whose costs are recorded by component
# Numbers in the tables of a stage: the record of a thousand skus over hundreds of nodes still fits its item.
MOST_NUMBERS = 12_000


def record(order: "Order", inputs: RouterInputs, rates: OrderRates, assigned: Assigned) -> dict[str, Any]:
    """Return the record of a decision as JSON.

    `excluded` says why a node may not send there at all; each stage says it for the other nodes.
    """
    network, choices = rates.network, assigned.choices
    nodes = {node for choice in choices for node in choice.stage.nodes} | {
        p.node.node_id for p in assigned.fulfillments
    }
    chosen = {(line.sku, p.node.node_id) for p in assigned.fulfillments for line in p.lines}
    return {
        "v": VERSION,
        "at": network.now.isoformat(),
        "order_version": order.version,
        "costs": rates.costs.key,
        "currency": _currency(order, assigned.fulfillments),
        "rule_sets": sorted({choice.rule_set for choice in choices}),
        "deliver_by": rates.facts.deliver_by,
        "excluded": _by_reason({**dict.fromkeys(sorted(network.full()), NO_CAPACITY), **network.unfit}),
        "nodes": {node_id: round(network.distance(network.nodes[node_id]), 1) for node_id in sorted(nodes)},
        "revs": [[p.sku, p.node, p.rev] for p in inputs.positions if (p.sku, p.node) in chosen],
        "stages": [_stage(choice, rates) for choice in choices],
        "fulfillments": [_fulfillment(p, rates) for p in assigned.fulfillments],
        "leftovers": [_leftover(left) for left in assigned.leftovers],
        **_chosen(order),
    }


def _chosen(order: "Order") -> dict[str, Any]:
    """Return the nodes that people chose for lines that were to be placed: [line id, node, person]."""
    rows = [[line.line_id, line.chosen, line.chosen_by] for line in order.lines if line.chosen and line.unplaced()]
    return {"chosen": rows} if rows else {}


def lean(decision: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record that is too large for its item without the inputs of its choices. It can be explained, but not
    decided again."""
    kept = ("nodes", "skus", "quantity", "criteria")
    made = [
        {
            **{name: value for name, value in one.items() if name != "parts_micros"},
            "stage": {name: one["stage"][name] for name in kept if name in one["stage"]},
        }
        for one in decision["stages"]
    ]
    return {**decision, "stages": made, "too_large": True}


def _currency(order: "Order", planned: Sequence[PlannedFulfillment]) -> str:
    """Return the currency of the costs: that of the carriers' cards, else the order's."""
    return next((p.leg.currency for p in planned if p.leg and p.leg.currency), order.currency)


def _leftover(left: Leftover) -> list[Any]:
    row = [left.line_id, left.sku, left.quantity, left.queue, left.reason]
    return [*row, left.cancel_on] if left.cancel_on else row


def _by_reason(why: Mapping[str, str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for node_id, reason in sorted(why.items()):
        found.setdefault(reason, []).append(node_id)
    return found


def _stage(choice: StageChoice, rates: OrderRates) -> dict[str, Any]:
    stage, result = choice.stage, choice.result
    kept, stay = _cut_stage(stage, result)
    at = {j: k for k, j in enumerate(stay)}
    row: dict[str, Any] = {
        "rule_set": choice.rule_set,
        "rule": choice.rule.name,
        "service": choice.service,
        "in_time": choice.in_time,
        "out": _by_reason(choice.out),
        "stage": encode(kept),
        "assignment": [[i, at[j], pieces] for i, j, pieces in result.assignment],
        "given": [[node, [[want.line_id, units] for want, units in got]] for node, got, _ in choice.given],
    }
    if parts := _parts(choice, rates):
        row["parts_micros"] = parts
    if weights := {name: n for name in COMPONENTS if (n := choice.rule.weight(name)) != 100}:
        row["weights"] = weights
    if choice.due:
        row["due"] = choice.due
    if choice.alone:
        row["alone_micros"] = [list(one) for one in choice.alone]
    if len(stay) < len(stage.nodes):
        row["cut"] = len(stage.nodes) - len(stay)
    if stage.fixed:
        row |= {
            "cost_micros": result.cost,
            "lower_bound_micros": result.lower_bound,
            "proven": result.proven,
            "nodes_searched": result.nodes_searched,
        }
    if result.clock_stopped:
        row["clock_stopped"] = True
    return row


def _parts(choice: StageChoice, rates: OrderRates) -> dict[str, list[Any]]:
    """Return the cost components of the chosen nodes, and of those that could send most, each with all that it could send.

    There is one column for each component, in the order of `nodes`.
    """
    stage = choice.stage
    chosen = {j for _, j, _ in choice.result.assignment}
    sends = {
        j: [
            (wanted, min(row[j], units), row[j])
            for wanted, row, units in zip(choice.wanted, stage.stock, stage.quantity, strict=True)
        ]
        for j in _nodes_with_details(stage, chosen)
    }
    sends = {j: units for j, units in sends.items() if any(count for _, count, _ in units)}
    if not sends:
        return {}
    nodes = [rates.network.nodes[stage.nodes[j]] for j in sends]
    its_rates = rates.in_wave() if choice.wave else rates
    costs = StageCosts(its_rates, choice.service, choice.wanted, choice.rule, choice.loads, choice.lanes)
    found = [costs.parts(node, units) for node, units in zip(nodes, sends.values(), strict=True)]
    columns = {name: [parts[at] for parts in found] for at, name in enumerate(COMPONENTS)}
    return {
        "nodes": [stage.nodes[j] for j in sends],
        "units": [sum(count for _, count, _ in units) for units in sends.values()],
        **{name: column for name, column in columns.items() if any(column)},
    }


def _nodes_with_details(stage: Stage, chosen: set[int]) -> list[int]:
    """Return at most MOST_DETAILED nodes by index: the chosen nodes, then those that could send most."""
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
    """Return the stage and its nodes; where its tables are too large, only the chosen nodes and those that could send
    most."""
    most = max(8, MOST_NUMBERS // max(1, len(stage.skus)))
    everyone = range(len(stage.nodes))
    if len(stage.nodes) <= most:
        return stage, everyone
    chosen = {j for _, j, _ in result.assignment}
    widest = sorted(everyone, key=lambda j: (j not in chosen, -sum(row[j] > 0 for row in stage.stock), j))
    stay = sorted(widest[: max(most, len(chosen))])
    return with_nodes(stage, stay), stay


def _fulfillment(p: PlannedFulfillment, rates: OrderRates) -> dict[str, Any]:
    row: dict[str, Any] = {
        "node": p.node.node_id,
        "method": p.method,
        "service": p.service,
        "km": round(rates.network.distance(p.node), 1),
        "lines": [[line.line_id, line.sku, line.quantity] for line in p.lines],
        "modelled_micros": _by_component(p.modelled),
        "priced_micros": _by_component(priced(p, rates)),
    }
    if p.due:
        row["due"] = p.due
    if p.wave:
        row["wave"] = True
    if p.turns:
        row["turns"] = [list(turn) for turn in p.turns]
        row["room"] = rates.network.room(p.node.node_id)
    if p.leg:
        row |= {
            "ship_on": p.ship_on,
            "deliver_on": p.deliver_on,
            "zone": p.zone,
            "carrier": p.leg.carrier,
            "card": p.leg.card,
            "packages": p.leg.packages,
            "carbon_g": p.leg.carbon_g,
            "guesses": list(p.leg.guesses),
        }
    return row


def _by_component(parts: Parts) -> dict[str, int]:
    return {name: part for name, part in zip(COMPONENTS, parts, strict=False) if part}


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """A stored stage, decided again from its inputs. `same`: the same choice, or the same cost where the record was
    cut."""

    stage: int
    same: bool
    result: StageResult


def replay(decision: Mapping[str, Any]) -> tuple[Replayed, ...]:
    """Decide each stage of a stored decision again, from the record alone. Raises ValueError for a record without
    inputs."""
    if decision.get("v") != VERSION:
        raise ValueError("a decision from before stages were stored cannot be made again")
    if decision.get("too_large"):
        raise ValueError("a decision that was too large to be stored with its inputs cannot be made again")
    return tuple(_replay_stage(n, stored) for n, stored in enumerate(decision["stages"]))


def _replay_stage(n: int, stored: Mapping[str, Any]) -> Replayed:
    stage = decode(stored["stage"])
    result = solve_stage(stage)
    was = tuple(tuple(row) for row in stored["assignment"])
    same = result.assignment == was
    if not same and (stored.get("cut") or stored.get("clock_stopped")):
        same = bool(stage.fixed) and result.cost <= stored["cost_micros"]
    return Replayed(stage=n, same=same, result=result)
