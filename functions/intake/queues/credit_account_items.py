"""
Answer terms of a customer, or a payout, above the limit of who asked for them, and credits of a bank: a person of finance approves.

Called by   functions/intake/queues/answers.py
Returns     nothing
Raises      Forbidden for who may not give the answer; NotFound for an item that does not wait; NotAllowed for terms of an account
            that was changed since
"""

from datetime import datetime
from functools import partial

from comanda.aws.api.callers import Caller
from comanda.aws.api.http import Answer
from comanda.aws.api.idempotency import IdempotentRequest
from comanda.aws.books import waiting_bank_credits, waiting_terms
from comanda.aws.dynamodb import transaction
from comanda.aws.runtime.retries import retry
from comanda.domain.credit_accounts import limits

APPROVE = "approve"
_TRIES = 3


def answer(request: IdempotentRequest, item_id: str, given: str, who: Caller, now: datetime, done: Answer) -> None:
    """Make what waits hold, or drop it, in one transaction with the record of the answer. People need the desk finance for both."""
    row = waiting_terms.load(item_id)
    limits.require_second_person(who.id, row["by"], who.scopes, approves=given == APPROVE, person=who.person)
    if who.person:
        limits.require_finance(who.desks)
    if given == APPROVE and not waiting_bank_credits.is_credit(row):  # a payment gives a customer nothing
        limits.require_any_limit(who.limits, row["currency"])
    made = partial(waiting_terms.approve, row, who.id, now) if given == APPROVE else list
    ended = waiting_terms.ends(item_id, row)
    retry(_TRIES, lambda: transaction.commit([request.record(done), *ended, *made()]))
