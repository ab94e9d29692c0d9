"""
Call the public API with the person's own access token: the console has no other way to orders, stock or customers.

Called by   the pages, by their request's `door`; functions/console/sign_in.py
Returns     an Answer for each call, also for one that failed: a page shows the other parts and names the failed one
Raises      SignedOut when the person's session is over; Unanswered when nobody knows whether a form was done

Up to four calls run side by side, each has five seconds; a file has twenty. A call that changes something carries the Idempotency-Key of its
form, so it may arrive twice.
"""

import re
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from functools import cache
from time import monotonic
from typing import Any

from comanda.aws.api_client import calls, firewall
from comanda.aws.api_client.calls import Answer, Call, get
from comanda.aws.api_client.server import NoAnswer, Server, server_at
from comanda.aws.runtime import clock
from functions.console.addresses import addresses
from functions.console.session import OpenSession, SignedOut

SIDE_BY_SIDE = 4
SECONDS = 5.0  # for each call
FILE_SECONDS = 20.0  # for a file of ten thousand documents
TIMEOUT, UNREACHABLE = "timeout", "unreachable"
_UNAUTHORIZED, _FAILED = 401, 500
_PATH = re.compile(r"(?:/[A-Za-z0-9._~%@:-]+)+")


def is_path(path: str) -> bool:
    """Return True if the path can name something of the API.

    A form may name a thing by any text. A text that is no part of a path would become another request.
    """
    return _PATH.fullmatch(path) is not None and {".", ".."}.isdisjoint(path.split("/"))


class Unanswered(Exception):
    """Say that a form may have been done or not. The page that tells it sends the same form with the same key again."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"the API answered {answer.status}")
        self.answer = answer


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

    def file(self, path: str, **query: str) -> Answer:
        """Read a file, for which a person waits longer than for a page."""
        return self._answer(get(path, **query), FILE_SECONDS)

    def send(
        self, method: str, path: str, body: Any = None, *, key: str | None = None, version: str | None = None
    ) -> Answer:
        """Change something. `key` is the form's own, so that a second click changes nothing. Raises Unanswered."""
        answer = self.ask(Call(method=method, path=path, body=body, key=key, version=version))[0]
        if key and (answer.status == 0 or answer.status >= _FAILED):
            raise Unanswered(answer)
        return answer

    def ask(self, *wanted: Call) -> tuple[Answer, ...]:
        """Return the answers of calls that run side by side, in their order."""
        if not wanted:
            return ()
        # The token is refreshed here if need be, and all that threads must not make twice is made before they start.
        self._token()
        firewall.secret()
        _server(SECONDS)
        begun = monotonic()
        running = [_pool().submit(self._answer, call, SECONDS) for call in wanted]
        waves = -(-len(wanted) // SIDE_BY_SIDE)
        return tuple(_in_time(one, begun + SECONDS * waves) for one in running)

    def _answer(self, call: Call, seconds: float) -> Answer:
        if not is_path(call.path):
            return Answer(status=404, trace=self._trace)
        token = self._token()
        answer = self._try(call, token, seconds)
        if answer.status == _UNAUTHORIZED and self._renewed is not None:
            answer = self._try(call, self._renewed(token), seconds)
            if answer.status == _UNAUTHORIZED:
                raise SignedOut("the API does not take this person's tokens any more")
        return answer

    def _try(self, call: Call, token: str, seconds: float) -> Answer:
        try:
            return calls.send(_server(seconds), call, token, self._trace)
        except NoAnswer as error:
            late = isinstance(error.__cause__, TimeoutError)
            return Answer(status=0, failure=TIMEOUT if late else UNREACHABLE, trace=self._trace)


def _in_time(running: Future[Answer], until: float) -> Answer:
    try:
        return running.result(timeout=max(0.0, until - monotonic()))
    except TooLate:
        running.cancel()
        return Answer(status=0, failure=TIMEOUT)


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=SIDE_BY_SIDE, thread_name_prefix="front-door")


def _server(seconds: float) -> Server:
    return server_at(addresses().api, seconds)
