"""
Stub AWS at the wire: botocore serializes, signs and parses as it always does; only the network is not there.

So a figure counts the work of a function and none of a server. This module does not import botocore: its import is part of a
function's start-up, and its last step is replaced when the function imports it.
"""

import importlib.util
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
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

    def read(self, *_: Any) -> bytes:
        read, self._body = self._body, b""
        return read


class _Replaced(MetaPathFinder):
    """An import hook that changes a module once, when it is imported."""

    def __init__(self, name: str, change: Callable[[Any], None]) -> None:
        self._name, self._change = name, change

    def find_spec(
        self, name: str, _path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name != self._name:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is None or spec.loader is None:
            raise ImportError(name)
        execute = spec.loader.exec_module

        def executed(module: ModuleType) -> None:
            execute(module)
            self._change(module)

        spec.loader.exec_module = executed  # type: ignore[method-assign]  # on this one loader, on purpose
        return spec


class Calls(Counter[str]):
    """Calls by operation. `seconds` is the CPU of making their answers, which is a server's work."""

    seconds = 0.0


@contextmanager
def stubbed(answers: dict[str, Answer]) -> Iterator[Calls]:
    """Answer JSON calls by operation name, e.g. {"GetItem": lambda request: {...}}; count them. Unknown ones answer {}."""
    calls = Calls()

    def send(_: Any, request: Any) -> Any:
        from botocore.awsrequest import AWSResponse

        operation = _operation(request)
        calls[operation] += 1
        # Reading the request is not the function's work, so it is read only if the answer depends on it.
        begun = time.thread_time()
        made = _made(answers.get(operation), operation, request.body)
        body = made if isinstance(made, bytes) else json.dumps(made).encode()
        calls.seconds += time.thread_time() - begun
        headers = {"Content-Type": "application/x-amz-json-1.0", "x-amzn-RequestId": "0"}
        return AWSResponse(request.url, 200, headers, _Raw(body))  # type: ignore[arg-type]  # botocore asks only for a `stream`

    if _LAST_STEP in sys.modules:
        raise RuntimeError("botocore was imported before the measurement began")

    def change(module: Any) -> None:
        module.URLLib3Session.send = send

    sys.meta_path.insert(0, _Replaced(_LAST_STEP, change))
    yield calls


def stub_api(answers: Mapping[str, dict[str, Any]]) -> None:
    """Answer what a room asks of servers over HTTP: 200 with the JSON of its path."""

    def change(module: Any) -> None:
        def send(_: Any, __: str, path: str, *_more: Any) -> Any:
            return module.Raw(status=200, headers={}, body=json.dumps(answers[path]).encode())

        module.Server.send = send

    sys.meta_path.insert(0, _Replaced("comanda.aws.api_client.server", change))


def _operation(request: Any) -> str:
    """Return the name of the operation. Where it is in the path, return the service and the method, such as "s3 GET"."""
    target = request.headers.get("X-Amz-Target")
    if target is None:
        names = request.url.partition("://")[2].partition("/")[0].split(".")
        return f"{'s3' if 's3' in names else names[0]} {request.method}"
    return (target.decode() if isinstance(target, bytes) else target).rpartition(".")[2]


_END = re.compile(r"\bsk < (:\w+)")  # of a range of rows


def _made(answer: Answer | None, operation: str, body: Any) -> dict[str, Any] | bytes:
    is_json = " " not in operation
    if answer is None:
        return b"{}" if is_json else b""
    return answer(json.loads(body) if is_json else {})


def answering(scene: dict[str, Any]) -> dict[str, Answer]:
    """
    Return the answers of a scene by operation.

    `items` are by pk, or by pk and sk with a space between, for single and batch reads; `pages` are by pk, for queries;
    `always` are whole answers. A `large` scene keeps its answers: making them again would be a server's work.
    """
    items, pages = scene.get("items", {}), scene.get("pages", {})

    def stored(key: dict[str, Any]) -> Any:
        pk, sk = (key[name]["S"] for name in ("pk", "sk"))
        return items.get(f"{pk} {sk}") or items.get(pk)

    def get_item(request: dict[str, Any]) -> dict[str, Any]:
        row = stored(request["Key"])
        return {"Item": row} if row else {}

    def batch_get_item(request: dict[str, Any]) -> dict[str, Any]:
        ((table, wanted),) = request["RequestItems"].items()
        names = set(wanted.get("ExpressionAttributeNames", {}).values())
        found = [_only(row, names) for row in map(stored, wanted["Keys"]) if row]
        return {"Responses": {table: found}, "UnprocessedKeys": {}}

    def query(request: dict[str, Any]) -> dict[str, Any]:
        values = request["ExpressionAttributeValues"]
        rows = pages.get(values[":pk"]["S"], [])
        if end := _END.search(request["KeyConditionExpression"]):
            rows = [row for row in rows if row["sk"]["S"] < values[end[1]]["S"]]
        if "ProjectionExpression" in request:
            names = set(request["ExpressionAttributeNames"].values())
            rows = [_only(row, names) for row in rows]
        return {"Items": rows, "Count": len(rows)}

    always = {name: _whole(answer) for name, answer in scene.get("always", {}).items()}
    batch, page = (_once(batch_get_item), _once(query)) if scene.get("large") else (batch_get_item, query)
    return {"GetItem": get_item, "BatchGetItem": batch, "Query": page, **always}


def _whole(answer: dict[str, Any] | str) -> Answer:
    """Return an answer that does not depend on the request. A text is a body as it is."""
    whole = answer.encode() if isinstance(answer, str) else answer
    return lambda _: whole


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
