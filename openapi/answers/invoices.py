"""
Model the answers about invoices and credit notes.

Called by   openapi/operations.py
"""

from typing import Annotated, Literal

from pydantic import Field

from comanda.domain.orders.zero_rates import ZeroRateReason
from openapi.answers.base import Answer, CreditNoteId, FulfillmentId, InvoiceId, Money, OrderId, Time, Units
from openapi.answers.changes import Totals


class InvoiceLine(Answer):
    """A line of an invoice. `discount`, `charges` and `tax` contain the line's part of the order's own. A component of a bundle
    has no `unit_price`: its part of the bundle's price is in `goods`. Invoices of before have neither `title` nor `tax_rate`."""

    line_id: str
    sku: str
    title: str | None = None
    quantity: Annotated[int, Field(ge=1)]
    tax_rate: str | None = None
    zero_rate_reason: ZeroRateReason | None = None
    unit_price: Money
    goods: Money
    discount: Money
    charges: Money
    tax: Money
    charges_tax: Money
    charges_tax_off: Money | None = None
    parent_line_id: str | None = None
    gift_card: bool | None = None


class InvoiceBundle(Answer):
    """A bundle of which components are on the invoice. `quantity` counts the sets that this shipment completes; the amounts are
    sums over its components on this invoice, and are in the lines already."""

    line_id: str
    sku: str
    title: str
    quantity: Units
    unit_price: Money
    goods: Money
    discount: Money
    charges: Money
    tax: Money


class NfeTold(Answer):
    """The last answer of the tax authority about the NF-e of an invoice or a credit note."""

    result: Literal["AUTHORIZED", "REFUSED", "CANCELLED"]
    key: str
    protocol: str | None
    code: str | None
    told_at: Time


class LeftOfLine(Answer):
    """The rest of an invoice line that is not credited: units, and what the customer pays for it."""

    line_id: str
    quantity: Units
    amount: Money


class LeftOfInvoice(Answer):
    """The rest of an invoice that is not credited, and can be. `charges` are a part of `total`."""

    total: Money
    charges: Money
    lines: list[LeftOfLine]


class CreditLine(Answer):
    """The credit of a line of the invoice. `quantity` is 0 where an amount is credited, and no units."""

    line_id: str
    sku: str
    quantity: Units
    goods: Money
    discount: Money
    charges: Money
    tax: Money
    charges_tax: Money


class Refund(Answer):
    """The amount that one payment of the order gives back by a credit note."""

    method: str
    reference: str
    amount: Money


class CreditNote(Answer):
    """A credit note. Its `number` is gapless within a series of its own. It is null until it is given, within seconds. A preview has no id. `lowered` is the part
    of its total that was still owed; `refunds` give the rest back."""

    credit_note_id: CreditNoteId | None
    number: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}-C\d{6,}$")] | None
    order_id: OrderId
    invoice_id: InvoiceId
    invoice_number: str
    issued_at: Time
    currency: str
    reason: str
    reason_code: str | None
    lines: list[CreditLine]
    totals: Totals
    lowered: Money
    refunds: list[Refund]
    nfe: NfeTold | None


class Invoice(Answer):
    """The invoice of a shipment, or of units that were provided, which have no fulfillment. Its `number` is gapless within its
    series: the node's, or for provided units the channel's. It is null until it is given, within seconds."""

    invoice_id: InvoiceId
    number: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}-\d{6,}$")] | None
    order_id: OrderId
    fulfillment_id: FulfillmentId | None
    issued_at: Time
    due_on: str | None = None
    currency: str
    lines: list[InvoiceLine]
    bundles: list[InvoiceBundle] | None = None
    charge_tax_rates: list[str] | None = None
    charge_zero_rate_reasons: list[ZeroRateReason | Literal[""]] | None = None
    delivered_to: str | None = None
    totals: Totals
    credit_notes: list[CreditNoteId]
    voided: bool
    nfe: NfeTold | None
    left: LeftOfInvoice
