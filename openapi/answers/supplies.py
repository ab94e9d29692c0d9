"""Counts, supplies, policies, the ledger and the figures of stock, as the API answers them."""

from typing import Annotated, Literal

from pydantic import Field, RootModel

from openapi.answers.orders import Answer, Money, Order, Time, Units

Signed = dict[str, int]
Date = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$", json_schema_extra={"format": "date"})]
Month = Annotated[str, Field(pattern=r"^\d{4}-\d\d$")]
RowStatus = Literal["APPLIED", "DUPLICATE", "CONFLICT", "REJECTED"]
SupplyStatus = Literal[
    "REQUESTED", "APPROVED", "REFUSED", "CREATED", "CONFIRMED", "SHIPPED", "PARTLY_RECEIVED", "CLOSED", "CANCELLED"
]
SupplyType = Literal["IN_TRANSIT", "PURCHASE_ORDER", "TRANSFER", "RETURN"]


class CountedHere(Answer):
    """One row of a snapshot. A `reason` begins with the field that it is about."""

    sku: str
    node_id: str
    status: RowStatus
    code: str | None = None
    reason: str | None = None


class Counted(Answer):
    reference: str
    rows: list[CountedHere]


class StepOfALine(Answer):
    line: int
    status: RowStatus
    code: str | None = None
    reason: str | None = None


class Told(Answer):
    """Every line of the request; one that is not applied says why."""

    supply_id: str
    reference: str
    rows: list[StepOfALine]


class RequestAnswered(Answer):
    """The answer of a person, or of the origin's node, to lines of a transfer, and the state of the supply now."""

    supply_id: str
    version: int
    status: SupplyStatus
    rows: list[StepOfALine]


class ItemResolved(RootModel[Order | RequestAnswered]):
    """The order as it is now, or the supply of an item of `transfers` and `transfer-differences`."""


class LineOfASupply(Answer):
    """A line of a supply. `quantity` is the number of units announced in all. The terms are those of the day on which
    the line was created. `differing` units of a transfer were received beyond what was shipped, and wait in
    `transfer-differences`."""

    line: int
    sku: str
    node_id: str
    status: Literal[
        "REQUESTED",
        "APPROVED",
        "REFUSED",
        "CREATED",
        "CONFIRMED",
        "SHIPPED",
        "PARTLY_RECEIVED",
        "RECEIVED",
        "CLOSED",
        "CANCELLED",
    ]
    quantity: Units
    shipped: Units
    received: Units
    differing: Units
    eta: Date
    over_receipt_percent: Units
    excluded_percent: Units
    receiving_days: Units
    grace_days: Units


class Supply(Answer):
    supply_id: str
    type: SupplyType
    status: SupplyStatus
    version: int
    origin_node_id: str | None = None
    supplier: str | None = None
    created_at: Time
    changed_at: Time
    lines: list[LineOfASupply]


class PolicySaid(Answer):
    """`released`: units that may be sold now because less safety stock is kept; of a DUPLICATE, those that it released when it
    was applied. A CONFLICT changed nothing: its reference was used for other content. `lanes`: how many there are now, where they
    were named; more than were asked for, while some still hold what was sold."""

    sku: str
    node_id: str
    status: Literal["APPLIED", "DUPLICATE", "CONFLICT"]
    released: Units
    code: str | None = None
    reason: str | None = None
    lanes: Units | None = None


class PoliciesSaid(Answer):
    reference: str
    rows: list[PolicySaid]


class Movement(Answer):
    """A line of the ledger: signed changes of `free`, of the buckets on hand, of demand by due day, of soft demand by due day
    and expiry, and of what is on its way. `occurred` is when it happened at the node, where that is not when we heard."""

    id: str
    kind: str
    source: str
    line: str
    at: Time
    occurred: Time | None = None
    lane: int | None = None
    free: int
    on_hand: Signed
    demand: Signed
    soft: Signed | None = None
    supplies: Signed | None = None
    reason: str | None = None


class Expedited(Answer):
    """What was had sooner for money. `costs` are of those whose cost is known, `without_cost` are the others."""

    count: Units
    without_cost: Units
    costs: list[Money]
    causes: dict[str, Units]
    kinds: dict[str, Units]


class Release(Answer):
    """Fill rates in thousandths, null where nothing was asked."""

    sku: str
    node_id: str
    at: Time
    released: Units
    fill_permille_before: int | None
    fill_permille_after: int | None


class Released(Answer):
    """`units` = without_loss + with_loss + not_measured. Fill rates are those of `span_days` before and after."""

    units: Units
    without_loss: Units
    with_loss: Units
    not_measured: Units
    span_days: int
    rows: list[Release]


class StockFigures(Answer):
    month: Month
    expedited: Expedited
    safety_released: Released
