"""
Find customers by e-mail, phone or words of a name, and list the orders of one.

Called by   functions/customers, functions/cases, functions/erase
Returns     ids of customers and of orders
Raises      Throttled
"""

from collections.abc import Callable, Iterator, Mapping
from heapq import merge
from itertools import islice
from typing import Any

from comanda.aws.customers import customer_rows
from comanda.aws.dynamodb import customer_pages, keys, reads
from comanda.aws.runtime.settings import settings
from comanda.domain.orders import customer_search

MOST = 20  # customers of one answer
_TOGETHER = 100  # rows of one query: the orders of these customers
_MOST_QUERIES = 10  # a query after the first skips the orders of a customer who has very many


def by_email(folded: str) -> dict[str, str]:
    """Return the newest order of each customer with this e-mail, by customer id: at most 21."""
    return _newest(keys.email_page(customer_rows.identity_of_email(folded)), "")


def by_phone(folded: str) -> dict[str, str]:
    return _newest(keys.phone_page(customer_rows.identity_of_phone(folded)), "")


def by_name(folded: str) -> dict[str, str]:
    """Return the newest order of each customer whose name begins so, from any of its words on, and of those whose name has the
    words apart: at most 84 customers."""
    found: dict[str, str] = {}
    for name in customer_search.asked_names(folded):
        _add(found, _newest(keys.name_page(name), keys.name_prefix(name)))
    for word in customer_search.led_by(folded) if len(found) <= MOST else ():
        _add(found, _newest(keys.name_page(word), keys.name_prefix(word), folded))
    return found


def _add(found: dict[str, str], others: Mapping[str, str]) -> None:
    for customer_id, order_id in others.items():
        found[customer_id] = max(order_id, found.get(customer_id, ""))


def _newest(page: str, prefix: str, name: str = "") -> dict[str, str]:
    """Return the newest order of customers, by customer id. The rows of a customer stand together, the newest order first.

    With the words of a `name`, rows of names without all of them are left out.
    """
    found: dict[str, str] = {}
    until = keys.after_prefix(prefix)
    for _ in range(_MOST_QUERIES):
        rows = list(islice(_found_rows(page, prefix, until), _TOGETHER))
        fits = (row for row in rows if not name or customer_search.has_words(keys.name_of_row(row), name))
        for customer_id, order_id in map(keys.customer_and_order_of, fits):
            if customer_id not in found and len(found) > MOST:
                return found
            found[customer_id] = max(order_id, found.get(customer_id, ""))
        if len(rows) < _TOGETHER:
            break
        until = keys.before_customer(rows[-1])
    return found


def _found_rows(page: str, prefix: str, until: str) -> Iterator[dict[str, Any]]:
    return reads.query(
        settings.customers_table,
        "pk = :pk AND sk BETWEEN :first AND :until",
        consistent=True,
        only=("sk",),
        together=_TOGETHER,
        newest=True,
        pk=page,
        first=prefix or " ",
        until=until,
    )


def orders_of(
    hidden: Mapping[str, str], seen: Callable[[str], bool], after: str, limit: int
) -> tuple[list[str], str | None]:
    """Return the ids of the orders of customers that are one person, in the channels that are `seen`, the newest first, and the
    key to go on after.

    `hidden` has each customer: orders up to the named one are being erased, and count as gone.
    """
    found = [_orders(one, seen, after, limit, until) for one, until in hidden.items()]
    rows = list(islice(merge(*found, reverse=True), limit + 1))
    return [keys.order_id_of_customer({"sk": sk}) for sk in rows[:limit]], rows[limit - 1] if len(
        rows
    ) > limit else None


def _orders(customer_id: str, seen: Callable[[str], bool], after: str, limit: int, hidden: str) -> Iterator[str]:
    """Yield the sort keys of a customer's orders, the newest first."""
    rows = customer_pages.newest(customer_id, keys.ORDERS, seen, after, limit)
    return (row["sk"] for row in rows if keys.order_id_of_customer(row) > hidden)


def all_orders_of(customer_id: str) -> list[str]:
    """Return the ids of all orders of a customer, the oldest first."""
    rows = reads.query(
        settings.customers_table,
        "pk = :pk AND begins_with(sk, :orders)",
        consistent=True,
        only=("sk",),
        pk=keys.customer_page(customer_id),
        orders=keys.ORDERS,
    )
    return [keys.order_id_of_customer(row) for row in rows]
