"""
Define the bodies of the reservation routes: unknown fields, wrong types and values out of range are refused by pointer.

Called by   functions/reserve/handler.py; openapi, which describes the routes
"""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from comanda.aws.api.contracts import Contract, Day, Id, Sku, unique
from comanda.domain.reservations.allot import MOST_LINES
from comanda.domain.reservations.reservations import LONGEST, SHORTEST

MOST_UNITS = 1_000_000
MOST_NODES = 50

Seconds = Annotated[int, Field(ge=int(SHORTEST.total_seconds()), le=int(LONGEST.total_seconds()))]


class LineIn(Contract):
    """Units of a sku at a node, at any of some nodes, or at any node of a type. `ship_date` is a UTC day."""

    sku: Sku
    quantity: Annotated[int, Field(ge=1, le=MOST_UNITS)]
    node_id: Id | None = None
    nodes: Annotated[list[Id], Field(min_length=1, max_length=MOST_NODES), AfterValidator(unique)] | None = None
    node_type: Literal["WAREHOUSE", "STORE", "VENDOR"] | None = None
    ship_date: Day | None = None

    @model_validator(mode="after")
    def _at_one_of_them(self) -> "LineIn":
        if sum(given is not None for given in (self.node_id, self.nodes, self.node_type)) != 1:
            raise ValueError("needs exactly one of node_id, nodes and node_type")
        return self


class ReservationIn(Contract):
    """Reserve `lines`, or an option of a promise. The caller chooses `request_id`: the same id makes one reservation,
    however often it is sent. `ttl_seconds` is for soft reservations only, rounded up to full five minutes; 900 by default."""

    request_id: Id
    kind: Literal["SOFT", "HARD"] = "SOFT"
    ttl_seconds: Seconds | None = None
    allow_partial: bool = False
    channel: Id | None = None
    method: Literal["SHIP", "PICKUP"] | None = None
    lines: Annotated[list[LineIn], Field(min_length=1, max_length=MOST_LINES)] | None = None
    promise_id: Id | None = None
    option_id: Id | None = None

    @model_validator(mode="after")
    def _lines_or_a_promise(self) -> "ReservationIn":
        if (self.lines is None) == (self.promise_id is None) or (self.promise_id is None) != (self.option_id is None):
            raise ValueError("needs either lines, or promise_id with option_id")
        if self.kind == "HARD" and self.ttl_seconds is not None:
            raise ValueError("a hard reservation has no ttl_seconds: it is kept until it is released or taken")
        return self


class ExtensionIn(Contract):
    """Set a new time until which the units are kept, from now on."""

    ttl_seconds: Seconds
