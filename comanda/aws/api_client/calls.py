"""
Make one call of the public API, as a room that serves pages does.

Called by   comanda.aws.api_client.client, which is an application; functions/console, which acts as a person
Returns     an Answer, whatever its status
Raises      NoAnswer
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from comanda.aws.api_client import firewall
from comanda.aws.api_client.server import Server


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
    """The answer of one call. `status` 0: there was none, and `failure` says why. `body` is plain JSON, None without any.

    `text` is a CSV file, and `following` the cursor of its next part.
    """

    status: int
    body: Any = None
    etag: str | None = None
    failure: str | None = None
    trace: str = ""
    location: str | None = None
    text: str = ""
    following: str = ""

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def problem(self) -> str:
        """Return the type of the problem that the API answered, such as `invalid`, and "" without one."""
        return type_of(self._refusal)

    @property
    def errors(self) -> list[dict[str, Any]]:
        """Return the wrong fields that a problem names, each with its pointer, code and message."""
        return [one for one in self._refusal.get("errors") or () if isinstance(one, dict)]

    @property
    def _refusal(self) -> dict[str, Any]:
        return self.body if isinstance(self.body, dict) and not self.ok else {}


def type_of(problem: Mapping[str, Any]) -> str:
    """Return the type of a problem of the API, such as `invalid`, and "" if it names none."""
    return str(problem.get("type", "")).removeprefix("urn:comanda:problem:")


def get(path: str, **query: str) -> Call:
    """Return the call that reads a path of the API. Filters without a value are left out."""
    return Call(method="GET", path=path, query={name: value for name, value in query.items() if value})


def send(server: Server, call: Call, token: str, trace: str = "") -> Answer:
    """Return the API's answer to a call. `token` "" is for open routes; the API logs the call under `trace`. Raises NoAnswer."""
    where = call.path + (f"?{urlencode(call.query)}" if call.query else "")
    content = None if call.body is None else json.dumps(call.body).encode()
    headers = {
        "Accept": "application/json",
        firewall.HEADER: firewall.secret(),
        "Authorization": f"Bearer {token}" if token else "",
        "Content-Type": "" if content is None else "application/json",
        "Idempotency-Key": call.key or "",
        "If-Match": call.version or "",
        "X-Amzn-Trace-Id": trace,
    }
    raw = server.send(call.method, where, {name: value for name, value in headers.items() if value}, content)
    return Answer(
        status=raw.status,
        body=read_json(raw.body),
        etag=raw.headers.get("etag"),
        trace=trace,
        location=raw.headers.get("location"),
        text=raw.body.decode() if raw.headers.get("content-type", "").startswith("text/csv") else "",
        following=_next(raw.headers.get("link", "")),
    )


def _next(link: str) -> str:
    """Return the cursor of the address in a header `Link`, "" without one. The API names no other address there."""
    address = link.partition(">")[0].removeprefix("<")
    return parse_qs(urlsplit(address).query).get("cursor", [""])[0]


def read_json(body: bytes) -> Any:
    """Return the value, or None for a text that is no JSON: a page of the gateway itself, or of something before it."""
    try:
        return json.loads(body) if body else None
    except ValueError:
        return None
