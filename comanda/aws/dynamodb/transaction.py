"""
Write several items in one TransactWriteItems: all of them, or none. AWS's refusals become domain errors here alone.

Called by   every module that writes items which belong together
Raises      the error of the first write that was refused: each write carries the error that its failed condition means
"""

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from comanda.aws.dynamodb.items import item, wire
from comanda.aws.dynamodb.keys import Key
from comanda.aws.runtime.clients import client
from comanda.domain.errors import Busy, ComandaError, StockConflict, Throttled

MOST_ITEMS = 100
TRIES = 3  # of a transaction that collided with another one: botocore repeats throttled calls alone
_PAUSE_SECONDS = 0.02

# Reasons of a refused transaction: another one was first, or AWS asks for fewer calls.
_CONFLICTS = frozenset({"TransactionConflict"})
_SLOWER = frozenset({"ThrottlingError", "ProvisionedThroughputExceeded", "RequestLimitExceeded"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """One operation of a transaction. `refused` is the error that it means when its condition does not hold."""

    operation: dict[str, Any]
    refused: ComandaError


class DoesNotFit(ValueError):
    """There are more writes than one transaction takes. None of them was made."""


def put(table: str, values: dict[str, Any], refused: ComandaError, *, condition: str = "", **names: Any) -> Write:
    """Put an item. `condition` uses `:name` for the keyword `name`."""
    return Write(operation={"Put": parameters(table, {"Item": item(values)}, condition, names)}, refused=refused)


def put_once(table: str, values: dict[str, Any], refused: ComandaError) -> Write:
    """Put an item that must not exist yet."""
    return put(table, values, refused, condition="attribute_not_exists(pk)")


def update(table: str, key: Key, expression: str, refused: ComandaError, *, condition: str = "", **names: Any) -> Write:
    """Update an item. `#name` in an expression stands for the attribute `name`, whatever DynamoDB reserves."""
    body = {"Key": item(dict(key)), "UpdateExpression": expression}
    return Write(operation={"Update": parameters(table, body, condition, names)}, refused=refused)


def delete(table: str, key: Key, refused: ComandaError, *, condition: str = "", **names: Any) -> Write:
    return Write(operation={"Delete": parameters(table, {"Key": item(dict(key))}, condition, names)}, refused=refused)


def check(table: str, key: Key, condition: str, refused: ComandaError, **names: Any) -> Write:
    body = parameters(table, {"Key": item(dict(key))}, condition, names)
    return Write(operation={"ConditionCheck": body}, refused=refused)


def parameters(table: str, body: dict[str, Any], condition: str, names: dict[str, Any]) -> dict[str, Any]:
    """Return the request of a write. `names` are its values; a name `n_x` gives the attribute that `#x` stands for."""
    body["TableName"] = table
    if condition:
        body["ConditionExpression"] = condition
    if values := {f":{name}": wire(value) for name, value in names.items() if not name.startswith("n_")}:
        body["ExpressionAttributeValues"] = values
    if aliases := {f"#{name[2:]}": value for name, value in names.items() if name.startswith("n_")}:
        body["ExpressionAttributeNames"] = aliases
    return body


def commit(writes: Sequence[Write]) -> None:
    """Write all or nothing.

    Raises the `refused` error of the first write whose condition failed, StockConflict when other transactions touched
    an item three times, Throttled when AWS asks for less, DoesNotFit for more than 100 writes.
    """
    from botocore.exceptions import ClientError

    if len(writes) > MOST_ITEMS:
        raise DoesNotFit(f"{len(writes)} writes do not fit one transaction")
    for attempt in range(TRIES):
        try:
            client("dynamodb").transact_write_items(TransactItems=[write.operation for write in writes])
        except ClientError as error:
            if attempt == TRIES - 1 or not _only_collided(error):
                raise _meaning(error, writes) from error
        else:
            return
        # The other transaction is over in milliseconds; two that wait equally long would meet again.
        time.sleep(random.uniform(0, _PAUSE_SECONDS * 2**attempt))


def _only_collided(error: Any) -> bool:
    """Return True if no condition failed, and another transaction on one of the items is the only reason."""
    reasons = {reason.get("Code", "None") for reason in error.response.get("CancellationReasons", ())}
    return bool(reasons & _CONFLICTS) and reasons <= _CONFLICTS | {"None"}


def _meaning(error: Any, writes: Sequence[Write]) -> Exception:
    if error.response["Error"]["Code"] != "TransactionCanceledException":
        return error  # type: ignore[no-any-return]  # botocore has no types, and this error has no meaning in the domain
    reasons = [reason.get("Code", "None") for reason in error.response.get("CancellationReasons", ())]
    for reason, write in zip(reasons, writes, strict=False):
        if reason == "ConditionalCheckFailed" and not isinstance(write.refused, Busy):
            return write.refused
    for reason, write in zip(reasons, writes, strict=False):
        if reason == "ConditionalCheckFailed":
            return write.refused
    for reason, write in zip(reasons, writes, strict=False):
        if reason in _CONFLICTS:
            return StockConflict("another transaction was there first", place=getattr(write.refused, "place", None))
    if any(reason in _SLOWER for reason in reasons):
        return Throttled("transaction")
    return error  # type: ignore[no-any-return]  # as above
