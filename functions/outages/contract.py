"""What strangers may say of a node's outages: unknown fields, wrong types and values out of range are named by pointer."""

from typing import Annotated

from pydantic import Field

from comanda.aws.api.contracts import Contract, Moment, Remark


class ClosureIn(Contract):
    """Without `from` the node is closed now; without `until`, until further notice."""

    from_: Annotated[Moment | None, Field(alias="from")] = None
    until: Moment | None = None
    reason: Remark


class EndIn(Contract):
    """A closure ends now: the call needs no more than its path."""


class DayIn(Contract):
    """How many units the node begins on that day; null: as many as on any other."""

    units: Annotated[int, Field(ge=0, le=10_000_000)] | None
