"""
Reads of the tables, from plain keys to plain attributes: one item, all pages of a query, any number of keys.

Whoever reads names the table first: the rights of each room are tested against what its sources name.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from comanda.aws.dynamodb.items import Item, attributes, item
from comanda.aws.dynamodb.keys import Key
from comanda.aws.runtime.clients import client

_MOST_KEYS = 100  # of one BatchGetItem


def get(table: str, key: Key, *, consistent: bool = True) -> dict[str, Any] | None:
    row = client("dynamodb").get_item(TableName=table, Key=item(dict(key)), ConsistentRead=consistent).get("Item")
    return attributes(row) if row else None


def query(
    table: str,
    condition: str,
    *,
    index: str | None = None,
    consistent: bool = False,
    only: Sequence[str] = (),
    **values: Any,
) -> Iterator[dict[str, Any]]:
    """Every row, page after page as they are asked for. `condition` uses `:name` for the keyword `name`; `only` these
    attributes come back, where they are named: what is not sent need not be read."""
    return map(attributes, raw_query(table, condition, index=index, consistent=consistent, only=only, **values))


def raw_query(
    table: str,
    condition: str,
    *,
    index: str | None = None,
    consistent: bool = False,
    only: Sequence[str] = (),
    **values: Any,
) -> Iterator[Item]:
    """The same as they come over the wire, for who reads thousands of rows and little of each."""
    request: dict[str, Any] = {
        "TableName": table,
        "KeyConditionExpression": condition,
        "ExpressionAttributeValues": item({f":{name}": value for name, value in values.items()}),
        "ConsistentRead": consistent,
        **({"IndexName": index} if index else {}),
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
    """Those of these items that exist, in any order; `only` these attributes, where they are named. No key may come twice."""
    wanted = [item(dict(key)) for key in keys]
    for first in range(0, len(wanted), _MOST_KEYS):
        page = {"Keys": wanted[first : first + _MOST_KEYS], "ConsistentRead": consistent, **_projection(only)}
        request: dict[str, Any] = {table: page}
        while request:
            answer = client("dynamodb").batch_get_item(RequestItems=request)
            yield from map(attributes, answer["Responses"].get(table, ()))
            request = answer.get("UnprocessedKeys") or {}
