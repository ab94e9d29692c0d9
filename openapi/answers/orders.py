"""
Model the answers about orders and the work of nodes.

Called by   openapi/operations.py. `comanda.domain.views` and the doors make the answers
"""

from typing import Annotated, Any, Literal

from pydantic import Field

from comanda.domain.orders.zero_rates import ZeroRateReason
from comanda.domain.payments.dispute import DisputeState
from openapi.answers.base import (
    Answer,
    Blame,
    CreditNoteId,
    FulfillmentId,
    InvoiceId,
    LineUnits,
    Method,
    Money,
    OrderId,
    OrderStatus,
    ProvisionProof,
    QueueName,
    Service,
    Step,
    Time,
    Units,
    UnitStatus,
)
from openapi.answers.changes import Destination, PendingChange, Totals
from openapi.answers.holds import Hold
from openapi.answers.work import Fulfillment, LineGift


class Discount(Answer):
    code: str
    amount: Money


class CreditOfOrder(Answer):
    """A credit note of one of the order's invoices."""

    credit_note_id: CreditNoteId
    invoice_id: InvoiceId
    total: Money


class OrderDiscount(Discount):
    """A discount of the order. An appeasement was given after the sale because something went wrong: its code says what."""

    appeasement: bool


class Charge(Answer):
    kind: str
    amount: Money
    tax: Money
    tax_table: str | None
    tax_name: str | None
    zero_rate_reason: ZeroRateReason | None
    tax_estimated: bool


class Tax(Answer):
    rate: str
    amount: Money


class Delivery(Answer):
    method: Method
    node_id: str | None
    service: Service
    group: str | None


class Allocation(Answer):
    """A number of units of the line, in one status. `implied` names the steps that were not reported, for instance
    "pick". Units of status SCHEDULED wait for the supply of the UTC day `due`, or for the day on which the customer
    wants them sent, and are expected on the local date `deliver_on`. Cancelled units have the code of their reason, and the
    party to blame, if they were cancelled with one."""

    quantity: Annotated[int, Field(ge=1)]
    status: UnitStatus
    node_id: str | None
    fulfillment_id: FulfillmentId | None
    implied: list[Step]
    due: str | None
    deliver_on: str | None
    cancel_reason: str | None = None
    blame: Blame | None = None


class OrderLine(Answer):
    """A line of an order. The quantities of `allocations` add up to `quantity`. `waits_in` is the queue in which the line waits
    for a person's decision. Units that still wait for stock on the UTC day `cancel_on` are cancelled.

    A BUNDLE has no units of its own and no `allocations`: `sets` counts its sets by status. A COMPONENT has the units, a price
    of 0, and `parent_line_id`, `ratio` and `price_share` as they were sent."""

    line_id: str
    sku: str
    title: str | None
    kind: Literal["PRODUCT", "BUNDLE", "COMPONENT", "SERVICE", "DIGITAL"]
    quantity: Annotated[int, Field(ge=1)]
    unit_price: Money
    tax: Tax
    tax_table: str | None
    tax_name: str | None
    zero_rate_reason: ZeroRateReason | None
    tax_estimated: bool
    discounts: list[Discount]
    fulfillment: Delivery
    parent_line_id: str | None = None
    ratio: Annotated[int, Field(ge=1)] | None = None
    price_share: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    sets: dict[str, Units] | None = None
    breakable: bool | None = None
    invoiced: Units
    destination: Units
    replaces_line: str | None
    gift: LineGift | None
    waits_in: QueueName | None
    waits_because: str | None
    cancel_on: str | None
    allocations: list[Allocation]


class Loss(Answer):
    """Units that a carrier lost, what a person decided about them, and whether they were found after that. `item_id` is
    their item in the queue `lost`."""

    item_id: str
    fulfillment_id: FulfillmentId
    lines: list[LineUnits]
    reason: Literal["CARRIER_LOST", "NOT_ARRIVED", "DESTROYED"]
    at: Time
    answer: Literal["resend", "refund"] | None
    replacement_order_id: OrderId | None
    found_at: Time | None


class Dispute(Answer):
    """Money of a payment that the customer's bank took back, as the payment's provider has told of it."""

    dispute_id: str
    payment: int
    amount: Money
    state: DisputeState
    repaid: Money
    written_off: Money


class PayBy(Answer):
    """The page of the payment provider, or the code of Pix, with which the customer pays while it is open."""

    url: str | None
    code: str | None
    until: Time | None


class Payment(Answer):
    """A payment. The open part of the authorisation is authorized - captured - released, less captures and releases among
    `failed`: what the provider did not move, and a person has not answered about."""

    method: str
    reference: str | None
    last4: str | None
    payment_days: int | None
    provider: str
    state: Literal[
        "TO_PAY",
        "NOT_PAID",
        "CHECKING",
        "DIFFERS",
        "AUTHORIZING",
        "NOT_AUTHORIZED",
        "TO_COLLECT",
        "FAILED",
        "AUTHORIZED",
        "CAPTURED",
        "REFUNDED",
        "VOIDED",
    ]
    renews: str | None
    authorized: Money
    asked: Money
    captured: Money
    refunded: Money
    released: Money
    failed: Money
    written_off: Money
    expires_at: Time | None
    pay: PayBy | None


class SoldGiftCards(Answer):
    """The gift cards of a provision, one for each unit. Their codes are in no answer."""

    value: Money
    active: bool
    taken_back: Annotated[int, Field(ge=0)]
    account_ids: list[Annotated[str, Field(pattern="^gc_[0-9a-f]{32}$")]]


class Provision(Answer):
    """Units of a digital line or of a service that the customer got at once. The text of the proof is in the contact."""

    number: Annotated[int, Field(ge=1)]
    line_id: str
    quantity: Annotated[int, Field(ge=1)]
    proof: ProvisionProof
    by: str
    at: Time
    gift_cards: SoldGiftCards | None
    invoice_id: InvoiceId | None


class OrderLinks(Answer):
    self: str
    events: str
    contact: str


class Promised(Answer):
    """The promise before the order, with the option that the order repeats. `deliver_on` is a local date in `zone`."""

    promise_id: str
    option_id: str
    deliver_on: str | None
    zone: str
    node_ids: list[str]


class Requested(Answer):
    """The customer's wish: the local date by which the order must arrive, and the local date before which it must not."""

    deliver_by: str | None
    not_before: str | None


class Replaced(Answer):
    """Units of another order that this order sends again. They have the same line id here."""

    order_id: OrderId
    line_id: str
    quantity: Annotated[int, Field(ge=1)]


class Order(Answer):
    """The whole order, without its contact. `quantities` counts units by status over all lines."""

    order_id: OrderId
    external_id: str
    channel: str
    status: OrderStatus
    version: Annotated[int, Field(ge=1)]
    change_version: Annotated[int, Field(ge=0)]
    currency: str
    locale: str
    placed_at: Time
    priority: Annotated[int, Field(ge=0, le=9)]
    draft: bool
    prices_include_tax: bool
    customer_id: str
    destination: Destination
    destinations: list[Destination]
    quantities: dict[str, Units]
    lines: list[OrderLine]
    fulfillments: list[Fulfillment]
    losses: list[Loss]
    provisions: list[Provision]
    invoices: list[InvoiceId]
    credit_notes: list[CreditOfOrder]
    payments: list[Payment]
    disputes: list[Dispute]
    holds: list[Hold]
    charges: list[Charge]
    discounts: list[OrderDiscount]
    totals: Totals
    requested: Requested
    tags: list[str]
    sourcing_class: str | None
    kind: Literal["SALE", "REPLACEMENT"]
    replaces: list[Replaced]
    reservation_id: str | None
    promised: Promised | None
    pending_change: PendingChange | None
    links: OrderLinks


class NotCancelled(Answer):
    """Units that a cancel of everything left as they are. They are packed, they have left their node, they belong to a kit's
    set of which a part stays, a hold keeps them, or the modification matrix denies it."""

    line_id: str
    quantity: Annotated[int, Field(ge=1)]
    status: UnitStatus
    reason: Literal["packed", "left", "kit", "held", "denied"]
    hold_id: str | None = None  # held: the hold, and its type
    hold_type: str | None = None


class CancelledOrder(Order):
    """The order after a cancel, and the units that could not be cancelled."""

    not_cancelled: list[NotCancelled]


class EventWords(Answer):
    """An event in the words of one language: its type, a sentence of what happened, who it was, and the statuses before and
    after it."""

    type: str
    text: str
    actor: str
    status: str
    status_before: str | None


class OrderLink(Answer):
    """A link by which the customer sees the order, until the end of the day `expires`."""

    order_id: OrderId
    epoch: Annotated[int, Field(ge=1)]
    expires: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$", json_schema_extra={"format": "date"})]
    revoked: bool
    url: str


class Event(Answer):
    """A fact of the order: the version that it made, and the order's status before and after it. `data` differs by type."""

    version: Annotated[int, Field(ge=1)]
    type: str
    actor: str
    actor_name: str | None
    at: Time
    status_before: OrderStatus | None
    status: OrderStatus
    data: dict[str, Any]
    words: EventWords
