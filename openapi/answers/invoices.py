"""
Model the answers about invoices.

Called by   openapi/operations.py
"""

from typing import Annotated

from pydantic import Field

from openapi.answers.base import Answer, FulfillmentId, InvoiceId, Money, OrderId, Time
from openapi.answers.orders import Totals


class InvoiceLine(Answer):
    """A line of an invoice. `discount`, `charges` and `tax` contain the line's part of the order's own."""

    line_id: str
    sku: str
    quantity: Annotated[int, Field(ge=1)]
    unit_price: Money
    goods: Money
    discount: Money
    charges: Money
    tax: Money


class Invoice(Answer):
    """The invoice of a shipment. Its `number` is gapless within its series, which is the node."""

    invoice_id: InvoiceId
    number: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}-\d{6,}$")]
    order_id: OrderId
    fulfillment_id: FulfillmentId
    issued_at: Time
    currency: str
    lines: list[InvoiceLine]
    totals: Totals
