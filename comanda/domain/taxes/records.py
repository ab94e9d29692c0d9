"""
Tell a tax service of a sale that was invoiced or credited, with the tax that its document has. Pure.

The customer has paid the tax of the document, so that is what the service keeps; it also says what it would have computed.
Whatever it keeps is declared, so what it answers is compared with the document, row by row.

Called by   comanda.aws.taxes, comanda.aws.orders.tax_records, functions/taxes, functions/intake
Returns     what the service is told, and what became of it
Raises      nothing
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from comanda.domain.taxes.services import Question


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxedDocument:
    """An invoice or a credit note for the service. `question` has its rows, which for a credit note are what it gives back; `taxes`
    are their taxes in minor units. `code` is its id, under which the service keeps it once. `taxed_on` is the day by whose rates it
    is taxed: of a credit note that of its invoice."""

    question: Question
    taxes: Sequence[int]
    code: str
    credits: bool
    taxed_on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRow:
    """A row as the service keeps it, in minor units: positive for a credit note, too. `computed` is the tax as the service would
    have computed it, by so many authorities."""

    amount: Decimal
    tax: Decimal
    computed: int
    authorities: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptDocument:
    """A document as the service keeps it. `committed`: the service declares it."""

    committed: bool
    day: str
    rows: Sequence[KeptRow]


class RecordStatus(StrEnum):
    """The states of a document with the service. The values are stored."""

    RECORDED = "RECORDED"  # the service has it
    DIFFERS = "DIFFERS"  # the service has it, and something about it is not as on the document: a person is asked
    FAILED = "FAILED"  # the service does not have it: a person is asked
    RETRIED = "RETRIED"  # a person has it told again
    ANSWERED = "ANSWERED"  # a person has dealt with it


OVER = (RecordStatus.RECORDED, RecordStatus.DIFFERS, RecordStatus.ANSWERED)
RETRY, DONE = "retry", "done"  # the answers of a person


class Difference(StrEnum):
    """The differences between a document and what the service keeps. The values are the reasons of items of a queue."""

    NOT_COMMITTED = "tax-not-committed"  # the service has it and does not declare it
    KEPT_OTHERWISE = "tax-kept-otherwise"  # with another day, amount or tax
    COMPUTED = "tax-differs"  # with the tax of the document, of which the service computes another


def difference(document: TaxedDocument, kept: KeptDocument) -> Difference | None:
    """Return what a person has to know first about a document at the service; None if it is there as it was issued.

    Each authority rounds its tax of the row, and the document has the row's part of the tax of a whole line: a computed tax may be
    off by one minor unit for each of them without any other reason.
    """
    sent = [
        (Decimal(row.amount), Decimal(tax)) for row, tax in zip(document.question.rows, document.taxes, strict=True)
    ]
    if not kept.committed:
        return Difference.NOT_COMMITTED
    if kept.day != document.question.day or [(row.amount, row.tax) for row in kept.rows] != sent:
        return Difference.KEPT_OTHERWISE
    if any(abs(row.tax - row.computed) > row.authorities + 1 for row in kept.rows):
        return Difference.COMPUTED
    return None
