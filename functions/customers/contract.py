"""
Define the requests about customers, and about the links by which they see their orders.

Called by   functions/customers; openapi
Returns     pydantic models
"""

from typing import Annotated

from comanda.aws.api.contracts import Contract, Id, Name, TextOf
from comanda.domain import text


class LinkIn(Contract):
    """A link for the order's customer. `revoke` ends all earlier links first, and forgets wrong tries."""

    revoke: bool = False


class OrderLookupIn(Contract):
    """An order by its channel and its number, and what its customer knows: the e-mail, or a postal code of its addresses."""

    channel: Id
    external_id: Name
    email: Annotated[str, TextOf(text.EMAIL)] | None = None
    postal_code: Annotated[str, TextOf(text.POSTAL_CODE.upto(16))] | None = None


class MergeIn(Contract):
    """The customer that stays: the other one becomes a pointer to it."""

    into: Id
