"""
Model the answers about changes after the sale: what an order may take, and what changes would do.

Called by   openapi/operations.py, openapi/answers
Returns     pydantic models
"""

from typing import Annotated, Literal

from pydantic import Field

from comanda.domain.lifecycle.modifications.denials import DENIALS
from comanda.domain.orders.zero_rates import ZeroRateReason
from functions.directory.matrix_contract import ModificationName
from openapi.answers.base import (
    Answer,
    FulfillmentId,
    LineUnits,
    Method,
    Money,
    OrderId,
    Precision,
    Service,
    Time,
    Units,
    UnitStatus,
)

DenialReason = Annotated[str, Field(json_schema_extra={"enum": [*DENIALS]})]


class Totals(Answer):
    """The sums over the units that are not cancelled: total = goods - discounts + charges + tax, without tax if prices include it."""

    goods: Money
    discounts: Money
    charges: Money
    tax: Money
    total: Money


class Destination(Answer):
    """
    The coarse destination: coordinates rounded to 0.1 degree, and their `precision`. GIVEN coordinates are the client's own, or
    the store's. Others stand for the part of the address that was found: the POSTAL_CODE, the CITY, codes of the same
    POSTAL_PREFIX, the REGION; null if no part was found.
    """

    country: str
    region: str
    postal_prefix: str
    latitude: float | None
    longitude: float | None
    precision: Precision | None


class ChangedTax(Answer):
    """A line, or a charge by its kind, that the changes tax otherwise or by an estimate."""

    line_id: str | None
    kind: str | None
    before: Money
    after: Money
    tax_table: str | None
    tax_name: str | None
    zero_rate_reason: ZeroRateReason | None
    tax_estimated: bool


class Denial(Answer):
    """A reason why a change is denied for the whole order, for a line, or for some of its units. `says` is the code in words, `reason`
    what the retailer wrote into its matrix."""

    code: DenialReason
    says: str
    reason: str | None
    line_id: str | None
    quantity: Annotated[int, Field(ge=1)] | None
    status: UnitStatus | None
    hold_id: str | None
    hold_type: str | None


class AllowedChange(Answer):
    """An answer for the order (`line_id` null) or one of its lines: whether it may take a modification now. `units` are the units that may take it;
    of a bundle they are its sets. Units may be denied although others are allowed. `more` is of a quantity alone."""

    modification: ModificationName
    level: Literal["order", "line"]
    line_id: str | None
    allowed: bool
    units: Units
    more: bool | None
    denials: list[Denial]


class PendingChange(Answer):
    """A change that waits until `to_pay` is authorised. It is dropped at `until`; the order goes on with what it had.

    `to_pay` is what it costs now, and may differ from what it cost when it was asked for. Null: the order does not take the
    change any more.
    """

    modifications: list[ModificationName]
    reason: str
    to_pay: Money | None
    until: Time
    by: str
    at: Time


class AllowedChanges(Answer):
    """The changes that an order may take, in this version of it."""

    order_id: OrderId
    version: Annotated[int, Field(ge=1)]
    locale: Literal["en-US", "pt-BR", "es"]
    changes: list[AllowedChange]
    pending_change: PendingChange | None


class RecalledWork(Answer):
    """Units that a node would lose, and puts back if it has picked them. `asked`: the node has begun, and is asked for them."""

    fulfillment_id: FulfillmentId
    node_id: str
    lines: list[LineUnits]
    asked: bool


class NewDestination(Answer):
    """A place to which an address lies, as coarse as orders keep it. `change` is its place in the request, from 0."""

    change: Units
    destination: Destination


class DeniedChange(Answer):
    """A change that the order does not take. `change` is its place in the request, from 0."""

    change: Units
    denials: list[Denial]


class PromisedUnits(Answer):
    """Units of a line that the change adds or moves, as the router would place them now. `deliver_on` is a local date in `zone`."""

    line_id: str
    quantity: Annotated[int, Field(ge=1)]
    node_id: str
    method: Method
    service: Service
    due: str | None
    deliver_on: str | None
    zone: str | None


class UnpromisedUnits(Answer):
    """Units of a line that no node can have now, and the reason why they would wait."""

    line_id: str
    quantity: Annotated[int, Field(ge=1)]
    reason: str


class OptionOfChange(Answer):
    """A way to have all units that go to a destination. `node_id` is the counter of a pickup; `deliver_on` is a local date in `zone`,
    null if a unit has no date."""

    option_id: str
    kind: str
    method: Method
    service: Service
    node_id: str | None
    complete: bool
    deliver_on: str | None
    zone: str | None


class OptionsOfChange(Answer):
    """The ways to have the units that go to a destination of the order, 0 for its own, and the recommended one."""

    destination: Units
    recommended: str | None
    options: list[OptionOfChange]


class ChangePromise(Answer):
    """The promise of the units that a change adds or moves: as the router would place them, and the other ways to have them."""

    lines: list[PromisedUnits]
    cannot_promise: list[UnpromisedUnits]
    options: list[OptionsOfChange]


class ChangePreview(Answer):
    """A preview of what changes would do, without those in `denied`. Nothing is changed, and `preview_id` holds until `until`."""

    preview_id: str
    until: Time
    order_id: OrderId
    version: Annotated[int, Field(ge=1)]
    totals_before: Totals
    totals: Totals
    difference: Money
    to_pay: Money
    taxes: list[ChangedTax]
    cancelled: list[LineUnits]
    recalled: list[RecalledWork]
    destinations: list[NewDestination]
    denied: list[DeniedChange]
    promise: ChangePromise | None
