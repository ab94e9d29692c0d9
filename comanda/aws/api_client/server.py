"""
Send requests to one server over HTTP, and keep its connections open.

Called by   comanda.aws.api_client.calls and client; functions/console, which calls the sign-in page's server
Raises      NoAnswer when no whole answer came in time
"""

from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from http.client import BadStatusLine, HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

SECONDS = 8.0
_MOST_BYTES = 8_000_000  # of an answer: the gateway sends at most 10 MB, and no page shows that much


class NoAnswer(Exception):
    """The server sent no whole answer in time. It may have done the request all the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """An answer as it came. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Server:
    """A server by its base address, such as `https://x.test/live`. Threads may share it.

    `seconds` is how long it may be silent before a request ends without an answer.
    """

    def __init__(self, base: str, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        parts = urlsplit(base)
        self._secure, self._host, self._path = parts.scheme == "https", parts.netloc, parts.path.rstrip("/")
        self.idle: deque[HTTPConnection] = deque()  # open connections that no request uses now

    def send(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None = None) -> Raw:
        """Return the answer. Raises NoAnswer.

        A request on a connection that the server has closed meanwhile is sent once more, so each request must be one that
        may arrive twice.
        """
        try:
            while self.idle:
                with suppress(ConnectionError, BadStatusLine, IndexError):
                    return self._exchange(self.idle.pop(), method, path, headers, body)
            return self._exchange(self._connect(), method, path, headers, body)
        except (OSError, HTTPException) as error:
            raise NoAnswer(type(error).__name__) from error

    def _connect(self) -> HTTPConnection:
        kind = HTTPSConnection if self._secure else HTTPConnection
        return kind(self._host, timeout=self._seconds)

    def _exchange(
        self, connection: HTTPConnection, method: str, path: str, headers: Mapping[str, str], body: bytes | None
    ) -> Raw:
        """Send the request on this connection, which is idle again after a whole answer, and else closed."""
        whole = False
        try:
            connection.request(method, self._path + path, body=body, headers=dict(headers))
            answer = connection.getresponse()
            content = answer.read(_MOST_BYTES)
            whole = answer.isclosed() and not answer.will_close
        finally:
            if whole:
                self.idle.append(connection)
            else:
                connection.close()
        return Raw(
            status=answer.status, headers={name.lower(): value for name, value in answer.getheaders()}, body=content
        )


@cache
def server_at(base: str, seconds: float = SECONDS) -> Server:
    """Return the server of an address, the same one for the life of the process, so that its connections stay open."""
    return Server(base, seconds)
