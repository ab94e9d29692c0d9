"""
Let customers order on account within a limit, book what they pay and what they are paid out, and show what they owe. Orders take from it in the room intake.

Called by   API Gateway: /v1/credit-accounts*
Returns     accounts, with what is overdue and their ledgers; statements of months in CSV
Raises      Invalid, Forbidden, NotFound as problems
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from aws_lambda_powertools import Logger
from pydantic import BaseModel

from comanda.aws.api import http, idempotency
from comanda.aws.api.callers import Caller, caller
from comanda.aws.api.http import Answer
from comanda.aws.api.idempotency import IdempotentRequest
from comanda.aws.api.query_dates import utc_month
from comanda.aws.api.resolver import Response
from comanda.aws.books import credit_accounts, unpaid_invoices, waiting_terms
from comanda.aws.books.credit_accounts import TermsChange
from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys, list_pages, transaction
from comanda.aws.orders import document_numbers
from comanda.aws.runtime import clock
from comanda.aws.runtime.retries import retry
from comanda.aws.runtime.room import room
from comanda.aws.runtime.settings import settings
from comanda.domain.credit_accounts import limits
from comanda.domain.credit_accounts.account import CreditAccount
from comanda.domain.errors import Invalid, KeyReused, NotFound, Problem
from functions.credit_accounts import bookings, contract, rules, statements
from functions.credit_accounts.bookings import Asked, Booking

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
            wanted, seen = http.read(event, contract.TermsIn), http.if_match(event, required=False)
            _require_finance(who)
            channel = directory.find(directory.CHANNEL, wanted.channel)
            currency = wanted.limit.currency
            known = credit_accounts.of_customer(wanted.channel, wanted.customer_id, currency)
            if wrong := list(rules.problems_of_terms(wanted, known, channel)):
                raise Invalid(*wrong)
            change = TermsChange(
                change_id=_id_of(request),
                channel=wanted.channel,
                customer_id=wanted.customer_id,
                currency=currency,
                terms=rules.terms_of(wanted),
                by=who.id,
                at=now,
                reason=wanted.reason,
            )
            retry(_TRIES, lambda: _commit(request, who, change, seen))
    return request.response()


def _commit(request: IdempotentRequest, who: Caller, change: TermsChange, seen: int | None) -> None:
    """Change the terms, or have them wait for a second person, with the record of the answer in one transaction.

    `seen` is the version of the account that the caller decided on, None for any.
    """
    known = credit_accounts.find(change.account_id)
    http.require_version(seen, known.version if known else 0)
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
    return _booked(credit_account_id, contract.CustomerPaymentIn, bookings.payment)


@app.post("/v1/credit-accounts/<credit_account_id>/payouts")
def pay_out(credit_account_id: str) -> Response[str]:
    return _booked(credit_account_id, contract.PayoutIn, bookings.payout)


@app.post("/v1/credit-accounts/<credit_account_id>/reversals")
def take_back(credit_account_id: str) -> Response[str]:
    return _booked(credit_account_id, contract.ReversalIn, bookings.reversal)


def _booked[Wanted: BaseModel](
    account_id: str, model: type[Wanted], decide: Callable[[Asked[Wanted]], Booking]
) -> Response[str]:
    """Book once what a request wants, or have it wait for a second person, with the record of the answer in one transaction."""
    event, now = app.current_event.raw_event, clock.now()
    who = caller(event)
    with idempotency.begin(event, who, settings.orders_table, now) as request:
        if request.replay() is None:
            wanted = http.read(event, model)
            _require_finance(who)

            def book() -> None:
                account = credit_accounts.load(account_id)  # as it is at each try
                asked = Asked(wanted=wanted, account=account, who=who, now=now, booking_id=_id_of(request))
                _commit_booking(request, decide(asked))

            retry(_TRIES, book)
            logger.info("booked", extra={"account_id": account_id, "booking": decide.__name__})
    return request.response()


def _commit_booking(request: IdempotentRequest, booking: Booking) -> None:
    answer = Answer(status=202 if booking.waits else 201, body=booking.body)
    transaction.commit([request.record(answer), *booking.writes])


def _id_of(request: IdempotentRequest) -> str:
    """Return the id of what a request makes: the same whenever it is repeated."""
    return keys.digest(request.key["pk"])[:32]


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
        "aging": rules.shown_aging(account, unpaid_invoices.aged(account, rules.MOST_UNPAID), now.date()),
        "entries": [rules.shown_entry(row) for row in rows],
        "next": list_pages.cursor(more, bound) if more else None,
    }
    return http.respond(Answer(status=200, body=body, headers={"ETag": f'"v{account.version}"'}))


@app.get("/v1/credit-accounts/<credit_account_id>/statement-file")
def get_statement_file(credit_account_id: str) -> Response[str]:
    """Answer the statement of a month as CSV."""
    event = app.current_event.raw_event
    account = _own(caller(event), credit_account_id)
    first = utc_month(http.required(event, "month"))
    found = statements.of_month(credit_accounts.whole_ledger(account.account_id), first)
    numbers = document_numbers.of_invoices(statements.invoices_of(found))
    return http.csv_file(
        f"statement-{account.account_id}-{first:%Y-%m}.csv", statements.csv_of(account, found, numbers)
    )


def _own(who: Caller, account_id: str) -> CreditAccount:
    """Return an account of a channel of the caller. Raises NotFound, as if there were none, for one of another's."""
    account = credit_accounts.load(account_id)
    if not who.sees_channel(account.channel):
        raise NotFound("credit account", account_id)
    return account


def _require_finance(who: Caller) -> None:
    if who.person:
        limits.require_finance(who.desks)
