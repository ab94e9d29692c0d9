"""
Describe the answers about taxes.

Called by   openapi/operations.py
"""

from comanda.aws.api.contracts import Amount, Currency, Day, TaxRate, Title, Word
from comanda.domain.orders.zero_rates import ZeroRateReason
from openapi.answers.base import Answer


class QuotedTax(Answer):
    rate: TaxRate
    amount: Amount


class PlaceOfTax(Answer):
    """The place at which a sale is taxed."""

    country: str
    region: str
    postal_prefix: str


class TaxOfLine(Answer):
    """The tax of the goods of a line."""

    sku: str
    amount: Amount
    tax_class: Word | None
    tax: QuotedTax
    name: Title | None
    zero_rate_reason: ZeroRateReason | None
    tax_estimated: bool


class TaxOfCharge(Answer):
    """The tax of a charge."""

    kind: str
    amount: Amount
    tax_class: Word | None
    tax: QuotedTax
    name: Title | None
    zero_rate_reason: ZeroRateReason | None
    tax_estimated: bool


class TaxQuote(Answer):
    """The taxes of a sale."""

    channel: str
    currency: Currency
    prices_include_tax: bool
    day: Day
    place: PlaceOfTax | None
    tax_table: str | None
    lines: list[TaxOfLine]
    charges: list[TaxOfCharge]
    tax: Amount
    tax_estimated: bool
