"""Shipment files, page by page: rows are checked, and those of one shipment leave together."""

from collections.abc import Callable, Sequence
from datetime import datetime

from comanda.aws.files.applied_rows import Book
from comanda.aws.runtime.settings import settings
from functions.inbox import rows
from functions.inbox.applying import Applying
from functions.inbox.arrival import SHIPMENTS
from functions.inbox.fields import Answer
from functions.inbox.reading import Record
from functions.inbox.rows import Row
from functions.inbox.rules import Partner


def taker(partner: Partner, source: str, received: datetime) -> Callable[[Sequence[tuple[int, Record]]], list[Answer]]:
    """What takes a page of the file, (line, record), and answers each of its lines."""
    book = Book(
        table=settings.orders_table,
        partner=partner.id,
        kind=SHIPMENTS,
        now=int(received.timestamp()),
    )
    applying = Applying(partner=partner, source=source, book=book)

    def take(page: Sequence[tuple[int, Record]]) -> list[Answer]:
        checked = [rows.checked(line, record, settings.cell, received) for line, record in page]
        answers = [answer for answer in checked if isinstance(answer, Answer)]
        return answers + applying.page([row for row in checked if isinstance(row, Row)])

    return take
