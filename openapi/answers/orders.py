"""Orders, the work of nodes, invoices and queues as the API answers them (made by `comanda.domain.views` and the doors)."""

from collections.abc import Callable, Iterable
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from comanda.domain.orders import queues
from comanda.domain.orders.status import TRANSACTIONS, WORK_STATUSES, Status, derived
from functions.intake import contract as intake


class Answer(BaseModel):
    """Every field is always there; what may be missing has a default."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def _among(names: Iterable[str]) -> Callable[[str], str]:
    known = frozenset(names)

    def check(name: str) -> str:
        if name not in known:
            raise ValueError("is none of the known words")
        return name

    return check


# Any two statuses of units; more add nothing, because an order's status speaks of its highest and says whether there are others.
ORDER_STATUSES = sorted({derived({one: 1, other: 1}) for one in Status for other in Status})

OrderStatus = Annotated[
    str, AfterValidator(_among(ORDER_STATUSES)), Field(json_schema_extra={"enum": [*ORDER_STATUSES]})
]
WorkStatus = Annotated[str, AfterValidator(_among(WORK_STATUSES)), Field(json_schema_extra={"enum": [*WORK_STATUSES]})]
UnitStatus = Annotated[str, AfterValidator(_among(Status)), Field(json_schema_extra={"enum": [*Status]})]
QueueName = Annotated[str, AfterValidator(_among(queues.ALL)), Field(json_schema_extra={"enum": [*queues.ALL]})]
Step = Annotated[str, AfterValidator(_among(TRANSACTIONS)), Field(json_schema_extra={"enum": sorted(TRANSACTIONS)})]
Time = Annotated[
    str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", json_schema_extra={"format": "date-time"})
]
_ULID = "[0-9A-HJKMNP-TV-Z]{26}"
OrderId = Annotated[str, Field(pattern=f"^ord_[a-z0-9]{{2,8}}_{_ULID}$")]
FulfillmentId = Annotated[str, Field(pattern=f"^ful_[a-z0-9]{{2,8}}_{_ULID}-[0-9]{{3,4}}$")]
InvoiceId = Annotated[str, Field(pattern=f"^inv_[a-z0-9]{{2,8}}_{_ULID}-[0-9]{{3,4}}$")]
Units = Annotated[int, Field(ge=0)]
Method = Literal["SHIP", "PICKUP"]
Service = Literal["STANDARD", "EXPRESS"]
Precision = Literal["GIVEN", "POSTAL_CODE", "CITY", "POSTAL_PREFIX", "REGION"]


class Money(Answer):
    """Minor units of the currency: 1299 USD is $12.99."""

    amount: int
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class Totals(Answer):
    """total = goods - discounts + charges + tax; without tax where prices include it. Of the units that are not cancelled."""

    goods: Money
    discounts: Money
    charges: Money
    tax: Money
    total: Money


class Discount(Answer):
    code: str
    amount: Money


class Charge(Answer):
    kind: str
    amount: Money
    tax: Money


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
    wants them sent, and are expected on the local date `deliver_on`."""

    quantity: Annotated[int, Field(ge=1)]
    status: UnitStatus
    node_id: str | None
    fulfillment_id: FulfillmentId | None
    implied: list[Step]
    due: str | None
    deliver_on: str | None


class OrderLine(Answer):
    """The quantities of `allocations` add up to `quantity`. `waits_in` is the queue of the person who must decide; what
    still waits for stock on the UTC day `cancel_on` is cancelled."""

    line_id: str
    sku: str
    kind: Literal["PRODUCT", "BUNDLE", "COMPONENT", "SERVICE", "DIGITAL"]
    quantity: Annotated[int, Field(ge=1)]
    unit_price: Money
    tax: Tax
    discounts: list[Discount]
    fulfillment: Delivery
    invoiced: Units
    waits_in: QueueName | None
    cancel_on: str | None
    allocations: list[Allocation]


class LineUnits(Answer):
    line_id: str
    quantity: Units


class Package(Answer):
    """What was not told is "" or 0."""

    package_id: str
    carrier: str
    service: str
    tracking_number: str
    weight_g: Units
    contents: list[LineUnits]


class FulfillmentLine(Answer):
    """`quantity` counts every unit that was ever in it, cancelled ones too; `quantities` says how many are in which status."""

    line_id: str
    sku: str
    title: str
    gtin: str | None = None
    quantity: Units
    quantities: dict[str, Units]


class Fulfillment(Answer):
    """The work of one node for one order, and at most one shipment."""

    fulfillment_id: FulfillmentId
    order_id: OrderId
    node_id: str
    partner_id: str | None
    method: Method
    service: Service
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
    shipment_id: str | None
    invoice_id: InvoiceId | None
    packages: list[Package]
    lines: list[FulfillmentLine]


class Payment(Answer):
    """What is still open of the authorisation is authorized - captured - released."""

    method: str
    reference: str
    authorized: Money
    captured: Money
    refunded: Money
    released: Money
    expires_at: Time | None


class Hold(Answer):
    """A hold: the reason why the steps in `blocks` may not happen, to `line_ids` or, where there are none, to the whole
    order. A resolved hold stays, with the caller that resolved it and the time."""

    hold_id: str
    type: str
    blocks: list[Step]
    reason: str
    line_ids: list[str]
    by: str
    at: Time
    expires: Time | None
    active: bool
    resolved_at: Time | None
    resolved_by: str | None
    resolution: str | None


class OrderLinks(Answer):
    self: str
    events: str
    contact: str


class Destination(Answer):
    """
    Where it goes, coarsely: coordinates rounded to 0.1 degree, and what they stand for. GIVEN: the client's own, or the store's.
    Otherwise what of the address was known: the POSTAL_CODE, the CITY, codes of the same POSTAL_PREFIX, the REGION; null: nothing.
    """

    country: str
    region: str
    postal_prefix: str
    latitude: float | None
    longitude: float | None
    precision: Precision | None


class Promised(Answer):
    """What was promised before the order: the option that it is worded as. `deliver_on` is a local date in `zone`."""

    promise_id: str
    option_id: str
    deliver_on: str | None
    zone: str
    node_ids: list[str]


class Requested(Answer):
    """The local date by which the customer wants the order, and the local date before which the customer does not want
    it."""

    deliver_by: str | None
    not_before: str | None


class Order(Answer):
    """The whole order, without contact. `quantities` counts units by status over all lines."""

    order_id: OrderId
    external_id: str
    channel: str
    status: OrderStatus
    version: Annotated[int, Field(ge=1)]
    currency: str
    locale: str
    placed_at: Time
    priority: Annotated[int, Field(ge=0, le=9)]
    draft: bool
    customer_id: str
    destination: Destination
    quantities: dict[str, Units]
    lines: list[OrderLine]
    fulfillments: list[Fulfillment]
    invoices: list[InvoiceId]
    payments: list[Payment]
    holds: list[Hold]
    charges: list[Charge]
    discounts: list[Discount]
    totals: Totals
    requested: Requested
    tags: list[str]
    sourcing_class: str | None
    reservation_id: str | None
    promised: Promised | None
    links: OrderLinks


class NotCancelled(Answer):
    """Units that a cancel of everything left as they are. They are packed, they have left their node, or they belong to
    a kit's set of which a part is packed."""

    line_id: str
    quantity: Annotated[int, Field(ge=1)]
    status: UnitStatus
    reason: Literal["packed", "left", "kit", "held"]


class CancelledOrder(Order):
    """The order after a cancel, and what could not be cancelled."""

    not_cancelled: list[NotCancelled]


class Event(Answer):
    """A fact of the order: the version that it made, and the order's status after it. `data` differs by type."""

    version: Annotated[int, Field(ge=1)]
    type: str
    actor: str
    at: Time
    status: OrderStatus
    data: dict[str, Any]


class RouteDecision(BaseModel):
    """Why the router chose what it chose, with its inputs: docs/routing.md says how it is read. `explanation` says it in words,
    a paragraph for each fulfillment and each kind of leftover. Fields are added as the router learns; one of shape `v` 2 has
    `stages`, the choices in their order, and an older one has `candidates` and nothing of what follows them here.

    `excluded`: the nodes that may not send there at all, by reason. `nodes`: km by node. `revs`: [sku, node, revision of the
    position]. `leftovers`: [line, sku, units, queue, reason, and the day on which it is cancelled where there is one].
    `shadows`: what rule sets that look on would have done. Costs are micro-units of `currency`."""

    version: Annotated[int, Field(ge=1)]
    at: Time
    order_version: int
    costs: int | str  # the entry that rates are of, with its version; a number in decisions of before
    excluded: dict[str, Any]
    fulfillments: list[dict[str, Any]]
    leftovers: list[list[Any]]
    explanation: list[str]
    v: int | None = None
    candidates: list[dict[str, Any]] | None = None
    currency: str | None = None
    rule_sets: list[str] | None = None
    deliver_by: str | None = None
    nodes: dict[str, float] | None = None
    revs: list[list[Any]] | None = None
    stages: list[dict[str, Any]] | None = None
    shadows: list[dict[str, Any]] | None = None


class Contact(Answer):
    """What the channel sent about people, as it sent it; what it did not send is missing."""

    customer: intake.Customer
    ship_to: intake.Address | None = None
    bill_to: intake.Address | None = None
    note: str | None = None
    gift: str | None = None
    attributes: dict[str, str] | None = None


class QueueLinks(Answer):
    items: str


class Queue(Answer):
    queue: QueueName
    links: QueueLinks


class QueueItem(Answer):
    """An item of an order, or of a supply, that waits for a person, and the reason. `data` differs by queue; its values
    are texts."""

    item_id: str
    order_id: OrderId | None = None
    supply_id: str | None = None
    queue: QueueName
    reason: str
    due: Time
    data: dict[str, str]


class InvoiceLine(Answer):
    """`discount`, `charges` and `tax` contain the line's part of the order's own."""

    line_id: str
    sku: str
    quantity: Annotated[int, Field(ge=1)]
    unit_price: Money
    goods: Money
    discount: Money
    charges: Money
    tax: Money


class Invoice(Answer):
    """`number` is gapless within its series, which is the node."""

    invoice_id: InvoiceId
    number: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}-\d{6,}$")]
    order_id: OrderId
    fulfillment_id: FulfillmentId
    issued_at: Time
    currency: str
    lines: list[InvoiceLine]
    totals: Totals


class Page[Item](Answer):
    """`next` is the cursor of the next page, null at the end."""

    items: list[Item]
    next: str | None
