"""Declare the body of POST /v1/orders/{order_id}/provide. It is apart, because placing an order needs none of it."""

from typing import Annotated, Literal

from pydantic import ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from comanda.aws.api.contracts import Contract, LineUnits, TextOf
from comanda.domain import text
from comanda.domain.text import WrongText


class Proof(Contract):
    """The proof that units were provided: a code to redeem, a link to open, or a note about what was done."""

    kind: Literal["CODE", "LINK", "NOTE"]
    text: Annotated[str, TextOf(text.PROOF)]

    @field_validator("text")
    @classmethod
    def _of_its_kind(cls, value: str, info: ValidationInfo) -> str:
        """Check what only this kind of proof asks for: a link's address, and no card number in people's words."""
        kinds = {"LINK": text.LINK, "NOTE": text.TEXT}
        try:
            return kinds.get(info.data.get("kind", ""), text.PROOF).read(value)
        except WrongText as wrong:
            raise PydanticCustomError(wrong.code.replace("-", "_"), "{message}", {"message": wrong.message}) from wrong


class ProvideIn(LineUnits):
    """The units of one line that were provided, and their proof, which the customer gets by mail."""

    proof: Proof
