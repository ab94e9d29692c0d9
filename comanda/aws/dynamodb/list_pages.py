"""
Read lists page by page: rows of an index, merged from its shards and read whole by BatchGetItem, without scan or count.

Called by   the doors that answer lists
Raises      Invalid for a limit that is out of range; BadCursor

A cursor is the sort key of the last row, signed for the caller and the filters that it was made for.
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
    """Return the number of rows of a page, 1 to 100. Raises Invalid."""
    given = query.get("limit", str(USUAL))
    if not (given.isascii() and given.isdigit() and len(given) < 4 and 1 <= int(given) <= MOST):
        raise Invalid(Problem(pointer="/limit", code="out-of-range", message=f"1 to {MOST}"))
    return int(given)


def newest_first(query: dict[str, str]) -> bool:
    """Return whether the list begins with its newest row. Raises Invalid."""
    given = query.get("newest", "false")
    if given not in ("true", "false"):
        raise Invalid(Problem(pointer="/newest", code="not-a-choice", message="true or false"))
    return given == "true"


def cursor(after: str, bound_to: str) -> str:
    """Return a cursor for the key `after`. `bound_to` names the caller and the filters, which alone may use it."""
    mark = secret.sign("cursor", f"{bound_to}\n{after}")[:32]
    return base64.urlsafe_b64encode(f"{mark}{after}".encode()).decode()


def after(query: dict[str, str], bound_to: str) -> str:
    """Return the sort key to go on after, "" for the first page. Raises BadCursor for a cursor that was not made here."""
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
    """The cursor was changed, or belongs to another caller or to other filters."""

    code = "bad-cursor"


def page(
    index: str,
    partitions: Sequence[str],
    after: str,
    limit: int,
    *,
    table: str | None = None,
    prefix: str = "",
    newest: bool = False,
) -> tuple[list[dict[str, Any]], str | None]:
    """Return one page of an index over all `partitions`, by sort key, and the key to go on after, or None at the end.

    At most a page is read from each partition. `table` is Orders by default. With `prefix`, only rows whose sort keys begin
    so are listed. With `newest`, which no list with a prefix takes, the list begins at its end.
    """
    name, table = index.lower(), table or settings.orders_table
    rows: list[tuple[str, keys.Key]] = []
    for partition in partitions:
        condition, values = f"{name}pk = :pk", {":pk": partition}
        if prefix:  # "!" comes before, and the last character of ASCII after, every character of a key
            condition += f" AND {name}sk BETWEEN :first AND :last"
            values |= {":first": f"{after}!" if after else prefix, ":last": f"{prefix}\x7f"}
        elif after:
            condition += f" AND {name}sk {'<' if newest else '>'} :after"
            values |= {":after": after}
        found = client("dynamodb").query(
            TableName=table,
            IndexName=index,
            KeyConditionExpression=condition,
            ExpressionAttributeValues=item(values),
            ScanIndexForward=not newest,
            Limit=limit + 1,
        )
        rows += [(row[f"{name}sk"], {"pk": row["pk"], "sk": row["sk"]}) for row in map(attributes, found["Items"])]
    rows.sort(key=lambda row: row[0], reverse=newest)
    more = rows[limit - 1][0] if len(rows) > limit else None
    return _read(table, [key for _, key in rows[:limit]]), more


def children(
    order_id: str, prefix: str, after: str, limit: int, *, newest: bool = False
) -> tuple[list[dict[str, Any]], str | None]:
    """Return one page of an order's children with this prefix of the sort key, and the key to go on after, None at the
    end. With `newest`, the list begins at its end."""
    return rows_below(keys.order(order_id)["pk"], prefix, after, limit, newest=newest)


def rows_below(
    pk: str, prefix: str, after: str, limit: int, *, newest: bool = False
) -> tuple[list[dict[str, Any]], str | None]:
    """Return one page of the rows of a partition of Orders, as `children` does."""
    values = {":pk": pk, ":first": prefix, ":last": f"{prefix}~"}  # "~" comes after every character of a key
    found = client("dynamodb").query(
        TableName=settings.orders_table,
        KeyConditionExpression="pk = :pk AND sk BETWEEN :first AND :last",
        ExpressionAttributeValues=item(values),
        ScanIndexForward=not newest,
        Limit=limit + 1,
        **({"ExclusiveStartKey": item({"pk": pk, "sk": after})} if after else {}),
    )
    rows = [attributes(row) for row in found["Items"]]
    return rows[:limit], rows[limit - 1]["sk"] if len(rows) > limit else None


def whole(names: Sequence[str], after: str, limit: int) -> tuple[list[str], str | None]:
    """Return one page of a whole list of names, sorted, and the name to go on after, or None at the end."""
    left = [name for name in sorted(names) if name > after]
    return left[:limit], left[limit - 1] if len(left) > limit else None


def _read(table: str, wanted: list[keys.Key]) -> list[dict[str, Any]]:
    """Return whole items in the order of the keys. An item that was deleted since is left out, because an index may lag."""
    rows = reads.batch(table, wanted, consistent=False)
    found = {(row["pk"], row["sk"]): row for row in rows}
    at = [(key["pk"], key["sk"]) for key in wanted]
    return [found[key] for key in at if key in found]


def days(channel: str, yyyymmdd: str) -> list[str]:
    """Return the partitions of GSI2 with the orders that a channel placed on a UTC day."""
    return [keys.day(channel, yyyymmdd, shard) for shard in range(keys.SHARDS)]


def queue(name: str) -> list[str]:
    """Return the partitions of GSI3 with the tasks of a queue."""
    return [keys.queue_page(name, shard) for shard in range(keys.SHARDS)]


def node(node: str, page: str, store: bool) -> list[str]:
    """Return the partitions of GSI3 with a node's work. `page` is "open", or "done-" and a month; a store has one."""
    return [keys.node_page(node, page, shard) for shard in range(1 if store else keys.NODE_SHARDS)]


def alerts(kind: str) -> list[str]:
    """Return the partitions of GSI3 with the stock alerts of a kind."""
    return [keys.alerts_page(kind, shard) for shard in range(keys.SHARDS)]
