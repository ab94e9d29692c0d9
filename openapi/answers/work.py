"""
Model the answers about the work of nodes: fulfillments, their lines and packages.

Called by   openapi/operations.py, openapi/answers/orders.py. `comanda.domain.views` makes the answers
"""

from typing import Annotated, Literal

from pydantic import Field

from openapi.answers.base import (
    Answer,
    FulfillmentId,
    InvoiceId,
    LineUnits,
    Method,
    Money,
    OrderId,
    PickWaveId,
    Service,
    Time,
    Units,
    WorkStatus,
)
from openapi.answers.supplies import LocationOut
from openapi.answers.tracking import Tracking


class Package(Answer):
    """A package. A value that the node did not report is "" or 0."""

    package_id: str
    carrier: str
    service: str
    tracking_number: str
    weight_g: Units
    carton_id: str | None = None
    dims_mm: list[Units] | None = None
    sscc: str | None = None
    parent_id: str | None = None
    contents: list[LineUnits]
    delivered_at: Time | None
    lost_at: Time | None
    tracking: Tracking | None = None


class SuggestedCarton(Answer):
    """A number of equal cartons. `carton_id` is null where no carton of the list takes the goods, or a size is unknown."""

    carton_id: str | None
    count: Units
    weight_g: Units
    inside_mm: list[Units] | None
    tags: list[str]
    contents: list[LineUnits]
    unknown_sizes: list[str]


class SuggestedCartons(Answer):
    """The cartons for what is still at the node. `carrier_id` is null where nothing is sent, or no carrier is known."""

    fulfillment_id: FulfillmentId
    carrier_id: str | None
    service: Service
    cartons: list[SuggestedCarton]


class PartOf(Answer):
    """The bundle of which a line is a component, and the units of the line in one set."""

    line_id: str
    sku: str
    title: str
    gtin: str | None = None
    ratio: Annotated[int, Field(ge=1)]


class Recall(Answer):
    """Units that the node is asked to give back. It agrees or refuses `until` then, by `recall-agree` or `recall-refuse`."""

    lines: list[LineUnits]
    reason: str
    until: Time


class LineGift(Answer):
    """That a line is a gift. The contact has its message."""

    wrap: bool


class FulfillmentLine(Answer):
    """A line of a node's work. `quantity` counts every unit that was ever in it, also cancelled ones; `quantities` are by status."""

    line_id: str
    sku: str
    title: str
    gtin: str | None = None
    bundle: PartOf | None = None
    gift: LineGift | None = None
    quantity: Units
    quantities: dict[str, Units]


class PickRow(Answer):
    """The units of a sku that are still to be picked. `location` is null for a sku whose location nobody told."""

    sku: str
    gtin: str | None
    title: str
    units: Units
    location: LocationOut | None


class PickList(Answer):
    """List the units of a fulfillment that are still to be picked, in the order of the walk. It has no personal data."""

    fulfillment_id: FulfillmentId
    node_id: str
    node_name: str
    units: Units
    rows: list[PickRow]


class PickedLine(Answer):
    """A line of work that is being picked, and its scans. `picker_id` is whoever picks it until `claimed_until`, null while nobody does."""

    line_id: str
    sku: str
    gtin: str | None
    title: str
    units: Units
    scanned: Units
    left: Units
    picker_id: str | None
    claimed_until: Time | None


class PickedScans(Answer):
    """The scans of work that is being picked, and the units that are left."""

    fulfillment_id: FulfillmentId
    scanned: Units
    left: Units
    lines: list[PickedLine]


class PickWave(Answer):
    """A round of a picker through a node. `ship_by` is the first deadline of its work; `picker_id` is null while nobody has it."""

    wave_id: PickWaveId
    node_id: str
    status: Literal["OPEN", "CLOSED"]
    picker_id: str | None
    ship_by: Time
    made_at: Time
    made_by: str
    fulfillment_count: Units


class PickWaveMember(Answer):
    """A fulfillment of a wave as it is now. `in_wave` is false once another wave has it."""

    fulfillment_id: FulfillmentId
    status: WorkStatus
    in_wave: bool


class UnitsForWork(Answer):
    fulfillment_id: FulfillmentId
    units: Units


class PickWaveRow(PickRow):
    """The units of a sku that the wave still has to pick, and the work that they are for."""

    fulfillments: list[UnitsForWork]


class ShownPickWave(PickWave):
    fulfillments: list[PickWaveMember]
    rows: list[PickWaveRow]


class Fulfillment(Answer):
    """The work of one node for one order, and at most one shipment."""

    fulfillment_id: FulfillmentId
    order_id: OrderId
    external_id: str | None = None
    node_id: str
    partner_id: str | None
    method: Method
    service: Service
    destination: Units | None = None
    status: WorkStatus
    version: Annotated[int, Field(ge=1)]
    priority: Annotated[int, Field(ge=0, le=9)]
    offered_at: Time
    accept_by: Time
    ship_by: Time
    ship_on: str | None
    deliver_on: str | None
    zone: str | None
    shipped_at: Time | None
    delivered_at: Time | None
    shipment_id: str | None
    invoice_id: InvoiceId | None
    recall: Recall | None
    recall_refused: bool
    to_collect: Money | None = None
    packages: list[Package]
    lines: list[FulfillmentLine]
