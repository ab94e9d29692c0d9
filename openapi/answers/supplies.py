"""
Model the answers about counts, supplies, policies, the ledger and the figures of stock.

Called by   openapi/operations.py
"""

from typing import Annotated, Literal

from pydantic import Field

from openapi.answers.base import Answer, Money, Time, Units

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


class LocationOut(Answer):
    """The place of a sku in its node."""

    zone: str
    aisle: Units
    rack: Units
    bin: str | None


class LocationOfSku(Answer):
    sku: str
    location: LocationOut


class LocationRow(Answer):
    """The result of a row: CONFLICT if a newer list has the sku."""

    sku: str
    status: RowStatus
    code: str | None = None
    reason: str | None = None


class LocationsPut(Answer):
    node_id: str
    rows: list[LocationRow]


class StepOfALine(Answer):
    line: int
    status: RowStatus
    code: str | None = None
    reason: str | None = None


class Told(Answer):
    """The result of every line of the request; a line that is not applied has a reason."""

    supply_id: str
    reference: str
    rows: list[StepOfALine]


class RequestAnswered(Answer):
    """The answer of a person, or of the origin's node, to lines of a transfer, and the state of the supply now."""

    supply_id: str
    version: int
    status: SupplyStatus
    rows: list[StepOfALine]


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
    """The result of a row of policies. `released` are the units that may be sold because less safety stock is kept; for a
    DUPLICATE, the units that were released when it was applied. A CONFLICT changed nothing: its reference was used for other
    content. `lanes` is the number of lanes now, for a row with `lanes`; it is above the requested number while a lane still
    holds sold units."""

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
    and expiry, and of supplies on their way. `occurred` is the time of the change at the node, if that is not `at`."""

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
    """The supplies that came sooner for money. `costs` are the known costs by currency; `without_cost` counts supplies without
    a known cost."""

    count: Units
    without_cost: Units
    costs: list[Money]
    causes: dict[str, Units]
    kinds: dict[str, Units]


class Release(Answer):
    """Safety stock that was released at a node. Fill rates are thousandths, and null without demand."""

    sku: str
    node_id: str
    at: Time
    released: Units
    fill_permille_before: int | None
    fill_permille_after: int | None


class Released(Answer):
    """The released safety stock of a month. `units` = without_loss + with_loss + not_measured. Fill rates are those of
    `span_days` before and after."""

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
