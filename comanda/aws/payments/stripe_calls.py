"""
Send requests to Stripe, and read its answers.

Called by   comanda.aws.payments.stripe
Returns     an answer to an operation; objects of Stripe's
Raises      NotRead, with the answer to give, when a question is not answered

What Stripe answers with 500 may have been done, and its key answers 500 for a day. What it answers with 409 may be being done.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from comanda.aws.api_client.server import NoAnswer, Raw, server_at
from comanda.aws.payments import stripe_words as words
from comanda.domain.payments.answer import Answer, Outcome, Reason
from comanda.domain.payments.operation import Operation, Purpose

VERSION = "2026-10-28.endive"
SECONDS = 20.0  # Stripe may wait for a bank
Params = list[tuple[str, Any]]
_PAGE = 100
_REFUSED = (400, 402, 404)
_NOT_YET = {401: Reason.NOT_ADMITTED, 403: Reason.NOT_ADMITTED, 409: Reason.BUSY, 429: Reason.BUSY}


class NotRead(Exception):
    """A question to Stripe has no answer, or names what is not there."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.reason)
        self.answer = answer


class Calls:
    """Calls of one account. Threads may share it."""

    def __init__(self, address: str, key: str) -> None:
        self._address = address
        self._headers = {"Authorization": f"Bearer {key}", "Stripe-Version": VERSION}

    def write(
        self,
        operation: Operation,
        path: str,
        params: Params,
        amount: str = "",
        read: Callable[[Operation, Mapping[str, Any]], Answer] = words.of_intent,
    ) -> Answer:
        """
        Ask for an operation under its id.

        `amount` is the name of Stripe's parameter for the operation's amount. `read` says what the object in the answer means.
        """
        if amount:
            charged = words.charged(operation.amount, operation.currency)
            if charged is None:
                return Answer(outcome=Outcome.DECLINED, reason=Reason.UNIT)
            params = [*params, (amount, charged)]
        headers = {
            **self._headers,
            "Content-Type": "application/x-www-form-urlencoded",
            "Idempotency-Key": operation.operation_id,
        }
        try:
            raw = self._server().send("POST", path, headers, urlencode(params).encode())
        except NoAnswer:
            return Answer(outcome=Outcome.UNKNOWN, reason=Reason.NO_ANSWER)
        return _written(operation, raw, read)

    def read(self, path: str, params: Params) -> Any:
        """Return what is at a path. Raises NotRead."""
        try:
            raw = self._server().send("GET", f"{path}?{urlencode(params)}", self._headers)
        except NoAnswer:
            raise NotRead(Answer(outcome=Outcome.UNKNOWN, reason=Reason.NO_ANSWER)) from None
        thing = _thing(raw)
        if raw.status == 200 and "object" in thing:
            return thing
        if raw.status == 404 and "type" in thing.get("error", {}):
            raise NotRead(Answer(outcome=Outcome.DECLINED, reason=Reason.NOT_FOUND))
        raise NotRead(Answer(outcome=Outcome.UNKNOWN, reason=_NOT_YET.get(raw.status, Reason.PROVIDER_FAILED)))

    def pages(self, path: str, params: Params) -> Iterator[Any]:
        """Yield each object of a list, newest first. Raises NotRead."""
        after: Params = []
        while True:
            page = self.read(path, [*params, ("limit", _PAGE), *after])
            yield from page["data"]
            if not page["has_more"]:
                return
            after = [("starting_after", page["data"][-1]["id"])]

    def _server(self) -> Any:
        return server_at(self._address, SECONDS)


def _written(operation: Operation, raw: Raw, read: Callable[[Operation, Mapping[str, Any]], Answer]) -> Answer:
    replayed = raw.headers.get("idempotent-replayed") == "true"
    thing = _thing(raw)
    if raw.status in _REFUSED and "type" in thing.get("error", {}):
        return _refused(operation, thing["error"])
    if raw.status != 200 or "object" not in thing:
        reason = _NOT_YET.get(raw.status, Reason.PROVIDER_FAILED)
        return Answer(outcome=Outcome.UNKNOWN, reason=reason, replayed=replayed and raw.status >= 500)
    answer = read(operation, thing)
    if answer.outcome is Outcome.ABSENT:
        return Answer(outcome=Outcome.UNKNOWN, reason=Reason.PROVIDER_FAILED)
    return answer


def _refused(operation: Operation, error: Mapping[str, Any]) -> Answer:
    """Return what a refusal says. A payment in another state than was expected may be in the one that was asked for."""
    if error.get("type") == "idempotency_error":  # the id was used for another amount: what that did must be asked
        return Answer(outcome=Outcome.UNKNOWN, reason=Reason.INVALID)
    if error.get("param") == "session":  # a page that is open no more: it was paid or it expired, which must be asked
        return Answer(outcome=Outcome.UNKNOWN, reason=Reason.STATE)
    intent = error.get("payment_intent")
    if isinstance(intent, Mapping) and operation.purpose in (Purpose.CAPTURE, Purpose.VOID):
        answer = words.of_intent(operation, intent)
        if answer.outcome is not Outcome.ABSENT:
            return answer
    reference = intent["id"] if isinstance(intent, Mapping) else ""
    return Answer(outcome=Outcome.DECLINED, reason=words.reason_of(error), reference=reference)


def _thing(raw: Raw) -> dict[str, Any]:
    """Return the object in an answer; an empty one when there is none, as in that of a machine between us and Stripe."""
    try:
        thing = json.loads(raw.body)
    except ValueError:
        return {}
    return thing if isinstance(thing, dict) else {}
