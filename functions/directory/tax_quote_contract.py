"""
Define the question for the tax of a sale.

Called by   functions/directory/tax_quotes.py; openapi
Returns     pydantic models
"""

from typing import Annotated, Self

from pydantic import Field, model_validator

from comanda.aws.api.contracts import Amount, Contract, Country, Currency, Day, Id, Sku, TaxRate, TextOf, Word
from comanda.domain import text


class TaxedPlace(Contract):
    """An address as far as taxes need it. Without a region, the postal code tells it. A tax service wants all of it."""

    country: Country
    line1: Annotated[str, TextOf(text.LINE.upto(200, least=0))] = ""
    city: Annotated[str, TextOf(text.LINE.upto(200, least=0))] = ""
    region: Annotated[str, TextOf(text.LINE.upto(64, least=0))] = ""
    postal_code: Annotated[str, TextOf(text.POSTAL_CODE.upto(16, least=0))] = ""


class TaxedLine(Contract):
    """The goods of a line, less their discounts. A `tax_rate` that is given goes before that of a table."""

    sku: Sku
    amount: Amount
    tax_rate: TaxRate | None = None


class TaxedCharge(Contract):
    """A charge, less its discounts. Its kind is its class in a tax table."""

    kind: Word
    amount: Amount
    tax_rate: TaxRate | None = None


class TaxQuestion(Contract):
    """A sale that goes to `ship_to`, or is picked up at a node. Without both the place is not known, and each tax is
    estimated. Without a `day` the rates of today count, by UTC."""

    channel: Id
    currency: Currency
    prices_include_tax: bool = False
    day: Day | None = None
    ship_to: TaxedPlace | None = None
    pickup_node_id: Id | None = None
    lines: Annotated[list[TaxedLine], Field(min_length=1, max_length=1_000)]
    charges: Annotated[list[TaxedCharge], Field(max_length=20)] = []

    @model_validator(mode="after")
    def _in_one_place(self) -> Self:
        if self.ship_to and self.pickup_node_id:
            raise ValueError("goes to ship_to or is picked up at pickup_node_id, not both")
        return self
