"""
Read which customers are one person, and write that two are merged or not any more.

A pointer `merged_into` stands on the row of the merged customer, and a row beside the other one leads back. Each write changes
the mark of the tree's root under the condition that nobody else did, so that of two merges at once one is first.

Called by   functions/customers, functions/cases, functions/drafts, functions/erase; comanda.aws.customers.customer_erasure
Returns     Persons, and writes
Raises      StaleCustomer (Busy) by its writes, and by reads that others overtake again and again
"""

import secrets
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime.retries import retry
from comanda.aws.runtime.settings import settings
from comanda.domain import views
from comanda.domain.errors import Busy, Rejected
from comanda.domain.orders.customer_merge import MOST, Member, Person

TRIES = 3
_KEPT = timedelta(days=400)  # rows of erased customers, and of merges that were undone
_NOT_ERASING = "attribute_not_exists(#until)"


class StaleCustomer(Busy):
    """Say that another merge, undo or erasure of the customer came first."""

    code = "stale-customer"


def person(customer_id: str) -> Person:
    """Return the person whose customer this is, also for a customer that does not exist. Raises StaleCustomer."""
    return retry(TRIES, lambda: _person(customer_id), on=StaleCustomer)


def _person(customer_id: str) -> Person:
    """Return the person. Raises StaleCustomer when a merge or an undo came between its reads: the tree is read row by row."""
    asked, rows = customer_id, _read_rows(customer_id)
    for _ in range(MOST):
        into = _header(rows).get("merged_into")
        if into is None:
            break
        customer_id, rows = into, _read_rows(into)
    mark = _header(rows).get("mark")
    members: list[Member] = []
    links: list[tuple[str, str]] = []
    undone: list[tuple[str, str]] = []
    left: list[tuple[str, str | None, list[dict[str, Any]]]] = [(customer_id, None, rows)]
    while left:
        one, parent, rows = left.pop(0)
        if _header(rows).get("merged_into") != parent:
            raise StaleCustomer(one)
        members.append(_member(one, _header(rows)))
        for row in rows[1:] if _header(rows) else rows:
            (undone if "undone_at" in row else links).append((one, keys.merged_customer_of(row)))
        left += [(merged, into, _read_rows(merged)) for into, merged in links if into == one]
    if asked not in {one.customer_id for one in members}:
        raise StaleCustomer(asked)
    return Person(members=tuple(members), mark=mark, links=tuple(links), undone=tuple(undone))


def _read_rows(customer_id: str) -> list[dict[str, Any]]:
    """Return the customer's own row, if there is one, and those of customers that were merged into it."""
    return list(
        reads.query(
            settings.customers_table,
            "pk = :pk AND sk < :orders",
            consistent=True,
            pk=keys.customer_page(customer_id),
            orders=keys.ORDERS,
        )
    )


def _header(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return rows[0] if rows and rows[0]["sk"] == keys.HEADER else {}


def _member(customer_id: str, row: Mapping[str, Any]) -> Member:
    at = row.get("merged_at")
    return Member(
        customer_id=customer_id,
        hidden=row.get("until", ""),
        into=row.get("merged_into"),
        merged_at=datetime.fromisoformat(at) if at else None,
        erased_at=row.get("erased_at"),
        erased_by=row.get("by", ""),
    )


def roots(customer_ids: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Return for each customer the one that is shown for it, and its last order that is being erased, if any."""
    asked = list(customer_ids)
    rows = _headers(asked)
    found = {one: (rows.get(one, {}).get("merged_into", one), rows.get(one, {}).get("until", "")) for one in asked}
    for _ in range(MOST):
        rows |= _headers({root for root, _ in found.values()} - rows.keys())
        further = {one: (rows.get(root, {}).get("merged_into", root), until) for one, (root, until) in found.items()}
        if further == found:
            break
        found = further
    return found


def _headers(customer_ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    wanted = sorted(customer_ids)
    rows = reads.batch(settings.customers_table, map(keys.customer, wanted)) if wanted else ()
    return {**{one: {} for one in wanted}, **{keys.customer_id_of(row): row for row in rows}}


def merge(customer_id: str, loser: Person, into: str, winner: Person, by: str, now: datetime) -> list[Write]:
    """Return the writes that make a customer a pointer. Both are roots."""
    mark, at = secrets.token_hex(8), now.isoformat()
    return [
        _root_update(
            loser,
            "SET mark = :mark, merged_into = :into, merged_at = :at, merged_by = :by",
            mark=mark,
            into=into,
            at=at,
            by=by,
        ),
        _root_update(winner, "SET mark = :mark", mark=mark),
        transaction.put(
            settings.customers_table, {**keys.merged(into, customer_id), "merged_at": at, "by": by}, _stale(into)
        ),
    ]


def undo(customer_id: str, into: str, person: Person, by: str, now: datetime) -> list[Write]:
    """Return the writes that make a pointer a customer again."""
    mark = secrets.token_hex(8)
    return [
        transaction.update(
            settings.customers_table,
            keys.customer(customer_id),
            "SET mark = :mark REMOVE merged_into, merged_at, merged_by",
            _stale(customer_id),
            condition=f"merged_into = :into AND {_NOT_ERASING}",
            mark=mark,
            into=into,
            n_until="until",
        ),
        transaction.update(
            settings.customers_table,
            keys.merged(into, customer_id),
            "SET undone_at = :at, undone_by = :by, #ttl = :ttl",
            _stale(into),
            at=now.isoformat(),
            by=by,
            ttl=int((now + _KEPT).timestamp()),
            n_ttl="ttl",
        ),
        _root_update(person, "SET mark = :mark", mark=mark),
    ]


def begin_erasure(person: Person, until: str, by: str, now: datetime) -> list[Write]:
    """Return the writes that hide the orders of each of the customers up to `until`."""
    names = {"at": views.time(now), "until": until, "by": by, "ttl": int((now + _KEPT).timestamp())}
    hide = "SET erased_at = :at, #until = :until, #by = :by, #ttl = :ttl"
    aliases = {"n_until": "until", "n_by": "by", "n_ttl": "ttl"}
    others = [
        transaction.update(
            settings.customers_table,
            keys.customer(one.customer_id),
            hide,
            _stale(one.customer_id),
            condition="merged_into = :into",
            into=one.into,
            **names,
            **aliases,
        )
        for one in person.members[1:]
    ]
    root = transaction.update(
        settings.customers_table,
        keys.customer(person.root.customer_id),
        f"{hide}, mark = :mark",
        _stale(person.root.customer_id),
        condition=_unchanged(person),
        mark=secrets.token_hex(8),
        **_seen(person),
        **names,
        **aliases,
    )
    return [root, *others]


def end_erasure(person: Person, ended: Rejected) -> Iterator[Write]:
    """Yield the writes that leave of each customer the time of the erasure alone: its merges are forgotten. They are refused
    with `ended` for an erasure that has ended."""
    forget = "REMOVE #until, mark, merged_into, merged_at, merged_by"
    yield transaction.update(
        settings.customers_table,
        keys.customer(person.root.customer_id),
        forget,
        ended,
        condition="mark = :seen AND attribute_exists(#until)",
        n_until="until",
        seen=person.mark,
    )
    for one in person.members[1:]:
        yield transaction.update(
            settings.customers_table,
            keys.customer(one.customer_id),
            forget,
            _stale(one.customer_id),
            n_until="until",
        )
    for into, merged in person.links:
        yield transaction.delete(settings.customers_table, keys.merged(into, merged), _stale(into))


def forget_undone(person: Person) -> list[Write]:
    """Return the writes that delete the rows of merges that were undone."""
    return [transaction.delete(settings.customers_table, keys.merged(*pair), _stale(pair[0])) for pair in person.undone]


def _root_update(person: Person, expression: str, **names: Any) -> Write:
    """Return the update of a root that is as it was read, and that nobody erases."""
    return transaction.update(
        settings.customers_table,
        keys.customer(person.root.customer_id),
        expression,
        _stale(person.root.customer_id),
        condition=f"{_unchanged(person)} AND {_NOT_ERASING} AND attribute_not_exists(merged_into)",
        n_until="until",
        **_seen(person),
        **names,
    )


def _unchanged(person: Person) -> str:
    return "attribute_not_exists(mark)" if person.mark is None else "mark = :seen"


def _seen(person: Person) -> dict[str, str]:
    return {} if person.mark is None else {"seen": person.mark}


def _stale(customer_id: str) -> StaleCustomer:
    return StaleCustomer(customer_id)
