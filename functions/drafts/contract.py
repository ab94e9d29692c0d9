"""
Define the bodies of the draft routes: unknown fields, wrong types and values out of range are refused by pointer.

Called by   functions/drafts; openapi, which describes the routes
"""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo

from comanda.aws.api.contracts import (
    Amount,
    Contract,
    Id,
    LineId,
    Locale,
    Moment,
    Name,
    NamesOnce,
    NewCurrency,
    Remark,
    Sku,
    TaxRate,
    TextOf,
    Title,
    Word,
)
from comanda.aws.api.sale_contracts import Address, Delivery, DiscountIn, Gift, ZeroReason
from comanda.domain import text

OptionalText = Annotated[str, TextOf(text.TEXT.upto(500, least=0))]
Quantity = Annotated[int, Field(ge=1, le=100_000)]


class QuoteIn(Contract):
    """An offer of a draft at its prices. Without `valid_until` it is valid for two weeks. `mail`: its customer is mailed."""

    valid_until: Moment | None = None
    mail: bool = True


class DraftCustomer(Contract):
    """The customer of a draft, as far as they are known. `id` is the channel's own."""

    id: Name | None = None
    name: Title | None = None
    email: Annotated[str, TextOf(text.EMAIL.upto(254, least=0))] | None = None
    phone: Annotated[str, TextOf(text.PHONE.upto(32, least=0))] | None = None
    tax_id: Annotated[str, TextOf(text.TAX_ID.upto(32, least=0))] | None = None


def _of_rate_zero(reason: ZeroReason | None, others: ValidationInfo) -> ZeroReason | None:
    """Check that the reason why a rate is 0 comes with a rate of 0: one that is found says its own."""
    if reason and others.data.get("tax_rate") is None:
        raise ValueError("says why a rate is 0: send tax_rate 0, too")
    if reason and Decimal(others.data["tax_rate"]):
        raise ValueError("says why a rate is 0, and this one is not")
    return reason


type ReasonOfZero = Annotated[ZeroReason | None, AfterValidator(_of_rate_zero)]


class DraftCharge(Contract):
    """A charge of the whole draft. Without an amount it is what the carriers of the draft's promised option cost. Without
    `tax_rate` it has the rate of the channel's tax table for its kind. `zero_rate_reason` says why a `tax_rate` of 0 is 0."""

    kind: Word
    amount: Amount | None = None
    tax_rate: TaxRate | None = None
    zero_rate_reason: ReasonOfZero = None


class DraftLine(Contract):
    """A line of a draft. A BUNDLE has the price of its COMPONENT lines, which name it as their parent and send none.

    Without `unit_price` the line has the price of the price list, and without `tax_rate` the rate
    of the channel's tax table, or of the list if the channel has no table. A person who sends a price says why, in `price_reason`.
    `zero_rate_reason` says why a `tax_rate` of 0 is 0.
    """

    line_id: LineId
    sku: Sku
    quantity: Quantity
    kind: Literal["PRODUCT", "BUNDLE", "COMPONENT", "SERVICE", "DIGITAL"] = "PRODUCT"
    parent_line_id: LineId | None = None
    ratio: Quantity | None = None
    price_share: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    unit_price: Amount | None = None
    price_reason: Remark | None = None
    tax_rate: TaxRate | None = None
    zero_rate_reason: ReasonOfZero = None
    discounts: Annotated[list[DiscountIn], Field(max_length=20)] = []
    fulfillment: Delivery | None = None
    ship_to: Address | None = None
    gift: Gift | None = None


class DraftFields(Contract):
    """The fields that a draft is made of, and that a change sets. null empties a field."""

    customer: DraftCustomer | None = None
    ship_to: Address | None = None
    bill_to: Address | None = None
    fulfillment: Delivery | None = None
    lines: Annotated[list[DraftLine], Field(max_length=1000)] | None = None
    charges: Annotated[list[DraftCharge], Field(max_length=20)] | None = None
    discounts: Annotated[list[DiscountIn], Field(max_length=20)] | None = None
    tags: Annotated[list[Word], Field(max_length=20)] | None = None
    note: OptionalText | None = None
    attributes: Annotated[dict[Word, OptionalText], Field(max_length=50), NamesOnce] | None = None
    prices_until: Moment | None = None
    promise_id: Id | None = None
    option_id: Id | None = None
    reservation_id: Id | None = None


class DraftIn(DraftFields):
    """A new draft. `open_cart`: it is what the customer has in their cart in this channel from now on."""

    channel: Id
    currency: NewCurrency
    locale: Locale
    prices_include_tax: bool = False
    open_cart: bool = False


class DraftChange(DraftFields):
    """A change of a draft. A field that is there replaces the draft's, null empties it, and a field that is not there stays.

    `lines` replaces all lines. `set_lines` adds lines, or replaces those with the same ids, and `remove_lines` names lines to
    remove: a step for one line need not send the others. A line that is replaced keeps its own `ship_to` and `gift` unless it
    sends them; null takes them away.
    """

    set_lines: Annotated[list[DraftLine], Field(min_length=1, max_length=1000)] | None = None
    remove_lines: Annotated[list[LineId], Field(min_length=1, max_length=1000)] | None = None
    open_cart: bool | None = None
