"""
Write one item on a condition that need not hold, and return whether it did.

Called by   modules that claim a row, move a mark or delete a row that may be gone

Writes that belong together, or that must not fail unnoticed, go through `comanda.aws.dynamodb.transaction`.
"""

from typing import Any

from comanda.aws.dynamodb.items import item
from comanda.aws.dynamodb.keys import Key
from comanda.aws.dynamodb.transaction import parameters
from comanda.aws.runtime.clients import client


def update(table: str, key: Key, expression: str, *, condition: str = "", **names: Any) -> bool:
    """Update an item, and return False when the condition does not hold. Names are spelled as in a transaction."""
    body = {"Key": item(dict(key)), "UpdateExpression": expression}
    return _held(client("dynamodb").update_item, parameters(table, body, condition, names))


def delete(table: str, key: Key, *, condition: str, **names: Any) -> bool:
    """Delete an item, and return False when the condition does not hold."""
    return _held(client("dynamodb").delete_item, parameters(table, {"Key": item(dict(key))}, condition, names))


def _held(write: Any, request: dict[str, Any]) -> bool:
    from botocore.exceptions import ClientError

    try:
        write(**request)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        return False
    return True
