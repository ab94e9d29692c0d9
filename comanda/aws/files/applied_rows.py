"""
Remember the rows of files and requests that were applied: one `ROW#` item each, written in the transaction of the effect.

Called by   functions/inbox and functions/stock; comanda.aws.stock_updates; comanda.aws.books.settlements
Returns     rows that were applied before; Writes for the transaction of the effect
Raises      RowTaken (Busy) when another writer applied a row meanwhile

A short batch writes its rows with the effect. The rows of a long batch do not fit into that transaction. They are written
before it with the name of their batch, and count only when the batch's own item exists, which is written with the effect. A
writer that finds rows of a batch without this item first voids the batch, by putting its item once, and then uses the rows.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.dynamodb.transaction import MOST_ITEMS, Write
from comanda.domain.errors import Busy

_KEPT_SECONDS = 400 * 24 * 3600
_DONE, _VOID = "done", "void"  # the content of a batch's own item


class RowTaken(Busy):
    """Another writer applied the row, or voided its batch: read the rows again."""

    code = "row-taken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """The applied rows of one partner and one kind of file, in the table that their effect is written to."""

    table: str
    partner: str
    kind: str
    now: int  # seconds
    forever: bool = False  # rows are kept for ever, else 400 days from `now`

    def key(self, identity: str) -> keys.Key:
        return keys.row(self.partner, self.kind, identity)


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedRow:
    """An applied row. `source` and `line` name the line of the file that applied it."""

    identity: str
    content: str
    source: str
    line: int
    effect: str = ""  # the thing that the row became part of, e.g. a fulfillment
    beside: str | bytes = ""  # packed answers to the rows that were decided with it and not applied
    batch: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundRows:
    """The rows that were applied. `uncommitted` has the rows (identity: batch) of batches that do not count, or not yet."""

    applied: Mapping[str, AppliedRow]
    uncommitted: Mapping[str, str]


def find(book: Book, identities: Iterable[str]) -> FoundRows:
    """Return the rows of these identities that were applied; strongly consistent."""
    found = _read(book, identities)
    batches = _read(book, {kept.batch for kept in found.values() if kept.batch})
    applied: dict[str, AppliedRow] = {}
    uncommitted: dict[str, str] = {}
    for identity, kept in found.items():
        batch = batches.get(kept.batch)
        if not kept.batch:
            applied[identity] = kept
        elif batch is not None and batch.content == _DONE:
            applied[identity] = replace(kept, beside=batch.beside)
        else:
            uncommitted[identity] = kept.batch
    return FoundRows(applied=applied, uncommitted=uncommitted)


def short_batch(book: Book, rows: Sequence[AppliedRow], uncommitted: Mapping[str, str]) -> list[Write]:
    """Return the writes of rows that fit the transaction of their effect. An applied row refuses it with RowTaken."""
    _void(book, {uncommitted[kept.identity] for kept in rows if kept.identity in uncommitted})
    return [_put(book, kept, uncommitted.get(kept.identity)) for kept in rows]


def long_batch(book: Book, rows: Sequence[AppliedRow]) -> list[Write]:
    """Write rows that do not fit the transaction of their effect, and return the write that makes them count.

    The same rows of the same file are the same batch in every attempt. Raises RowTaken.
    """
    batch = _attempt_not_void(book, keys.digest("\n".join((rows[0].source, *(kept.identity for kept in rows)))))
    for first in range(0, len(rows), MOST_ITEMS):
        page = [replace(kept, batch=batch, beside="") for kept in rows[first : first + MOST_ITEMS]]
        seen = find(book, (kept.identity for kept in page))
        if seen.applied:
            raise RowTaken(next(iter(seen.applied)))
        _void(book, set(seen.uncommitted.values()) - {batch})
        transaction.commit([_put(book, kept, seen.uncommitted.get(kept.identity)) for kept in page])
    beside = next((kept.beside for kept in rows if kept.beside), "")
    # The batch's own item: with it, all rows of the batch count.
    own = AppliedRow(identity=batch, content=_DONE, source=rows[0].source, line=rows[0].line, beside=beside)
    return [_put(book, own, None)]


def _attempt_not_void(book: Book, name: str) -> str:
    """Return the name of the batch's first attempt that is not void. Raises RowTaken if the batch was applied."""
    attempt = 1
    while (found := _read(book, (f"{name}.{attempt}",))) and found[f"{name}.{attempt}"].content == _VOID:
        attempt += 1
    if found:
        raise RowTaken(name)
    return f"{name}.{attempt}"


def _void(book: Book, batches: Iterable[str]) -> None:
    """Make sure that these batches will never count. Raises RowTaken if one counts by now."""
    wanted = sorted(batches)
    known = _read(book, wanted)
    for batch in wanted:
        if batch not in known:
            transaction.commit([_put(book, AppliedRow(identity=batch, content=_VOID, source="", line=0), None)])
        elif known[batch].content == _DONE:
            raise RowTaken(batch)


def _put(book: Book, kept: AppliedRow, replaced_batch: str | None) -> Write:
    """Return the write of a row that is new, or that replaces its row of a batch that does not count."""
    values: dict[str, Any] = {
        **book.key(kept.identity),
        "identity": kept.identity,
        "content": kept.content,
        "source": kept.source,
        "line": kept.line,
        "effect": kept.effect or None,
        "beside": kept.beside or None,
        "batch": kept.batch or None,
        "ttl": None if book.forever else book.now + _KEPT_SECONDS,
    }
    refused = RowTaken("the same row is being applied by another writer")
    if replaced_batch is None:
        return transaction.put_once(book.table, values, refused)
    return transaction.put(
        book.table,
        values,
        refused,
        condition="attribute_not_exists(pk) OR #batch = :replaced",
        n_batch="batch",
        replaced=replaced_batch,
    )


def _read(book: Book, identities: Iterable[str]) -> dict[str, AppliedRow]:
    wanted = [book.key(identity) for identity in dict.fromkeys(identities)]
    return {
        row["identity"]: AppliedRow(**{name: row[name] for name in AppliedRow.__slots__ if name in row})
        for row in reads.batch(book.table, wanted)
    }
