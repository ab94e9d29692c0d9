"""
Claim a draft, release it, and give it up.

Called by   functions/drafts/handler.py: POST /v1/drafts/{draft_id}/claim, release and abandon
Returns     the draft as a response of the API
Raises      Claimed, DraftEnded, NotAllowed, NotFound
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from aws_lambda_powertools import Logger

from comanda.aws.api import http, idempotency
from comanda.aws.api.callers import caller
from comanda.aws.api.contracts import Nothing
from comanda.aws.api.resolver import Response
from comanda.aws.drafts import draft_contacts, drafts, open_carts
from comanda.aws.drafts.drafts import DraftSaving
from comanda.aws.runtime import clock
from comanda.aws.runtime.settings import settings
from comanda.domain import ids
from comanda.domain.drafts import steps
from comanda.domain.drafts.draft import Draft
from comanda.domain.drafts.steps import Actor, DraftDecision
from functions.drafts import attachments
from functions.drafts.reading import actor_of, answer, own_draft, require_own

logger = Logger()


def claim_draft(event: dict[str, Any], draft_id: str) -> Response[str]:
    return _stepped(event, draft_id, steps.claim)


def release_draft(event: dict[str, Any], draft_id: str) -> Response[str]:
    return _stepped(event, draft_id, steps.release)


def abandon_draft(event: dict[str, Any], draft_id: str) -> Response[str]:
    return _stepped(event, draft_id, steps.abandon)


def _stepped(
    event: dict[str, Any], draft_id: str, step: Callable[[Draft, Actor, datetime], DraftDecision]
) -> Response[str]:
    """Take one step of a draft that needs no version: it is right whatever the draft has."""
    who, now = caller(event), clock.now()
    name = ids.parse_draft(draft_id, settings.cell)
    with idempotency.begin(event, who, settings.orders_table, now, require_own=lambda: own_draft(who, name)) as request:
        http.read(event, Nothing)

        def decide(before: Draft) -> DraftSaving:
            made = step(require_own(who, before), actor_of(who), now)
            attachments.keep_alive(made.draft, now)
            is_open = open_carts.are_open([before])[before.draft_id]
            first = [request.record(answer(made.draft, who, now, open_cart=is_open))]
            also = draft_contacts.of_step(before, made.draft)
            if is_open and before.expires_at != made.draft.expires_at:
                also += open_carts.move(made.draft, actor_of(who), now)
            return DraftSaving(decision=made, first=first, also=also)

        saved = drafts.decide(name, decide)
        logger.info("draft stepped", extra={"draft_id": saved.draft_id, "status": saved.status})
    return request.response()
