"""
Define the outside tax service of a channel.

Called by   functions/directory/contract.py; openapi
Returns     pydantic models
"""

from typing import Annotated, Literal

from pydantic import Field

from comanda.aws.api.contracts import Contract, Id, Word


class TaxCode(Contract):
    """The service's own code for a class of products or a kind of charge."""

    tax_class: Word
    code: Word


class TaxService(Contract):
    """An outside service that says the taxes of a channel. `company` is the seller's code there. A class without a code is
    taxed as goods of no special kind."""

    service: Literal["avalara"]
    company: Id
    codes: Annotated[list[TaxCode], Field(max_length=500)] | None = None
