"""
Send requests to one server over HTTP, and keep the connection of each thread open.

Called by   comanda.aws.api_client.tokens; rooms that call the public API as its clients do
Raises      NoAnswer when no whole answer came in time
"""

from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from threading import local
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
    """A server by its base address, such as `https://x.test/live`."""

    def __init__(self, base: str) -> None:
        parts = urlsplit(base)
        self._secure, self._host, self._path = parts.scheme == "https", parts.netloc, parts.path.rstrip("/")
        self._of_thread = local()

    def send(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None = None) -> Raw:
        """Return the answer. A request on a connection that the server has closed meanwhile is sent once more, so each
        request must be one that may arrive twice. Raises NoAnswer."""
        kept = getattr(self._of_thread, "connection", None)
        try:
            if kept is not None:
                try:
                    return self._exchange(kept, method, path, headers, body)
                except (ConnectionError, HTTPException):
                    kept.close()
            self._of_thread.connection = fresh = self._connect()
            return self._exchange(fresh, method, path, headers, body)
        except (OSError, HTTPException) as error:
            self._forget()
            raise NoAnswer(type(error).__name__) from error

    def _connect(self) -> HTTPConnection:
        kind = HTTPSConnection if self._secure else HTTPConnection
        return kind(self._host, timeout=SECONDS)

    def _exchange(
        self, connection: HTTPConnection, method: str, path: str, headers: Mapping[str, str], body: bytes | None
    ) -> Raw:
        connection.request(method, self._path + path, body=body, headers=dict(headers))
        answer = connection.getresponse()
        content = answer.read(_MOST_BYTES)
        if answer.will_close or not answer.isclosed():
            self._forget()
        return Raw(
            status=answer.status, headers={name.lower(): value for name, value in answer.getheaders()}, body=content
        )

    def _forget(self) -> None:
        connection, self._of_thread.connection = getattr(self._of_thread, "connection", None), None
        if connection is not None:
            connection.close()
