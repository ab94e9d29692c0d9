"""
Give invoices and credit notes their numbers: without gaps, in batches of one series, by the time of issue. Pure.

A document is issued without a number. Its number is the next one of its series; invoices and credit notes have series apart.

Called by   comanda/aws/orders (document_numbers, invoices, credit_notes), functions/number
Returns     batches of documents, documents with their numbers, and numbers as people read them
Raises      nothing
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from comanda.domain import ids

MOST = 45  # documents of a batch: each is two writes of a transaction, which takes a hundred
BETWEEN = "~"  # stands between the prefix of a legal entity and a node or a channel; none of them has it


class DocumentKind(StrEnum):
    """The kinds of documents that have numbers. The values are in stored keys, so they never change."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedDocument:
    """An invoice or a credit note as its number needs it. `number` is its place within its order; `serial` None: it has no
    number of its series yet."""

    kind: DocumentKind
    order_id: str
    number: int
    channel: str
    series: str
    issued_at: datetime
    serial: int | None = None

    @property
    def document_id(self) -> str:
        make = ids.invoice if self.kind is DocumentKind.INVOICE else ids.credit_note
        return make(self.order_id, self.number)

    @property
    def written(self) -> str | None:
        """Return its number as people read it. None: it has none yet."""
        return None if self.serial is None else written(self.kind, self.series, self.serial)


def series_of(place: str, prefix: str | None) -> str:
    """Return the series of the documents that a seller issues for a node or a channel. `prefix` is the seller's own; None: all
    sellers without one share the series of the place."""
    return f"{prefix}{BETWEEN}{place}" if prefix else place


def written(kind: DocumentKind, series: str, serial: int) -> str:
    """Return a number as people read it. The C of credit notes keeps it from being that of an invoice."""
    return f"{series}-{'C' if kind is DocumentKind.CREDIT_NOTE else ''}{serial:06d}"


def by_series(documents: Iterable[IssuedDocument]) -> list[list[IssuedDocument]]:
    """Return the documents of each series, the first issued first. Documents of one moment are in the order of their ids."""
    found: dict[tuple[DocumentKind, str], list[IssuedDocument]] = {}
    for document in sorted(documents, key=lambda one: (one.issued_at, one.document_id)):
        found.setdefault((document.kind, document.series), []).append(document)
    return list(found.values())


def numbered(documents: Sequence[IssuedDocument], last: int) -> list[IssuedDocument]:
    """Return the first documents of a series, at most a batch, with the numbers that follow `last`."""
    return [replace(document, serial=last + i) for i, document in enumerate(documents[:MOST], 1)]
