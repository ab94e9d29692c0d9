"""
Call the public API with the person's own access token: the console has no other way to orders, stock or customers.

Called by   the pages, by their request's `door`; functions/console/sign_in.py
Returns     an Answer for each call, also for one that failed: a page shows the other parts and names the failed one
Raises      SignedOut when the person's session is over

Up to four calls run side by side, each has five seconds. A call that changes something carries the Idempotency-Key of its
form, so it may arrive twice.
"""

import json
import re
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from dataclasses import dataclass, field
from functools import cache
from time import monotonic
from typing import Any
from urllib.parse import urlencode

from comanda.aws.api_client.server import NoAnswer, Raw, Server
from comanda.aws.console import firewall
from comanda.aws.runtime import clock
from functions.console.addresses import addresses
from functions.console.session import OpenSession, SignedOut

SIDE_BY_SIDE = 4
SECONDS = 5.0  # for each call
TIMEOUT, UNREACHABLE = "timeout", "unreachable"
_UNAUTHORIZED = 401
_PATH = re.compile(r"(?:/[A-Za-z0-9._~%@:-]+)+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request to the API. `key` is an idempotency key, `version` an ETag for If-Match."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    key: str | None = None
    version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer of one call. `status` 0: there was none, and `failure` says why. `body` is plain JSON."""

    status: int
    body: Any = None
    etag: str | None = None
    failure: str | None = None
    trace: str = ""
    location: str | None = None

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def problem(self) -> str:
        """Return the code of the problem that the API answered, "" without one."""
        return type_of(self.body) if isinstance(self.body, dict) and not self.ok else ""


def type_of(problem: Mapping[str, Any]) -> str:
    """Return the code of a problem that the API answered, "" if it names none."""
    return str(problem.get("type", "")).removeprefix("urn:comanda:problem:")


def is_path(path: str) -> bool:
    """Return True if the path can name something of the API.

    A form may name a thing by any text. A text that is no part of a path would become another request.
    """
    return _PATH.fullmatch(path) is not None and {".", ".."}.isdisjoint(path.split("/"))


def get(path: str, **query: str) -> Call:
    """Return the call that reads a path of the API. Filters without a value are left out."""
    return Call(method="GET", path=path, query={name: value for name, value in query.items() if value})


class FrontDoor:
    """The API as one person, for one request of the console."""

    def __init__(self, token: Callable[[], str], renewed: Callable[[str], str] | None, trace: str) -> None:
        self._token, self._renewed, self._trace = token, renewed, trace

    @classmethod
    def for_session(cls, session: OpenSession, trace: str) -> "FrontDoor":
        """Return the API as the person of a session."""

        def now() -> int:
            return int(clock.now().timestamp())

        return cls(lambda: session.access_token(now()), lambda refused: session.renewed_token(refused, now()), trace)

    @classmethod
    def with_token(cls, token: str, trace: str) -> "FrontDoor":
        """Return the API with a token that is not refreshed."""
        return cls(lambda: token, None, trace)

    @classmethod
    def without_token(cls, trace: str) -> "FrontDoor":
        """Return the API for its open routes, which carry a proof of their own."""
        return cls(str, None, trace)

    def get(self, path: str, **query: str) -> Answer:
        return self.ask(get(path, **query))[0]

    def send(
        self, method: str, path: str, body: Any = None, *, key: str | None = None, version: str | None = None
    ) -> Answer:
        """Change something. `key` is the form's own, so that a second click changes nothing."""
        return self.ask(Call(method=method, path=path, body=body, key=key, version=version))[0]

    def ask(self, *calls: Call) -> tuple[Answer, ...]:
        """Return the answers of calls that run side by side, in their order."""
        if not calls:
            return ()
        # The token is refreshed here if need be, and all that threads must not make twice is made before they start.
        self._token()
        firewall.secret()
        _server(addresses().api)
        begun = monotonic()
        running = [_pool().submit(self._answer, call) for call in calls]
        waves = -(-len(calls) // SIDE_BY_SIDE)
        return tuple(_in_time(one, begun + SECONDS * waves) for one in running)

    def _answer(self, call: Call) -> Answer:
        if not is_path(call.path):
            return Answer(status=404, trace=self._trace)
        token = self._token()
        answer = self._try(call, token)
        if answer.status == _UNAUTHORIZED and self._renewed is not None:
            answer = self._try(call, self._renewed(token))
            if answer.status == _UNAUTHORIZED:
                raise SignedOut("the API does not take this person's tokens any more")
        return answer

    def _try(self, call: Call, token: str) -> Answer:
        where = call.path + (f"?{urlencode(call.query)}" if call.query else "")
        body = None if call.body is None else json.dumps(call.body).encode()
        try:
            raw = _server(addresses().api).send(call.method, where, self._headers(call, token), body)
        except NoAnswer as error:
            late = isinstance(error.__cause__, TimeoutError)
            return Answer(status=0, failure=TIMEOUT if late else UNREACHABLE, trace=self._trace)
        return _answer_of(raw, self._trace)

    def _headers(self, call: Call, token: str) -> dict[str, str]:
        headers = {
            **({"Authorization": f"Bearer {token}"} if token else {}),
            "Accept": "application/json",
            "X-Amzn-Trace-Id": self._trace,
            firewall.HEADER: firewall.secret(),
        }
        if call.body is not None:
            headers["Content-Type"] = "application/json"
        if call.key:
            headers["Idempotency-Key"] = call.key
        if call.version:
            headers["If-Match"] = call.version
        return headers


def _in_time(running: Future[Answer], until: float) -> Answer:
    try:
        return running.result(timeout=max(0.0, until - monotonic()))
    except TooLate:
        running.cancel()
        return Answer(status=0, failure=TIMEOUT)


def _answer_of(raw: Raw, trace: str) -> Answer:
    try:
        body = json.loads(raw.body) if raw.body else None
    except ValueError:  # a page of the gateway itself, or of something before it
        body = None
    return Answer(
        status=raw.status,
        body=body,
        etag=raw.headers.get("etag"),
        trace=trace,
        location=raw.headers.get("location"),
    )


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=SIDE_BY_SIDE, thread_name_prefix="front-door")


@cache
def _server(base: str) -> Server:
    return Server(base, SECONDS)
