"""
AWS, stubbed at the wire: botocore serializes, signs and parses as it always does; only the network is not there.

So a figure counts what a function really spends, and nothing of a server.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from botocore.awsrequest import AWSResponse

Answer = Callable[[dict[str, Any]], dict[str, Any]]


class _Raw:
    """The body as urllib3 would hand it over."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self._body


def _nothing(_: dict[str, Any]) -> dict[str, Any]:
    return {}


@contextmanager
def stubbed(answers: dict[str, Answer]) -> Iterator[Counter[str]]:
    """Answer JSON calls by operation name, e.g. {"GetItem": lambda request: {...}}; count them. Unknown ones answer {}."""
    calls: Counter[str] = Counter()

    def send(_: Any, request: Any) -> AWSResponse:
        target = request.headers["X-Amz-Target"]
        target = target.decode() if isinstance(target, bytes) else target
        operation = target.rpartition(".")[2]
        calls[operation] += 1
        given = json.loads(request.body) if request.body else {}
        body = json.dumps(answers.get(operation, _nothing)(given)).encode()
        headers = {"Content-Type": "application/x-amz-json-1.0", "x-amzn-RequestId": "0"}
        return AWSResponse(request.url, 200, headers, _Raw(body))  # type: ignore[arg-type]  # botocore

    with mock.patch("botocore.httpsession.URLLib3Session.send", send):
        yield calls


def answering(scene: dict[str, Any]) -> dict[str, Answer]:
    """Answers out of a scene: `items` by pk for single and batch reads, `pages` by pk for queries, `always` as they are."""
    items, pages = scene.get("items", {}), scene.get("pages", {})

    def get_item(request: dict[str, Any]) -> dict[str, Any]:
        row = items.get(request["Key"]["pk"]["S"])
        return {"Item": row} if row else {}

    def batch_get_item(request: dict[str, Any]) -> dict[str, Any]:
        ((table, wanted),) = request["RequestItems"].items()
        found = [items[key["pk"]["S"]] for key in wanted["Keys"] if key["pk"]["S"] in items]
        return {"Responses": {table: found}, "UnprocessedKeys": {}}

    def query(request: dict[str, Any]) -> dict[str, Any]:
        rows = pages.get(request["ExpressionAttributeValues"][":pk"]["S"], [])
        return {"Items": rows, "Count": len(rows)}

    always = {name: (lambda _, answer=answer: answer) for name, answer in scene.get("always", {}).items()}
    return {"GetItem": get_item, "BatchGetItem": batch_get_item, "Query": query, **always}
