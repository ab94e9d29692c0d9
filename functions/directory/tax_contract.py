"""
Define tax tables: the rates of tax by country, region, postal code, class of goods and day.

Called by   functions/directory; openapi
Returns     pydantic models, and problems by pointer
"""

from typing import Annotated, Any

from pydantic import Field, field_validator

from comanda.aws.api.contracts import Contract, Country, Day, TaxRate, TextOf, Title, Word, ends_after_begin
from comanda.aws.api.sale_contracts import ZeroReason, require_zero
from comanda.aws.directory import taxes
from comanda.domain import text
from comanda.domain.errors import Problem
from comanda.domain.taxes.tax_tables import contradictions

MOST_ROWS = 5_000


class TaxRow(Contract):
    """A rate of tax in a country, from the day `valid_from` until `valid_until`, which is not included. Without a `region`, a
    `postal_prefix` or a `tax_class` it is for all. `name` is the tax as people call it. `tax_class` is a class of products, or a
    kind of charge. `zero_rate_reason` says why a rate of 0 is 0, which electronic invoices want."""

    country: Country
    region: Annotated[str, TextOf(text.REGION_NAME)] | None = None
    postal_prefix: Annotated[str, TextOf(text.POSTAL_PREFIX)] | None = None
    tax_class: Word | None = None
    valid_from: Day
    valid_until: Day | None = None
    rate: TaxRate
    name: Title
    zero_rate_reason: ZeroReason | None = None

    _holds_for_a_day = field_validator("valid_until")(ends_after_begin)
    _is_zero = field_validator("zero_rate_reason")(require_zero)


class TaxTable(Contract):
    """The rates of tax of channels that name the table. `synthetic`: the rates are examples, so each tax by them is estimated."""

    name: Title
    synthetic: bool = False
    rows: Annotated[list[TaxRow], Field(min_length=1, max_length=MOST_ROWS)]


def overlapping(doc: dict[str, Any]) -> list[Problem]:
    """Return a problem for each row that says a rate for what another row of the same days says."""
    return list(contradictions(taxes.table(doc).rows))
