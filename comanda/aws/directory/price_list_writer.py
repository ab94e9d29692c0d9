"""
Write price lists: first a set of prices in pages, then the list that names it, in one transaction with the register.

Called by   functions/directory; comanda.aws.directory.price_files
Returns     the list's entry, and whether it changed
Raises      Invalid for a list that contradicts another; PreconditionFailed; StaleEntry, Throttled (Busy)

A set is named after what it is made of. A repeated request writes the same set again, and nothing reads a set that no list
names, so a crash between two pages leaves nothing half changed.

The register is read first. Whatever another writer changes after that changes the register, too, and refuses the transaction.
It also notes when all prices of a list were stated last: what a file said before that does not count any more.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from comanda.aws.directory import price_lists, writer
from comanda.aws.directory.directory import PRICE_LIST
from comanda.aws.directory.price_lists import Register
from comanda.aws.directory.writer import Entry, StaleEntry
from comanda.aws.dynamodb import batch_writes, keys, transaction
from comanda.aws.dynamodb.items import compact, pack
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime import clock
from comanda.aws.runtime.settings import settings
from comanda.domain.errors import Invalid, Problem
from comanda.domain.pricing.price_lists import Price, PriceChange, contradictions

MOST_LISTS = 500  # the register is one item
TRIES = 5

_REGISTERED = ("channels", "currency", "valid_from", "valid_until", "includes_tax", "tax_rate", "price_set")


def put(
    name: str, doc: Mapping[str, Any], prices: Sequence[Price] | None, *, expected: int | None, by: str, now: datetime
) -> tuple[Entry, bool]:
    """Make `doc` the active version of a list, with these prices, or with those of before for None."""
    for _ in range(TRIES):
        register = price_lists.register()
        active = writer.read(PRICE_LIST, name)
        before = active.doc if active else {}
        _check(name, doc, before, register)
        stated_at = None if prices is None else clock.now().isoformat()  # later than whatever was read
        price_set, count = _written(name, prices, before, stated_at)
        whole = {**doc, "price_set": price_set, "price_count": count}
        try:
            entry, changes = activate(
                name, whole, active, register, expected=expected, by=by, now=now, stated_at=stated_at
            )
            if not changes and stated_at is not None and register.stated_at(name) < stated_at:
                transaction.commit([_register_write(register, name, entry.doc, entry.version, stated_at)])
        except StaleEntry:
            continue
        return entry, changes
    raise StaleEntry(f"price list {name}")


def _check(name: str, doc: Mapping[str, Any], before: Mapping[str, Any], register: Register) -> None:
    """Raise Invalid if the list contradicts another, has another currency than before, or is one too many."""
    problems = list(contradictions(price_lists.price_list(name, 0, {**doc, "price_set": ""}), register.lists))
    if before and doc["currency"] != before["currency"]:
        message = f"the prices of this list are in {before['currency']}: make another list"
        problems.append(Problem(pointer="/currency", code="another-currency", message=message))
    if len(register.rows) >= MOST_LISTS and name not in register.rows:
        message = f"there are {MOST_LISTS} price lists, and no more are kept"
        problems.append(Problem(pointer="/id", code="too-many", message=message))
    if problems:
        raise Invalid(*problems)


def _written(name: str, prices: Sequence[Price] | None, before: Mapping[str, Any], at: str | None) -> tuple[str, int]:
    """Return the name of the set with these prices, which is written if the list has another, and their number. `at` is when
    they are stated."""
    if prices is None and before:
        return before["price_set"], before["price_count"]
    rows = sorted(([p.sku, p.unit_price, p.tax_rate, p.tax_class] for p in prices or ()), key=lambda row: str(row[0]))
    price_set = set_named(compact(rows))
    if before.get("price_set") != price_set:
        stated = (
            PriceChange(sku=one.sku, at=at or one.at, price=replace(one, at=at or one.at)) for one in prices or ()
        )
        put_set(name, price_set, stated)
    return price_set, len(rows)


def set_named(content: str) -> str:
    """Return the name of the set that is made of this content."""
    return sha256(content.encode()).hexdigest()[:32]


def put_set(name: str, price_set: str, known: Iterable[PriceChange]) -> int:
    """Write a set of prices, with notes of skus that have none any more, and return the number of its prices."""
    removed = 0

    def items() -> Iterator[dict[str, Any]]:
        nonlocal removed
        for one in known:
            if one.price is None:
                removed += 1
                yield {**keys.removed_price(name, price_set, one.sku), "sku": one.sku, "at": one.at}
            else:
                yield {**keys.price(name, price_set, one.sku), **values(one.price)}

    return batch_writes.put_all(settings.directory_table, items()) - removed


def values(price: Price) -> dict[str, Any]:
    """Return the attributes of a price."""
    return {
        "sku": price.sku,
        "unit_price": price.unit_price,
        "tax_rate": price.tax_rate,
        "tax_class": price.tax_class,
        "at": price.at,
    }


def activate(
    name: str,
    doc: Mapping[str, Any],
    active: Entry | None,
    register: Register,
    *,
    expected: int | None,
    by: str,
    now: datetime,
    stated_at: str | None = None,
    also: Sequence[Write] = (),
) -> tuple[Entry, bool]:
    """Make a document whose set is whole the version after `active`, together with its row of the register.

    `stated_at` is when all its prices were stated; None: as before. Raises StaleEntry when any list changed since the register
    was read.
    """
    version = (active.version if active else 0) + 1
    write = _register_write(register, name, doc, version, stated_at or register.stated_at(name))
    return writer.put(PRICE_LIST, name, dict(doc), expected=expected, by=by, now=now, also=[write, *also])


def _register_write(register: Register, name: str, doc: Mapping[str, Any], version: int, stated_at: str) -> Write:
    """Return the write that gives a list its row of the register, if no list changed since the register was read."""
    row = {field: doc[field] for field in _REGISTERED if doc.get(field) is not None}
    row |= {"version": version, "stated_at": stated_at}
    values = {**keys.price_lists(), "lists": pack({**register.rows, name: row}), "rev": register.rev + 1}
    stale, table = StaleEntry("the register of price lists"), settings.directory_table
    if not register.rev:
        return transaction.put_once(table, values, stale)
    return transaction.put(table, values, stale, condition="#rev = :was", n_rev="rev", was=register.rev)
