"""Outages of nodes, as the API answers them."""

from typing import Annotated

from pydantic import Field

from openapi.answers.orders import Answer, Time, Units

Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$", json_schema_extra={"format": "date"})]


class Closure(Answer):
    """Nothing is begun at the node from `from` until `until`, null: until further notice. `closed`: it is so now."""

    closure_id: str
    from_: Annotated[Time, Field(alias="from")]
    until: Time | None
    reason: str
    by: str
    ended_by: str | None
    closed: bool


class Closures(Answer):
    """Those of the last month, and those to come."""

    node_id: str
    closed: bool
    closures: list[Closure]


class DayUnits(Answer):
    day: Day
    units: Units


class Capacity(Answer):
    """How many units the node begins on a day, null: as many as come; and the local days on which it is another number."""

    node_id: str
    usual: int | None
    days: list[DayUnits]


class DayCapacity(DayUnits):
    node_id: str
    usual: int
