"""
Model the answers about drafts.

Called by   openapi/operations.py. `comanda.domain.drafts.view` and the room drafts make the answers
"""

from typing import Annotated, Any, Literal

from pydantic import Field

from comanda.aws.api.sale_contracts import Address, Gift
from comanda.domain.orders.zero_rates import ZeroRateReason
from functions.drafts import contract
from openapi.answers.base import Answer, CustomerId, Money, OrderId, Time, Units
from openapi.answers.changes import Destination, Totals
from openapi.answers.orders import Delivery, Discount, OrderLinks, Tax
from openapi.answers.work import LineGift

DraftId = Annotated[str, Field(pattern="^drf_[a-z0-9]{2,8}_[0-9A-HJKMNP-TV-Z]{26}$")]
DraftStatus = Literal["OPEN", "QUOTED", "CONFIRMED", "EXPIRED", "ABANDONED"]


class DraftClaim(Answer):
    """The caller who works on a draft until a time. Only the office sees who it is."""

    until: Time
    by: str | None


class LinePrice(Answer):
    """The source of a line's price: a list, or the caller with the reason that a person gave."""

    source: Literal["LIST", "CALLER"]
    reason: str | None
    price_list: str | None


class DraftedLine(Answer):
    """A line of a draft. Its tax is that of what discounts leave of it. `parent_line_id`, `ratio` and `price_share` are of a
    COMPONENT alone."""

    line_id: str
    sku: str
    title: str | None
    kind: Literal["PRODUCT", "BUNDLE", "COMPONENT", "SERVICE", "DIGITAL"]
    quantity: Units
    unit_price: Money
    price: LinePrice
    tax: Tax
    tax_table: str | None
    tax_name: str | None
    zero_rate_reason: ZeroRateReason | None
    tax_estimated: bool
    discounts: list[Discount]
    fulfillment: Delivery
    destination: Destination | None
    gift: LineGift | None
    parent_line_id: str | None = None
    ratio: Units | None = None
    price_share: Units | None = None


class DraftedCharge(Answer):
    kind: str
    amount: Money
    tax_rate: str
    tax: Money
    tax_table: str | None
    tax_name: str | None
    zero_rate_reason: ZeroRateReason | None
    tax_estimated: bool


class DraftQuote(Answer):
    """The quote of a draft. Only the answer that makes it has the `url` of its page."""

    number: Annotated[str, Field(pattern="^Q-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}(-[1-9][0-9]*)?$")]
    quoted_at: Time
    valid_until: Time
    url: str | None = None


class Draft(Answer):
    """A draft as it is now, without its contact, which has a route of its own."""

    draft_id: DraftId
    channel: str
    status: DraftStatus
    version: Annotated[int, Field(ge=1)]
    change_version: Annotated[int, Field(ge=1)]
    currency: str
    locale: str
    prices_include_tax: bool
    open_cart: bool
    customer_id: CustomerId | None
    created_at: Time
    updated_at: Time
    expires_at: Time
    prices_until: Time | None
    quote: DraftQuote | None
    claim: DraftClaim | None
    destination: Destination | None
    fulfillment: Delivery
    lines: list[DraftedLine]
    charges: list[DraftedCharge]
    discounts: list[Discount]
    totals: Totals
    tags: list[str]
    promise_id: str | None
    option_id: str | None
    reservation_id: str | None
    order_id: OrderId | None
    links: OrderLinks


class FoundPerson(Answer):
    name: str | None
    email: str | None
    phone: str | None


class FoundDraft(Draft):
    """A draft of a list. One that was found by e-mail, phone or name shows its customer."""

    customer: FoundPerson | None = None


class LineContact(Answer):
    """The address and the gift that a line of a draft has of its own."""

    line_id: str
    ship_to: Address | None = None
    gift: Gift | None = None


class DraftContact(Answer):
    """The people, addresses, note and attributes of a draft, as far as they are known. `lines` are those with an address or a gift of their
    own."""

    customer: contract.DraftCustomer | None = None
    ship_to: Address | None = None
    bill_to: Address | None = None
    note: str | None = None
    attributes: dict[str, str] | None = None
    lines: list[LineContact] | None = None


class DraftEvent(Answer):
    """A step of a draft: the version that it made, and the status afterwards. A shop sees no names of the office."""

    version: Annotated[int, Field(ge=1)]
    step: Literal["created", "changed", "claimed", "released", "quoted", "confirmed", "abandoned", "expired", "erased"]
    at: Time
    status: DraftStatus
    actor: str | None
    data: dict[str, Any]
