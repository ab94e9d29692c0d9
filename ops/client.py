"""
Call Comanda's API. The client keeps tokens while they are valid and sends an Idempotency-Key with every POST. A request that
was answered with 429 or 5xx is sent again with the same key, and problems are raised as errors.

Called by   local/seed.py, local/demo.py, the system tests; it is a start for a client of your own, because it needs HTTP only
Returns     the JSON of each answer
Raises      Problem with the API's answer; httpx.TransportError without an answer: the request may still be under way, so
            it is not sent again beside the first
"""

import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import httpx

# Tokens are valid for an hour; the client requests a new one a minute before the end.
EARLY_SECONDS = 60
TRIES = 8
LONGEST_PAUSE = 8.0  # seconds

Json = Any


class Problem(RuntimeError):
    """An answer of 400 and above, with its status, its problem+json and its request."""

    def __init__(self, response: httpx.Response) -> None:
        try:
            self.document: dict[str, Any] = response.json()
        except ValueError:
            self.document = {"title": response.text[:500]}
        self.status = response.status_code
        texts = ": ".join(str(self.document[part]) for part in ("title", "detail") if self.document.get(part))
        details = self.document.get("errors")
        path = "/v1" + response.request.url.path.partition("/v1")[2] if "/v1" in response.request.url.path else "token"
        more = f" {details}" if details else ""
        super().__init__(f"{response.request.method} {path} -> {self.status} {texts}{more}")


@dataclass
class Client:
    """A client with one pair of credentials. Threads may share it."""

    base_url: str
    token_url: str
    client_id: str
    client_secret: str = field(repr=False)
    scope: str | None = None  # None: all scopes that the client may have
    timeout: float = 35.0  # the gateway gives up after 29 seconds
    transport: httpx.BaseTransport | None = None  # None: the network
    pause: Callable[[float], None] = time.sleep

    def __post_init__(self) -> None:
        # The client ignores proxies of this machine's environment.
        self._http = httpx.Client(
            timeout=self.timeout,
            transport=self.transport,
            trust_env=False,
            limits=httpx.Limits(max_connections=256, max_keepalive_connections=64),
        )
        self._guard = threading.Lock()
        self._token = ""
        self._until = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def token(self) -> str:
        """Return an access token that is valid for at least another minute."""
        with self._guard:
            if time.monotonic() > self._until:
                form = {"grant_type": "client_credentials"} | ({"scope": self.scope} if self.scope else {})
                answer = self._http.post(self.token_url, data=form, auth=(self.client_id, self.client_secret))
                if answer.is_error:
                    raise Problem(answer)
                granted = answer.json()
                self._token = granted["access_token"]
                self._until = time.monotonic() + granted["expires_in"] - EARLY_SECONDS
            return self._token

    def send(
        self,
        method: str,
        path: str,
        *,
        body: Json = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Send one request once and return its answer, also a refusal. Tests use it to read status and headers."""
        return self._http.request(
            method,
            self.base_url.rstrip("/") + path,
            json=body,
            params=query,
            headers={"Authorization": f"Bearer {self.token()}", **(headers or {})},
        )

    def get(self, path: str, **query: Any) -> Json:
        return self._request("GET", path, query=query or None)

    def put(self, path: str, body: Json, *, etag: str | None = None) -> Json:
        return self._request("PUT", path, body=body, headers={"If-Match": etag} if etag else None)

    def post(self, path: str, body: Json = None, *, key: str | None = None, etag: str | None = None) -> Json:
        """Send a POST. Calls with the same key have one effect; without a key, every call has its own."""
        headers = {"Idempotency-Key": key or str(uuid.uuid4())} | ({"If-Match": etag} if etag else {})
        return self._request("POST", path, body={} if body is None else body, headers=headers)

    def delete(self, path: str) -> Json:
        return self._request("DELETE", path)

    def _request(self, method: str, path: str, **options: Any) -> Json:
        """Send a request until the API is neither busy nor at fault, one try after the other. Returns the JSON of the answer."""
        for attempt in range(TRIES):
            answer = self.send(method, path, **options)
            if not is_busy(answer) or attempt == TRIES - 1:
                break
            self.pause(float(answer.headers.get("Retry-After", min(2.0**attempt / 4, LONGEST_PAUSE))))
        if answer.is_error:
            raise Problem(answer)
        return answer.json() if answer.content else None

    def pages(self, path: str, **query: Any) -> Json:
        """Yield every item of a list, page by page."""
        while True:
            page = self.get(path, **query)
            yield from page["items"]
            if not page.get("next"):
                return
            query["cursor"] = page["next"]


def is_busy(response: httpx.Response) -> bool:
    """Return whether the same request may be answered otherwise when it is sent again."""
    return response.status_code == httpx.codes.TOO_MANY_REQUESTS or response.is_server_error
