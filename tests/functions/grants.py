"""
Refuse calls of DynamoDB that the rights of a room do not grant, as IAM does in a deployed system.

What a room's code can reach is more than what it does, so `infra/rights.py` cannot be derived from it. This finds the rights
that are missing: each test that lets a room work is a test of them.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from threading import local
from typing import Any

import pytest

from comanda.aws.runtime.clients import client
from infra.rights import RIGHTS, Access
from tests.faults import service_id

_TRANSACTION = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}
_of_thread = local()


@contextmanager
def of_room(room: str) -> Iterator[None]:
    """Let calls of this thread be those of the room."""
    before = getattr(_of_thread, "room", None)
    _of_thread.room = room
    try:
        yield
    finally:
        _of_thread.room = before


@pytest.fixture(autouse=True)
def grants(aws: Any) -> Iterator[None]:
    events, hook = client("dynamodb").meta.events, f"before-call.{service_id('dynamodb')}"
    events.register_first(hook, _check, unique_id="grants")
    yield
    events.unregister(hook, unique_id="grants")


def _check(model: Any, params: dict[str, Any], **_: Any) -> None:
    room = getattr(_of_thread, "room", None)
    if room is None:
        return
    for table, operation, index in _used(model.name, json.loads(params["body"])):
        access = RIGHTS[room].get(f"{table.lower()}-table", Access(()))
        granted = int(index) in access.indexes if index else operation in access.operations
        assert granted, (
            f"infra/rights.py does not grant {room} the {operation} of {table} {index and 'by index ' + index}"
        )


def _used(call: str, body: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield each table, operation and number of an index that a call needs a right to."""
    if call == "TransactWriteItems":
        for one in body["TransactItems"]:
            ((kind, what),) = one.items()
            yield what["TableName"], _TRANSACTION[kind], ""
    elif call in ("BatchGetItem", "BatchWriteItem"):
        yield from ((table, call, "") for table in body["RequestItems"])
    else:
        yield body["TableName"], call, body.get("IndexName", "").removeprefix("GSI")
