"""
Take lines that a payment provider or a bank reports, each once, and compare what is known of their payments with our money.

Called by   functions/inbox/settlement_file.py, statement_file.py
Returns     an Outcome for each line
Raises      StaleSettlement, RowTaken, Throttled (Busy)

Everything that a page of lines needs is read in pages of keys. Some lines are then written together: the lines, the rows by
which they are known, what is known of their payments, and the totals. No line moves money.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from comanda.aws.books import our_money, waiting_bank_credits
from comanda.aws.books.our_money import Found, OperationName
from comanda.aws.books.settlement_rows import (
    Comparison,
    StaleSettlement,
    Totals,
    merge_writes,
    of_row,
    places_of,
    write,
)
from comanda.aws.books.settlement_status import MOST_MARKS, judged, settled, waits_since
from comanda.aws.books.waiting_bank_credits import Payer
from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.dynamodb.transaction import MOST_ITEMS, Write
from comanda.aws.files import applied_rows
from comanda.aws.files.applied_rows import AppliedRow, Book
from comanda.aws.runtime.settings import settings
from comanda.domain.reconciliation.movement import BANK, OF_PAYMENTS, Movement, MovementKind
from comanda.domain.reconciliation.references import operation_in
from comanda.domain.reconciliation.settlement import Settlement

_KIND = "settlements"
_ENTRY = "entry-"  # begins the name of a credit at the bank that belongs to no payout, as far as is known

type ComparisonName = tuple[str, str]  # provider, and the name there


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedLine:
    """A line of a file. `content` is a hash of it; `told` are the names of a bank's entry that may be kept, hashed. `payer` is the
    credit account that a bank's credit names."""

    line: int
    movement: Movement
    content: str
    told: tuple[str, ...] = ()
    payer: Payer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """`known` is the content that the line had when it was applied before; `here` says that it was in this line."""

    line: int
    content: str
    known: str | None = None
    here: bool = False


def apply(provider: str, source: str, lines: Sequence[ReportedLine], now: datetime) -> list[Outcome]:
    """Apply the lines of a page that were not applied before."""
    # The sums of a payment are kept for ever, so a report that comes again after years may not be added to them.
    book = Book(table=settings.orders_table, partner=provider, kind=_KIND, now=int(now.timestamp()), forever=True)
    found = applied_rows.find(book, (line.movement.movement_id for line in lines))
    outcomes: list[Outcome] = []
    fresh: dict[str, ReportedLine] = {}
    for line in lines:
        before, above = found.applied.get(line.movement.movement_id), fresh.get(line.movement.movement_id)
        if before is not None:
            here = (before.source, before.line) == (source, line.line)
            outcomes.append(Outcome(line=line.line, content=line.content, known=before.content, here=here))
        elif above is not None:
            outcomes.append(Outcome(line=line.line, content=line.content, known=above.content))
        else:
            fresh[line.movement.movement_id] = line
            outcomes.append(Outcome(line=line.line, content=line.content))
    page = _Page(provider, source, book, now)
    page.load(list(fresh.values()))
    for line in fresh.values():
        page.add(line)
    page.commit()
    return outcomes


class _Page:
    """Hold what a page of lines is about, as it was read, and the writes that wait for their transaction."""

    def __init__(self, provider: str, source: str, book: Book, now: datetime) -> None:
        self.provider, self.source, self.book, self.now = provider, source, book, now
        self._comparisons: dict[ComparisonName, Comparison] = {}
        self._ours: dict[ComparisonName, Found] = {}
        self._subjects: dict[str, str] = {}  # of payouts, by each of their names
        self._new_names: dict[str, str] = {}
        self._proposed: set[int] = set()  # the lines that a person is to book as payments on credit accounts
        self._begin()

    def _begin(self) -> None:
        self._lines: list[ReportedLine] = []
        self._changed: dict[ComparisonName, None] = {}
        self._names: dict[str, str] = {}
        self._merged: list[tuple[Comparison, str]] = []  # payouts that are one with another, and the name of that
        self._totals = Totals()

    def load(self, lines: Sequence[ReportedLine]) -> None:
        """Read all that the lines are about."""
        names = {name: keys.payout_name(name) for line in lines for name in line.movement.names}
        by_key = {key["pk"]: name for name, key in names.items()}
        for row in reads.batch(settings.orders_table, names.values()):
            self._subjects[by_key[row["pk"]]] = row["subject"]
        self._follow_merged(set(names))
        self._proposed = {
            one.line for one in lines if one.payer and self._subjects.keys().isdisjoint(one.movement.names)
        }
        wanted = {(BANK, subject) for subject in self._subjects.values()}
        wanted |= {name for line in lines for name in self._about(line)}
        rows = reads.batch(settings.orders_table, [keys.settlement(*name) for name in sorted(wanted)])
        self._comparisons = {(row["provider"], row["name"]): of_row(row) for row in rows}
        self._ours = self._our_money(wanted)

    def _follow_merged(self, known: set[str]) -> None:
        """Let the names of payouts lead to those that they were merged into. `known` are the names that were read."""
        left = set(self._subjects.values()) - known
        while left:
            by_key = {keys.payout_name(subject)["pk"]: subject for subject in left}
            rows = reads.batch(settings.orders_table, [keys.payout_name(subject) for subject in sorted(left)])
            moved = {subject: row["subject"] for row in rows if (subject := by_key[row["pk"]]) != row["subject"]}
            self._lead(moved)
            left = set(moved.values())

    def _lead(self, moved: Mapping[str, str]) -> None:
        """Let names lead to other payouts."""
        self._subjects = {name: moved.get(subject, subject) for name, subject in self._subjects.items()}
        self._new_names = {name: moved.get(subject, subject) for name, subject in self._new_names.items()}

    def _our_money(self, wanted: set[ComparisonName]) -> dict[ComparisonName, Found]:
        payments = {name for provider, name in wanted if provider != BANK}
        found: dict[ComparisonName, Found] = {
            (self.provider, name): one for name, one in our_money.of_payments(self.provider, sorted(payments)).items()
        }
        operations = {name: operation_in((name,)) for provider, name in wanted if provider == BANK}
        known = our_money.of_operations(dict.fromkeys(operation for operation in operations.values() if operation))
        return found | {(BANK, name): known[one] for name, one in operations.items() if one in known}

    def _about(self, line: ReportedLine) -> list[ComparisonName]:
        """Return the comparisons that a line is about: that of its payment, and that of its payout or entry at the bank. A payment on
        a credit account is compared with nothing: a person books it."""
        if line.line in self._proposed:
            return []
        movement = line.movement
        about = [(self.provider, movement.payment)] if movement.kind in OF_PAYMENTS else []
        operation = _operation_name(movement)
        if operation is not None:
            return [(BANK, operation)]
        subject = self._subject(line)
        return [*about, (BANK, subject)] if subject else about

    def _subject(self, line: ReportedLine) -> str:
        """Return the payout that a line belongs to, by any of its names. An unknown credit at the bank is one by itself."""
        movement = line.movement
        found = next((self._subjects[name] for name in movement.names if name in self._subjects), "")
        if not found and movement.kind is MovementKind.CREDIT:
            found = f"{_ENTRY}{movement.movement_id[:24]}"
        elif not found and movement.names and movement.kind is not MovementKind.DEBIT:
            found = movement.names[0]
        if found:
            keep = line.told if movement.kind in (MovementKind.CREDIT, MovementKind.DEBIT) else movement.names
            new = {name: found for name in keep if name not in self._subjects}
            self._subjects |= new
            self._new_names |= new
        return found

    def add(self, line: ReportedLine) -> None:
        """Count a line, and write those before it if the transaction is full."""
        self._merge_names(line)
        about = self._about(line)
        if self._size() + self._needs(line, about) > MOST_ITEMS:
            self.commit()
        movement = line.movement
        self._lines.append(line)
        for comparison in about:
            self._comparisons[comparison] = self._with(comparison, movement)
            self._changed[comparison] = None
        self._names |= {name: self._new_names.pop(name) for name in movement.names if name in self._new_names}
        currency = movement.net_currency or movement.currency
        other = 0 if about else movement.net + movement.fee  # fees are counted by themselves
        self._totals.add(self.provider, movement.day, currency, fees=movement.fee, other=other)

    def _merge_names(self, line: ReportedLine) -> None:
        """Make one payout of those that were known by one name of this line each.

        Only a provider's line says that its names are of one payout: a bank's text may name several.
        """
        movement = line.movement
        if movement.kind in (MovementKind.CREDIT, MovementKind.DEBIT):
            return
        subjects = dict.fromkeys(self._subjects[name] for name in movement.names if name in self._subjects)
        into = next((name for name in subjects if not name.startswith(_ENTRY)), next(iter(subjects), ""))
        gone = [name for name in subjects if name != into and (BANK, name) in self._comparisons]
        if not gone or (BANK, into) not in self._comparisons:
            return
        self.commit()
        for name in gone:
            other = self._comparisons.pop((BANK, name))
            whole = self._comparisons[BANK, into]
            self._comparisons[BANK, into] = replace(whole, theirs=whole.theirs.with_all_of(other.theirs))
            self._merged.append((other, into))
            self._totals.remove(other)
            self._lead({name: into})

    def _with(self, name: ComparisonName, movement: Movement) -> Comparison:
        comparison = self._comparisons.get(name)
        part = name[0] == BANK and movement.kind not in (MovementKind.CREDIT, MovementKind.DEBIT)
        if comparison is None:
            currency = movement.net_currency if part else movement.currency
            comparison = Comparison(
                provider=name[0], name=name[1], theirs=Settlement(currency=currency, day=movement.day)
            )
        if part:
            return replace(comparison, theirs=comparison.theirs.with_part(movement))
        if name[0] == BANK and self._currency_of(name) == movement.net_currency:
            movement = replace(movement, amount=movement.net, currency=movement.net_currency)
        if name in self._ours and name[0] == BANK:  # of an operation of ours
            is_refund = movement.kind is MovementKind.DEBIT
            movement = replace(movement, kind=MovementKind.REFUND if is_refund else MovementKind.CHARGE)
        return replace(comparison, theirs=comparison.theirs.with_movement(movement))

    def _currency_of(self, name: ComparisonName) -> str:
        """Return the currency of a payout or of an operation at the bank, "" when it is not known yet."""
        if name in self._ours:
            return self._ours[name].money.currency
        return self._comparisons[name].theirs.currency if name in self._comparisons else ""

    def _size(self) -> int:
        """Return the number of writes that wait, at most."""
        changed = (places_of(self._comparisons[name]) for name in self._changed)
        places = self._totals.places.union(*changed)
        marks = sum(self._marks(name) for name in self._changed)
        lines = sum(3 if line.line in self._proposed else 2 for line in self._lines)
        return lines + 2 * len(self._merged) + len(self._names) + len(self._changed) + len(places) + marks

    def _needs(self, line: ReportedLine, about: Sequence[ComparisonName]) -> int:
        """Return the number of writes that a line adds, at most: its own, those of its comparisons, and those of totals."""
        return 4 + 4 * len(about) + len(line.movement.names) + sum(map(self._marks, about))

    def _marks(self, name: ComparisonName) -> int:
        return min(len(self._ours[name].unsettled), MOST_MARKS) if name in self._ours else 0

    def commit(self) -> None:
        """Write the lines that wait, with all that changes by them."""
        if not self._lines:
            return
        writes = [one for line in self._lines for one in self._line_writes(line)]
        for name in self._changed:
            comparison, found = judged(self._comparisons[name], self._ours.get(name), self.now)
            self._totals.count(comparison)
            writes.append(write(comparison, self.now, unsettled=waits_since(comparison)))
            writes += [settled(key) for key in found]
            written = replace(comparison, version=comparison.version + 1, counted=None)
            self._comparisons[name] = replace(written, counted=written)
        for other, into in self._merged:
            writes += merge_writes(other, into)
        stale = StaleSettlement("payout")
        for payout, subject in self._names.items():
            values = {**keys.payout_name(payout), "subject": subject}
            writes.append(transaction.put_once(settings.orders_table, values, stale))
        transaction.commit([*writes, *self._totals.writes()])
        self._begin()

    def _line_writes(self, line: ReportedLine) -> list[Write]:
        movement = line.movement
        values: dict[str, Any] = {
            **keys.reported_line(self.provider, self.source, line.line),
            "id": movement.movement_id,
            "kind": movement.kind,
            "amount": movement.amount,
            "currency": movement.currency,
            "fee": movement.fee,
            "net": movement.net,
            "net_currency": movement.net_currency or movement.currency,
            "day": movement.day,
            "about": [name for _, name in self._about(line)],
        }
        put = transaction.put_once(settings.orders_table, values, StaleSettlement("line"))
        row = AppliedRow(identity=movement.movement_id, content=line.content, source=self.source, line=line.line)
        writes = [put, *applied_rows.short_batch(self.book, [row], {})]
        if line.payer is not None and line.line in self._proposed:
            writes.append(waiting_bank_credits.wait_write(line.payer, movement, self.now, StaleSettlement("credit")))
        return writes


def _operation_name(movement: Movement) -> str | None:
    """Return the id of the operation of ours that an entry of a bank names."""
    if movement.kind not in (MovementKind.CREDIT, MovementKind.DEBIT):
        return None
    named: OperationName | None = operation_in(movement.names)
    return None if named is None else f"{named[0]}-{named[1]}-{named[2]}"
