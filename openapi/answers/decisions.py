"""
Model the answers about routing decisions.

Called by   openapi/operations.py. `comanda.domain.evaluation` and functions/intake make the answers
"""

from typing import Annotated, Any

from pydantic import BaseModel, Field

from comanda.domain.evaluation.why_here import How
from openapi.answers.base import Answer, Time


class MissingUnits(Answer):
    """Units of a sku that a node lacked."""

    sku: str
    quantity: Annotated[int, Field(ge=1)]


class ChangingStock(Answer):
    """A node that would have made the choice cheaper if it had the missing units; the choice was made again to prove it."""

    node_id: str
    missing: list[MissingUnits]
    shipments: int
    saves_micros: int


class NextBestNode(Answer):
    """Another node that could send everything. It is chosen once it is cheaper by `more_micros`. Where nodes are ranked,
    costs are null and `criterion` is the first one in which the chosen node is better."""

    node_id: str
    cost_micros: int | None
    more_micros: int | None
    criterion: str | None


class NodesLeftOut(Answer):
    """Nodes that were not compared, and the reason."""

    reason: str
    node_ids: list[str]


class WhyHere(Answer):
    """The reasons for one fulfillment's node. `cost_micros` is the cost of the whole choice, which has all of `node_ids`;
    it is no money where `weighted` is true, and null where nodes were ranked."""

    node_id: str
    method: str
    service: str
    how: How
    chosen_by: str | None
    rule: str
    rule_set: str
    rule_set_version: int | None
    criteria: list[str]
    node_ids: list[str]
    cost_micros: int | None
    weighted: bool
    proven: bool
    next_best: NextBestNode | None
    more_stock: list[ChangingStock]
    left_out: list[NodesLeftOut]


class RouteDecision(BaseModel):
    """A decision of the router with its inputs, which docs/routing.md explains. `explanation` has a paragraph for each
    fulfillment and each kind of leftover; `why` has the same reasons as facts. New fields may be added. A decision of shape `v` 2 has `stages`, the choices in their
    order. An older one has `candidates` and none of the fields that follow them here.

    An order with many destinations has a decision for each; `destination` is the number of a further one. `excluded` are the
    nodes that may not send there, by reason. `nodes` are km by node. `revs` are [sku, node,
    revision of the position]. `leftovers` are [line, sku, units, queue, reason, and the day of their cancel if there is one].
    `shadows` are the choices that shadow rule sets would have made. Costs are micro-units of `currency`."""

    version: Annotated[int, Field(ge=1)]
    at: Time
    order_version: int
    costs: int | str  # the entry of the rates, with its version; old decisions have a number
    excluded: dict[str, Any]
    fulfillments: list[dict[str, Any]]
    leftovers: list[list[Any]]
    explanation: list[str]
    why: list[WhyHere]
    v: int | None = None
    destination: int | None = None
    candidates: list[dict[str, Any]] | None = None
    currency: str | None = None
    rule_sets: list[str] | None = None
    deliver_by: str | None = None
    nodes: dict[str, float] | None = None
    revs: list[list[Any]] | None = None
    stages: list[dict[str, Any]] | None = None
    shadows: list[dict[str, Any]] | None = None
