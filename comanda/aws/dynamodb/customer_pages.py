"""
List what a customer has, the newest first: the orders and the cases that stand under the customer's id.

Called by   comanda.aws.customers.customer_lookup, comanda.aws.cases.cases
Returns     rows
Raises      Throttled
"""

from collections.abc import Callable, Iterator
from typing import Any

from comanda.aws.dynamodb import keys, reads
from comanda.aws.runtime.settings import settings


def newest(
    customer_id: str, prefix: str, seen: Callable[[Any], bool], after: str, limit: int
) -> Iterator[dict[str, Any]]:
    """Yield the rows of a customer that begin with the prefix and whose channel is `seen`, after the sort key `after`."""
    rows = reads.query(
        settings.customers_table,
        "pk = :pk AND sk BETWEEN :first AND :until",
        consistent=True,
        only=("sk", "channel"),
        together=limit + 2,
        newest=True,
        pk=keys.customer_page(customer_id),
        first=prefix,
        until=after or keys.after_prefix(prefix),
    )
    return (row for row in rows if row["sk"] != after and seen(row.get("channel")))
