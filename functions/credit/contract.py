"""The bodies of requests for a credit note, and about the NF-e of an invoice."""

from typing import Annotated, Literal

from pydantic import Field

from comanda.aws.api.contracts import Amount, Contract, Id, LineUnits, Remark, TextOf
from comanda.domain import text


class CreditNoteIn(Contract):
    """A credit note to issue, with its reason: its code, words, or both.

    ALL is what is left of the invoice. LINES are units of lines, and with `keep_charges` their part of the charges stays
    invoiced. CHARGES are the invoice's charges with their tax: an `amount` of them, or all. AMOUNT is an appeasement.
    """

    invoice_id: Id
    credit: Literal["ALL", "LINES", "CHARGES", "AMOUNT"]
    lines: Annotated[list[LineUnits], Field(min_length=1, max_length=1000)] | None = None
    keep_charges: bool = False
    amount: Amount | None = None
    reason: Remark | None = None
    reason_code: Id | None = None
    preview: bool = False


class NfeResultIn(Contract):
    """The answer of the tax authority about the NF-e of an invoice. `protocol` comes with what it took, `code` with what it refused."""

    result: Literal["AUTHORIZED", "REFUSED", "CANCELLED"]
    key: Annotated[str, TextOf(text.NFE_KEY)]
    protocol: Annotated[str, TextOf(text.NFE_PROTOCOL)] | None = None
    code: Annotated[str, TextOf(text.NFE_CODE)] | None = None
