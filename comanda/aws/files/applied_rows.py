"""
Lines of partners' files that were applied: one `ROW#` item each, written in the transaction of their effect.

A short batch writes its rows with the effect. A long one, whose rows do not fit a transaction, writes them before, naming
their batch: they count only once the batch's own item is there, and that one is written with the effect. So it is the
single switch, and whoever finds rows of a batch that never came voids it, put once as well, before taking them over.
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
    """Somebody else applied the row, or spoiled its batch: look again."""

    code = "row-taken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """Where the rows of one partner's kind of file are remembered: the table of their effect."""

    table: str
    partner: str
    kind: str
    now: int  # seconds; rows are kept 400 days from here

    def key(self, identity: str) -> keys.Key:
        return keys.row(self.partner, self.kind, identity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is remembered of an applied row. `source` and `line` say which file's line it was."""

    identity: str
    content: str
    source: str
    line: int
    effect: str = ""  # what it became part of, e.g. a fulfillment
    beside: str | bytes = ""  # what was said, packed, of the rows that were decided with it and not applied
    batch: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Rows that were applied, and those (identity: batch) that a batch has left which does not count, or not yet."""

    applied: Mapping[str, Kept]
    left: Mapping[str, str]


def look(book: Book, identities: Iterable[str]) -> Seen:
    """What is remembered of these rows."""
    found = _read(book, identities)
    batches = _read(book, {kept.batch for kept in found.values() if kept.batch})
    applied: dict[str, Kept] = {}
    left: dict[str, str] = {}
    for identity, kept in found.items():
        batch = batches.get(kept.batch)
        if not kept.batch:
            applied[identity] = kept
        elif batch is not None and batch.content == _DONE:
            applied[identity] = replace(kept, beside=batch.beside)
        else:
            left[identity] = kept.batch
    return Seen(applied=applied, left=left)


def short_batch(book: Book, rows: Sequence[Kept], left: Mapping[str, str]) -> list[Write]:
    """The writes of rows that fit the transaction of their effect. A row that was applied refuses as RowTaken."""
    _void(book, {left[kept.identity] for kept in rows if kept.identity in left})
    return [_put(book, kept, left.get(kept.identity)) for kept in rows]


def long_batch(book: Book, rows: Sequence[Kept]) -> list[Write]:
    """Write rows that do not fit, and do not count yet; answer the write that makes them count.

    The same rows of the same file are the same batch, whenever they are tried. Raises RowTaken.
    """
    batch = _unspoiled(book, keys.digest("\n".join((rows[0].source, *(kept.identity for kept in rows)))))
    for first in range(0, len(rows), MOST_ITEMS):
        page = [replace(kept, batch=batch, beside="") for kept in rows[first : first + MOST_ITEMS]]
        seen = look(book, (kept.identity for kept in page))
        if seen.applied:
            raise RowTaken(next(iter(seen.applied)))
        _void(book, set(seen.left.values()) - {batch})
        transaction.commit([_put(book, kept, seen.left.get(kept.identity)) for kept in page])
    beside = next((kept.beside for kept in rows if kept.beside), "")
    switch = Kept(identity=batch, content=_DONE, source=rows[0].source, line=rows[0].line, beside=beside)
    return [_put(book, switch, None)]


def _unspoiled(book: Book, name: str) -> str:
    """The batch's name: the first attempt at it that nobody has voided. Raises RowTaken when it was applied."""
    attempt = 1
    while (found := _read(book, (f"{name}.{attempt}",))) and found[f"{name}.{attempt}"].content == _VOID:
        attempt += 1
    if found:
        raise RowTaken(name)
    return f"{name}.{attempt}"


def _void(book: Book, batches: Iterable[str]) -> None:
    """Make sure that these batches will never count. Raises RowTaken when one does by now."""
    wanted = sorted(batches)
    known = _read(book, wanted)
    for batch in wanted:
        if batch not in known:
            transaction.commit([_put(book, Kept(identity=batch, content=_VOID, source="", line=0), None)])
        elif known[batch].content == _DONE:
            raise RowTaken(batch)


def _put(book: Book, kept: Kept, left: str | None) -> Write:
    values: dict[str, Any] = {
        **book.key(kept.identity),
        "identity": kept.identity,
        "content": kept.content,
        "source": kept.source,
        "line": kept.line,
        "effect": kept.effect or None,
        "beside": kept.beside or None,
        "batch": kept.batch or None,
        "ttl": book.now + _KEPT_SECONDS,
    }
    refused = RowTaken("the same row is being applied by somebody else")
    if left is None:
        return transaction.put_once(book.table, values, refused)
    return transaction.put(
        book.table,
        values,
        refused,
        condition="attribute_not_exists(pk) OR #batch = :left",
        n_batch="batch",
        left=left,
    )


def _read(book: Book, identities: Iterable[str]) -> dict[str, Kept]:
    wanted = [book.key(identity) for identity in dict.fromkeys(identities)]
    return {
        row["identity"]: Kept(**{name: row[name] for name in Kept.__slots__ if name in row})
        for row in reads.batch(book.table, wanted)
    }
