"""
Idempotency keys: a request's effect happens at most once, and its repetitions get the same answer.

Called by   the doors that change something
Raises      KeyMissing, KeyReused
"""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from aws_lambda_powertools.event_handler import Response

from comanda.aws.api.callers import Caller
from comanda.aws.api.http import Answer, header, raw_body, respond
from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.dynamodb.items import pack, pack_text, unpack
from comanda.aws.dynamodb.transaction import Write
from comanda.domain import errors

_KEPT_SECONDS = 48 * 3600  # how long an idempotency key is remembered
_MOST_ANSWER = 200_000  # bytes of an answer that is kept whole


class _Replay(errors.Rejected):
    """The key was used before: its record has the answer."""


@dataclass(slots=True, kw_only=True)
class Once:
    """One use of an idempotency key: scoped to caller and route, in the table of the effect."""

    table: str
    key: keys.Key
    fingerprint: str
    now: int
    answered: Answer | None = None

    def record(self, answer: Answer) -> Write:
        """The record of the answer, to be written with the effect: the loser of a race is refused here."""
        self.answered = answer
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
        """What was answered before, or None. Raises KeyReused when it was to another body."""
        kept = reads.get(self.table, self.key)
        if kept is None:
            return None
        if kept["fingerprint"] != self.fingerprint:
            raise errors.KeyReused("this Idempotency-Key was used for another request")
        headers = {**kept["headers"], "Idempotent-Replayed": "true"}
        return Answer(status=kept["status"], body=unpack(kept["body"]), headers=headers)


def once(
    event: dict[str, Any],
    who: Caller,
    table: str,
    now: int,
    effect: Callable[[Once], Answer | None],
    *,
    theirs: Callable[[], object] = lambda: None,
) -> Response[str]:
    """Run `effect` at most once for the request's Idempotency-Key, and answer the same to its repetitions.

    The effect writes the `record` of its answer in its own transaction; that is the answer, unless it returns one of its
    own. Any refusal first looks whether the very request was answered before: a repeated accept is answered like the first,
    not with "already accepted". Then it asks `theirs`, which raises NotFound for what is not the caller's: a stranger is
    not even told that the request was malformed. Raises KeyMissing, KeyReused.
    """
    key = header(event, "idempotency-key")
    if not key or len(key) > 255:
        theirs()
        raise errors.KeyMissing("send an Idempotency-Key header of 1 to 255 characters")
    asked = sha256(event["path"].encode("utf-8", "surrogatepass") + b"\n" + raw_body(event)).hexdigest()
    route = f"{event['httpMethod']} {event['resource']}"
    use = Once(table=table, key=keys.idempotency(who.id, route, key), fingerprint=asked, now=now)
    try:
        answer = effect(use) or use.answered
    except errors.Rejected:
        before = use.replay()
        if before is None:
            theirs()
            raise
        return respond(before)
    if answer is None:
        raise RuntimeError(f"{route} changed something without a record of its answer")
    return respond(answer)
