"""
Make an order of a draft, by the very rules by which an order is placed.

Called by   functions/intake/handler.py: POST /v1/drafts/{draft_id}/confirm
Returns     the new order (201); the order of a draft that was confirmed before (200)
Raises      Invalid with a pointer into the draft; QuoteExpired, PriceChanged, DraftEnded, Claimed; PreconditionFailed, NotFound

The order, its natural key and the draft's last step are one transaction, whose condition is the version of the draft: it
changes with every step and every claim. The order has the ULID of its draft, so a draft never becomes two orders.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from comanda.aws.api import http, idempotency
from comanda.aws.api.callers import Caller, caller
from comanda.aws.api.idempotency import IdempotentRequest
from comanda.aws.api.resolver import Response
from comanda.aws.directory import listed_prices
from comanda.aws.drafts import draft_contacts, drafts
from comanda.aws.drafts.drafts import DraftSaving
from comanda.aws.orders import orders
from comanda.aws.orders.orders import Saving
from comanda.aws.runtime import clock
from comanda.aws.runtime.retries import retry
from comanda.aws.runtime.settings import settings
from comanda.domain import ids
from comanda.domain.drafts import quotes
from comanda.domain.drafts.draft import Draft, DraftStatus
from comanda.domain.drafts.steps import Actor
from comanda.domain.errors import AlreadyExists, NotFound
from functions.intake import orders as placing
from functions.intake.draft_contract import DraftConfirmIn
from functions.intake.draft_order import order_of_draft

if TYPE_CHECKING:
    from comanda.domain.taxes.quotes import Tax


def confirm_draft(event: dict[str, Any], draft_id: str) -> Response[str]:
    who, now = caller(event), clock.now()
    name = ids.parse_draft(draft_id, settings.cell)
    with idempotency.begin(event, who, settings.orders_table, now, require_own=lambda: _own(who, name)) as request:
        given = http.read(event, DraftConfirmIn)
        # The draft may have another step meanwhile, even its confirmation.
        retry(drafts.TRIES, lambda: _confirm(event, request, _own(who, name), given, who, now))
    return request.response()


def _own(who: Caller, draft_id: str) -> Draft:
    """Return the caller's draft. Raises NotFound for a draft of another channel, too."""
    draft = drafts.load(draft_id)
    if not who.sees_channel(draft.channel):
        raise NotFound("draft", draft_id)
    return draft


def _confirm(
    event: dict[str, Any], request: IdempotentRequest, draft: Draft, given: DraftConfirmIn, who: Caller, now: datetime
) -> None:
    """Place the order of the draft, and record the answer. A draft that was confirmed before answers its order."""
    if draft.status is DraftStatus.CONFIRMED and draft.order_id:
        if request.replay() is None:
            request.answer = placing.answer(orders.load(draft.order_id))
        return
    http.require_version(http.if_match(event), draft.version, since=draft.change_version)
    actor = Actor(id=who.id, office=who.office)
    quotes.require_confirmable(draft, actor, now)
    if not quotes.are_held(draft, now):
        quotes.require_prices(draft, listed_prices.of_draft(draft, now), now, taxes=_taxes_now(draft, now))
    order_id = ids.order_of_draft(draft.draft_id)
    wanted = order_of_draft(draft, draft_contacts.find(draft.draft_id), given)
    try:
        decision, also = placing.decide_new(wanted, order_id, who, now, request, draft)
        if draft.lacks_rates:
            from comanda.aws.directory import draft_taxes  # few channels have a tax table

            draft_taxes.require_rates(draft, now, nowhere=True)
        order = decision.saved
        confirmed = drafts.writes(DraftSaving(decision=quotes.confirm(draft, order_id, actor, now)))
        first = [request.record(placing.created(order)), *confirmed, placing.natural_key(order)]
        placing.save_new(order, Saving(decision=decision, first=first, also=also))
    except AlreadyExists as taken:
        if taken.order_id != order_id:
            raise
        request.answer = placing.answer(orders.load(order_id))  # another request has confirmed the draft in this moment
        return
    placing.note_placed(order)


def _taxes_now(draft: Draft, now: datetime) -> "Mapping[str, Tax]":
    """Return what the tax table or service says now about what it has taxed in the draft."""
    if not draft.has_table_rates:
        return {}
    from comanda.aws.directory import draft_taxes

    return draft_taxes.of_draft(draft, lambda: draft_contacts.find(draft.draft_id), now)
