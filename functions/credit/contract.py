"""The body of a request for a credit note."""

from typing import Annotated, Literal

from pydantic import Field

from comanda.aws.api.contracts import Amount, Contract, Id, LineUnits, Remark


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
