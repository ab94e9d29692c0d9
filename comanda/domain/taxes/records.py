"""
Tell a tax service of a sale that was invoiced or credited, with the tax that its document has. Pure.

The customer has paid the tax of the document, so that is what the service keeps; it also says what it would have computed.

Called by   comanda.aws.taxes, comanda.aws.orders.tax_records, functions/taxes
Returns     what the service is told, and what became of it
Raises      nothing
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
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
class Computed:
    """The tax of a row as the service would have computed it, in minor units, by so many authorities."""

    tax: int
    authorities: int


class RecordStatus(StrEnum):
    """The states of a document with the service. The values are stored."""

    RECORDED = "RECORDED"  # the service has it
    DIFFERS = "DIFFERS"  # the service has it, and computes another tax: a person is asked
    FAILED = "FAILED"  # the service does not have it: a person is asked
    RETRIED = "RETRIED"  # a person has it told again
    ANSWERED = "ANSWERED"  # a person has dealt with it


OVER = (RecordStatus.RECORDED, RecordStatus.DIFFERS, RecordStatus.ANSWERED)
RETRY, DONE = "retry", "done"  # the answers of a person

DIFFERENT = "tax-differs"


def differs(document: TaxedDocument, computed: Iterable[Computed]) -> bool:
    """Return True if the tax of a row is another one than the service computes.

    Each authority rounds its tax of the row, and the document has the row's part of the tax of a whole line: both may be off by
    one minor unit each without any other reason.
    """
    return any(abs(tax - one.tax) > one.authorities + 1 for tax, one in zip(document.taxes, computed, strict=True))
