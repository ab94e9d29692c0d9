"""
Inject faults of AWS at the wire that no emulator has. Hooks of botocore do so, and our code does not change.

`conflicts` cancels transactions and throttles calls, with probability p and a seed. `Crash` ends a process before or after
its n-th call of AWS: from then on every call of that process fails, until a test starts another one.
"""

import json
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Self
from unittest import mock

from botocore.awsrequest import AWSResponse
from moto.core.botocore_stubber import BotocoreStubber

from comanda.aws.runtime.clients import client
from comanda.domain.errors import Busy

_MOST_TRIES = 5
SERVICES = ("dynamodb", "stepfunctions", "events", "s3", "lambda", "secretsmanager", "sesv2", "sqs")


class Crashed(BaseException):
    """The process has ended. This is no Exception, because a process cannot catch its own end."""


def service_id(service: str) -> str:
    """Return the name of a service in botocore's hooks."""
    return str(client(service).meta.service_model.service_id.hyphenize())


READS = frozenset(
    {"BatchGetItem", "DescribeExecution", "GetItem", "GetObject", "GetSecretValue", "ListObjectsV2", "Query", "Scan"}
)


class Crash:
    """
    A counter of the calls of all AWS services that ends the process at the `at`-th call (from 1).

    The process ends before the call is sent, or after it was done and before the answer comes. `at` 0 only counts.
    """

    def __init__(self, at: int = 0, *, after: bool = False) -> None:
        self.at, self.after = at, after
        self.calls: list[str] = []
        self.happened = ""
        self._dead = False
        self._rooms: list[str] = []  # the room of each call
        self._firsts: set[int] = set()
        self._room = ""

    def begin(self, room: str) -> None:
        """Another process begins: the next call is its first."""
        self._firsts.add(len(self.calls) + 1)
        self._room = room

    def made_by(self, room: str = "") -> int:
        """Return the number of calls of a room, or of all rooms."""
        return sum(made_by.startswith(room) for made_by in self._rooms)

    def points(self, room: str = "") -> list[tuple[int, bool]]:
        """
        Return (call, after) of the crashes, of one room or of all, that leave AWS in different states.

        A process that ends loses its memory, and a read changes nothing. So a crash after a read equals one before it, and a
        crash before a call equals one after the call before it in the same process. All other points equal one of these.
        """
        writes = [(n, True) for n, call in enumerate(self.calls, 1) if call not in READS]
        points = sorted([*writes, *((n, False) for n in self._firsts if n <= len(self.calls))])
        return [point for point in points if self._rooms[point[0] - 1].startswith(room)]

    def revive(self) -> None:
        """Another process takes over."""
        self._dead = False

    def outlived[T](self, act: Callable[[], T]) -> T:
        """Return what `act` returns in the end: who asked asks again, and what was delivered is delivered again."""
        for _ in range(_MOST_TRIES):
            try:
                return act()
            except (Crashed, Busy):
                self.revive()
        raise AssertionError("it never came through")

    def _before(self, model: Any, **_: Any) -> None:
        if self._dead:
            raise Crashed
        self.calls.append(model.name)
        self._rooms.append(self._room)
        if len(self.calls) == self.at and not self.after:
            self._die(model.name)

    def _after(self, model: Any, **_: Any) -> None:
        if not self._dead and len(self.calls) == self.at and self.after and not self.happened:
            self._die(model.name)

    def _die(self, call: str) -> None:
        self._dead = True
        self.happened = f"{'after' if self.after else 'before'} call {self.at}, {call}"
        raise Crashed(self.happened)

    def __enter__(self) -> Self:
        for service in SERVICES:
            events = client(service).meta.events
            events.register_first(f"before-call.{service_id(service)}", self._before, unique_id="crash")
            events.register_first(f"after-call.{service_id(service)}", self._after, unique_id="crash-after")
        return self

    def __exit__(self, *_: object) -> None:
        for service in SERVICES:
            events = client(service).meta.events
            events.unregister(f"before-call.{service_id(service)}", unique_id="crash")
            events.unregister(f"after-call.{service_id(service)}", unique_id="crash-after")


class Between:
    """Let something else happen before the `at`-th call of AWS (from 1) of what runs in this context, and keep its answer.
    `at` 0 only counts."""

    def __init__(self, at: int = 0, happens: Callable[[], Any] = lambda: None) -> None:
        self.at, self.happens = at, happens
        self.calls = 0
        self.answer: Any = None
        self._begun = False

    def _before(self, **_: Any) -> None:
        if self._begun:
            return
        self.calls += 1
        if self.calls == self.at:
            self._begun = True
            self.answer = self.happens()

    def __enter__(self) -> Self:
        for service in SERVICES:
            hook = f"before-call.{service_id(service)}"
            client(service).meta.events.register_first(hook, self._before, unique_id="between")
        return self

    def __exit__(self, *_: object) -> None:
        for service in SERVICES:
            client(service).meta.events.unregister(f"before-call.{service_id(service)}", unique_id="between")


_REFUSED = "X-Refused"  # a header of a request that is refused before it arrives


class Counts(dict[str, int]):
    """The number of injected faults by name, so that a test can check that any were injected."""

    def add(self, name: str) -> None:
        self[name] = self.get(name, 0) + 1


@contextmanager
def conflicts(seed: int, p: float = 0.3, throttled: float = 0.3) -> Iterator[Counts]:
    """Cancel a share `p` of all transactions with a TransactionConflict, and throttle a share of all DynamoDB calls.

    botocore repeats calls as it always does, but without its pauses. Yields the counts of injected faults.
    """
    chance, counts = random.Random(seed), Counts()

    def hook(request: Any, **_: Any) -> AWSResponse | None:
        operation = request.headers["X-Amz-Target"].decode().rpartition(".")[2]
        if chance.random() < throttled:
            counts.add("throttled")
            code = chance.choice(("ThrottlingException", "ProvisionedThroughputExceededException"))
            return _refusal(request, code, {})
        if operation == "TransactWriteItems" and chance.random() < p:
            counts.add("conflict")
            many = len(json.loads(request.body)["TransactItems"])
            reasons = [{"Code": "None"}] * many
            reasons[chance.randrange(many)] = {"Code": "TransactionConflict"}
            return _refusal(request, "TransactionCanceledException", {"CancellationReasons": reasons})
        if operation in ("PutItem", "UpdateItem", "DeleteItem") and chance.random() < p:
            counts.add("conflict of one item")
            return _refusal(request, "TransactionConflictException", {})
        return None

    with _hooked("before-send.dynamodb", hook), mock.patch("time.sleep"):
        yield counts


@contextmanager
def contended(is_busy: Callable[[str, str], bool]) -> Iterator[Counts]:
    """Cancel each transaction that writes a busy row (pk, sk), as if others wrote that row all the time."""
    counts = Counts()

    def hook(request: Any, **_: Any) -> AWSResponse | None:
        if request.headers["X-Amz-Target"].decode().rpartition(".")[2] != "TransactWriteItems":
            return None
        rows = [next(iter(one.values())) for one in json.loads(request.body)["TransactItems"]]
        named = [row.get("Item") or row["Key"] for row in rows]
        codes = ["TransactionConflict" if is_busy(row["pk"]["S"], row["sk"]["S"]) else "None" for row in named]
        if "TransactionConflict" not in codes:
            return None
        counts.add("conflict")
        reasons = {"CancellationReasons": [{"Code": code} for code in codes]}
        return _refusal(request, "TransactionCanceledException", reasons)

    with _hooked("before-send.dynamodb", hook), mock.patch("time.sleep"):
        yield counts


@contextmanager
def _hooked(name: str, hook: Callable[..., Any]) -> Iterator[None]:
    events, answer = client("dynamodb").meta.events, BotocoreStubber.__call__

    def unless_refused(stub: Any, event_name: str, request: Any, **more: Any) -> Any:
        """Return no answer for a refused request. botocore calls every hook, so moto would run the refused call too."""
        return None if _REFUSED in request.headers else answer(stub, event_name, request, **more)

    events.register_first(name, hook, unique_id="fault")
    try:
        with mock.patch.object(BotocoreStubber, "__call__", unless_refused):
            yield
    finally:
        events.unregister(name, unique_id="fault")


class _Raw:
    """The body of an answer, as urllib3 gives it."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self._body


def _refusal(request: Any, code: str, more: dict[str, Any]) -> AWSResponse:
    request.headers[_REFUSED] = "yes"
    body = {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "injected", **more}
    return AWSResponse(
        request.url, 400, {"content-type": "application/x-amz-json-1.0"}, _Raw(json.dumps(body).encode())
    )
