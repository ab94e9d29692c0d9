"""Declare the bodies of POST /v1/fulfillments/{id}/<step>: each step that a node has done."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from comanda.aws.api.contracts import Amount, Contract, Currency, Dims, Id, LineUnits, Moment, Name, TextOf
from comanda.domain import text
from comanda.domain.picking.pick_wave import MOST_MEMBERS

Words = Annotated[str, TextOf(text.CARRIER.upto(100, least=0))]
Code = Annotated[str, TextOf(text.TRACKING.upto(64, least=0))]
Sscc = Annotated[str, TextOf(text.SSCC)]


Lines = Annotated[list[LineUnits], Field(min_length=1, max_length=1000)] | None


class StepIn(Contract):
    """The lines of an accept, start-pick, pick, ready or hand-over. Without lines it takes all units that it may take."""

    lines: Lines = None


class PickWaveIn(Contract):
    """Build a pick wave of a node's accepted work, the most urgent first. A filter that is left out takes all of it."""

    node_id: Id
    kind: Literal["SINGLE_LINE", "MULTI_LINE"] | None = None
    service: Literal["STANDARD", "EXPRESS"] | None = None
    method: Literal["SHIP", "PICKUP"] | None = None
    ship_by: Moment | None = None
    most: Annotated[int, Field(ge=1, le=MOST_MEMBERS)] = MOST_MEMBERS


class PickerIn(Contract):
    """Give the wave to a person or an application of its node; null: to nobody."""

    picker_id: Name | None


class CloseWaveIn(Contract):
    """Close the wave. The path names it, and the body has no fields."""


class PickScanIn(Contract):
    """A scanned code: a GTIN, element strings of GS1 or a sku. `quantity` counts several pieces by one scan.

    `takes_line` takes the line from the person who picks it.
    """

    code: Annotated[str, TextOf(text.SCANNED)]
    quantity: Annotated[int, Field(ge=1, le=100_000)] = 1
    takes_line: bool = False


class UndoScanIn(Contract):
    """Take back the caller's own last scan. The path names the work, and the body has no fields."""


class DeclineIn(StepIn):
    reason: Id  # the code of a decline reason


class ShortPickIn(Contract):
    lines: Annotated[list[LineUnits], Field(min_length=1, max_length=1000)]
    reason: Literal["NOT_FOUND", "DAMAGED"]


class RefusalIn(Contract):
    """A refusal of a recall."""

    reason: Literal["PACKED", "LEAVING", "OTHER"]


class HandBackIn(StepIn):
    reason: Literal["CANNOT_FINISH", "CUSTOMER_REFUSED", "OTHER"]


class ReportIn(StepIn):
    """A report about a shipment: about these lines or these packages, or without both about all that is on its way."""

    packages: Annotated[list[Id], Field(min_length=1, max_length=200)] | None = None

    @model_validator(mode="after")
    def _by_one_of_both(self) -> Self:
        if self.lines and self.packages:
            raise ValueError("name lines or packages, not both")
        return self


class DeliverIn(ReportIn):
    delivered_at: Moment | None = None


class LoseIn(ReportIn):
    reason: Literal["CARRIER_LOST", "NOT_ARRIVED", "DESTROYED"]


class CollectIn(Contract):
    """Money that was collected when the customer got the goods; an amount of 0: the customer did not pay.

    `reference` is the collector's own number of it, by which the same money is told once.
    """

    amount: Amount
    reference: Name


class LabelCost(Contract):
    """The price of the label, in minor units. It is stored with the order, and no answer shows it."""

    amount: Annotated[int, Field(ge=1, le=10**9)]
    currency: Currency  # the order's


class PackageIn(Contract):
    """A package. `carton_id` is that of the list, `parent_id` the package that it stands on, as a carton on a pallet. `sscc` is
    that of a label that is there already; a node with a company prefix gives the others one when it packs."""

    package_id: Id
    carrier: Words = ""
    service: Words = ""
    tracking_number: Code = ""
    weight_g: Annotated[int, Field(ge=0, le=10_000_000)] = 0
    contents: Annotated[list[LineUnits], Field(max_length=1000)] = []
    label_cost: LabelCost | None = None
    carton_id: Id | None = None
    dims_mm: Dims | None = None
    sscc: Sscc | None = None
    parent_id: Id | None = None


Packages = Annotated[list[PackageIn], Field(max_length=200)]


class PackIn(StepIn):
    packages: Packages = []


class RepackIn(Contract):
    """All packages of the packed units, in place of those of before."""

    packages: Annotated[list[PackageIn], Field(min_length=1, max_length=200)]


class ShipIn(StepIn):
    packages: Packages = []
    shipment_id: Id | None = None
    shipped_at: Moment | None = None
