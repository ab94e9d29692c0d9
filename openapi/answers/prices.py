"""
Describe the answers about price lists and prices.

Called by   openapi/operations.py, openapi/answers/master_data.py
"""

from typing import Annotated

from pydantic import Field

from comanda.aws.api.contracts import Amount, Currency, Day, Id, TaxRate, Title, Word
from openapi.answers.base import Answer, Time


class PriceList(Answer):
    """A price list without its prices."""

    id: str
    version: Annotated[int, Field(ge=1)]
    name: Title
    channels: list[Id]
    currency: Currency
    valid_from: Day
    valid_until: Day | None = None
    includes_tax: bool
    tax_rate: TaxRate | None = None
    partner_id: Id | None = None
    price_set: str
    price_count: Annotated[int, Field(ge=0)]


class ListedPrice(Answer):
    """A price of a list, as it was stated."""

    sku: str
    unit_price: Amount
    tax_rate: TaxRate | None = None
    tax_class: Word | None = None
    at: Time


class PriceListVersion(Answer):
    """The version of a list that a price is from."""

    id: str
    version: Annotated[int, Field(ge=1)]


class PriceInForce(ListedPrice):
    """The price of one unit of a sku in a channel on a day."""

    channel: str
    day: Day
    includes_tax: bool
    price_list: PriceListVersion
