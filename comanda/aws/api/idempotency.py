"""
Answer a request that changes something once: its effect happens at most once, and its repetitions get the same answer.

Called by   the doors that change something
Raises      KeyMissing, KeyReused

    with idempotency.begin(event, who, settings.orders_table, now) as request:
        orders.save(None, Saving(decision=decision, first=[request.record(answer)]))
    return request.response()

The record of the answer is written in the effect's own transaction. A request that loses the race is refused there, and is
answered from the record of the winner.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from types import TracebackType
from typing import Any, Self

from comanda.aws.api.callers import Caller
from comanda.aws.api.http import Answer, header, respond
from comanda.aws.api.json_body import raw_body
from comanda.aws.api.resolver import Response
from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.dynamodb.items import pack, pack_text, unpack
from comanda.aws.dynamodb.transaction import Write
from comanda.domain import errors

_KEPT_SECONDS = 48 * 3600  # how long an idempotency key is remembered
_MOST_ANSWER = 200_000  # bytes of an answer that is kept whole


class _Replay(errors.Rejected):
    """The key was used before: its record has the answer."""


@dataclass(slots=True, kw_only=True)
class IdempotentRequest:
    """A request with an idempotency key, which belongs to its caller and route, in the table of the effect.

    As a context, the request catches a refusal of its effect when the very request was answered before: a repeated accept
    is answered like the first, not with "already accepted". Otherwise `require_own` may raise NotFound for what is not the
    caller's, so that a stranger does not even learn that the request was malformed.
    """

    table: str
    key: keys.Key
    fingerprint: str
    now: int  # seconds since 1970
    require_own: Callable[[], object]
    answer: Answer | None = None  # the answer that is sent, once it is known

    def part(self, name: str, require_own: Callable[[], object] = lambda: None) -> "IdempotentRequest":
        """Return one part of the request, whose effect has a transaction and an answer of its own."""
        return replace(self, key=keys.answered_part(self.key, name), require_own=require_own, answer=None)

    def record(self, answer: Answer) -> Write:
        """Return the write that records the answer, for the transaction of the effect."""
        self.answer = answer
        body = pack_text(answer.text)
        if len(body) > _MOST_ANSWER:
            body = pack({name: value for name, value in answer.body.items() if name != "lines"})
        values = {
            **self.key,
            "fingerprint": self.fingerprint,
            "status": answer.status,
            "headers": answer.headers,
            "body": body,
            "ttl": self.now + _KEPT_SECONDS,
        }
        return transaction.put_once(self.table, values, _Replay())

    def replay(self) -> Answer | None:
        """Answer as the first time, and return that answer. Return None when the key is new.

        Raises KeyReused when the key was used with another body.
        """
        kept = reads.get(self.table, self.key)
        if kept is None:
            return None
        if kept["fingerprint"] != self.fingerprint:
            raise errors.KeyReused("this Idempotency-Key was used for another request")
        headers = {**kept["headers"], "Idempotent-Replayed": "true"}
        self.answer = Answer(status=kept["status"], body=unpack(kept["body"]), headers=headers)
        return self.answer

    def response(self) -> Response[str]:
        """Return the recorded answer as the response of the door."""
        if self.answer is None:
            raise RuntimeError(f"{self.key['pk']} changed something without a record of its answer")
        return respond(self.answer)

    def __enter__(self) -> Self:
        """Begin the effect."""
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: TracebackType | None) -> bool:
        """Return True, which drops the effect's refusal, when the request was answered before."""
        if not isinstance(error, errors.Rejected):
            return False
        if self.replay() is None:
            self.require_own()
            return False
        return True


def begin(
    event: dict[str, Any],
    who: Caller,
    table: str,
    now: datetime,
    *,
    require_own: Callable[[], object] = lambda: None,
    private: bool = False,
) -> IdempotentRequest:
    """Return the request with the key of its Idempotency-Key header. Raises KeyMissing.

    The fingerprint of a `private` request is keyed with the secret of the stage: four digits would be found from a plain hash.
    """
    key = header(event, "idempotency-key")
    if not key or len(key) > 255:
        require_own()
        raise errors.KeyMissing("send an Idempotency-Key header of 1 to 255 characters")
    fingerprint = sha256(event["path"].encode("utf-8", "surrogatepass") + b"\n" + raw_body(event)).hexdigest()
    if private:
        from comanda.aws.runtime import secret

        fingerprint = secret.sign("request", fingerprint)
    route = f"{event['httpMethod']} {event['resource']}"
    return IdempotentRequest(
        table=table,
        key=keys.idempotency(who.id, route, key),
        fingerprint=fingerprint,
        now=int(now.timestamp()),
        require_own=require_own,
    )
