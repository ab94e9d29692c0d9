"""
Define the requests about a node's outages. Unknown fields, wrong types and values out of range are refused by pointer.

Called by   functions/outages/handler.py; openapi
Returns     pydantic models
"""

from typing import Annotated

from pydantic import Field

from comanda.aws.api.contracts import Contract, Moment, Remark


class ClosureIn(Contract):
    """A closure of a node. Without `from` it begins now; without `until` it lasts until further notice."""

    from_: Annotated[Moment | None, Field(alias="from")] = None
    until: Moment | None = None
    reason: Remark


class EndIn(Contract):
    """The end of a closure, now. The path names the closure, and the body has no fields."""


class DayIn(Contract):
    """The number of units that the node begins on that day; null: as many as on any other day."""

    units: Annotated[int, Field(ge=0, le=10_000_000)] | None
