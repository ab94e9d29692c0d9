"""
Place the order of a reviewed form, once, after the browser proved its work.

Called by   functions/order_form/handler.py
Returns     the page that thanks, or the review or the form again with the reason
Raises      NoForm

A double click, the back button and a second try after a lost answer send the same key, so one order is placed. A refused
challenge, a changed total and a full counter of the address send nothing.
"""

from typing import Any

from aws_lambda_powertools import Logger

from comanda.aws.api.replies import Reply
from comanda.aws.api_client.calls import Answer
from comanda.aws.api_client.server import NoAnswer
from functions.order_form import confirmation, pages, proof, quote, rules, visits
from functions.order_form import entry as entries
from functions.order_form.entry import Entry
from functions.order_form.pages import Visit
from functions.order_form.quote import Quote

_CONFLICT, _WRONG, _UNAVAILABLE = 409, 422, 503

logger = Logger()


def send(visit: Visit, entry: Entry) -> Reply:
    """Place the order, or say why not."""
    shop = visit.shop
    problems = entries.problems(entry, shop.terms.countries, shipped=not entry.option.startswith(rules.PICKUP))
    made = quote.reviewed(shop, entry)
    if problems or made.problems or made.choice is None or made.bill is None:
        return pages.review(visit, entry, "check", _WRONG)
    if entry.total != str(made.bill.total):
        return pages.review(visit, entry, "price-changed", _CONFLICT)
    if entry.nonce and not _has_worked(visit, entry):
        return pages.review_again(visit, entry, made, "proof", _WRONG)
    if not visits.may_order(visit.visitor, _counted_as(entry), shop.now):
        return pages.review_again(visit, entry, made, "too-many-orders", pages.TOO_MANY)
    if not entry.nonce:  # without a script there is no proof of work
        return confirmation.ask(visit, entry, made)
    order = rules.order(entry, made.items, made.choice, shop.terms, visit.language)
    try:
        answer = shop.place_order(order, entry.key)
    except NoAnswer:
        logger.info("no answer", extra={"channel": shop.terms.channel})
        return pages.review_again(visit, entry, made, "no-answer", _UNAVAILABLE)
    return _placed(visit, entry, answer) if answer.ok else _refused(visit, entry, made, answer)


def _counted_as(entry: Entry) -> str:
    """Return what an address is counted for: the form, and for a mailed link also whom it goes to. Otherwise one form
    could mail any number of strangers."""
    return entry.key if entry.nonce else f"{entry.key}.{visits.mail_name(entry.email)}"


def _has_worked(visit: Visit, entry: Entry) -> bool:
    """Return True for a proof of our own challenge that no other form has used."""
    channel, now = visit.shop.terms.channel, visit.shop.now
    return (
        proof.is_ours(entry.challenge, channel, now, visits.sign)
        and proof.is_solved(entry.challenge, entry.nonce)
        and visits.spend(entry.challenge, entry.key, now)
    )


def _placed(visit: Visit, entry: Entry, answer: Answer) -> Reply:
    terms = visit.shop.terms
    visits.count_order(terms.channel, entry.key, visit.shop.now)
    logger.info("placed", extra={"channel": terms.channel, "order_id": answer.body["order_id"]})
    facts: dict[str, Any] = {"total": answer.body["totals"]["total"]["amount"], "currency": terms.currency}
    return visit.show("done.html", number=answer.body["order_id"], email=entry.email, **facts)


def _refused(visit: Visit, entry: Entry, made: Quote, answer: Answer) -> Reply:
    """Show the form again with what the API refused at its field. A promise that has ended is made anew."""
    logger.info("refused", extra={"channel": visit.shop.terms.channel, "problem": answer.problem})
    if answer.problem in ("idempotency-key-reused", "already-exists"):
        return pages.form(visit, entry, notice="sent-before", status=_CONFLICT)
    problems = quote.problems_of(answer.errors)
    if problems and set(problems) <= {"option"}:
        return pages.review(visit, entry, "delivery-changed", _CONFLICT)
    if not problems:
        return pages.review_again(visit, entry, made, "no-answer", _UNAVAILABLE)
    return pages.form(visit, entry, problems=problems, notice="check", status=_WRONG)
