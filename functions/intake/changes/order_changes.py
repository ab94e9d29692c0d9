"""
Preview changes of an order after the sale, and make them.

Called by   functions/intake/handler.py: POST /v1/orders/{order_id}/changes
Returns     the preview, or the changed order, as a response of the API
Raises      Invalid, Forbidden, NotAllowed, Held, NeedsPayment, PreviewStale, PreconditionFailed, NotFound

If-Match guards a change against other changes, not against steps of the work: a scan of the picker refuses no change.
"""

from collections.abc import Sequence
from typing import Any

from aws_lambda_powertools import Logger

from comanda.aws.api import http
from comanda.aws.api.http import Answer
from comanda.aws.api.resolver import Response
from comanda.aws.dynamodb import transaction
from comanda.aws.orders import orders
from comanda.aws.orders.orders import Saving
from comanda.aws.reservations import of_order
from comanda.domain.errors import Held, Invalid, NeedsPayment, NotAllowed, Problem
from comanda.domain.lifecycle.changes.change import ChangeOutcome
from comanda.domain.limits import Limits
from comanda.domain.orders.decision import changed_by_decision
from comanda.domain.orders.order import Order
from functions.intake import checks
from functions.intake.changes import change_previews, change_rules, pending_changes
from functions.intake.changes.asked_changes import AskedChanges, DecidedChanges
from functions.intake.changes.change_contract import ChangeIn, ChangesIn
from functions.intake.order_steps import OrderRequest, review_pending
from functions.intake.orders import answer

logger = Logger()


def change_order(event: dict[str, Any], order_id: str) -> Response[str]:
    request = OrderRequest(event, order_id)
    with request.request:
        given = http.read(event, ChangesIn)
        change_rules.check_fields(given.changes)
        change_rules.check_callers(given.changes, office=request.who.office)
        _check_preview(given)
        if wrong := list(checks.problems_of_payments(given.payments, request.now, request.now)):
            raise Invalid(*wrong)
        limits = Limits.stored(request.who.limits) if request.who.person else None
        own = pending_changes.own_payments(request)
        asked = AskedChanges(given, request.who.id, limits, request.now, office=request.who.office, own=own)
        if given.preview:
            _preview(request, asked)
        else:
            _make(request, asked, http.if_match(event))
    return request.request.response()


def _check_preview(given: ChangesIn) -> None:
    """Raise Invalid for a preview that names another one: it would be unclear whether the changes are to be made."""
    if given.preview and given.preview_id is not None:
        message = "comes in place of preview: with it the changes are made, with preview they are shown"
        raise Invalid(Problem(pointer="/preview_id", code="not-with-preview", message=message))


def _preview(request: OrderRequest, asked: AskedChanges) -> None:
    """Answer what the changes would do, and keep the preview."""
    order = request.who.require_order(orders.load(request.order_id))
    shown, kept = change_previews.shown(order, asked, asked.decide(order).outcome)
    record = request.request.record(Answer(status=201, body=shown, headers=http.order_headers(order)))
    transaction.commit([record, kept])


def _make(request: OrderRequest, asked: AskedChanges, version: int | None) -> None:
    """Make the changes, all of them or none, or leave them pending."""

    def decide(order: Order) -> Saving:
        request.who.require_order(order)
        http.require_version(version, order.version, since=order.change_version)
        decided = asked.decide(order)
        outcome = decided.outcome
        if asked.given.preview_id is not None:
            change_previews.compare(order, asked, outcome, asked.given.preview_id)
        require_allowed(outcome, asked.given.changes)
        if outcome.to_pay and (asked.given.payments or not asked.given.pending):
            raise NeedsPayment(outcome.to_pay, order.currency)
        if outcome.to_pay:
            return pending_changes.saving(request, asked, order, outcome)
        return saving(request, decided)

    if asked.given.pending:
        request.who.require_order(orders.load(request.order_id))
        pending_changes.drop_expired(request.order_id, request.now)
    saved = orders.decide(request.order_id, decide).order
    review_pending(saved, request.now)
    logger.info("changed", extra={"order_id": saved.order_id, "changes": len(asked.given.changes)})


def saving(request: OrderRequest, decided: DecidedChanges) -> Saving:
    """Return what is saved when the changes are made."""
    if decided.outcome.decision is None:
        raise RuntimeError("changes that are all allowed have a decision")
    decision, also = of_order.settle(decided.order, changed_by_decision(decided.outcome.decision), request.now)
    first = [request.request.record(answer(decision.saved))]
    return Saving(decision=decision, first=first, also=[*also, *decided.contact_writes()])


def require_allowed(outcome: ChangeOutcome, given: Sequence[ChangeIn]) -> None:
    """Raise Held for the first denied change if a hold blocks it, else NotAllowed with its reasons in words."""
    from comanda.domain.labels import labels  # most changes are allowed

    for i, denials in outcome.denied:
        for denial in denials:
            if denial.hold_id and denial.hold_type:
                asked = given[i].modification
                raise Held(denial.hold_id, denial.hold_type, asked, pointer=f"/changes/{i}")
        words = (d.reason or labels.label("DenialReason", d.code, "en-US") for d in denials)
        told = "; ".join(dict.fromkeys(words))
        message = f"the order does not take this change now: {told or 'too few units may be cancelled'}"
        raise NotAllowed(message, pointer=f"/changes/{i}")
