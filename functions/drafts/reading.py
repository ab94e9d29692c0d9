"""
Show drafts, their contacts and their events, and find them by customer.

Called by   functions/drafts/handler.py: the GET routes
Returns     responses of the API
Raises      NotFound for a draft that is not the caller's; Invalid for filters that do not fit together; Forbidden
"""

from collections.abc import Iterable
from datetime import datetime
from heapq import merge
from typing import Any

from comanda.aws.api import http
from comanda.aws.api.callers import Caller, caller
from comanda.aws.api.http import Answer
from comanda.aws.api.resolver import Response
from comanda.aws.customers import contact_audit, customer_merges, customer_rows
from comanda.aws.drafts import draft_contacts, drafts, open_carts
from comanda.aws.dynamodb import keys, list_pages
from comanda.aws.dynamodb.items import unpack
from comanda.aws.runtime import clock
from comanda.aws.runtime.settings import settings
from comanda.domain import ids
from comanda.domain.drafts import view
from comanda.domain.drafts.draft import Draft
from comanda.domain.drafts.steps import Actor
from comanda.domain.errors import Forbidden, Invalid, NotFound, Problem
from comanda.domain.orders import customer_search

_FOUND_BY = {
    "email": draft_contacts.by_email,
    "phone": draft_contacts.by_phone,
    "name": draft_contacts.by_name,
}


def actor_of(who: Caller) -> Actor:
    """Return the caller as the rules of drafts know it."""
    return Actor(id=who.id, office=who.office)


def require_own(who: Caller, draft: Draft) -> Draft:
    """Return the draft if it is the caller's. Raises NotFound otherwise, as if there were no such draft."""
    if not who.sees_channel(draft.channel):
        raise NotFound("draft", draft.draft_id)
    return draft


def own_draft(who: Caller, draft_id: str) -> Draft:
    """Return the caller's draft. Raises NotFound for a draft that is not the caller's, too."""
    return require_own(who, drafts.load(ids.parse_draft(draft_id, settings.cell)))


def answer(draft: Draft, who: Caller, now: datetime, *, open_cart: bool, status: int = 200) -> Answer:
    """Return the answer that shows the draft. It has no personal data, so it may be kept for repetitions."""
    body = view.draft(draft, now, open_cart=open_cart, office=who.office)
    return Answer(status=status, body=body, headers={"ETag": f'"v{draft.version}"'})


def created(draft: Draft, who: Caller, now: datetime, *, open_cart: bool) -> Answer:
    made = answer(draft, who, now, open_cart=open_cart, status=201)
    return Answer(status=201, body=made.body, headers={**made.headers, "Location": f"/v1/drafts/{draft.draft_id}"})


def get_draft(event: dict[str, Any], draft_id: str) -> Response[str]:
    who = caller(event)
    draft = own_draft(who, draft_id)
    is_open = open_carts.are_open([draft])[draft.draft_id]
    return http.respond(answer(draft, who, clock.now(), open_cart=is_open))


def get_contact(event: dict[str, Any], draft_id: str) -> Response[str]:
    """Return the contact of a draft, empty while its customer is being erased. A person who reads it is noted."""
    who = caller(event)
    draft = own_draft(who, draft_id)
    if who.person:
        contact_audit.note_read(who.id, draft.draft_id, clock.now(), draft.customer_id)
    contact = {} if draft_contacts.is_hidden(draft) else draft_contacts.find(draft.draft_id)
    return http.respond(Answer(status=200, body=contact))


def get_events(event: dict[str, Any], draft_id: str) -> Response[str]:
    """Return a page of the draft's events. A shop does not learn who of the office did what."""
    who, query = caller(event), http.query(event)
    draft, newest = own_draft(who, draft_id), list_pages.newest_first(query)
    bound = f"{who.id} {draft.draft_id} events{' newest' if newest else ''}"
    after, limit = list_pages.after(query, bound), list_pages.limit(query)
    pk = keys.draft(draft.draft_id)["pk"]
    rows, more = list_pages.rows_below(pk, keys.EVENTS, after, limit, newest=newest)
    items = [_event(row, who) for row in rows]
    return http.page(event, items, list_pages.cursor(more, bound) if more else None)


def _event(row: dict[str, Any], who: Caller) -> dict[str, Any]:
    own = who.office or row["actor"] == who.id
    fields = {name: row[name] for name in ("version", "step", "at", "status")}
    return {**fields, "actor": row["actor"] if own else None, "data": unpack(row["data"])}


def list_drafts(event: dict[str, Any]) -> Response[str]:
    """Return the drafts of one customer, the newest first, or those that the office finds by e-mail, phone or name."""
    who, query = caller(event), http.query(event)
    match sorted(set(query) - {"limit", "cursor"}):
        case ["customer_id"]:
            return _of_customer(event, who, query["customer_id"])
        case ["channel", "customer_id"]:
            if not who.sees_channel(query["channel"]):
                raise NotFound("channel", query["channel"])
            customer_id = customer_rows.id_of_person(query["channel"], {"id": query["customer_id"]})
            return _of_customer(event, who, customer_id or "")
        case ["quote"]:
            draft_id = drafts.id_of_quote(query["quote"].upper())
            return http.page(event, _shown([draft_id] if draft_id else [], who), None)
        case [by] if by in _FOUND_BY:
            return _search(event, who, by, query[by])
    message = "filter by customer_id, by channel and customer_id, or by one of quote, email, phone and name"
    raise Invalid(Problem(pointer="/", code="unknown-filter", message=message))


def _of_customer(event: dict[str, Any], who: Caller, customer_id: str) -> Response[str]:
    """Return a page of the drafts of a customer, under every customer that was merged."""
    query = http.query(event)
    bound = f"{who.id} drafts {customer_id}"
    after, limit = list_pages.after(query, bound), list_pages.limit(query)
    found: list[str] = []
    if ids.is_customer(customer_id):
        person = customer_merges.person(customer_id)
        members = person.members
        hides = draft_contacts.begun_until(person.root.erased_at or "") if person.erasing else _no_draft
        rows = merge(*(draft_contacts.of_customer(one.customer_id) for one in members), reverse=True)
        for name, channel in rows:
            if who.sees_channel(channel) and (not after or name < after) and not hides(name):
                found.append(name)
            if len(found) > limit:
                break
    more = list_pages.cursor(found[limit - 1], bound) if len(found) > limit else None
    return http.page(event, _shown(found[:limit], who), more)


def _no_draft(_: str) -> bool:
    return False


def _shown(draft_ids: Iterable[str], who: Caller) -> list[dict[str, Any]]:
    """Return the drafts of these ids that the caller sees, in this order."""
    wanted = list(draft_ids)
    found = {name: draft for name, draft in drafts.find_many(wanted).items() if who.sees_channel(draft.channel)}
    is_open, now = open_carts.are_open(found.values()), clock.now()
    return [
        view.draft(found[name], now, open_cart=is_open[name], office=who.office) for name in wanted if name in found
    ]


def _search(event: dict[str, Any], who: Caller, by: str, text: str) -> Response[str]:
    """Return at most twenty drafts by their customers' e-mail, phone or name, each with these. A search is noted."""
    if not who.office or "customers/read" not in who.scopes:
        raise Forbidden("only the office searches by e-mail, phone or name, with the scope customers/read")
    folded = customer_search.folded_search(by, text)
    contact_audit.note_search(who.id, by, folded, clock.now())
    found = list(dict.fromkeys(_FOUND_BY[by](folded)))[: draft_contacts.MOST]
    hidden = {name for name, draft in drafts.find_many(found).items() if draft_contacts.is_hidden(draft)}
    shown = _shown([name for name in found if name not in hidden], who)
    people = draft_contacts.find_many(found)
    items = [{**one, "customer": _person(people.get(one["draft_id"], {}))} for one in shown]
    items.sort(key=lambda item: item["updated_at"], reverse=True)
    return http.page(event, items, None)


def _person(contact: dict[str, Any]) -> dict[str, Any]:
    person = contact.get("customer", {})
    return {name: person.get(name) for name in ("name", "email", "phone")}
