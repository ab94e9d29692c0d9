"""
Quote a draft: offer it to its customer at its prices until a time, by mail if the caller wants it.

Called by   functions/drafts/handler.py: POST /v1/drafts/{draft_id}/quote
Returns     the draft, with the number and the link of its quote, as a response of the API
Raises      Invalid, PriceChanged, Claimed, DraftEnded, PreconditionFailed, NotFound

The mail and the page follow from the event of the quote (functions/notify). The address of the page is a secret: it is in the
answer, and the kept answer of the idempotency key has only what makes it again. Who gets it is noted.
"""

import json
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aws_lambda_powertools import Logger

from comanda.aws.api import http, idempotency
from comanda.aws.api.callers import caller
from comanda.aws.api.resolver import Response
from comanda.aws.customers import contact_audit
from comanda.aws.directory import listed_prices
from comanda.aws.drafts import draft_contacts, drafts, open_carts, quote_links
from comanda.aws.drafts.drafts import DraftSaving
from comanda.aws.dynamodb import keys, transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime import clock
from comanda.aws.runtime.settings import settings
from comanda.domain import ids, text
from comanda.domain.drafts import quotes
from comanda.domain.drafts.draft import Draft, revision_of
from comanda.domain.errors import Invalid, Problem, StaleOrder
from functions.drafts import attachments, contract
from functions.drafts.building import require_version, taxes_now
from functions.drafts.reading import actor_of, answer, own_draft, require_own

_NUMBER_DAYS = 400  # that a number is known, and given to no other quote

logger = Logger()


def quote_draft(event: dict[str, Any], draft_id: str) -> Response[str]:
    who, now = caller(event), clock.now()
    name = ids.parse_draft(draft_id, settings.cell)
    with idempotency.begin(event, who, settings.orders_table, now, require_own=lambda: own_draft(who, name)) as request:
        given, version = http.read(event, contract.QuoteIn), http.if_match(event)

        def decide(before: Draft) -> DraftSaving:
            require_version(require_own(who, before), version, actor_of(who), now)
            if given.mail:
                _require_address(draft_contacts.find(before.draft_id))
            _require_rates(before, now)
            made = quotes.quote(
                before,
                actor_of(who),
                now,
                base=quotes.new_number(secrets.randbelow(quotes.NUMBERS)),
                valid_until=given.valid_until,
                listed=listed_prices.of_draft(before, now),
                taxes=taxes_now(before, now),
                mailed=given.mail,
            )
            attachments.keep_alive(made.draft, now)
            is_open = open_carts.are_open([before])[before.draft_id]
            first = [request.record(answer(made.draft, who, now, open_cart=is_open))]
            cart = open_carts.move(made.draft, actor_of(who), now) if is_open else []  # it ends with the draft
            noted = contact_audit.notes(who.id, contact_audit.LINK, _subjects(made.draft), now)
            also = [*_number(made.draft, now), *draft_contacts.of_step(before, made.draft), *cart, *noted]
            return DraftSaving(decision=made, first=first, also=also)

        saved = drafts.decide(name, decide)
        logger.info("draft quoted", extra={"draft_id": saved.draft_id, "mailed": given.mail})
    return _with_url(request.response(), now)


def _require_address(contact: Mapping[str, Any]) -> None:
    """Raise Invalid for a contact without an address that can be mailed to."""
    try:
        text.mailable(str((contact.get("customer") or {}).get("email") or ""))
    except text.WrongText as wrong:
        message = "the draft's customer has no e-mail that can be mailed to: send it first, or quote without mail"
        raise Invalid(Problem(pointer="/mail", code="no-address", message=message)) from wrong


def _require_rates(draft: Draft, now: datetime) -> None:
    """Raise Invalid for what is not taxed because the tax table has no rate for it where it goes."""
    if draft.lacks_rates:
        from comanda.aws.directory import draft_taxes  # few channels have a table

        draft_taxes.require_rates(draft, now, nowhere=False)


def _number(draft: Draft, now: datetime) -> list[Write]:
    """Return the write that gives the number to this quote alone. A number that is taken makes the step decide again."""
    if draft.quote is None:
        return []
    row = {
        **keys.quote_number(draft.quote.number),
        "draft": draft.draft_id,
        "ttl": int(now.timestamp()) + _NUMBER_DAYS * 24 * 3600,
    }
    return [transaction.put_once(settings.orders_table, row, StaleOrder(draft.draft_id))]


def _subjects(draft: Draft) -> list[str]:
    """Return the draft and its customer, to whom a note about its link is due."""
    return [draft.draft_id, *([draft.customer_id] if draft.customer_id else [])]


def _with_url(response: Response[str], now: datetime) -> Response[str]:
    """Return the answer with the link that the customer gets, if it shows a quote."""
    body = json.loads(response.body or "{}")
    if quote := body.get("quote"):
        valid_until = datetime.fromisoformat(quote["valid_until"])
        url = quote_links.address(body["draft_id"], revision_of(quote["number"]), valid_until, now)
        response.body = json.dumps({**body, "quote": {**quote, "url": url}})
    return response
