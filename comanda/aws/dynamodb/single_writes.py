"""
Single writes on a condition that may well not hold: they say so, and nothing is wrong.

What must be written together, or must not fail unnoticed, is a `comanda.aws.dynamodb.transaction`.
"""

from typing import Any

from comanda.aws.dynamodb.items import item
from comanda.aws.dynamodb.keys import Key
from comanda.aws.dynamodb.transaction import parameters
from comanda.aws.runtime.clients import client


def update(table: str, key: Key, expression: str, *, condition: str = "", **names: Any) -> bool:
    """Update an item; False when the condition does not hold. Names are spelled as in a transaction."""
    body = {"Key": item(dict(key)), "UpdateExpression": expression}
    return _held(client("dynamodb").update_item, parameters(table, body, condition, names))


def delete(table: str, key: Key, *, condition: str, **names: Any) -> bool:
    """Delete an item; False when the condition does not hold."""
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
