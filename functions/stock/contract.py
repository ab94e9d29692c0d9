"""
Define the bodies of the stock routes: unknown fields, wrong types and values out of range are refused by pointer.

Called by   functions/stock; openapi, which describes the routes
"""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from comanda.aws.api.contracts import (
    Amount,
    Contract,
    Day,
    Id,
    Moment,
    NamesOnce,
    Remark,
    SafetyStock,
    Sku,
    TextOf,
    UnitOfMeasure,
)
from comanda.domain import text
from comanda.domain.picking.location import MOST_AISLES, MOST_RACKS
from comanda.domain.stock.lanes import MOST_LANES

MOST_ROWS = 500
MOST_UNITS = 1_000_000


def _moves(quantity: int) -> int:
    if quantity == 0:
        raise ValueError("a row of 0 units changes nothing")
    return quantity


Units = Annotated[int, Field(ge=0, le=MOST_UNITS)]
Percent = Annotated[int, Field(ge=0, le=100)]


class Row(Contract):
    """Add units to one bucket of a sku at a node, or take units away with a negative quantity."""

    sku: Sku
    node_id: Id
    bucket: Literal["sellable", "open_box", "quarantine", "damaged"] = "sellable"
    quantity: Annotated[int, Field(ge=-MOST_UNITS, le=MOST_UNITS), AfterValidator(_moves)]


class Adjustment(Contract):
    """Correct stock. The caller chooses `adjustment_id`: an adjustment is applied once, however often it is sent."""

    adjustment_id: Id
    reason: Remark
    rows: Annotated[list[Row], Field(min_length=1, max_length=MOST_ROWS)]


class CountedRow(Contract):
    """The counted units of a sku at a node: `quantity` sellable units, with picked and packed ones. Other buckets stay."""

    sku: Sku
    node_id: Id
    quantity: Units
    buckets: dict[Literal["open_box", "quarantine", "damaged"], Units] = {}
    uom: UnitOfMeasure | None = None
    counted_at: Moment | None = None


class Snapshot(Contract):
    """Count shelves. The caller chooses `reference`: it counts a sku at a node once. `counted_at` is for rows without one."""

    reference: Id
    counted_at: Moment
    rows: Annotated[list[CountedRow], Field(min_length=1, max_length=MOST_ROWS)]


class LocationIn(Contract):
    """The place of a sku in a node. Aisles are numbered along the front of the zone, racks of an aisle from the front to the back."""

    zone: Annotated[str, TextOf(text.ZONE)]
    aisle: Annotated[int, Field(ge=1, le=MOST_AISLES)]
    rack: Annotated[int, Field(ge=1, le=MOST_RACKS)]
    bin: Id | None = None


class LocatedSku(Contract):
    """The location of a sku at the node; null: it has none any more."""

    sku: Sku
    location: LocationIn | None


class Locations(Contract):
    """Say where skus of a node lie, as a list of the time `as_of` says it. A sku that is not named keeps its location."""

    as_of: Moment
    rows: Annotated[list[LocatedSku], Field(min_length=1, max_length=MOST_ROWS)]


class Expedited(Contract):
    """The cost of having the units sooner, and its cause."""

    cost: Amount
    cause: Literal["LATE_SUPPLY", "STOCKOUT", "DEMAND", "DAMAGE", "OTHER"]


class SupplyLine(Contract):
    """A line of a supply. A CREATE needs sku, node, quantity and eta; later steps name the line by its number."""

    line: Annotated[int, Field(ge=1, le=9999)]
    sku: Sku | None = None
    node_id: Id | None = None
    quantity: Annotated[int, Field(ge=1, le=MOST_UNITS)] | None = None
    eta: Day | None = None
    bucket: Literal["sellable", "open_box", "quarantine", "damaged"] | None = None
    uom: UnitOfMeasure | None = None


class SupplyStep(Contract):
    """Take a step of lines of a supply. The caller chooses `reference`, for a RECEIVE the receipt's id: it is applied once
    for each line. `occurred_at` is the time at which units left or came, if that is not now."""

    supply_id: Id
    reference: Id
    action: Literal["CREATE", "CONFIRM", "CHANGE", "SHIP", "RECEIVE", "CLOSE", "CANCEL"]
    type: Literal["PURCHASE_ORDER", "TRANSFER", "IN_TRANSIT", "RETURN"] | None = None
    origin_node_id: Id | None = None
    supplier: Annotated[str, TextOf(text.CARRIER)] | None = None
    over_receipt_percent: Percent | None = None
    expedited: Expedited | None = None
    occurred_at: Moment | None = None
    lines: Annotated[list[SupplyLine], Field(min_length=1, max_length=MOST_ROWS)]


class RequestAnswer(Contract):
    """Answer the request for a transfer: the numbers of the lines to approve or refuse. null stands for all lines that
    wait for an answer."""

    lines: Annotated[list[Annotated[int, Field(ge=1, le=9999)]], Field(min_length=1, max_length=MOST_ROWS)] | None = (
        None
    )


class PolicyRow(Contract):
    """Set the policy of one sku at one node, which wins over all other policies. A field, method or channel that is not named stays;
    null removes it."""

    sku: Sku
    node_id: Id
    safety: dict[Literal["SHIP", "PICKUP", "*"], SafetyStock | None] | None = None
    protected: Annotated[dict[Id, Units | None], Field(max_length=50), NamesOnce] | None = None
    ship: bool | None = None
    pickup: bool | None = None
    reorder_point: Units | None = None
    lanes: Annotated[int, Field(ge=0, le=MOST_LANES)] | None = None


class Policies(Contract):
    """Set policies. The caller chooses `reference`: it sets the policy of a sku at a node once."""

    reference: Id
    rows: Annotated[list[PolicyRow], Field(min_length=1, max_length=MOST_ROWS)]
