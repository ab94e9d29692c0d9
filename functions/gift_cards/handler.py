"""
Issue, find, freeze and end gift cards and store credit, and show what is left of them. Orders are paid by them in the room intake.

Called by   API Gateway: /v1/gift-cards*, /v1/store-credits
Returns     accounts, their ledgers; the code of a new card, with the answer to its POST only
Raises      Invalid, Forbidden, NotFound, TooManyRequests as problems
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from aws_lambda_powertools import Logger

from comanda.aws.api import http, idempotency
from comanda.aws.api.callers import Caller, caller
from comanda.aws.api.http import Answer
from comanda.aws.api.idempotency import IdempotentRequest
from comanda.aws.api.resolver import Response
from comanda.aws.books import expired_accounts, frozen_accounts, gift_card_issues, wrong_codes
from comanda.aws.books import gift_cards as accounts
from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys, list_pages, transaction
from comanda.aws.runtime import card_codes, clock
from comanda.aws.runtime.retries import retry
from comanda.aws.runtime.room import room
from comanda.aws.runtime.settings import settings
from comanda.domain.errors import Invalid, KeyReused
from comanda.domain.gift_cards import codes, expiry, freezing, issuing
from comanda.domain.gift_cards.account import GIFT_CARD, STORE_CREDIT, Account, last_day
from comanda.domain.gift_cards.issuing import Issue
from functions.gift_cards import contract, rules

logger = Logger()
app = http.door()

_TRIES = 3


@room
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return http.serve(app, event, context)


@app.post("/v1/gift-cards")
def issue_gift_card() -> Response[str]:
    """Issue a card. Its code is made of the request's key, so a repeated request has it again, and is not in the record."""
    event, now = app.current_event.raw_event, clock.now()
    who = caller(event)
    with idempotency.begin(event, who, settings.orders_table, now) as request:
        code = card_codes.code_of_request(request.key["pk"])
        if request.replay() is None:
            wanted = http.read(event, contract.GiftCardIn)
            issue, days = _issue(who, wanted, GIFT_CARD, card_codes.id_of_code(code), request.key["pk"], now)
            _commit(request, who, issue.of_card(codes.last4(code)), days)
    answer = request.answer
    if (
        answer and card_codes.id_of_code(code) == answer.body["account_id"]
    ):  # another after the key of codes was changed
        answer = Answer(status=answer.status, body={**answer.body, "code": codes.grouped(code)}, headers=answer.headers)
        return http.respond(answer)
    return request.response()


@app.post("/v1/store-credits")
def issue_store_credit() -> Response[str]:
    event, now = app.current_event.raw_event, clock.now()
    who = caller(event)
    with idempotency.begin(event, who, settings.orders_table, now) as request:
        if request.replay() is None:
            wanted = http.read(event, contract.StoreCreditIn)
            account_id = accounts.id_of_credit(wanted.channel, wanted.customer_id, wanted.amount.currency)
            issue, days = _issue(who, wanted, STORE_CREDIT, account_id, request.key["pk"], now)
            retry(_TRIES, lambda: _commit(request, who, issue, days))
    return request.response()


def _commit(request: IdempotentRequest, who: Caller, issue: Issue, days: int | None) -> None:
    """Issue the money, or have it wait for a second person, with the record of the answer in one transaction."""
    known, taken = accounts.find(issue.account_id), KeyReused("this Idempotency-Key was used for an earlier issue")
    if known is not None and issue.kind == GIFT_CARD:
        raise taken
    freezing.require_not_frozen(known)
    waits = who.person and issuing.needs_approval(who.limits, issue.amount, issue.currency)
    if waits:
        before = known or accounts.account_of(replace(issue, amount=0))
        shown = Answer(status=202, body=rules.shown(before, issue.at.date()))
        writes = [gift_card_issues.wait_write(issue, days, taken), accounts.not_issued(issue, taken)]
    else:
        shown = _opened(accounts.account_of(issue, known), issue.at)
        writes = accounts.issue_writes(issue, known, taken)
        if who.person:  # applications wait for nobody
            writes.append(gift_card_issues.not_waiting(issue, taken))
    transaction.commit([request.record(shown), *writes])
    facts = {"account_id": issue.account_id, "kind": issue.kind, "amount": issue.amount, "currency": issue.currency}
    logger.info("issued", extra={**facts, "waits": waits})


def _issue(
    who: Caller,
    wanted: contract.GiftCardIn | contract.StoreCreditIn,
    kind: str,
    account_id: str,
    request_key: str,
    now: datetime,
) -> tuple[Issue, int | None]:
    """Return what is issued, and for how many days it is good. Raises Invalid for what is wrong with it."""
    channel = directory.find(directory.CHANNEL, wanted.channel) if who.sees_channel(wanted.channel) else None
    customer_id = wanted.customer_id if isinstance(wanted, contract.StoreCreditIn) else None
    if wrong := list(rules.problems(channel, wanted.channel, wanted.amount, customer_id)):
        raise Invalid(*wrong)
    amount, days = wanted.amount, rules.days_of(channel or {}, kind)
    issue = Issue(
        issue_id=keys.digest(request_key)[:32],
        account_id=account_id,
        kind=kind,
        channel=wanted.channel,
        amount=amount.amount,
        currency=amount.currency,
        by=who.id,
        at=now,
        reason=wanted.reason,
        expires_on=last_day(now.date(), days),
    )
    return issue, days


def _opened(account: Account, now: datetime) -> Answer:
    return Answer(status=201, body=rules.shown(account, now.date()), headers={"Location": _path(account.account_id)})


def _path(account_id: str) -> str:
    return f"/v1/gift-cards/{account_id}"


@app.post("/v1/gift-cards/balance")
def get_balance() -> Response[str]:
    """Show what is left of a card, or of a customer's credit. What pays nothing is answered as what does not exist."""
    event, now = app.current_event.raw_event, clock.now()
    who, wanted = caller(event), http.read(event, contract.BalanceIn)
    if wrong := list(rules.problems_of_question(wanted)):
        raise Invalid(*wrong)
    sender = wrong_codes.sender(who.id, None if who.person else wanted.visitor or "")
    if wanted.code is not None:
        wrong_codes.require_tries(sender, None, now)
    account_id = _account_id(who, wanted)
    account = accounts.find(account_id) if account_id else None
    if account is not None and account.frozen:
        raise Invalid(rules.frozen("/customer_id" if wanted.code is None else "/code"))
    if account is None or not account.pays(1, wanted.currency, now.date()):
        if wanted.code is None:
            raise Invalid(rules.no_credit())
        if account_id and account is None:
            wrong_codes.add(sender, None, now)
        raise Invalid(rules.wrong_code())
    return http.respond(Answer(status=200, body=rules.shown(account, now.date())))


def _account_id(who: Caller, wanted: contract.BalanceIn) -> str | None:
    """Return the id of the account that a question is about; None for no code, and for a customer of another's channel."""
    if wanted.code is not None:
        code = codes.read(wanted.code)
        return card_codes.id_of_code(code) if code else None
    channel, customer = str(wanted.channel), str(wanted.customer_id)
    return accounts.id_of_credit(channel, customer, wanted.currency) if who.sees_channel(channel) else None


@app.post("/v1/gift-cards/find")
def find_accounts() -> Response[str]:
    """Show the account of a code, or the store credits of a customer, to the office, whatever is left of them."""
    event, now = app.current_event.raw_event, clock.now()
    who, wanted = caller(event), http.read(event, contract.FindIn)
    if wrong := list(rules.problems_of_question(wanted)):
        raise Invalid(*wrong)
    found = _of_code(who, wanted.code, now) if wanted.code is not None else _of_customer(wanted)
    return http.respond(Answer(status=200, body={"items": [rules.shown(one, now.date()) for one in found]}))


def _of_customer(wanted: contract.FindIn) -> list[Account]:
    """Return the store credits of a customer in the currencies of the channel."""
    channel, customer = str(wanted.channel), str(wanted.customer_id)
    entry = directory.find(directory.CHANNEL, channel)
    if entry is None:
        raise Invalid(rules.no_channel(channel))
    ids = (accounts.id_of_credit(channel, customer, currency) for currency in entry["currencies"])
    return [account for account_id in ids if (account := accounts.find(account_id)) is not None]


def _of_code(who: Caller, typed: str, now: datetime) -> list[Account]:
    """Return the account of a code. A guess counts as it does elsewhere."""
    sender = wrong_codes.sender(who.id, None if who.person else "")
    wrong_codes.require_tries(sender, None, now)
    code = codes.read(typed)
    account = accounts.find(card_codes.id_of_code(code)) if code else None
    if account is None:
        if code:
            wrong_codes.add(sender, None, now)
        raise Invalid(rules.unknown_code())
    return [account]


@app.post("/v1/gift-cards/<account_id>/freeze")
def freeze(account_id: str) -> Response[str]:
    return _set_frozen(account_id, freezes=True)


@app.post("/v1/gift-cards/<account_id>/unfreeze")
def unfreeze(account_id: str) -> Response[str]:
    return _set_frozen(account_id, freezes=False)


def _set_frozen(account_id: str, *, freezes: bool) -> Response[str]:
    """Freeze an account, or let it pay again, once for the request's key."""
    event, now = app.current_event.raw_event, clock.now()
    who = caller(event)
    with idempotency.begin(event, who, settings.orders_table, now) as request:
        if request.replay() is None:
            wanted = http.read(event, contract.FreezeIn)
            if who.person:
                freezing.require_desk(who.desks, freezes=freezes)
            change_id = keys.digest(request.key["pk"])[:32]
            change = freezing.Change(change_id=change_id, freezes=freezes, by=who.id, at=now, reason=wanted.reason)
            retry(_TRIES, lambda: _commit_change(request, account_id, change))
    return request.response()


def _commit_change(request: IdempotentRequest, account_id: str, change: freezing.Change) -> None:
    account = accounts.load(account_id)
    freezing.require_other(account, freezes=change.freezes)
    shown = Answer(status=200, body=rules.shown(replace(account, frozen=change.freezes), change.at.date()))
    taken = KeyReused("this Idempotency-Key was used for an earlier change")
    transaction.commit([request.record(shown), *frozen_accounts.writes(account, change, taken)])
    logger.info("frozen" if change.freezes else "unfrozen", extra={"account_id": account.account_id})


@app.post("/v1/gift-cards/<account_id>/expire")
def expire(account_id: str) -> Response[str]:
    """End what an account has, once for the request's key: it is the shop's income."""
    event, now = app.current_event.raw_event, clock.now()
    who = caller(event)
    with idempotency.begin(event, who, settings.orders_table, now) as request:
        if request.replay() is None:
            wanted = http.read(event, contract.ExpireIn)
            if who.person:
                expiry.require_finance(who.desks)
            end = expiry.End(end_id=keys.digest(request.key["pk"])[:32], by=who.id, at=now, reason=wanted.reason)
            retry(_TRIES, lambda: _commit_end(request, account_id, end))
    return request.response()


def _commit_end(request: IdempotentRequest, account_id: str, end: expiry.End) -> None:
    account = accounts.load(account_id)
    expiry.require_balance(account)
    shown = Answer(status=200, body=rules.shown(replace(account, balance=0), end.at.date()))
    taken = KeyReused("this Idempotency-Key was used for an earlier end")
    transaction.commit([request.record(shown), *expired_accounts.writes(account, end, taken)])
    facts = {"account_id": account.account_id, "amount": account.balance, "currency": account.currency}
    logger.info("expired", extra=facts)


@app.get("/v1/gift-cards/<account_id>")
def get_account(account_id: str) -> Response[str]:
    """Show an account with a page of its ledger."""
    event, now = app.current_event.raw_event, clock.now()
    who, query = caller(event), http.query(event)
    account = accounts.load(account_id)
    bound = f"{who.id} entries {account.account_id}"
    after, limit = list_pages.after(query, bound), list_pages.limit(query)
    rows, more = accounts.ledger(account.account_id, after, limit)
    following = list_pages.cursor(more, bound) if more else None
    entries = {"entries": [rules.shown_entry(row) for row in rows], "next": following}
    return http.respond(Answer(status=200, body=rules.shown(account, now.date()) | entries))
