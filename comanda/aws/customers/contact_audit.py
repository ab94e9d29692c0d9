"""
Note in Customers who read the contact of whom, who searched, and what else they did with what is stored of people.

Called by   the rooms that show, search, export or change what is stored of people, before they answer;
            comanda.aws.customers.customer_erasure
Returns     writes; pages of notes, the newest first
Raises      Throttled

Notes end after 400 days. A search is noted by a keyed hash of what was searched for: the note itself must not tell of a person
who was erased. Each note is found by its person, and by each order and customer that it is about.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from heapq import merge
from itertools import batched
from typing import Any

from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime import secret
from comanda.aws.runtime.settings import settings
from comanda.domain.errors import Throttled

_KEPT = timedelta(days=400)
READ, EXPORT, SLIP, INVOICE, LINK, SEARCH = "read", "export", "slip", "invoice", "link", "search"
ERASE, MERGE, UNMERGE = "erase", "merge", "unmerge"

type Found = tuple[list[dict[str, Any]], str | None]  # notes, and the sort key to go on after


def note_read(person: str, subject: str, now: datetime, *customer_ids: str | None) -> None:
    """Note that a person reads the contact of an order or a draft, the words of a case, or a customer. The customers that it is
    about may be known."""
    subjects = [subject, *dict.fromkeys(one for one in customer_ids if one and one != subject)]
    for some in batched(notes(person, READ, subjects, now), transaction.MOST_ITEMS, strict=False):
        transaction.commit(some)


def note_export(person: str, customer_id: str, now: datetime) -> None:
    """Note that a person or an application takes all that is stored of a customer."""
    transaction.commit(notes(person, EXPORT, [customer_id], now))


def note_slip(person: str, order_id: str, now: datetime) -> None:
    """Note that a person opens the packing slip of an order, which has its contact."""
    transaction.commit(notes(person, SLIP, [order_id], now))


def note_invoice(person: str, order_id: str, now: datetime) -> None:
    """Note that a person opens a document of an order's invoice, which has its buyer."""
    transaction.commit(notes(person, INVOICE, [order_id], now))


def note_search(person: str, by: str, folded: str, now: datetime) -> None:
    """Note that somebody searches a customer by e-mail, phone or name."""
    hashed = secret.sign_customer(f"audit-{by}", folded)
    transaction.commit([_put(keys.audit(person, now, f"{SEARCH}-{by}", hashed), f"{SEARCH}-{by}", person, [], now)])


def notes(person: str, act: str, subjects: Sequence[str], now: datetime) -> list[Write]:
    """Return the writes that note an act on these orders and customers."""
    wanted = [keys.audit(person, now, act, subjects[0]), *(keys.audit_of(one, now, act, person) for one in subjects)]
    return [_put(key, act, person, subjects, now) for key in wanted]


def _put(key: keys.Key, act: str, person: str, subjects: Sequence[str], now: datetime) -> Write:
    values = {
        **key,
        "act": act,
        "at": now.isoformat(),
        "person": person,
        "subjects": list(subjects),
        "ttl": int((now + _KEPT).timestamp()),
    }
    return transaction.put(settings.customers_table, values, Throttled("audit"))


def of_person(person: str, after: str, limit: int, now: datetime) -> Found:
    """Return a page of a person's acts."""
    months = _months(now - _KEPT, now)
    pages = [keys.audit_page(person, month) for month in months if not after or month <= after[:6]]
    return _page((row for page in pages for row in _rows_of(page, after, limit)), limit)


def of_subjects(subjects: Iterable[str], after: str, limit: int) -> Found:
    """Return a page of the acts on any of these orders or customers."""
    found = [_rows_of(keys.audited_page(one), after, limit) for one in subjects]
    return _page(merge(*found, key=lambda row: row["sk"], reverse=True), limit)


def _rows_of(page: str, after: str, limit: int) -> Iterator[dict[str, Any]]:
    return reads.query(
        settings.customers_table,
        "pk = :pk AND sk < :after",
        consistent=True,
        together=limit + 1,
        newest=True,
        pk=page,
        after=after or "~",
    )


def _page(rows: Iterable[dict[str, Any]], limit: int) -> Found:
    """Return the first rows, each act once: merged customers have it both."""
    seen: dict[str, dict[str, Any]] = {}
    for row in rows:
        if len(seen) == limit and row["sk"] not in seen:
            return list(seen.values()), next(reversed(seen))
        seen.setdefault(row["sk"], row)
    return list(seen.values()), None


def _months(since: datetime, until: datetime) -> list[str]:
    """Return the months of a span, the newest first, as keys spell them."""
    found, at = [], until.replace(day=1)
    while at.strftime("%Y%m") >= since.strftime("%Y%m"):
        found.append(keys.time(at)[:6])
        at = (at - timedelta(days=1)).replace(day=1)
    return found
