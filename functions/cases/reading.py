"""
Show cases: one with its texts and its last events, or a page of those of an owner, an order or a customer.

Called by   functions/cases/handler.py
Returns     responses
Raises      Invalid for a list without exactly one filter; Forbidden; NotFound for what is not the caller's

Texts are words of people, so each case that a person reads is noted.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from comanda.aws.api import http
from comanda.aws.api.callers import Caller, caller
from comanda.aws.api.http import Answer
from comanda.aws.api.resolver import Response
from comanda.aws.cases import case_tokens, cases
from comanda.aws.customers import contact_audit, customer_lookup, customer_merges, customer_rows, customers
from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys, list_pages
from comanda.aws.orders import orders
from comanda.aws.runtime import clock
from comanda.aws.runtime.settings import settings
from comanda.domain import ids
from comanda.domain.cases import views
from comanda.domain.cases.case import Case, CaseText
from comanda.domain.cases.terms import TEAMS
from comanda.domain.errors import Forbidden, Invalid, NotFound, Problem
from comanda.domain.orders import customer_search

MOST_TEXTS = 40  # of one answer
MOST_EVENTS = 50
_MOST_BYTES = 3_000_000  # of the texts of one answer: Lambda sends six millions
_FILTERS = ("owner", "order_id", "customer_id")
_ME = "me"


def own_case(who: Caller, case_id: str) -> Case:
    """Return the case. Raises NotFound for one of another channel, as for one that does not exist."""
    found = cases.find(ids.parse_case(case_id, settings.cell))
    if found is None or not who.sees_case_of(found.channel):
        raise NotFound("case", case_id)
    return found


def get_case(event: dict[str, Any], case_id: str) -> Response[str]:
    """Answer a case with a page of its texts, the oldest first, and its newest events. It has no texts while its customer is
    being erased."""
    who, query, now = caller(event), http.query(event), clock.now()
    case = own_case(who, case_id)
    bound = f"{who.id} case {case_id}"
    after, limit = int(list_pages.after(query, bound) or 0), min(list_pages.limit(query), MOST_TEXTS)
    customer_id = _customer_of(case)
    hidden = customers.is_hidden(customer_id, case.order_id or "")
    found = [] if hidden else cases.texts(case_id, after, limit + 1)
    texts = _that_fit(found[:limit])
    more = texts[-1].number if len(texts) < len(found) else None
    if who.person:
        contact_audit.note_read(
            who.id, case.order_id or case_id, now, customer_id if who.office else None, *_writers(texts)
        )
    events = cases.last_events(case_id, MOST_EVENTS)
    named = _names(who, [case.owner, *(one.by for one in texts), *(one["actor"] for one in events)])
    body = {
        **views.case(case, now),
        "owner_name": _owner_name(case, named),
        "customer_id": customer_id if who.office and not hidden else None,
        "reply_token": case_tokens.write(case_id, now) if who.office and not case.erased_at else None,
        "events": [{**one, "actor_name": named.get(one["actor"])} for one in events],
        "items": [{**views.text(one), "by_name": named.get(one.by)} for one in texts if who.office or not one.internal],
        "next": list_pages.cursor(str(more), bound) if more else None,
    }
    return http.respond(Answer(status=200, body=body, headers={"ETag": f'"v{case.version}"'}))


def _that_fit(texts: Sequence[CaseText]) -> Sequence[CaseText]:
    """Return the first texts, as many as fit an answer: long mails are fewer."""
    size = 0
    for count, one in enumerate(texts):
        size += http.sent_bytes(views.text(one))
        if size > _MOST_BYTES and count:
            return texts[:count]
    return texts


def _customer_of(case: Case) -> str | None:
    """Return the customer whose case it is. Of a mail without an order it is the guest with the sender's address, under whom the
    mail is exported and erased."""
    own = customers.customer_of(case.order_id) if case.order_id else cases.customer_of(case)
    if own is not None or case.order_id is not None:
        return own
    senders = (text.sender for text in cases.texts(case.case_id, 0, 1) if text.number == 1)
    return next((customer_rows.guest_of(sender) for sender in senders if sender), None)


def _writers(texts: Iterable[CaseText]) -> Iterator[str]:
    """Yield the customers whose addresses wrote these mails."""
    for sender in dict.fromkeys(text.sender for text in texts if text.sender):
        yield customer_rows.guest_of(sender)
        yield from customer_lookup.by_email(customer_search.email(sender))


def list_cases(event: dict[str, Any]) -> Response[str]:
    """Answer a page of cases: those of an owner that are not closed by their due time, or all of an order or a customer."""
    who, query, now = caller(event), http.query(event), clock.now()
    named = [name for name in _FILTERS if name in query]
    if len(named) != 1:
        message = "takes exactly one of owner, order_id and customer_id"
        raise Invalid(Problem(pointer="/owner", code="one-filter", message=message))
    (by,) = named
    bound = f"{who.id} cases {by} {query[by]}"
    after, limit = list_pages.after(query, bound), list_pages.limit(query)
    found, more = _page(who, by, query[by], after, limit)
    following = list_pages.cursor(more, bound) if more else None
    names = _names(who, [case.owner for case in found])
    shown = [{**views.case(case, now), "owner_name": _owner_name(case, names)} for case in found]
    return http.page(event, shown, following)


def _names(who: Caller, ids_of_callers: Iterable[str]) -> dict[str, str]:
    """Return the names that these people and applications have now, to the office alone."""
    return directory.names_of_callers(set(ids_of_callers)) if who.office else {}


def _owner_name(case: Case, names: Mapping[str, str]) -> str | None:
    return None if case.owner in TEAMS else names.get(case.owner)


def _page(who: Caller, by: str, value: str, after: str, limit: int) -> tuple[list[Case], str | None]:
    if by == "customer_id":
        members = customer_merges.person(value).members if ids.is_customer(value) else ()
        return cases.of_person([one.customer_id for one in members if not one.hidden], who.sees_case_of, after, limit)
    if by == "order_id":
        ids.parse("ord", value, settings.cell)
        order = orders.find(value)
        if order is None:
            raise NotFound("order", value)
        who.require_order(order)
        rows, more = list_pages.children(value, keys.CASES, after, limit)
        return [cases.case_of_item(row) for row in rows], more
    if not who.office:
        raise Forbidden("the cases of an owner are for the office: list those of an order or a customer")
    return cases.of_owner(who.id if value == _ME else value, after, limit)
