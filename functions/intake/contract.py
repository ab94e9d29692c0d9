"""Declare the bodies of the requests of intake: POST /v1/orders, and the calls that change an order."""

from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from comanda.aws.api.contracts import (
    NO_ITEMS,
    Amount,
    Contract,
    Day,
    GivenRate,
    Id,
    LineId,
    LineUnits,
    Locale,
    Moment,
    Name,
    NamesOnce,
    NewCurrency,
    Remark,
    Sku,
    TextOf,
    Title,
    Word,
)
from comanda.aws.api.sale_contracts import Address, Delivery, DiscountIn, Gift, ZeroReason, require_zero
from comanda.domain import text

OptionalText = Annotated[str, TextOf(text.TEXT.upto(500, least=0))]
Quantity = Annotated[int, Field(ge=1, le=100_000)]


def untaxed(reason: ZeroReason | None, tax: Amount | None) -> ZeroReason | None:
    """Check that the reason why nothing is taxed comes without a tax."""
    if reason and tax and tax.amount:
        raise ValueError("says why a tax is 0, and this one is not")
    return reason


class Customer(Contract):
    id: Name | None = None
    name: Title
    email: Annotated[str, TextOf(text.EMAIL.upto(254, least=0))] | None = None
    phone: Annotated[str, TextOf(text.PHONE.upto(32, least=0))] | None = None
    tax_id: Annotated[str, TextOf(text.TAX_ID.upto(32, least=0))] | None = None


class Tax(Contract):
    """The tax of a line. `zero_rate_reason` says why a rate of 0 is 0."""

    rate: GivenRate = "0"
    amount: Amount
    zero_rate_reason: ZeroReason | None = None

    @field_validator("zero_rate_reason")
    @classmethod
    def _is_zero(cls, reason: ZeroReason | None, others: ValidationInfo) -> ZeroReason | None:
        return untaxed(require_zero(reason, others), others.data.get("amount"))


class Product(Contract):
    """A product as the channel describes it. Mails and nodes show its title, and nodes its GTIN. Its weight and size
    count where the directory has none. A `gtin` or `class` is refused where the directory has another."""

    title: Annotated[str, TextOf(text.LINE.upto(500, least=0))] | None = None
    gtin: Annotated[str, TextOf(text.GTIN)] | None = None
    weight_g: Annotated[int, Field(ge=0, le=10_000_000)] | None = None
    dims_mm: Annotated[list[Annotated[int, Field(ge=1, le=100_000)]], Field(min_length=3, max_length=3)] | None = None
    class_: Annotated[Word | None, Field(alias="class")] = None


class LineIn(Contract):
    """A line. A BUNDLE has the price of its COMPONENT lines, which name it as their parent, and are sent with a price of 0.

    A set of the bundle has `ratio` units of a component. `price_share` is the component's part of the bundle's price, in
    parts per million: those of a bundle add up to 1,000,000. A component goes as its bundle does.
    """

    line_id: LineId
    sku: Sku
    quantity: Quantity
    kind: Literal["PRODUCT", "BUNDLE", "COMPONENT", "SERVICE", "DIGITAL"] = "PRODUCT"
    parent_line_id: LineId | None = None
    ratio: Quantity | None = None
    price_share: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    unit_price: Amount
    tax: Tax | None = None
    discounts: Annotated[list[DiscountIn], Field(max_length=20)] = NO_ITEMS
    ship_to: Address | None = None
    gift: Gift | None = None
    product: Product | None = None
    fulfillment: Delivery = Delivery()

    @property
    def bundled(self) -> bool:
        """Return True if the line says anything of a bundle."""
        return (
            self.kind in ("BUNDLE", "COMPONENT")
            or self.parent_line_id is not None
            or self.ratio is not None
            or self.price_share is not None
        )


class ChargeIn(Contract):
    """A charge of the whole order. `zero_rate_reason` says why it has no tax."""

    kind: Word
    amount: Amount
    tax: Amount | None = None
    zero_rate_reason: ZeroReason | None = None

    @field_validator("zero_rate_reason")
    @classmethod
    def _is_zero(cls, reason: ZeroReason | None, others: ValidationInfo) -> ZeroReason | None:
        return untaxed(reason, others.data.get("tax"))


class PaymentIn(Contract):
    """A payment that the shop has authorised. One from an account of ours has no `reference`: a gift card is named by its
    `code`, and store credit is that of the order's customer."""

    method: Word
    reference: Annotated[str, TextOf(text.REFERENCE)] | None = None
    code: Annotated[str, TextOf(text.GIFT_CARD_CODE)] | None = None
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
    currency: NewCurrency
    locale: Locale
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
    gift: OptionalText | None = None
    note: OptionalText | None = None
    attributes: Annotated[dict[Word, OptionalText], Field(max_length=50), NamesOnce] = {}
    tags: Annotated[list[Word], Field(max_length=20)] = NO_ITEMS
    sourcing_class: Word | None = None  # a word of the channel's that rule sets know
    lines: Annotated[list[LineIn], Field(min_length=1, max_length=1000)]
    charges: Annotated[list[ChargeIn], Field(max_length=20)] = NO_ITEMS
    discounts: Annotated[list[DiscountIn], Field(max_length=20)] = NO_ITEMS
    payments: Annotated[list[PaymentIn], Field(max_length=10)] = NO_ITEMS
    totals: TotalsIn


class Reason(Contract):
    reason: Remark


class CancelIn(Contract):
    """A reason by its code, by words, or both, and the units to cancel; without `lines` all that can be cancelled."""

    reason: Remark | None = None
    reason_code: Id | None = None
    lines: Annotated[list[LineUnits], Field(min_length=1, max_length=1000)] | None = None


class RecallIn(Reason):
    """Units to recall from nodes: those of a fulfillment, those of these lines, or so many units of lines of a fulfillment.
    With `exclude_node` the router does not choose the node again."""

    fulfillment_id: Id | None = None
    lines: Annotated[list[LineUnits], Field(min_length=1, max_length=1000)] | None = None
    exclude_node: bool = False


class HoldIn(Reason):
    """A hold to place. `lines` are the ids of the lines that it holds, for a type whose level is the line; a hold of
    another type names none."""

    type: Id
    lines: Annotated[list[LineId], Field(min_length=1, max_length=1000)] | None = None


class ResolutionIn(Contract):
    resolution: Remark


class HoldTrial(Contract):
    """A dry run of a hold type's rule on the `last` orders of a channel, placed within thirty days."""

    channel: Id
    last: Annotated[int, Field(ge=1, le=500)] = 100
