"""
Find customers, and show one with their orders in every channel and the people and addresses of these.

Called by   functions/customers/handler.py: GET /v1/customers, GET /v1/customers/{customer_id}
Returns     customers; a customer
Raises      Invalid for a search without exactly one filter, or by too little; NotFound for a customer of other channels

Contacts are personal data, so each search, and each customer that a person reads, is noted.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from comanda.aws.api import http
from comanda.aws.api.callers import Caller, caller
from comanda.aws.api.http import Answer
from comanda.aws.api.resolver import Response
from comanda.aws.customers import contact_audit, customer_lookup, customer_merges, customers
from comanda.aws.dynamodb import keys, list_pages, reads
from comanda.aws.orders import orders
from comanda.aws.runtime import clock
from comanda.aws.runtime.settings import settings
from comanda.domain import ids, views
from comanda.domain.errors import Invalid, NotFound, Problem
from comanda.domain.orders import customer_search
from comanda.domain.orders.customer_merge import UNDO, Person
from comanda.domain.orders.order import Order

_MOST_CASES = 20


_FOUND_BY = {
    "email": customer_lookup.by_email,
    "phone": customer_lookup.by_phone,
    "name": customer_lookup.by_name,
}


def search(event: dict[str, Any]) -> Response[str]:
    """Answer the customers with an e-mail, a phone or a name, the newest order of each beside them."""
    who, query = caller(event), http.query(event)
    if len(query) != 1:
        raise Invalid(Problem(pointer="/", code="one-filter", message="search by one of email, phone and name"))
    ((by, text),) = query.items()
    folded = customer_search.folded_search(by, text)
    contact_audit.note_search(who.id, by, folded, clock.now())
    found = _FOUND_BY[by](folded)
    newest = _people(found)[: customer_lookup.MOST]
    wanted = [keys.order(order_id) for _, order_id in newest]
    shown = {keys.order_id_of(row): orders.order_of_item(row) for row in reads.batch(settings.orders_table, wanted)}
    contacts = customers.load_many({order_id: order.contact for order_id, order in shown.items()})
    items = [
        _found(customer, shown[order_id], contacts[order_id]) for customer, order_id in newest if order_id in contacts
    ]
    items.sort(key=lambda item: item["last_order"]["placed_at"], reverse=True)
    return http.respond(Answer(status=200, body={"items": items, "more": len(found) > customer_lookup.MOST}))


def _people(found: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return each found person once, by the customer that others were merged into, with the newest order that was found."""
    newest: dict[str, str] = {}
    for one, (root, hidden) in customer_merges.roots(found).items():
        if found[one] > hidden:
            newest[root] = max(found[one], newest.get(root, ""))
    return list(newest.items())


def _found(customer_id: str, order: Order, contact: Mapping[str, Any]) -> dict[str, Any]:
    person = contact["customer"]
    return {
        "customer_id": customer_id,
        "name": person["name"],
        "email": person.get("email"),
        "phone": person.get("phone"),
        "last_order": {
            "order_id": order.order_id,
            "channel": order.channel,
            "external_id": order.external_id,
            "placed_at": views.time(order.placed_at),
            "status": order.status,
        },
    }


def get_customer(event: dict[str, Any], customer_id: str) -> Response[str]:
    """Answer a page of the customer's orders that the caller sees, with the people and addresses of these orders."""
    who = caller(event)
    bound = f"{who.id} customer {customer_id}"
    person, found, more = page_of(event, customer_id, who, bound)
    if who.person:
        contact_audit.note_read(who.id, person.root.customer_id, clock.now())
    rows = {keys.order_id_of(row): row for row in reads.batch(settings.orders_table, map(keys.order, found))}
    shown = [orders.order_of_item(rows[order_id]) for order_id in found if order_id in rows]
    contacts = customers.load_many({order.order_id: order.contact for order in shown})
    known = [contacts[order.order_id] for order in shown if order.order_id in contacts]
    body = {
        "customer_id": person.root.customer_id,
        "merged": merged_rows(person) if who.office else [],
        "people": _different(contact["customer"] for contact in known),
        "addresses": _different(address for contact in known for address in _addresses(contact)),
        "known_as": _known_as(shown),
        "cases": _cases(who, person),
        "items": [views.order(order, clock.now()) for order in shown],
        "next": list_pages.cursor(more, bound) if more else None,
    }
    return http.respond(Answer(status=200, body=body))


def _known_as(shown: Iterable[Order]) -> list[dict[str, str]]:
    """Return by which ids of their own the channels of these orders know the customer. A guest has none."""
    own = ((order.channel, order.customer_id) for order in shown if not ids.is_guest(order.customer_id))
    return [{"channel": channel, "customer_id": customer_id} for channel, customer_id in dict.fromkeys(own)]


def merged_rows(person: Person) -> list[dict[str, Any]]:
    """Return the customers that were merged into others, and until when each merge may be undone."""
    return [
        {
            "customer_id": one.customer_id,
            "into": one.into,
            "merged_at": views.time(one.merged_at),
            "undo_until": views.time(one.merged_at + UNDO),
        }
        for one in person.members
        if one.merged_at is not None
    ]


def page_of(event: dict[str, Any], customer_id: str, who: Caller, bound: str) -> tuple[Person, list[str], str | None]:
    """Return the person, a page of their orders that the caller sees, and the key to go on after. Raises NotFound without
    any."""
    query = http.query(event)
    after, limit = list_pages.after(query, bound), list_pages.limit(query)
    if ids.is_customer(customer_id):
        person = customer_merges.person(customer_id)
        found, more = customer_lookup.orders_of(person.hidden(), who.sees_channel, after, limit)
        if found:
            return person, found, more
    raise NotFound("customer", customer_id[:80])


def _cases(who: Caller, person: Person) -> list[dict[str, Any]]:
    """Return the newest cases of the person that the caller sees."""
    from comanda.aws.cases import cases  # the other routes of this room need none of it
    from comanda.domain.cases import views as case_views

    found, _ = cases.of_person(person.hidden(), who.sees_case_of, "", _MOST_CASES)
    return [case_views.case(case, clock.now()) for case in found]


def _addresses(contact: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the addresses of an order: its own, those of its lines, and that of its bill."""
    yield from customers.delivered_to(contact)
    if contact.get("bill_to"):
        yield contact["bill_to"]


def _different(found: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return each of the values once, in the order in which they were found."""
    seen: list[Mapping[str, Any]] = []
    for one in found:
        if one not in seen:
            seen.append(one)
    return seen
