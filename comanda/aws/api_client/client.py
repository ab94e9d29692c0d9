"""
Call the public API as one application, with a token of its own that is kept until shortly before its end.

Called by   functions/order_form/shop.py
Returns     an Answer for each call, whatever its status
Raises      NoAnswer without an answer; Refused when the user pool gives these credentials no token
"""

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import urlencode, urlsplit

from comanda.aws.api_client.server import Server

_EARLY = timedelta(seconds=60)
_OK, _UNAUTHORIZED, _REFUSED = 200, 401, 300


class Refused(Exception):
    """The user pool gave no token: the client was removed, or its secret is another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer of one call. `body` is plain JSON, None where the server answered something else."""

    status: int
    body: Any = None
    etag: str | None = None

    @property
    def ok(self) -> bool:
        return _OK <= self.status < _REFUSED

    @property
    def problem(self) -> str:
        """Return the type of the problem, such as `invalid`, and "" without one."""
        kind = self.body.get("type", "") if isinstance(self.body, dict) and not self.ok else ""
        return str(kind).removeprefix("urn:comanda:problem:")

    @property
    def errors(self) -> list[dict[str, Any]]:
        """Return the wrong fields that a problem names, each with its pointer, code and message."""
        found = self.body.get("errors") if isinstance(self.body, dict) and not self.ok else None
        return [one for one in found or () if isinstance(one, dict)]


@dataclass(slots=True, kw_only=True)
class Client:
    """An application of the API. `api` is the API's base address, `token_url` the address that gives tokens."""

    api: str
    token_url: str
    client_id: str
    secret: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)  # of every request to the API
    _token: str = field(default="", repr=False)
    _until: datetime | None = None

    def call(
        self,
        method: str,
        path: str,
        now: datetime,
        *,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        key: str | None = None,
    ) -> Answer:
        """Send one request, and once more with a new token if the API does not take the kept one. `key` is the
        Idempotency-Key of a request that changes something."""
        where = path + (f"?{urlencode(query)}" if query else "")
        answer = self._try(method, where, now, body, key)
        if answer.status == _UNAUTHORIZED:
            self._until = None
            answer = self._try(method, where, now, body, key)
        return answer

    def _try(self, method: str, where: str, now: datetime, body: Any, key: str | None) -> Answer:
        headers = {
            **self.headers,
            "Authorization": f"Bearer {self._valid_token(now)}",
            "Accept": "application/json",
        }
        content = None if body is None else json.dumps(body).encode()
        if content is not None:
            headers["Content-Type"] = "application/json"
        if key:
            headers["Idempotency-Key"] = key
        raw = _server(self.api).send(method, where, headers, content)
        return Answer(status=raw.status, body=_json(raw.body), etag=raw.headers.get("etag"))

    def _valid_token(self, now: datetime) -> str:
        if self._until is None or now >= self._until:
            self._token, seconds = self._new_token()
            self._until = now + timedelta(seconds=seconds) - _EARLY
        return self._token

    def _new_token(self) -> tuple[str, int]:
        """Return a token and the seconds for which it is valid. Raises Refused."""
        parts = urlsplit(self.token_url)
        pair = b64encode(f"{self.client_id}:{self.secret}".encode()).decode()
        headers = {"Authorization": f"Basic {pair}", "Content-Type": "application/x-www-form-urlencoded"}
        server = _server(f"{parts.scheme}://{parts.netloc}")
        raw = server.send("POST", parts.path, headers, b"grant_type=client_credentials")
        given = _json(raw.body)
        if raw.status != _OK or not isinstance(given, dict):
            raise Refused(f"the user pool answered {raw.status}")
        return str(given["access_token"]), int(given.get("expires_in", 0))


def _json(body: bytes) -> Any:
    try:
        return json.loads(body) if body else None
    except ValueError:  # a page of the gateway itself, or of something before it
        return None


@cache
def _server(base: str) -> Server:
    return Server(base)
