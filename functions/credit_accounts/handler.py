"""
Let customers order on account within a limit, book what they pay and what they are paid out, and show what they owe. Orders take from it in the room intake.

Called by   API Gateway: /v1/credit-accounts*
Returns     accounts, with what is overdue and their ledgers
Raises      Invalid, Forbidden, NotFound as problems
"""

from dataclasses import replace
from datetime import date
from typing import Any

from aws_lambda_powertools import Logger

from comanda.aws.api import http, idempotency
from comanda.aws.api.callers import Caller, caller
from comanda.aws.api.http import Answer
from comanda.aws.api.idempotency import IdempotentRequest
from comanda.aws.api.resolver import Response
from comanda.aws.books import credit_accounts, customer_payments, waiting_payouts, waiting_terms
from comanda.aws.books.credit_accounts import TermsChange
from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys, list_pages, transaction
from comanda.aws.runtime import clock
from comanda.aws.runtime.retries import retry
from comanda.aws.runtime.room import room
from comanda.aws.runtime.settings import settings
from comanda.domain.credit_accounts import limits
from comanda.domain.credit_accounts.account import CreditAccount
from comanda.domain.credit_accounts.payment import CustomerPayment, Payout, Reversal
from comanda.domain.errors import Invalid, KeyReused, NotFound, Problem
from functions.credit_accounts import contract, rules

logger = Logger()
app = http.door()

_TRIES = 3


@room
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return http.serve(app, event, context)


@app.post("/v1/credit-accounts")
def set_terms() -> Response[str]:
    """Open the account of a customer, or change its terms."""
    event, now = app.current_event.raw_event, clock.now()
    who = caller(event)
    with idempotency.begin(event, who, settings.orders_table, now) as request:
        if request.replay() is None:
            wanted = http.read(event, contract.TermsIn)
            _require_finance(who)
            channel = directory.find(directory.CHANNEL, wanted.channel)
            currency = wanted.limit.currency
            known = credit_accounts.of_customer(wanted.channel, wanted.customer_id, currency)
            if wrong := list(rules.problems_of_terms(wanted, known, channel)):
                raise Invalid(*wrong)
            change = TermsChange(
                change_id=keys.digest(request.key["pk"])[:32],
                channel=wanted.channel,
                customer_id=wanted.customer_id,
                currency=currency,
                terms=rules.terms_of(wanted),
                by=who.id,
                at=now,
                reason=wanted.reason,
            )
            retry(_TRIES, lambda: _commit(request, who, change))
    return request.response()


def _commit(request: IdempotentRequest, who: Caller, change: TermsChange) -> None:
    """Change the terms, or have them wait for a second person, with the record of the answer in one transaction."""
    known = credit_accounts.find(change.account_id)
    taken = KeyReused("this Idempotency-Key was used for an earlier change")
    if who.person and limits.needs_approval(who.limits, change.terms, known.terms if known else None, change.currency):
        shown = Answer(status=202, body=rules.shown(known or credit_accounts.changed(_without_limit(change), None)))
        writes = [*waiting_terms.wait_writes(change, known, taken), credit_accounts.not_made(change, taken)]
        transaction.commit([request.record(shown), *writes])
        logger.info("terms wait", extra={"account_id": change.account_id, "limit": change.terms.limit})
        return
    after = credit_accounts.changed(change, known)
    at = {"Location": f"/v1/credit-accounts/{change.account_id}"}
    answer = (
        Answer(status=200, body=rules.shown(after))
        if known
        else Answer(status=201, body=rules.shown(after), headers=at)
    )
    writes = credit_accounts.change_writes(change, known, taken)
    if who.person:  # applications wait for nobody
        writes.append(waiting_terms.not_waiting(change.change_id, taken))
    transaction.commit([request.record(answer), *writes])
    logger.info("terms changed", extra={"account_id": change.account_id, "limit": change.terms.limit})


def _without_limit(change: TermsChange) -> TermsChange:
    """Return a change by which its customer may owe nothing: as long as the first terms of an account wait."""
    return replace(change, terms=replace(change.terms, limit=0))


@app.post("/v1/credit-accounts/<credit_account_id>/payments")
def book_payment(credit_account_id: str) -> Response[str]:
    """Book what a customer paid: it is room again for new orders."""
    event, now = app.current_event.raw_event, clock.now()
    who = caller(event)
    with idempotency.begin(event, who, settings.orders_table, now) as request:
        if request.replay() is None:
            wanted = http.read(event, contract.CustomerPaymentIn)
            _require_finance(who)
            account = credit_accounts.load(credit_account_id)
            if wrong := list(rules.problems_of_payment(wanted, account, now)):
                raise Invalid(*wrong)
            payment = CustomerPayment(
                amount=wanted.amount.amount,
                reference=wanted.reference,
                received_on=date.fromisoformat(wanted.received_on),
                by=who.id,
                at=now,
            )
            retry(_TRIES, lambda: _book(request, account.account_id, payment))
    return request.response()


def _book(request: IdempotentRequest, account_id: str, payment: CustomerPayment) -> None:
    account = credit_accounts.load(account_id)
    answer = Answer(status=201, body=rules.shown_payment(account, payment))
    transaction.commit([request.record(answer), *customer_payments.payment_writes(account, payment)])
    logger.info("payment booked", extra={"account_id": account_id, "amount": payment.amount})


@app.post("/v1/credit-accounts/<credit_account_id>/payouts")
def pay_out(credit_account_id: str) -> Response[str]:
    """Pay out to a customer what they have on the account, or have it wait for a second person."""
    event, now = app.current_event.raw_event, clock.now()
    who = caller(event)
    with idempotency.begin(event, who, settings.orders_table, now) as request:
        if request.replay() is None:
            wanted = http.read(event, contract.PayoutIn)
            _require_finance(who)
            account = credit_accounts.load(credit_account_id)
            if wrong := list(rules.problems_of_payout(wanted, account, now)):
                raise Invalid(*wrong)
            payout = Payout(
                payout_id=keys.digest(request.key["pk"])[:32],
                amount=wanted.amount.amount,
                reference=wanted.reference,
                paid_on=date.fromisoformat(wanted.paid_on),
                reason=wanted.reason,
                by=who.id,
                at=now,
            )
            retry(_TRIES, lambda: _pay_out(request, who, account.account_id, payout))
    return request.response()


def _pay_out(request: IdempotentRequest, who: Caller, account_id: str, payout: Payout) -> None:
    account = credit_accounts.load(account_id)
    taken = KeyReused("this Idempotency-Key was used for an earlier payout")
    waits = who.person and limits.payout_needs_approval(who.limits, payout.amount, account.currency)
    answer = Answer(status=202 if waits else 201, body=rules.shown_payout(account, payout, waits=waits))
    writes = (
        waiting_payouts.wait_writes(account, payout, taken)
        if waits
        else [
            *customer_payments.payout_writes(account, payout),
            waiting_terms.not_waiting(payout.payout_id, taken),
        ]
    )
    transaction.commit([request.record(answer), *writes])
    logger.info("payout waits" if waits else "paid out", extra={"account_id": account_id, "amount": payout.amount})


@app.post("/v1/credit-accounts/<credit_account_id>/reversals")
def take_back(credit_account_id: str) -> Response[str]:
    """Take back a payment or payout that was booked by mistake, or that came back: what it paid is owed again."""
    event, now = app.current_event.raw_event, clock.now()
    who = caller(event)
    with idempotency.begin(event, who, settings.orders_table, now) as request:
        if request.replay() is None:
            wanted = http.read(event, contract.ReversalIn)
            _require_finance(who)
            account = credit_accounts.load(credit_account_id)
            reversal = Reversal(
                reference=wanted.reference,
                paid=customer_payments.booked(account, wanted.reference),
                reason=wanted.reason,
                by=who.id,
                at=now,
            )
            answer = Answer(status=201, body=rules.shown_reversal(account, reversal))
            writes = customer_payments.reversal_writes(account, reversal)
            retry(_TRIES, lambda: transaction.commit([request.record(answer), *writes]))
            logger.info("payment taken back", extra={"account_id": account.account_id, "amount": reversal.paid})
    return request.response()


@app.get("/v1/credit-accounts")
def list_accounts() -> Response[str]:
    """List the accounts of a channel's customers, or those of one."""
    event = app.current_event.raw_event
    who, query = caller(event), http.query(event)
    channel, customer = query.get("channel", ""), query.get("customer_id", "")
    if not channel:
        raise Invalid(Problem(pointer="/channel", code="missing", message="name a channel"))
    if not who.sees_channel(channel):
        return http.page(event, [], None)
    bound = f"{who.id} credit {channel} {customer}"
    after, limit = list_pages.after(query, bound), list_pages.limit(query)
    accounts, more = credit_accounts.of_channel(channel, customer, after, limit)
    following = list_pages.cursor(more, bound) if more else None
    return http.page(event, [rules.shown(one) for one in accounts], following)


@app.get("/v1/credit-accounts/<credit_account_id>")
def get_account(credit_account_id: str) -> Response[str]:
    """Show an account with what is overdue, and a page of its ledger."""
    event, now = app.current_event.raw_event, clock.now()
    who, query = caller(event), http.query(event)
    account = _own(who, credit_account_id)
    bound = f"{who.id} entries {account.account_id}"
    after, limit = list_pages.after(query, bound), list_pages.limit(query)
    rows, more = credit_accounts.ledger(account.account_id, after, limit)
    body = {
        **rules.shown(account),
        "aging": rules.shown_aging(account, credit_accounts.unpaid(account), now.date()),
        "entries": [rules.shown_entry(row) for row in rows],
        "next": list_pages.cursor(more, bound) if more else None,
    }
    return http.respond(Answer(status=200, body=body))


def _own(who: Caller, account_id: str) -> CreditAccount:
    """Return an account of a channel of the caller. Raises NotFound, as if there were none, for one of another's."""
    account = credit_accounts.load(account_id)
    if not who.sees_channel(account.channel):
        raise NotFound("credit account", account_id)
    return account


def _require_finance(who: Caller) -> None:
    if who.person:
        limits.require_finance(who.desks)
