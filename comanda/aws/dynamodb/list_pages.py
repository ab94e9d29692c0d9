"""
Lists: pages over an index, merged from its shards, read whole by BatchGetItem. Never a scan, never a count.

A cursor is the sort key of the last row, signed for the caller and the filters that it was given to.
"""

import base64
import hmac
from collections.abc import Sequence
from typing import Any

from comanda.aws.dynamodb import keys, reads
from comanda.aws.dynamodb.items import attributes, item
from comanda.aws.runtime import secret
from comanda.aws.runtime.clients import client
from comanda.aws.runtime.settings import settings
from comanda.domain.errors import Invalid, Problem, Rejected

MOST = 100
USUAL = 25


def limit(query: dict[str, str]) -> int:
    """Rows of a page, 1 to 100. Raises Invalid."""
    given = query.get("limit", str(USUAL))
    if not (given.isascii() and given.isdigit() and len(given) < 4 and 1 <= int(given) <= MOST):
        raise Invalid(Problem(pointer="/limit", code="out-of-range", message=f"1 to {MOST}"))
    return int(given)


def cursor(after: str, bound_to: str) -> str:
    """A cursor that only this caller with these filters may send back."""
    mark = secret.sign("cursor", f"{bound_to}\n{after}")[:32]
    return base64.urlsafe_b64encode(f"{mark}{after}".encode()).decode()


def after(query: dict[str, str], bound_to: str) -> str:
    """The sort key to go on after; "" for the first page. Raises BadCursor for one that is not ours."""
    given = query.get("cursor")
    if not given:
        return ""
    try:
        text = base64.urlsafe_b64decode(given.encode()).decode()
    except ValueError as error:
        raise BadCursor("the cursor is not one of ours") from error
    mark, key = text[:32], text[32:]
    if not hmac.compare_digest(mark.encode(), secret.sign("cursor", f"{bound_to}\n{key}")[:32].encode()):
        raise BadCursor("the cursor was not given to this caller for these filters")
    return key


class BadCursor(Rejected):
    """A cursor that was changed, or belongs to another caller or other filters."""

    code = "bad-cursor"


def page(
    index: str, partitions: Sequence[str], after: str, limit: int, *, table: str | None = None, prefix: str = ""
) -> tuple[list[dict[str, Any]], str | None]:
    """Return one page of an index over all `partitions`, by sort key, and the key to go on after, or None at the end.

    Each partition gives at most a page, so a list reads no more than its page from each shard. Without `table`, of Orders;
    with `prefix`, of the sort keys that begin so.
    """
    name, table = index.lower(), table or settings.orders_table
    rows: list[tuple[str, keys.Key]] = []
    for partition in partitions:
        condition, values = f"{name}pk = :pk", {":pk": partition}
        if prefix:  # "!" and the last sign of ASCII come before and after every sign of a key
            condition += f" AND {name}sk BETWEEN :first AND :last"
            values |= {":first": f"{after}!" if after else prefix, ":last": f"{prefix}\x7f"}
        elif after:
            condition += f" AND {name}sk > :after"
            values |= {":after": after}
        found = client("dynamodb").query(
            TableName=table,
            IndexName=index,
            KeyConditionExpression=condition,
            ExpressionAttributeValues=item(values),
            Limit=limit + 1,
        )
        rows += [(row[f"{name}sk"], {"pk": row["pk"], "sk": row["sk"]}) for row in map(attributes, found["Items"])]
    rows.sort(key=lambda row: row[0])
    more = rows[limit - 1][0] if len(rows) > limit else None
    return _read(table, [key for _, key in rows[:limit]]), more


def children(order_id: str, prefix: str, after: str, limit: int) -> tuple[list[dict[str, Any]], str | None]:
    """Return one page of an order's children with this prefix of the sort key, and the key to go on after, None at the
    end."""
    found = client("dynamodb").query(
        TableName=settings.orders_table,
        KeyConditionExpression="pk = :pk AND sk BETWEEN :first AND :last",
        # "!" and "~" come before and after every sign of a key.
        ExpressionAttributeValues=item(
            {":pk": keys.order(order_id)["pk"], ":first": f"{after}!" if after else prefix, ":last": f"{prefix}~"}
        ),
        Limit=limit + 1,
    )
    rows = [attributes(row) for row in found["Items"]]
    return rows[:limit], rows[limit - 1]["sk"] if len(rows) > limit else None


def whole(names: Sequence[str], after: str, limit: int) -> tuple[list[str], str | None]:
    """Return one page of a list that is kept whole, sorted, and the name to go on after, or None at the end."""
    left = [name for name in sorted(names) if name > after]
    return left[:limit], left[limit - 1] if len(left) > limit else None


def _read(table: str, wanted: list[keys.Key]) -> list[dict[str, Any]]:
    """Whole items in the order asked for. A row that is gone meanwhile is left out: lists may lag a second."""
    rows = reads.batch(table, wanted, consistent=False)
    found = {(row["pk"], row["sk"]): row for row in rows}
    at = [(key["pk"], key["sk"]) for key in wanted]
    return [found[key] for key in at if key in found]


def days(channel: str, yyyymmdd: str) -> list[str]:
    return [keys.day(channel, yyyymmdd, shard) for shard in range(keys.SHARDS)]


def queue(name: str) -> list[str]:
    return [keys.queue_page(name, shard) for shard in range(keys.SHARDS)]


def node(node: str, page: str, store: bool) -> list[str]:
    return [keys.node_page(node, page, shard) for shard in range(1 if store else keys.NODE_SHARDS)]


def alerts(kind: str) -> list[str]:
    return [keys.alerts_page(kind, shard) for shard in range(keys.SHARDS)]
