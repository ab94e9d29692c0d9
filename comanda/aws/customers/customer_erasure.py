"""
Erase a customer: everything of the person in Customers, order by order.

`begin` hides all orders of all customers that are the person at once, and notes the erasure for the sweeper. Each order is then
taken away from the customer by one transaction, which is refused while the order needs its contact: until then nothing of it is
deleted. What is stored beside it is deleted after that, and the row that names it among those of the customer with the last of
it: a process that ends leaves orders that are whole or taken away, and the next goes on.

Called by   functions/erase
Returns     nothing, or whether an order was taken away
Raises      NotAllowed for an order that is open; ErasureEnded; StaleOrder, Throttled, Unfinished (Busy)
"""

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import batched
from typing import Any

from comanda.aws.customers import (
    case_erasure,
    contact_audit,
    customer_merges,
    customer_rows,
    needed_contacts,
    velocity,
)
from comanda.aws.customers.erasures import Erasure
from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.dynamodb.items import unpack
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.orders import order_items, orders
from comanda.aws.orders.orders import Saving
from comanda.aws.runtime.retries import retry
from comanda.aws.runtime.settings import settings
from comanda.domain import ids, views
from comanda.domain.errors import Rejected, StaleOrder, Throttled
from comanda.domain.lifecycle import erase
from comanda.domain.orders import customer_search
from comanda.domain.orders.customer_merge import Person
from comanda.domain.orders.order import Order

_LATER = timedelta(minutes=5)  # the sweeper leaves the request alone that erases just now


def begin(person: Person, until: str, actor: str, now: datetime) -> None:
    """Hide the person's orders up to `until`, and note that they are to be erased."""
    root = person.root.customer_id
    again = {**keys.erasure(root), **keys.erasure_due(root, now + _LATER)}
    transaction.commit(
        [
            *customer_merges.begin_erasure(person, until, actor, now),
            transaction.put(settings.orders_table, again, Throttled("erasure")),
            *contact_audit.notes(actor, contact_audit.ERASE, [one.customer_id for one in person.members], now),
        ]
    )


def finish(erasure: Erasure) -> None:
    """Note that every order is erased, and forget which customers were merged. Raises ErasureEnded."""
    person = erasure.person
    undone = customer_merges.forget_undone(person)
    for first in range(0, len(undone), transaction.MOST_ITEMS):
        transaction.commit(undone[first : first + transaction.MOST_ITEMS])
    last = transaction.delete(settings.orders_table, keys.erasure(person.root.customer_id), Throttled("erasure"))
    transaction.commit([*customer_merges.end_erasure(person, erasure.ended()), last])


def take_away(
    customer_id: str, order_id: str, contact_days: Callable[[str], int], erasure: Erasure, now: datetime
) -> bool:
    """Give the order an id that belongs to no customer. Return False for an order that another process has erased.

    Raises NotAllowed for an order that needs its customer (see `needed_contacts`): nothing of it was deleted.
    """
    listed = keys.order_of_customer(customer_id, order_id)

    def decide(order: Order) -> Saving | None:
        row = reads.get(settings.customers_table, listed)
        if row is None:
            raise _ErasedBefore(order_id)
        if "taken_from" in row:
            return None
        queues, days = needed_contacts.queues_of(order_id), contact_days(order.channel)
        decision = erase.erase_customer(order, queues, days, f"{ids.GUEST}{secrets.token_hex(16)}", erasure.actor, now)
        return Saving(decision=decision, first=[erasure.goes_on(), _taken_from(listed, order)])

    try:
        orders.decide(order_id, decide)
    except _ErasedBefore:
        return False
    return True


def _taken_from(listed: keys.Key, order: Order) -> Write:
    """Return the write that notes whose the order was, because it is counted under that id."""
    return transaction.update(
        settings.customers_table,
        listed,
        "SET taken_from = :id",
        _ErasedBefore(order.order_id),
        condition="attribute_exists(pk)",
        id=order.customer_id,
    )


def taken_from(customer_id: str, order_id: str) -> str | None:
    """Return whose an order was that was taken away: the channel's own id of its customer. None after its contact was erased."""
    row = reads.get(settings.customers_table, keys.order_of_customer(customer_id, order_id))
    return None if row is None else row["taken_from"]


def erase_contact(customer_id: str, order_id: str, erasure: Erasure, now: datetime) -> None:
    """Delete all that is stored of the people of an order that was taken away, and whose documents are gone.

    Whoever changes the order meanwhile may write another contact: then that is deleted, too.
    """
    with suppress(_ErasedBefore):
        retry(orders.COLLISIONS, lambda: _erase_beside(customer_id, orders.load(order_id), erasure, now), on=StaleOrder)


class _ErasedBefore(Rejected):
    """Another process has erased the order."""


def _erase_beside(customer_id: str, order: Order, erasure: Erasure, now: datetime) -> None:
    """Delete all that is stored of the people of an order as it is now. The first version of its contact, which names the
    customer, comes last. Raises StaleOrder when the order was changed meanwhile."""
    order_id = order.order_id
    listed = reads.get(settings.customers_table, keys.order_of_customer(customer_id, order_id))
    if listed is None:
        raise _ErasedBefore(order_id)
    order = replace(order, customer_id=listed["taken_from"])
    stored = list(reads.query(settings.customers_table, "pk = :pk", consistent=True, pk=keys.order(order_id)["pk"]))
    contacts = [row for row in stored if keys.is_contact(row)]
    _erase_cases(order_id, contacts, erasure, now)
    others = [
        {"pk": row["pk"], "sk": row["sk"]} for row in stored if not keys.is_contact(row) and not keys.is_legal_copy(row)
    ]
    gone = {(key["pk"], key["sk"]): key for key in (*others, *_found_by(customer_id, order, contacts))}
    writes = [transaction.delete(settings.customers_table, key, StaleOrder(order_id)) for key in gone.values()]
    writes += [
        _emptied({"pk": row["pk"], "sk": row["sk"]}, order_id, now)
        for row in contacts
        if "doc" in row and keys.contact_version_of(row) > 1
    ]
    writes += _last_writes(customer_id, order, now)
    for some in batched(writes, transaction.MOST_ITEMS - 1, strict=False):
        transaction.commit([erasure.goes_on(), *some])


def _last_writes(customer_id: str, order: Order, now: datetime) -> list[Write]:
    """Return the writes after which nothing of the customer is left, if the order is as it was read."""
    listed = transaction.delete(
        settings.customers_table,
        keys.order_of_customer(customer_id, order.order_id),
        _ErasedBefore(order.order_id),
        condition="attribute_exists(pk)",
    )
    return [order_items.unchanged(order), listed, _emptied(keys.contact(order.order_id, 1), order.order_id, now)]


def _erase_cases(order_id: str, contacts: Iterable[Mapping[str, Any]], erasure: Erasure, now: datetime) -> None:
    """Erase the cases of the order, and what its customer's e-mail address wrote by mail."""
    case_erasure.erase_of_order(order_id, erasure, now)
    people = (unpack(row["doc"]).get("customer", {}) for row in contacts if "doc" in row)
    for email in {customer_search.email(person["email"]) for person in people if person.get("email")}:
        case_erasure.erase_of_sender(email, erasure, now)


def _found_by(customer_id: str, order: Order, contacts: Iterable[Mapping[str, Any]]) -> Iterator[keys.Key]:
    """Yield the keys of the rows that the order is found and counted by."""
    for row in contacts:
        contact = unpack(row["doc"]) if "doc" in row else {}
        yield from customer_rows.search_keys(customer_id, order.order_id, contact)
        for texts in (velocity.texts_of(order, contact), velocity.spelt_before(order, contact)):
            for kind, of_kind in velocity.hashed(texts).items():
                for identity in of_kind:
                    yield keys.velocity(kind, identity, order.placed_at, order.order_id)
                    yield keys.velocity_count(kind, identity)
        yield from customer_rows.former_keys(customer_id, order.order_id, contact)


def _emptied(key: keys.Key, order_id: str, now: datetime) -> Write:
    """Return the write that leaves of a contact the time of its erasure alone."""
    return transaction.put(settings.customers_table, {**key, "erased_at": views.time(now)}, StaleOrder(order_id))
