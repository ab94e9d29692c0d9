"""
Keep the prices of a file until it is read to its end, then lay them over the prices of their lists, all at once.

Called by   functions/inbox/price_file.py
Returns     what a file has brought so far; the lists that have a new version
Raises      StaleEntry, Throttled (Busy)

A file is laid over a list once: a note of that is written with the list's new version. Of two files, and of a file and a
request, the later one has the price of a sku, or has removed it, whichever is done first. So a set notes the prices that were
removed, as long as rows of an earlier file can wait.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from comanda.aws.directory import price_list_writer, price_lists, writer
from comanda.aws.directory.directory import PRICE_LIST
from comanda.aws.directory.writer import StaleEntry
from comanda.aws.dynamodb import batch_writes, keys, reads, transaction
from comanda.aws.runtime.settings import settings
from comanda.domain.errors import Rejected
from comanda.domain.pricing.price_lists import Price, PriceChange, changed

_DAY = 24 * 3600
_WAITING_DAYS, _NOTE_DAYS = 30, 400


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRow:
    """A row of a file that was taken: its line, its list, a digest of all it says, and the price or its end."""

    line: int
    price_list: str
    content: str
    change: PriceChange


class _AlreadyIn(Rejected):
    """The prices of the file are in the list."""


def known_rows(source: str, wanted: Collection[tuple[str, str]]) -> dict[tuple[str, str], tuple[int, str]]:
    """Return the lines and the contents of rows that were taken, by list and sku."""
    places = [keys.price_of_file(source, name, sku) for name, sku in sorted(wanted)]
    rows = reads.batch(settings.directory_table, places, only=("list", "sku", "line", "content"))
    return {(row["list"], row["sku"]): (row["line"], row["content"]) for row in rows}


def take(source: str, rows: Iterable[FileRow], now: datetime) -> None:
    """Keep rows until the end of their file. No two of them are of one sku in one list."""
    ttl = int(now.timestamp()) + _WAITING_DAYS * _DAY
    batch_writes.put_all(settings.directory_table, (_row(source, one) | {"ttl": ttl} for one in rows))


def _row(source: str, one: FileRow) -> dict[str, Any]:
    change = one.change
    said = {"at": change.at, "line": one.line, "content": one.content, "list": one.price_list, "sku": change.sku}
    price = price_list_writer.values(change.price) if change.price else {}
    return {**keys.price_of_file(source, one.price_list, change.sku), **price, **said}


def finish(source: str, by: str, now: datetime) -> list[str]:
    """Lay the rows of a file over their lists, and return the ids of these."""
    found = reads.query(settings.directory_table, "pk = :pk", consistent=True, pk=keys.prices_of_file(source))
    names = []
    for name, rows in groupby(found, key=lambda row: str(row["list"])):
        _lay_over(source, name, list(_changes(rows)), by, now)
        names.append(name)
    return names


def _changes(rows: Iterable[Mapping[str, Any]]) -> Iterator[PriceChange]:
    for row in rows:
        price: Price | None = price_lists.price(row) if "unit_price" in row else None
        yield PriceChange(sku=row["sku"], at=row["at"], price=price)


def _lay_over(source: str, name: str, changes: list[PriceChange], by: str, now: datetime) -> None:
    table, note = settings.directory_table, keys.file_in_price_list(source, name)
    row = {**note, "source": source, "at": now.isoformat(), "ttl": int(now.timestamp()) + _NOTE_DAYS * _DAY}
    for _ in range(price_list_writer.TRIES):
        if reads.get(table, note):
            return
        register, active = price_lists.register(), writer.read(PRICE_LIST, name)
        if active is None:  # no entry is ever deleted
            raise StaleEntry(f"price list {name}")
        before, since = active.doc["price_set"], register.stated_at(name)
        price_set = price_list_writer.set_named(f"{source}\n{before}\n{since}")
        known = changed(price_lists.statements(name, before), changes, since)
        count = price_list_writer.put_set(name, price_set, (one for one in known if _is_needed(one, now)))
        doc = {**active.doc, "price_set": price_set, "price_count": count}
        also = [transaction.put_once(table, row, _AlreadyIn())]
        try:
            price_list_writer.activate(name, doc, active, register, expected=None, by=by, now=now, also=also)
        except (StaleEntry, _AlreadyIn):
            continue
        return
    raise StaleEntry(f"price list {name}")


def _is_needed(known: PriceChange, now: datetime) -> bool:
    """Return True for a price, and for a removed one that a row of an earlier file could still bring back."""
    return known.price is not None or datetime.fromisoformat(known.at) > now - timedelta(days=_WAITING_DAYS)
