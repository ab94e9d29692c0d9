"""
Model the answers about outages and capacity of nodes.

Called by   openapi/operations.py
"""

from typing import Annotated

from pydantic import Field

from openapi.answers.base import Answer, Time, Units

Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$", json_schema_extra={"format": "date"})]


class Closure(Answer):
    """A closure: the node begins no work from `from` until `until`, or until further notice if that is null. `closed` is true
    while the closure holds."""

    closure_id: str
    from_: Annotated[Time, Field(alias="from")]
    until: Time | None
    reason: str
    by: str
    ended_by: str | None
    closed: bool


class Closures(Answer):
    """The closures of a node in the last month and those to come."""

    node_id: str
    closed: bool
    closures: list[Closure]


class DayUnits(Answer):
    day: Day
    units: Units


class Capacity(Answer):
    """The number of units that a node begins on a usual day, null for any number, and the local days with another number."""

    node_id: str
    usual: int | None
    days: list[DayUnits]


class DayCapacity(DayUnits):
    node_id: str
    usual: int
