"""The order as a channel sends it: the contract of POST /v1/orders and of the calls that change an order."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from comanda.aws.contracts import Amount, Contract, Currency, Day, Id, LineUnits, Moment, Remark

Name = Annotated[str, StringConstraints(min_length=1, max_length=128)]
Text = Annotated[str, StringConstraints(max_length=500)]
Words = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Quantity = Annotated[int, Field(ge=1, le=100_000)]


class Address(Contract):
    name: Words
    line1: Words
    line2: Text | None = None
    city: Words
    region: Annotated[str, StringConstraints(max_length=64)] = ""
    postal_code: Annotated[str, StringConstraints(max_length=16)]
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None


class Customer(Contract):
    id: Id | None = None
    name: Words
    email: Annotated[str, StringConstraints(pattern=r"^[^@\s<>,;\"]{1,64}@[^@\s<>,;\"]{1,190}$")]
    phone: Annotated[str, StringConstraints(max_length=32)] | None = None
    tax_id: Annotated[str, StringConstraints(max_length=32)] | None = None


class Tax(Contract):
    rate: Annotated[str, StringConstraints(pattern=r"^\d{1,2}(\.\d{1,6})?$")] = "0"
    amount: Amount


class DiscountIn(Contract):
    code: Id
    amount: Amount


class Product(Contract):
    title: Text | None = None
    gtin: Id | None = None
    weight_g: Annotated[int, Field(ge=0, le=10_000_000)] | None = None
    dims_mm: Annotated[list[Annotated[int, Field(ge=0, le=100_000)]], Field(min_length=3, max_length=3)] | None = None
    class_: Annotated[Id | None, Field(alias="class")] = None


class Delivery(Contract):
    """`group`: lines of one group are a kit and leave one node together, in sets; so they have all else here in common."""

    method: Literal["SHIP", "PICKUP"] = "SHIP"
    node_id: Id | None = None
    service: Literal["STANDARD", "EXPRESS"] = "STANDARD"
    group: Id | None = None


class LineIn(Contract):
    line_id: Id
    sku: Name
    quantity: Quantity
    kind: Literal["PRODUCT", "BUNDLE", "COMPONENT", "SERVICE", "DIGITAL"] = "PRODUCT"
    parent_line_id: Id | None = None
    ratio: Quantity | None = None
    price_share: str | None = None
    unit_price: Amount
    tax: Tax | None = None
    discounts: Annotated[list[DiscountIn], Field(max_length=20)] = []
    ship_to: Address | None = None
    product: Product | None = None
    fulfillment: Delivery = Delivery()


class ChargeIn(Contract):
    kind: Id
    amount: Amount
    tax: Amount | None = None


class PaymentIn(Contract):
    method: Id
    reference: Name
    authorized: Amount
    captured: Amount | None = None
    expires_at: Moment | None = None


class TotalsIn(Contract):
    goods: Amount
    discounts: Amount
    charges: Amount
    tax: Amount
    total: Amount


class Requested(Contract):
    deliver_by: Day | None = None
    not_before: Day | None = None


class OrderIn(Contract):
    external_id: Name
    channel: Id
    currency: Currency
    locale: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[A-Z]{2})?$")]
    placed_at: Moment | None = None
    prices_include_tax: bool = False
    draft: bool = False
    customer: Customer
    bill_to: Address | None = None
    ship_to: Address | None = None
    requested: Requested | None = None
    priority: Annotated[int, Field(ge=0, le=9)] = 5
    reservation_id: Id | None = None
    promise_id: Id | None = None
    option_id: Id | None = None
    gift: Text | None = None
    note: Text | None = None
    attributes: Annotated[dict[Id, Text], Field(max_length=50)] = {}
    tags: Annotated[list[Id], Field(max_length=20)] = []
    sourcing_class: Id | None = None  # a word of the channel's that rule sets know
    lines: Annotated[list[LineIn], Field(min_length=1, max_length=1000)]
    charges: Annotated[list[ChargeIn], Field(max_length=20)] = []
    discounts: Annotated[list[DiscountIn], Field(max_length=20)] = []
    payments: Annotated[list[PaymentIn], Field(max_length=10)] = []
    totals: TotalsIn


class Reason(Contract):
    reason: Remark


class Nothing(Contract):
    """A call that needs no more than its path."""


class CancelIn(Reason):
    lines: Annotated[list[LineUnits], Field(min_length=1, max_length=1000)] | None = None


class HoldIn(Reason):
    """`lines`: the ids of the lines that it holds, of a type whose level is the line; of another none."""

    type: Id
    lines: Annotated[list[Id], Field(min_length=1, max_length=1000)] | None = None


class ResolutionIn(Contract):
    resolution: Remark


def _named_answers(schema: dict[str, Any]) -> None:
    """Name the answers in the published description. The door itself asks the queue, which knows its own."""
    from comanda.domain.resume import ANSWERS

    schema["enum"] = sorted({answer for answers in ANSWERS.values() for answer in answers})


class AnswerIn(Contract):
    answer: Annotated[Id, Field(json_schema_extra=_named_answers)]
