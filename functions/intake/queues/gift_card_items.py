"""
Answer an issue of a gift card or of store credit that is above the limit of who asked for it: another person approves it.

Called by   functions/intake/queues/answers.py
Returns     nothing
Raises      Invalid for an answer that the queue does not take; Forbidden for who may not give it; NotFound for an item that does
            not wait
"""

from datetime import datetime

from comanda.aws.api.callers import Caller
from comanda.aws.api.http import Answer
from comanda.aws.api.idempotency import IdempotentRequest
from comanda.aws.books import gift_card_issues
from comanda.aws.dynamodb import transaction
from comanda.aws.runtime.retries import retry
from comanda.domain.gift_cards import issuing

APPROVE, REFUSE = "approve", "refuse"
_TRIES = 3


def answer(request: IdempotentRequest, item_id: str, given: str, who: Caller, now: datetime, done: Answer) -> None:
    """Issue what waits, or drop it, in one transaction with the record of the answer."""
    row = gift_card_issues.load(item_id)
    issuing.require_second_person(who.id, row["by"], who.scopes, approves=given == APPROVE, person=who.person)
    if given == APPROVE:
        issuing.require_any_limit(who.limits, row["currency"])
        retry(_TRIES, lambda: transaction.commit([request.record(done), *gift_card_issues.approve(row, who.id, now)]))
    else:
        transaction.commit([request.record(done), gift_card_issues.end(item_id)])
