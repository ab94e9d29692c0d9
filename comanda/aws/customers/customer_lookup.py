"""
Find customers by e-mail, phone or the beginning of a name, and list the orders of one.

Called by   functions/customers, functions/cases, functions/erase
Returns     ids of customers and of orders
Raises      Throttled
"""

from collections.abc import Callable, Iterator, Mapping
from heapq import merge
from itertools import islice

from comanda.aws.customers import customer_rows
from comanda.aws.dynamodb import keys, reads
from comanda.aws.runtime.settings import settings

MOST = 20  # customers of one answer
_MOST_QUERIES = 3 * MOST  # one person may have many spellings


def by_email(folded: str) -> dict[str, str]:
    """Return the newest order of each customer with this e-mail, by customer id: at most 21."""
    return _newest(keys.email_page(customer_rows.identity_of_email(folded)), "")


def by_phone(folded: str) -> dict[str, str]:
    return _newest(keys.phone_page(customer_rows.identity_of_phone(folded)), "")


def by_name(folded: str) -> dict[str, str]:
    """Return the newest order of each customer whose name, by its first or its last word, begins so: at most 21."""
    return _newest(keys.name_page(folded), keys.name_prefix(folded))


def _newest(page: str, prefix: str) -> dict[str, str]:
    found: dict[str, str] = {}
    until = keys.after_prefix(prefix)
    for _ in range(_MOST_QUERIES):
        rows = reads.query(
            settings.customers_table,
            "pk = :pk AND sk BETWEEN :first AND :until",
            consistent=True,
            only=("sk",),
            together=1,
            newest=True,
            pk=page,
            first=prefix or " ",
            until=until,
        )
        row = next(rows, None)
        if row is None or len(found) > MOST:
            break
        customer_id, order_id = keys.customer_and_order_of(row)
        found[customer_id] = max(order_id, found.get(customer_id, ""))
        until = keys.before_customer(row)
    return found


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
    rows = reads.query(
        settings.customers_table,
        "pk = :pk AND sk BETWEEN :first AND :until",
        consistent=True,
        only=("sk", "channel"),
        together=limit + 2,
        newest=True,
        pk=keys.customer_page(customer_id),
        first=keys.ORDERS,
        until=after or keys.after_orders(),
    )
    return (
        row["sk"]
        for row in rows
        if row["sk"] != after and seen(row["channel"]) and keys.order_id_of_customer(row) > hidden
    )


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
