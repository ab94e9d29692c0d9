"""What may be sold, and the alerts of stock, as the API answers them."""

from typing import Annotated, Literal

from pydantic import Field

from openapi.answers.orders import Answer, Method, Time, Units

Date = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$", json_schema_extra={"format": "date"})]


class UnitsFrom(Answer):
    """Units for an order due on this UTC day or later, until the next entry."""

    date: Date
    available: Units


class AvailableAt(Answer):
    """Units to pick up at a node."""

    node_id: str
    available: Units


class AvailableBy(Answer):
    """By a method over the whole network; `nodes` where the question named some, of PICKUP only."""

    method: Method
    available: Units
    dates: list[UnitsFrom]
    nodes: list[AvailableAt] | None = None


class AvailableSku(Answer):
    """`as_of` null: no node was ever said to have it."""

    sku: str
    as_of: Time | None
    methods: list[AvailableBy]


class Availability(Answer):
    """What may be sold for `date`, as it was at `as_of`, the oldest of its items'. `unknown`: skus of no product."""

    as_of: Time | None
    date: Date
    items: list[AvailableSku]
    unknown: list[str]


class StockAlert(Answer):
    """`quantity`: units that are left (LOW, OUT), missing (OVER_RESERVED, VARIANCE) or overdue (LATE_SUPPLY); days since the last count
    (STALE_SNAPSHOT). `since` is null where the stock's own write raised it."""

    kind: Literal["LOW", "OUT", "OVER_RESERVED", "STALE_SNAPSHOT", "LATE_SUPPLY", "VARIANCE"]
    sku: str
    node_id: str
    quantity: Units
    since: Time | None


class NodeDemand(Answer):
    """Of the 90 days up to `through`: units a day and their standard deviation; the other two are suggestions, in units."""

    node_id: str
    through: Date
    pattern: Literal["SMOOTH", "ERRATIC", "INTERMITTENT", "LUMPY"]
    rate: Annotated[float, Field(ge=0)]
    sigma: Annotated[float, Field(ge=0)]
    safety_stock: Units
    reorder_point: Units


class DemandOfSku(Answer):
    """Nodes that were never asked for it are not in it."""

    sku: str
    nodes: list[NodeDemand]
