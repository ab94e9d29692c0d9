"""
Define price lists: for which channels and days they hold, and what they say a sku costs.

Called by   functions/directory; openapi
Returns     pydantic models
"""

from typing import Annotated

from pydantic import AfterValidator, Field, field_validator

from comanda.aws.api.contracts import (
    Amount,
    Contract,
    Currency,
    Day,
    Id,
    Sku,
    TaxRate,
    Title,
    Word,
    ends_after_begin,
    unique,
)

MOST_PRICES = 5_000  # of one request; a file brings more


class StatedPrice(Contract):
    """The price of one unit of a sku. Without a `tax_rate`, that of the list counts. `tax_class` is a word for the tax of
    another system."""

    sku: Sku
    unit_price: Amount
    tax_rate: TaxRate | None = None
    tax_class: Word | None = None


class PriceList(Contract):
    """The prices of channels in one currency, from the UTC day `valid_from` until `valid_until`, which is not included.

    Of two lists that hold on a day, the one that began last goes before; a sku that it does not have is looked up in the
    next. `prices` are all prices of the list; without it the list keeps those that it has. `partner_id` names the partner
    whose files may change its prices. `tax_rate` is that of prices without one of their own."""

    name: Title
    channels: Annotated[list[Id], Field(min_length=1, max_length=50), AfterValidator(unique)]
    currency: Currency
    valid_from: Day
    valid_until: Day | None = None
    includes_tax: bool = False
    tax_rate: TaxRate | None = None
    partner_id: Id | None = None
    prices: Annotated[list[StatedPrice], Field(max_length=MOST_PRICES)] | None = None

    _holds_for_a_day = field_validator("valid_until")(ends_after_begin)
