"""
Apply rows that move stock, of a file or of a request: each once, in one transaction with its identity.

Called by   comanda.aws.stock_updates.counts, comanda.aws.stock_updates.supplies
Returns     a Verdict for each row, in the order of the rows
Raises      StockConflict, Throttled, RowTaken (Busy) when a row stays busy after all tries. Rows that were applied by then stay
            applied: the same rows of the same source get the same verdicts again

A row is decided on positions that were read, and written only while they are unchanged. A transaction takes a few rows. Rows
of one group, or of one position, never overtake each other.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from comanda.aws.dynamodb import keys, transaction
from comanda.aws.dynamodb.transaction import MOST_ITEMS, Write
from comanda.aws.files import applied_rows
from comanda.aws.files.applied_rows import AppliedRow, Book, FoundRows
from comanda.aws.runtime import deadline
from comanda.aws.runtime.settings import settings
from comanda.aws.stock import ledger, position_writes
from comanda.domain.errors import Busy, StockConflict
from comanda.domain.stock.changes import Change
from comanda.domain.stock.stock import SELLABLE, Position, PositionKey

APPLIED, DUPLICATE, CONFLICT, REJECTED = "APPLIED", "DUPLICATE", "CONFLICT", "REJECTED"
OTHER_CONTENT = "reference: was used before for the same row, with other content"
TRIES = 3

_TWIN = "the row was applied with one above it that says the same; if these are further units, give it a reference of its own"


class Row(Protocol):
    """A row of a source that moves stock. `line` is its number in the source."""

    @property
    def line(self) -> int: ...

    @property
    def identity(self) -> str: ...

    @property
    def content(self) -> str: ...

    @property
    def target(self) -> str:
        """Return the thing that the row changes: the rows of a transaction have different targets."""
        ...

    @property
    def group(self) -> str:
        """Return the group that all rows of a transaction share."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The result of a row. `reason` begins with the field that it is about, and repeats no value of the row."""

    line: int
    status: str
    code: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """The changes of positions that a row makes, and the other writes that go with them.

    `code` and `reason` belong to a row that is applied in another way than it was sent. They are in each verdict on the row.
    """

    row: Row
    changes: tuple[Change, ...] = ()
    beside: tuple[Write, ...] = ()
    code: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """The effects and refusals of some rows, the positions that were read for them, and writes made once for all rows."""

    effects: tuple[Effect, ...]
    refused: tuple[Verdict, ...]
    seen: Mapping[PositionKey, Position | None]
    beside: tuple[Write, ...] = ()


def refused(row: Row, field: str, code: str, message: str) -> Verdict:
    """Return the verdict that rejects a row because of a field."""
    return Verdict(line=row.line, status=REJECTED, code=code, reason=f"{field}: {message}")


@dataclass(slots=True, kw_only=True)
class RowApplier[R: Row]:
    """Apply the rows of one source: a version of a file, or a request. `most` rows are tried in one transaction."""

    book: Book
    source: str
    decide: Callable[[Sequence[R]], Decided]
    most: int

    def apply(self, rows: Sequence[R]) -> list[Verdict]:
        """Apply the rows, and return the verdict on each."""
        seen = applied_rows.find(self.book, {row.identity for row in rows})
        contents: dict[str, str] = {}  # by identity, the content that this call applied
        verdicts: list[Verdict] = []
        applying = False  # each call applies some rows before it checks its time, so repeated calls finish
        for some in _batches(rows, self.most):
            known = [v for row in some if (v := self._answer_repeated(row, seen, contents)) is not None]
            lines = {verdict.line for verdict in known}
            fresh = [row for row in some if row.line not in lines]
            if fresh and applying:
                deadline.check()
            new = self._apply_some(fresh, seen) if fresh else []
            applying = applying or bool(fresh)
            applied = {verdict.line for verdict in new if verdict.status == APPLIED}
            contents |= {row.identity: row.content for row in fresh if row.line in applied}
            verdicts += [*known, *new]
        return sorted(verdicts, key=lambda verdict: verdict.line)

    def _answer_repeated(self, row: R, seen: FoundRows, contents: Mapping[str, str]) -> Verdict | None:
        """Return the verdict on a row that was applied before, by this call or an earlier one, or None for a new row."""
        kept = seen.applied.get(row.identity)
        if kept is not None and kept.source == self.source and kept.line == row.line:
            code, _, reason = kept.effect.partition("\n")
            return Verdict(line=row.line, status=APPLIED, code=code, reason=reason)
        content = contents.get(row.identity, kept.content if kept else None)
        if content is None:
            return None
        if content == row.content:
            reason = _TWIN if row.identity in contents else "the row was applied before"
            return Verdict(line=row.line, status=DUPLICATE, code="applied-before", reason=reason)
        return Verdict(
            line=row.line,
            status=CONFLICT,
            code="other-content",
            reason=OTHER_CONTENT,
        )

    def _apply_some(self, rows: Sequence[R], seen: FoundRows | None) -> list[Verdict]:
        """Decide and write the rows of one transaction. After three lost tries, apply each row on its own."""
        for attempt in range(TRIES):
            if seen is None:
                seen = applied_rows.find(self.book, (row.identity for row in rows))
            known = [v for row in rows if (v := self._answer_repeated(row, seen, {})) is not None]
            lines = {verdict.line for verdict in known}
            fresh = [row for row in rows if row.line not in lines]
            try:
                return [*known, *(self._decide_and_write(fresh, seen) if fresh else ())]
            except ledger.AlreadyMoved:
                if len(rows) == 1:
                    return [
                        Verdict(
                            line=rows[0].line,
                            status=DUPLICATE,
                            code="applied-before",
                            reason="the row was applied before",
                        )
                    ]
                break
            except Busy:
                if len(rows) == 1 and attempt == TRIES - 1:
                    raise
                seen = None
        return [verdict for row in rows for verdict in self._apply_some([row], None)]

    def _decide_and_write(self, rows: Sequence[R], seen: FoundRows) -> list[Verdict]:
        decided = self.decide(rows)
        if not decided.effects:
            return list(decided.refused)
        writes = self._writes(decided, seen)
        if len(writes) > MOST_ITEMS:
            if len(rows) == 1:
                return [refused(rows[0], "sku", "too-many-lanes", "is split into more lanes than one count can settle")]
            return [verdict for row in rows for verdict in self._decide_and_write([row], seen)]
        transaction.commit(writes)
        applied = (Verdict(line=e.row.line, status=APPLIED, code=e.code, reason=e.reason) for e in decided.effects)
        return [*decided.refused, *applied]

    def _writes(self, decided: Decided, seen: FoundRows) -> list[Write]:
        kept = [
            AppliedRow(
                identity=e.row.identity,
                content=e.row.content,
                source=self.source,
                line=e.row.line,
                effect=f"{e.code}\n{e.reason}" if e.code else "",
            )
            for e in decided.effects
        ]
        changes = [change for effect in decided.effects for change in effect.changes]
        return [
            *applied_rows.short_batch(self.book, kept, seen.uncommitted),
            *decided.beside,
            *(write for effect in decided.effects for write in effect.beside),
            *position_writes.writes(changes, seen=dict(decided.seen)),
            *receipt_counter_writes(changes),
        ]


def receipt_counter_writes(changes: Iterable[Change]) -> list[Write]:
    """Raise the receipt counters of the skus that have more sellable units now, so that waiting backorders are tried again."""
    more = {c.sku for c in changes if sum(units for bucket, units in c.on_hand if bucket == SELLABLE) > 0}
    return [
        transaction.update(
            settings.stock_table, keys.receipts(sku), "ADD #n :one", StockConflict("receipts"), n_n="n", one=1
        )
        for sku in sorted(more)
    ]


def _batches[R: Row](rows: Iterable[R], most: int) -> Iterator[list[R]]:
    """Yield the rows of each transaction, in their order: rows of one group, each with its own target and identity."""
    some: list[R] = []
    for row in rows:
        used = {other.target for other in some} | {other.identity for other in some}
        if some and (len(some) >= most or row.group != some[0].group or row.target in used or row.identity in used):
            yield some
            some = []
        some.append(row)
    if some:
        yield some
