"""
Model the answer about the contact of an order: its people and addresses, and the proofs of what was provided.

Called by   openapi/operations.py
"""

from typing import Annotated

from pydantic import Field

from comanda.aws.api.sale_contracts import Address
from functions.intake import contract as intake
from openapi.answers.base import Answer, ProofKind


class ShownProof(Answer):
    """The proof of a provision: a code to redeem, a link to open, or a note about what was done."""

    number: Annotated[int, Field(ge=1)]
    line_id: str
    quantity: Annotated[int, Field(ge=1)]
    kind: ProofKind
    text: str


class LineAddress(Answer):
    """An address of lines of the order, beside the order's own."""

    destination: Annotated[int, Field(ge=1)]
    line_ids: list[str]
    ship_to: Address


class GiftMessage(Answer):
    """The message of a line that is a gift, as its packing slip has it."""

    line_id: str
    message: str
    from_: Annotated[str | None, Field(alias="from")] = None
    wrap: bool


class Contact(Answer):
    """The people and addresses of an order as the channel sent them. A part that it did not send is missing. A node or a
    partner sees the addresses of its own work alone. `customer_id` leads to all orders of the customer. `proofs` are
    there once something was provided; callers that only ship a part of the order do not see them."""

    customer: intake.Customer
    ship_to: Address | None = None
    bill_to: Address | None = None
    note: str | None = None
    gift: str | None = None
    attributes: dict[str, str] | None = None
    ship_tos: list[LineAddress] | None = None
    customer_id: Annotated[str | None, Field(pattern="^cus_[0-9a-f]{32}$")] = None
    gifts: list[GiftMessage] | None = None
    proofs: list[ShownProof] | None = None
