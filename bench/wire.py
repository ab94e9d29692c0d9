"""
Stub AWS at the wire: botocore serializes, signs and parses as it always does; only the network is not there.

So a figure counts the work of a function and none of a server. This module does not import botocore: its import is part of a
function's start-up, and its last step is replaced when the function imports it.
"""

import importlib.util
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

Answer = Callable[[dict[str, Any]], dict[str, Any] | bytes]

_LAST_STEP = "botocore.httpsession"


class _Raw:
    """A body as urllib3 gives it."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self._body


class _Replaced(MetaPathFinder):
    """An import hook that replaces botocore's last step by our `send` when it is imported."""

    def __init__(self, send: Callable[..., Any]) -> None:
        self._send = send

    def find_spec(
        self, name: str, _path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name != _LAST_STEP:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is None or spec.loader is None:
            raise ImportError(name)
        execute = spec.loader.exec_module

        def executed(module: ModuleType) -> None:
            execute(module)
            module.URLLib3Session.send = self._send

        spec.loader.exec_module = executed  # type: ignore[method-assign]  # on this one loader, on purpose
        return spec


@contextmanager
def stubbed(answers: dict[str, Answer]) -> Iterator[Counter[str]]:
    """Answer JSON calls by operation name, e.g. {"GetItem": lambda request: {...}}; count them. Unknown ones answer {}."""
    calls: Counter[str] = Counter()

    def send(_: Any, request: Any) -> Any:
        from botocore.awsrequest import AWSResponse

        target = request.headers["X-Amz-Target"]
        target = target.decode() if isinstance(target, bytes) else target
        operation = target.rpartition(".")[2]
        calls[operation] += 1
        answer = answers.get(operation)
        # Reading the request is not the function's work, so it is read only if the answer depends on it.
        made = answer(json.loads(request.body)) if answer else b"{}"
        body = made if isinstance(made, bytes) else json.dumps(made).encode()
        headers = {"Content-Type": "application/x-amz-json-1.0", "x-amzn-RequestId": "0"}
        return AWSResponse(request.url, 200, headers, _Raw(body))  # type: ignore[arg-type]  # botocore asks only for a `stream`

    if _LAST_STEP in sys.modules:
        raise RuntimeError("botocore was imported before the measurement began")
    sys.meta_path.insert(0, _Replaced(send))
    yield calls


def answering(scene: dict[str, Any]) -> dict[str, Answer]:
    """
    Return the answers of a scene by operation.

    `items` are by pk, or by pk and sk with a space between, for single and batch reads; `pages` are by pk, for queries;
    `always` are whole answers. A `large` scene keeps its answers: making them again would be a server's work.
    """
    items, pages = scene.get("items", {}), scene.get("pages", {})

    def get_item(request: dict[str, Any]) -> dict[str, Any]:
        row = items.get(request["Key"]["pk"]["S"])
        return {"Item": row} if row else {}

    def batch_get_item(request: dict[str, Any]) -> dict[str, Any]:
        ((table, wanted),) = request["RequestItems"].items()
        names = set(wanted.get("ExpressionAttributeNames", {}).values())
        places = ((key["pk"]["S"], f"{key['pk']['S']} {key['sk']['S']}") for key in wanted["Keys"])
        found = [_only(items[place], names) for both in places for place in both if place in items]
        return {"Responses": {table: found}, "UnprocessedKeys": {}}

    def query(request: dict[str, Any]) -> dict[str, Any]:
        rows = pages.get(request["ExpressionAttributeValues"][":pk"]["S"], [])
        if "ProjectionExpression" in request:
            names = set(request["ExpressionAttributeNames"].values())
            rows = [_only(row, names) for row in rows]
        return {"Items": rows, "Count": len(rows)}

    always = {name: (lambda _, answer=answer: answer) for name, answer in scene.get("always", {}).items()}
    batch, page = (_once(batch_get_item), _once(query)) if scene.get("large") else (batch_get_item, query)
    return {"GetItem": get_item, "BatchGetItem": batch, "Query": page, **always}


def _only(row: dict[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if not names or name in names}


def _once(answer: Answer) -> Answer:
    made: dict[str, bytes] = {}

    def kept(request: dict[str, Any]) -> bytes:
        name = json.dumps(request)
        if name not in made:
            made[name] = json.dumps(answer(request)).encode()
        return made[name]

    return kept
