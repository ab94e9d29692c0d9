"""
Take the notices that payment providers send by themselves, and have the room pay ask about what they say.

Called by   API Gateway: POST /v1/providers/stripe/events, without a token of a caller
Returns     the id of the notice, also when it came before or when nothing of ours is concerned
Raises      NotSigned, NotUnderstood, TooLarge as problems; Throttled (Busy)

The proof is the signature over the raw body. The room holds the secrets of the endpoints and no key of a provider, so it can
move no money and ask about none.
"""

from typing import Any

from comanda.aws.api import http
from comanda.aws.api.http import Answer
from comanda.aws.api.json_body import MOST_BYTES, raw_body
from comanda.aws.api.problems import TooLarge
from comanda.aws.api.resolver import Response
from comanda.aws.orders import payment_notices
from comanda.aws.payments import stripe_notices
from comanda.aws.runtime import clock
from comanda.aws.runtime.room import room
from functions.notices import endpoints

app = http.door()


@room
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return http.serve(app, event, context)


@app.post("/v1/providers/stripe/events")
def take_from_stripe() -> Response[str]:
    event, now = app.current_event.raw_event, clock.now()
    body = raw_body(event)
    if len(body) > MOST_BYTES:
        raise TooLarge(f"{len(body)} bytes, {MOST_BYTES} are taken")
    signature = http.header(event, stripe_notices.SIGNATURE) or ""
    notice = stripe_notices.read(body, signature, endpoints.secrets("stripe"), now)
    payment_notices.take("stripe", notice, now)
    return http.respond(Answer(status=200, body={"notice_id": notice.notice_id}))
