"""
Take a bank's statement page by page: an entry of CAMT.053, or one of its transactions, in each record.

Called by   functions/inbox/handler.py
Returns     a RowAnswer for each entry; its `line` is the entry's place in the file, from 1
Raises      StaleSettlement, RowTaken, Throttled (Busy)
"""

from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO

from comanda.aws.books import settlements
from comanda.aws.books.settlements import ReportedLine
from comanda.aws.books.waiting_bank_credits import Payer
from comanda.aws.runtime import clock
from comanda.domain.reconciliation import statement
from comanda.domain.reconciliation.movement import Movement, MovementKind
from comanda.domain.reconciliation.statement import Entry, WrongStatement
from functions.inbox import bank_payers
from functions.inbox.fields import APPLIED, REJECTED, RowAnswer, is_later
from functions.inbox.file_kind import FileKind, Page
from functions.inbox.reading import MOST_LINES, Columns, Layout, Record, Refused
from functions.inbox.settlement_file import answer

COLUMNS = Columns(known=frozenset(), needed=())  # XML has none
_XML = "xml"
_ENTRY = "entry"


class StatementFile(FileKind):
    """Entries of a statement. Each stands alone, and is known again in every statement that has it."""

    columns = COLUMNS

    def survey(self, stream: BinaryIO, size: int) -> Layout:
        """Read the whole statement once. Raises Refused if it is none."""
        if size > statement.MOST_BYTES:
            raise Refused("too-large", f"the file has {size} bytes, {statement.MOST_BYTES} are taken")
        if not size:
            raise Refused("empty", "there is nothing in the file")
        count = sum(1 for _ in self.records(stream, Layout(format=_XML, records=0), 0))
        if not count:
            raise Refused("empty", "the statement has no entries")
        return Layout(format=_XML, records=count)

    def records(self, stream: BinaryIO, _layout: Layout, after: int) -> Iterator[tuple[int, Record]]:
        """Yield the entries after a number, each with its number."""
        stream.seek(0)
        try:
            for entry in statement.entries(stream):
                if entry.number > MOST_LINES:
                    raise Refused("too-long", f"the statement has more than {MOST_LINES} entries")
                if entry.number > after:
                    yield entry.number, {_ENTRY: entry}
        except WrongStatement as why:
            raise Refused(why.reason_code, why.reason, why.line) from why

    def take(self, page: Page) -> list[RowAnswer]:
        """Take the booked entries that are right, and answer all."""
        entries: list[Entry] = [record[_ENTRY] for _, record in page]
        unapplied = {
            entry.number: found for entry in entries if (found := _unapplied(entry, self.received)) is not None
        }
        booked = [entry for entry in entries if entry.number not in unapplied]
        payers = bank_payers.find(booked)
        lines = [_line(entry, payers.get(entry.number)) for entry in booked]
        outcomes = settlements.apply(self.partner.settles, self.source, lines, clock.now())
        return [*unapplied.values(), *(answer(outcome, "entry") for outcome in outcomes)]


def _unapplied(entry: Entry, received: datetime) -> RowAnswer | None:
    """Return the answer to an entry that is wrong or not booked, None for one to apply."""
    if entry.problems:
        reason = "; ".join(f"{field}: {message}" for field, _, message in entry.problems)
        return RowAnswer(line=entry.number, status=REJECTED, code=entry.problems[0][1], reason=reason)
    if not entry.booked:
        reason = "status: is not booked yet, so nothing of it is kept"
        return RowAnswer(line=entry.number, status=APPLIED, code="not-booked", reason=reason)
    if is_later(entry.day, received):
        reason = f"booking_date: is later than the file (line {entry.line}, column {entry.column})"
        return RowAnswer(line=entry.number, status=REJECTED, code="in-the-future", reason=reason)
    return None


def _line(entry: Entry, payer: Payer | None) -> ReportedLine:
    sign = 1 if entry.is_credit else -1
    sent, unit = entry.sent or (entry.amount, entry.currency)
    movement = Movement(
        movement_id=entry.identity,
        kind=MovementKind.CREDIT if entry.is_credit else MovementKind.DEBIT,
        amount=sign * sent,
        currency=unit,
        day=entry.day,
        net=sign * entry.amount,
        net_currency=entry.currency,
        names=entry.names,
    )
    return ReportedLine(line=entry.number, movement=movement, content=entry.identity, told=entry.told, payer=payer)
