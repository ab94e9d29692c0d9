"""
Call the public API as one application, with a token of its own that is kept until shortly before its end.

Called by   functions/order_form/shop.py
Returns     an Answer for each call, whatever its status
Raises      NoAnswer without an answer; Refused when the user pool gives these credentials no token
"""

from base64 import b64encode
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from comanda.aws.api_client import calls
from comanda.aws.api_client.calls import Answer, Call
from comanda.aws.api_client.server import server_at

_EARLY = timedelta(seconds=60)
_OK, _UNAUTHORIZED = 200, 401


class Refused(Exception):
    """The user pool gave no token: the client was removed, or its secret is another."""


@dataclass(slots=True, kw_only=True)
class Client:
    """An application of the API. `api` is the API's base address, `token_url` the address that gives tokens."""

    api: str
    token_url: str
    client_id: str
    secret: str = field(repr=False)
    _token: str = field(default="", repr=False)
    _until: datetime | None = None

    def call(self, call: Call, now: datetime) -> Answer:
        """Send one request, and once more with a new token if the API does not take the kept one."""
        answer = calls.send(server_at(self.api), call, self._valid_token(now))
        if answer.status == _UNAUTHORIZED:
            self._until = None
            answer = calls.send(server_at(self.api), call, self._valid_token(now))
        return answer

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
        pool = server_at(f"{parts.scheme}://{parts.netloc}")
        raw = pool.send("POST", parts.path, headers, b"grant_type=client_credentials")
        given = calls.read_json(raw.body)
        if raw.status != _OK or not isinstance(given, dict):
            raise Refused(f"the user pool answered {raw.status}")
        return str(given["access_token"]), int(given.get("expires_in", 0))
