"""
Define the values of a stage: the inputs of one rule's choice as numbers, and the choice.

Called by   comanda.domain.routing.build_stage, which makes stages; solve_stage, rank_nodes and dominance, which read them;
            comanda.domain.routing.record, which stores them
Returns     values; a stage as JSON and back
Raises      nothing

A stage knows no orders, shelves or carriers. A stored stage holds all that it takes to make the same choice again, long
after stock, cards and rules have changed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from comanda.domain.optimizer.minimum_value import Pieces
from comanda.domain.optimizer.solve import Together


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """The inputs of one choice. Lines i and nodes j are indices; nodes are sorted by id.

    A stage has either `cost` (the cheapest plan is chosen) or `ranks` with their `criteria` (nodes are taken in order).
    `value` of a piece of each line and `min_value` are in minor units, costs in micro-units. `one_node`: one node sends
    all of it, or none is chosen.
    """

    nodes: tuple[str, ...]
    skus: tuple[str, ...]
    quantity: tuple[int, ...]
    stock: tuple[tuple[int, ...], ...]  # [line][node], pieces that the node may send
    capacity: tuple[int | None, ...] | None = None  # pieces that each node may send in all; None: no limit
    together: tuple[Together, ...] = ()
    max_nodes: int | None = None
    one_node: bool = False
    value: tuple[int, ...] = ()
    min_value: int = 0
    fixed: tuple[int, ...] = ()
    cost: tuple[tuple[int, ...], ...] = ()  # [line][node], a piece
    criteria: tuple[str, ...] = ()
    ranks: tuple[tuple[int, ...], ...] = ()  # [node][criterion], least is best; coverage is computed during the choice


@dataclass(frozen=True, slots=True, kw_only=True)
class StageResult:
    """The pieces that each node sends, and the optimiser's figures: 0 and not proven where the stage has no costs."""

    assignment: Pieces
    cost: int = 0
    lower_bound: int = 0
    proven: bool = False
    nodes_searched: int = 0
    clock_stopped: bool = False


NOTHING_SENT = StageResult(assignment=())


def encode(stage: Stage) -> dict[str, Any]:
    """Return the stage as JSON, without the fields that have their default."""
    found: dict[str, Any] = {"nodes": stage.nodes, "skus": stage.skus, "quantity": stage.quantity, "stock": stage.stock}
    for name in ("capacity", "max_nodes", "one_node", "value", "min_value", "fixed", "cost", "criteria", "ranks"):
        if value := getattr(stage, name):
            found[name] = value
    if stage.together:
        found["together"] = [[group.lines, group.sets] for group in stage.together]
    if stage.max_nodes == 0:
        found["max_nodes"] = 0
    return found


def decode(stored: Mapping[str, Any]) -> Stage:
    """Return the stage that `encode` made the JSON of."""
    tables = {"stock", "cost", "ranks"}
    scalars = {"max_nodes", "one_node", "min_value"}
    fields: dict[str, Any] = {}
    for name, value in stored.items():
        if name == "together":
            fields[name] = tuple(Together(lines=tuple(lines), sets=sets) for lines, sets in value)
        elif name in tables:
            fields[name] = tuple(map(tuple, value))
        elif name in scalars:
            fields[name] = value
        else:
            fields[name] = tuple(value)
    return Stage(**fields)


def with_nodes(stage: Stage, stay: Sequence[int]) -> Stage:
    """Return the stage with only the nodes of these indices."""
    if len(stay) == len(stage.nodes):
        return stage

    def cut(row: Sequence[Any]) -> tuple[Any, ...]:
        return tuple([row[j] for j in stay])

    return replace(
        stage,
        nodes=cut(stage.nodes),
        stock=tuple(map(cut, stage.stock)),
        capacity=None if stage.capacity is None else cut(stage.capacity),
        fixed=cut(stage.fixed) if stage.fixed else (),
        cost=tuple(map(cut, stage.cost)),
        ranks=cut(stage.ranks) if stage.ranks else (),
    )
