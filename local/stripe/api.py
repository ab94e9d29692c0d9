"""
Answer a request of the API: who asks, which fault it meets, whether it was answered before, and what it does.

Called by   local/stripe/server.py
Returns     Answer, or None when the connection is closed without one

| request with an Idempotency-Key | answer |
|---|---|
| the first | what it did; kept for 24 hours of the account's time, be it success, decline or refusal |
| the same again | the same answer, with `Idempotent-Replayed: true` |
| the same, while the first is being done | 409 `idempotency_key_in_use` |
| another path or other parameters | 400 `idempotency_error` |

What is refused before anything begins (a parameter that cannot be read, a wrong key, 409, 429) is not kept.
"""

import base64
import binascii
import hmac
import json
import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from local.stripe import endpoints, finding, params
from local.stripe.account import DAY, VERSION, Account, new_id
from local.stripe.faults import CALLS, Fault, Faults
from local.stripe.params import TEXTS
from local.stripe.refusals import BROKEN, IDEMPOTENCY, Refused
from local.stripe.store import public

LONGEST_KEY = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request as it came; header names are in lower case, `content` is the form or the query."""

    method: str
    path: str
    content: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A status, a JSON text, and the headers that only some answers have."""

    status: int
    body: str
    headers: dict[str, str] = field(default_factory=dict)


class Api:
    """The API of one account."""

    def __init__(self, account: Account, faults: Faults, key: str) -> None:
        self.account = account
        self.faults = faults
        self._key = key
        self._in_flight: set[str] = set()
        self._lock = threading.Lock()

    def answer(self, request: Request) -> Answer | None:
        """Answer a request. Returns None when a fault closes the connection instead."""
        name = new_id("req")
        try:
            self._check(request)
            fault = self.faults.pick(CALLS, request.path)
            if fault and (stopped := _before(fault)):
                return stopped.answer
            answer = self._once(request, name, fault)
        except Refused as refused:
            answer = _error(refused)
        else:
            if fault and fault.kind == "timeout_after":
                time.sleep(fault.seconds)
                return None
        answer.headers.update({"Request-Id": name, "Stripe-Version": VERSION})
        return answer

    def _check(self, request: Request) -> None:
        """Refuse who has no key, and who wants another version of the API."""
        given = _given_key(request.headers.get("authorization", ""))
        if not hmac.compare_digest(given.encode(), self._key.encode()):
            raise Refused("Invalid API key provided.", status=401, stored=False)
        wanted = request.headers.get("stripe-version", VERSION)
        if wanted != VERSION:
            raise Refused(f"Invalid Stripe API version: {wanted[:40]}. This server answers {VERSION}.", stored=False)

    def _once(self, request: Request, name: str, fault: Fault | None) -> Answer:
        """Do what the request asks, unless its Idempotency-Key has an answer already."""
        key = request.headers.get("idempotency-key")
        if request.method != "POST" or key is None:
            return self._do(request, name, None, fault)
        if not 0 < len(key) <= LONGEST_KEY:
            raise Refused(f"An Idempotency-Key has 1 to {LONGEST_KEY} characters.", kind=IDEMPOTENCY, stored=False)
        with self._lock:
            kept = self._kept(request, key)
            if kept:
                return kept
            if key in self._in_flight:
                raise Refused(
                    "Another request with this Idempotency-Key is being done.",
                    status=409, kind=IDEMPOTENCY, code="idempotency_key_in_use", stored=False,
                )  # fmt: skip
            self._in_flight.add(key)
        try:
            return self._do(request, name, key, fault)
        finally:
            with self._lock:
                self._in_flight.discard(key)

    def _kept(self, request: Request, key: str) -> Answer | None:
        found = self.account.store.answer(key)
        if found is None or found[3] + DAY < self.account.moment:
            return None
        if found[0] != _sign(request):
            raise Refused(
                "Keys for idempotent requests are for one request: this one has another path or other parameters.",
                kind=IDEMPOTENCY, stored=False,
            )  # fmt: skip
        return Answer(status=found[1], body=found[2], headers={"Idempotent-Replayed": "true"})

    def _do(self, request: Request, name: str, key: str | None, fault: Fault | None) -> Answer:
        found = endpoints.find(request.method, request.path)
        if found is None:
            raise Refused(
                f"Unrecognized request URL ({request.method}: {request.path[:100]}).", status=404, stored=False
            )
        endpoint, thing = found
        given = params.decode(request.content)
        expand = params.read({"expand": given.pop("expand", [])}, {"expand": TEXTS})["expand"]
        values = params.read(given, endpoint.fields)
        if fault and fault.kind == "slow":
            time.sleep(fault.seconds)
        with self.account.store.transaction():
            self.account.request = {"id": name, "idempotency_key": key}
            answer = self._effect(endpoint, unquote(thing), values, expand, fault)
            if key is not None:
                self.account.store.remember(key, _sign(request), answer.status, answer.body, self.account.moment)
        return answer

    def _effect(
        self,
        endpoint: endpoints.Endpoint,
        thing: str,
        values: Mapping[str, Any],
        expand: list[str],
        fault: Fault | None,
    ) -> Answer:
        if fault and fault.kind == "error_stored":
            return _error(_broken())
        try:
            with self.account.store.transaction():
                result = endpoint.answer(self.account, self.faults, thing, values)
                result = finding.expanded(self.account, result, expand)
        except Refused as refused:
            if not refused.stored:
                raise
            answer = _error(refused)
        else:
            answer = Answer(status=200, body=json.dumps(public(result)))
        return _error(_broken()) if fault and fault.kind == "error_after" else answer


@dataclass(frozen=True, slots=True)
class _Stopped:
    answer: Answer | None


def _before(fault: Fault) -> _Stopped | None:
    """Return what a fault that keeps the request from being done answers, or None when the request goes on."""
    if fault.kind == "timeout_before":
        time.sleep(fault.seconds)
        return _Stopped(None)
    if fault.kind == "error_before":
        raise _broken()
    if fault.kind == "rate_limit":
        raise Refused("Too many requests.", status=429, code="rate_limit", stored=False)
    return None


def _broken() -> Refused:
    return Refused("An unknown error occurred.", status=500, kind=BROKEN)


def _error(refused: Refused) -> Answer:
    return Answer(status=refused.status, body=json.dumps({"error": public(refused.error)}))


def _sign(request: Request) -> str:
    """Return what makes two requests the same: path and parameters, in any order."""
    return f"{request.path}?{'&'.join(sorted(request.content.split('&')))}"


def _given_key(header: str) -> str:
    scheme, _, value = header.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() == "basic":
        try:
            return re.sub(":.*", "", base64.b64decode(value, validate=True).decode("utf-8", "replace"))
        except (binascii.Error, ValueError):
            return ""
    return ""
