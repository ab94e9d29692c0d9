"""What strangers may send to stock: unknown fields, wrong types and values out of range are named by pointer."""

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
from comanda.domain.stock.lanes import MOST_LANES

MOST_ROWS = 500
MOST_UNITS = 1_000_000


def _moves(quantity: int) -> int:
    if quantity == 0:
        raise ValueError("a row of 0 units says nothing")
    return quantity


Units = Annotated[int, Field(ge=0, le=MOST_UNITS)]
Percent = Annotated[int, Field(ge=0, le=100)]


class Row(Contract):
    """So many units more, or fewer, in one bucket of a sku at a node."""

    sku: Sku
    node_id: Id
    bucket: Literal["sellable", "open_box", "quarantine", "damaged"] = "sellable"
    quantity: Annotated[int, Field(ge=-MOST_UNITS, le=MOST_UNITS), AfterValidator(_moves)]


class Adjustment(Contract):
    """`adjustment_id` is the caller's own: the same one is applied once, however often it is sent."""

    adjustment_id: Id
    reason: Remark
    rows: Annotated[list[Row], Field(min_length=1, max_length=MOST_ROWS)]


class CountedRow(Contract):
    """What a node holds of a sku: `quantity` sellable units, picked and packed ones too; a bucket that is not named stays."""

    sku: Sku
    node_id: Id
    quantity: Units
    buckets: dict[Literal["open_box", "quarantine", "damaged"], Units] = {}
    uom: UnitOfMeasure | None = None
    counted_at: Moment | None = None


class Snapshot(Contract):
    """`reference` is the caller's own: the same one counts a sku at a node once. `counted_at` is that of rows without one."""

    reference: Id
    counted_at: Moment
    rows: Annotated[list[CountedRow], Field(min_length=1, max_length=MOST_ROWS)]


class Expedited(Contract):
    """What it cost to have the units sooner, and why."""

    cost: Amount
    cause: Literal["LATE_SUPPLY", "STOCKOUT", "DEMAND", "DAMAGE", "OTHER"]


class SupplyLine(Contract):
    """A line of a supply. A CREATE says sku, node, quantity and eta; afterwards its number is enough to name it."""

    line: Annotated[int, Field(ge=1, le=9999)]
    sku: Sku | None = None
    node_id: Id | None = None
    quantity: Annotated[int, Field(ge=1, le=MOST_UNITS)] | None = None
    eta: Day | None = None
    bucket: Literal["sellable", "open_box", "quarantine", "damaged"] | None = None
    uom: UnitOfMeasure | None = None


class SupplyStep(Contract):
    """What happened to lines of a supply. `reference` is the caller's own id of saying so, of a RECEIVE the receipt's: the
    same one is done once for each line. `occurred_at`: when units left or came, where that is not now."""

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
    """An answer to the request for a transfer: the numbers of the lines that are agreed to, or refused. null is all
    lines that wait for an answer."""

    lines: Annotated[list[Annotated[int, Field(ge=1, le=9999)]], Field(min_length=1, max_length=MOST_ROWS)] | None = (
        None
    )


class PolicyRow(Contract):
    """What holds for one sku at one node before anything more general. What is not named stays, a method or a channel too;
    null takes it away."""

    sku: Sku
    node_id: Id
    safety: dict[Literal["SHIP", "PICKUP", "*"], SafetyStock | None] | None = None
    protected: Annotated[dict[Id, Units | None], Field(max_length=50), NamesOnce] | None = None
    ship: bool | None = None
    pickup: bool | None = None
    reorder_point: Units | None = None
    lanes: Annotated[int, Field(ge=0, le=MOST_LANES)] | None = None


class Policies(Contract):
    reference: Id
    rows: Annotated[list[PolicyRow], Field(min_length=1, max_length=MOST_ROWS)]
