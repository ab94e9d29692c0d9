"""
Read a request of the gateway: its path below `/console`, query, headers, cookies and body, all as plain text.

Called by   functions/console/handler.py
Returns     an Incoming, whatever strange values the request has: what is wrong with them is answered later
"""

from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

POST = "POST"


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A request. `path` is below `/console` and percent-encoded as it was sent; header names are in lower case."""

    method: str
    path: str
    query: Mapping[str, tuple[str, ...]]
    headers: Mapping[str, str]
    body: bytes
    trace: str
    ends_with_slash: bool = False  # such an address is another one to the browser: relative links would lead astray

    @property
    def fragment(self) -> bool:
        """Return True if htmx asks for a part of the page."""
        return self.headers.get("hx-request") == "true" and self.headers.get("hx-history-restore-request") != "true"

    @property
    def base(self) -> str | None:
        """Return the path of the page in the browser if htmx asks, because links of a part are relative to that page."""
        if not self.fragment:
            return None
        _, found, path = self.headers.get("hx-current-url", "").partition("/console")
        return path.partition("?")[0].partition("#")[0].strip("/") if found else None

    def parameter(self, name: str) -> str:
        """Return a query parameter without blanks around it, "" without one. Of several the last counts."""
        return self.query.get(name, ("",))[-1].strip()

    def cookie(self, name: str) -> str:
        """Return the value of a cookie, "" without one. A name that stands twice has no value: one of them is forged."""
        pairs = (pair.strip().partition("=") for pair in self.headers.get("cookie", "").split(";"))
        values = [value for key, _, value in pairs if key == name]
        return values[0] if len(values) == 1 else ""


def read(event: Mapping[str, Any]) -> Incoming:
    """Return the gateway's request."""
    query = event.get("multiValueQueryStringParameters") or {}
    headers = {name.lower(): str(value) for name, value in (event.get("headers") or {}).items()}
    return Incoming(
        method=str(event["httpMethod"]),
        path=str((event.get("pathParameters") or {}).get("page") or "").strip("/"),
        query={name: tuple(value or "" for value in values) for name, values in query.items()},
        headers=headers,
        body=_body(event),
        ends_with_slash=str(event.get("path", "")).endswith("/"),
        trace=headers.get("x-amzn-trace-id") or str(event["requestContext"].get("requestId", "")),
    )


def _body(event: Mapping[str, Any]) -> bytes:
    sent = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        return str(sent).encode("utf-8", "surrogatepass")
    try:
        return b64decode(sent)
    except ValueError:
        return b""
