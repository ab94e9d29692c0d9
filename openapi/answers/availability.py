"""
Model the answers about availability, alerts and demand.

Called by   openapi/operations.py
"""

from typing import Annotated, Literal

from pydantic import Field

from openapi.answers.base import Answer, Method, Time, Units

Date = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$", json_schema_extra={"format": "date"})]


class UnitsFrom(Answer):
    """Units for an order due on this UTC day or later, until the next entry."""

    date: Date
    available: Units


class AvailableAt(Answer):
    """The units that can be picked up at a node."""

    node_id: str
    available: Units


class AvailableBy(Answer):
    """The units by one method over the whole network. `nodes` are there for PICKUP only, if the question named some."""

    method: Method
    available: Units
    dates: list[UnitsFrom]
    nodes: list[AvailableAt] | None = None


class AvailableSku(Answer):
    """A sku with its units. `as_of` is null for a sku that never had a position at a node."""

    sku: str
    as_of: Time | None
    methods: list[AvailableBy]


class Availability(Answer):
    """The units that may be sold for `date` at the time `as_of`, which is the oldest of the items' own. `unknown` are skus
    without a product. `bundles` has the sets of each bundle of the question, if it has any: the least of its components' units
    over the network. A promise says how many sets single nodes can send."""

    as_of: Time | None
    date: Date
    items: list[AvailableSku]
    bundles: list[AvailableSku] | None = None
    unknown: list[str]


class StockAlert(Answer):
    """An alert of a position. `quantity` are units that are left (LOW, OUT), missing (OVER_RESERVED, VARIANCE) or overdue
    (LATE_SUPPLY), or days since the last count (STALE_SNAPSHOT). `since` is null if the stock's own write raised the alert."""

    kind: Literal["LOW", "OUT", "OVER_RESERVED", "STALE_SNAPSHOT", "LATE_SUPPLY", "VARIANCE"]
    sku: str
    node_id: str
    quantity: Units
    since: Time | None


class NodeDemand(Answer):
    """The demand of the 90 days up to `through`: units a day and their standard deviation. `safety_stock` and `reorder_point` are
    suggestions in units."""

    node_id: str
    through: Date
    pattern: Literal["SMOOTH", "ERRATIC", "INTERMITTENT", "LUMPY"]
    rate: Annotated[float, Field(ge=0)]
    sigma: Annotated[float, Field(ge=0)]
    safety_stock: Units
    reorder_point: Units


class DemandOfSku(Answer):
    """The demand for a sku. A node that never had demand for it is left out."""

    sku: str
    nodes: list[NodeDemand]
