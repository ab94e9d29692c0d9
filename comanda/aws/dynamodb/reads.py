"""
Read the tables, from plain keys to plain attributes: one item, all pages of a query, any number of keys.

Called by   every module that reads a table

The table is the first argument of each function: a test compares the rights of each room with the tables that it names.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from comanda.aws.dynamodb.items import Item, attributes, item
from comanda.aws.dynamodb.keys import Key
from comanda.aws.runtime.clients import client

_MOST_KEYS = 100  # of one BatchGetItem


def get(table: str, key: Key, *, consistent: bool = True) -> dict[str, Any] | None:
    """Return the attributes of an item, None when there is no such item."""
    row = client("dynamodb").get_item(TableName=table, Key=item(dict(key)), ConsistentRead=consistent).get("Item")
    return attributes(row) if row else None


def query(
    table: str,
    condition: str,
    *,
    index: str | None = None,
    consistent: bool = False,
    only: Sequence[str] = (),
    together: int = 0,
    newest: bool = False,
    **values: Any,
) -> Iterator[dict[str, Any]]:
    """Yield every row of a query, page after page. `condition` uses `:name` for the keyword `name`.

    With `only`, rows have these attributes alone, and are read faster. `together` is the number of rows of a page, for a
    caller that stops before the end; 0: as many as DynamoDB sends at once. With `newest`, the last sort key comes first.
    """
    rows = raw_query(
        table, condition, index=index, consistent=consistent, only=only, together=together, newest=newest, **values
    )
    return map(attributes, rows)


def raw_query(
    table: str,
    condition: str,
    *,
    index: str | None = None,
    consistent: bool = False,
    only: Sequence[str] = (),
    together: int = 0,
    newest: bool = False,
    **values: Any,
) -> Iterator[Item]:
    """Yield the rows of `query` in the wire format, for a caller that reads thousands of rows and little of each."""
    request: dict[str, Any] = {
        "TableName": table,
        "KeyConditionExpression": condition,
        "ExpressionAttributeValues": item({f":{name}": value for name, value in values.items()}),
        "ConsistentRead": consistent,
        **({"IndexName": index} if index else {}),
        **({"Limit": together} if together else {}),
        **({"ScanIndexForward": False} if newest else {}),
        **_projection(only),
    }
    while True:
        page = client("dynamodb").query(**request)
        yield from page["Items"]
        if "LastEvaluatedKey" not in page:
            return
        request["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def _projection(only: Sequence[str]) -> dict[str, Any]:
    if not only:
        return {}
    return {
        "ProjectionExpression": ", ".join(f"#a{i}" for i in range(len(only))),
        "ExpressionAttributeNames": {f"#a{i}": name for i, name in enumerate(only)},
    }


def batch(
    table: str, keys: Iterable[Key], *, consistent: bool = True, only: Sequence[str] = ()
) -> Iterator[dict[str, Any]]:
    """Yield the items at these keys that exist, in any order. With `only`, they have these attributes alone.

    No key may occur twice.
    """
    wanted = [item(dict(key)) for key in keys]
    for first in range(0, len(wanted), _MOST_KEYS):
        page = {"Keys": wanted[first : first + _MOST_KEYS], "ConsistentRead": consistent, **_projection(only)}
        request: dict[str, Any] = {table: page}
        while request:
            answer = client("dynamodb").batch_get_item(RequestItems=request)
            yield from map(attributes, answer["Responses"].get(table, ()))
            request = answer.get("UnprocessedKeys") or {}
