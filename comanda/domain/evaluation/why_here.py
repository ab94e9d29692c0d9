"""
Say why a shipment leaves from its node, as facts: how the node was chosen, the next best node, and what would have changed
the choice.

Called by   functions/intake (`GET /v1/orders/{id}/decisions`); pages write the facts as sentences of each language
Returns     one `Why` for each fulfillment of a stored decision that has stages
Raises      nothing

Every change that is named was proven: by the cost of the plan that it beats, or by making the choice again with the change.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from comanda.domain.orders.methods import PICKUP
from comanda.domain.routing.solve_stage import solve_stage
from comanda.domain.routing.stage import Stage, StageResult, decode

_TRIED = 3  # nodes with too little stock for which the choice is made again
_BUDGET = 20_000  # steps of the search when a choice is made again; far more than a usual choice takes


class How(StrEnum):
    """The way in which a node was chosen."""

    CHEAPEST = "CHEAPEST"  # its plan has the lowest cost
    RANKED = "RANKED"  # it is the first by the criteria of the rule
    CUSTOMERS_STORE = "CUSTOMERS_STORE"  # the customer picks the units up there
    RESERVED = "RESERVED"  # its units were reserved for the order before
    CHOSEN = "CHOSEN"  # a person chose it


@dataclass(frozen=True, slots=True, kw_only=True)
class NextBest:
    """Another node that could send everything. `cost_micros` is None where nodes were ranked."""

    node: str
    cost_micros: int | None = None
    more_micros: int | None = None  # than the chosen plan
    criterion: str = ""  # the first criterion of the rule in which the chosen node is better


@dataclass(frozen=True, slots=True, kw_only=True)
class MoreStock:
    """A node that would have changed the choice if it had more units, and what the choice would have cost less."""

    node: str
    missing: tuple[tuple[str, int], ...]  # (sku, units)
    shipments: int  # of the changed choice
    saves_micros: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """The reasons for one fulfillment's node.

    `cost_micros` are the costs of the whole choice, which may have several nodes. They are no money where the rule weighs
    costs: `weighted` is then True.
    """

    node: str
    method: str
    service: str
    how: How
    chosen_by: str = ""
    rule: str = ""
    rule_set: str = ""
    version: int | None = None
    criteria: tuple[str, ...] = ()
    nodes: tuple[str, ...] = ()  # of the choice
    cost_micros: int | None = None
    weighted: bool = False
    proven: bool = False
    next_best: NextBest | None = None
    more_stock: tuple[MoreStock, ...] = ()
    left_out: tuple[tuple[str, tuple[str, ...]], ...] = ()  # (reason, nodes), the most frequent reason first


def reasons(decision: Mapping[str, Any]) -> tuple[Why, ...]:
    """Return the reasons for each fulfillment of the decision. A decision without stages has none."""
    if "stages" not in decision:
        return ()
    return tuple(_why(one, decision) for one in decision["fulfillments"])


def shown(why: Why) -> dict[str, Any]:
    """Return the reasons as JSON, as the API answers them."""
    return {
        "node_id": why.node,
        "method": why.method,
        "service": why.service,
        "how": why.how,
        "chosen_by": why.chosen_by or None,
        "rule": why.rule,
        "rule_set": why.rule_set,
        "rule_set_version": why.version,
        "criteria": list(why.criteria),
        "node_ids": list(why.nodes),
        "cost_micros": why.cost_micros,
        "weighted": why.weighted,
        "proven": why.proven,
        "next_best": _next_best_shown(why.next_best) if why.next_best else None,
        "more_stock": [_more_stock_shown(one) for one in why.more_stock],
        "left_out": [{"reason": reason, "node_ids": list(nodes)} for reason, nodes in why.left_out],
    }


def _next_best_shown(other: NextBest) -> dict[str, Any]:
    return {
        "node_id": other.node,
        "cost_micros": other.cost_micros,
        "more_micros": other.more_micros,
        "criterion": other.criterion or None,
    }


def _more_stock_shown(one: MoreStock) -> dict[str, Any]:
    return {
        "node_id": one.node,
        "missing": [{"sku": sku, "quantity": units} for sku, units in one.missing],
        "shipments": one.shipments,
        "saves_micros": one.saves_micros,
    }


def _why(one: Mapping[str, Any], decision: Mapping[str, Any]) -> Why:
    plain = Why(node=one["node"], method=one["method"], service=one["service"], how=How.RESERVED)
    if one["method"] == PICKUP:
        return replace(plain, how=How.CUSTOMERS_STORE)
    chosen = {line_id: by for line_id, node, by in decision.get("chosen", ()) if node == one["node"]}
    if chosen and all(line_id in chosen for line_id, _, _ in one["lines"]):
        return replace(plain, how=How.CHOSEN, chosen_by=chosen[one["lines"][0][0]])
    stored = next((stage for stage in decision["stages"] if _gave(stage, one)), None)
    if stored is None:
        return plain
    name, _, version = stored["rule_set"].rpartition("@")
    why = replace(
        plain,
        rule=stored["rule"],
        rule_set=name,
        version=int(version) if version.isdigit() else None,
        nodes=tuple(node for node, _ in stored["given"]),
        left_out=_left_out(stored, decision),
    )
    return _ranked(why, stored) if stored["stage"].get("criteria") else _cheapest(why, stored, decision)


def _gave(stage: Mapping[str, Any], one: Mapping[str, Any]) -> bool:
    """Return True if the choice gave units to the fulfillment."""
    if (stage["service"], stage.get("due")) != (one["service"], one.get("due")):
        return False
    lines = {line_id for line_id, _, _ in one["lines"]}
    return any(node == one["node"] and lines & {line_id for line_id, _ in got} for node, got in stage["given"])


def _cheapest(why: Why, stored: Mapping[str, Any], decision: Mapping[str, Any]) -> Why:
    cost = stored["cost_micros"]
    others = [(node, micros) for node, micros in stored.get("alone_micros", ()) if (node,) != why.nodes]
    return replace(
        why,
        how=How.CHEAPEST,
        cost_micros=cost,
        weighted=bool(stored.get("weights")),
        proven=stored["proven"],
        next_best=NextBest(node=others[0][0], cost_micros=others[0][1], more_micros=others[0][1] - cost)
        if others
        else None,
        more_stock=() if decision.get("too_large") or len(why.nodes) < 2 else tuple(_more_stock(stored)),
    )


def _more_stock(stored: Mapping[str, Any]) -> Iterator[MoreStock]:
    """Yield the nodes that lack fewest units to send everything, and for which the choice then comes out cheaper."""
    stage = decode(stored["stage"])
    lacking = [(sum(missing), j) for j, missing in enumerate(_missing(stage)) if any(missing)]
    for _, j in sorted(lacking)[:_TRIED]:
        missing = _missing(stage)[j]
        filled = replace(
            stage,
            stock=tuple(
                (*row[:j], row[j] + more, *row[j + 1 :]) for row, more in zip(stage.stock, missing, strict=True)
            ),
        )
        again = solve_stage(filled, budget=_BUDGET)
        saves = stored["cost_micros"] - again.cost
        if saves > 0 and _sent(again) >= sum(pieces for *_, pieces in stored["assignment"]):
            yield MoreStock(
                node=stage.nodes[j],
                missing=tuple((sku, more) for sku, more in zip(stage.skus, missing, strict=True) if more),
                shipments=len({node for _, node, _ in again.assignment}),
                saves_micros=saves,
            )


def _missing(stage: Stage) -> list[tuple[int, ...]]:
    """Return for each node the pieces of each line that it lacks."""
    return [
        tuple(max(0, wanted - row[j]) for wanted, row in zip(stage.quantity, stage.stock, strict=True))
        for j in range(len(stage.nodes))
    ]


def _sent(result: StageResult) -> int:
    return sum(pieces for _, _, pieces in result.assignment)


def _ranked(why: Why, stored: Mapping[str, Any]) -> Why:
    criteria = tuple(stored["stage"]["criteria"])
    why = replace(why, how=How.RANKED, criteria=criteria)
    if len(why.nodes) != 1 or "ranks" not in stored["stage"]:
        return why
    stage = decode(stored["stage"])
    mine = stage.nodes.index(why.node)
    none_left = tuple((*row[:mine], 0, *row[mine + 1 :]) for row in stage.stock)
    second = {j for _, j, _ in solve_stage(replace(stage, stock=none_left)).assignment}
    if len(second) != 1:
        return why
    other = second.pop()
    return replace(why, next_best=NextBest(node=stage.nodes[other], criterion=_better_in(stage, mine, other, criteria)))


def _better_in(stage: Stage, mine: int, other: int, criteria: Sequence[str]) -> str:
    """Return the first criterion in which the node is better than the other one, or "" where they are equal."""
    for at, criterion in enumerate(criteria):
        first, second = stage.ranks[mine][at], stage.ranks[other][at]
        if criterion == "coverage":
            first, second = (
                -sum(min(row[j], wanted) for row, wanted in zip(stage.stock, stage.quantity, strict=True))
                for j in (mine, other)
            )
        if first != second:
            return criterion
    return ""


def _left_out(stored: Mapping[str, Any], decision: Mapping[str, Any]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the nodes that were not compared, by reason: those of the choice, and those that may not send there at all."""
    found = {reason: list(nodes) for reason, nodes in stored["out"].items() if reason != "dominated"}
    for reason, nodes in decision["excluded"].items():
        found.setdefault(reason, []).extend(node for node in nodes if node not in found.get(reason, ()))
    return tuple(
        (reason, tuple(nodes)) for reason, nodes in sorted(found.items(), key=lambda one: (-len(one[1]), one[0]))
    )
