"""
Write the rows of a new order's customer: its contact, its place among the customer's orders, and what the customer is found by.

A customer's id is made of what the channel calls the customer, or of a guest's e-mail, so that placing an order reads nothing. Each order has
rows of its own, put once: no two orders of a customer wait for each other, and an order's rows go with it.

Called by   functions/intake; the rooms and the modules of comanda.aws that need the id of a customer, or what one is found by
Returns     writes, which are refused only for a contact that exists; ids of customers
Raises      nothing
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from comanda.aws.customers import customers
from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime import secret
from comanda.aws.runtime.settings import settings
from comanda.domain import ids, views
from comanda.domain.errors import StaleOrder
from comanda.domain.orders import customer_search
from comanda.domain.orders.order import Order


def of_new(order: Order, contact: dict[str, Any], now: datetime, customer_id: str | None = None) -> list[Write]:
    """Return the writes of a new order's contact and of its customer's rows. `customer_id` is known of a replacement."""
    customer_id = customer_id or id_of(order, contact)
    return [
        customers.write(order.order_id, order.contact, contact, now, customer_id),
        _put(order, _listed_order(order, customer_id)),
        *(_put(order, key) for key in search_keys(customer_id, order.order_id, contact)),
    ]


def of_old(order: Order, contacts: Sequence[Mapping[str, Any]]) -> list[Write]:
    """Return the writes that name the customer of an order that was placed before customers had ids. `contacts` are all versions
    of its contact. They are refused with StaleOrder when the contact was erased meanwhile."""
    customer_id = id_of(order, contacts[0])
    if not ids.is_customer(customer_id):
        customer_id = f"cus_{secret.sign_customer('guest-order', order.order_id)}"
    found_by = {
        (key["pk"], key["sk"]): key for one in contacts for key in search_keys(customer_id, order.order_id, one)
    }
    named = transaction.update(
        settings.customers_table,
        keys.contact(order.order_id, 1),
        "SET customer = :id",
        StaleOrder(order.order_id),
        condition="attribute_exists(doc)",
        id=customer_id,
    )
    return [named, _put(order, _listed_order(order, customer_id)), *(_put(order, key) for key in found_by.values())]


def missing(order: Order, customer_id: str, contacts: Sequence[Mapping[str, Any]]) -> list[Write]:
    """Return the writes of the rows that searches need to find the order's customer, as far as they are missing.

    They are refused with StaleOrder when the customer was erased meanwhile, or is being erased: an erasure notes on the row of
    the order that it has begun with it.
    """
    order_id = order.order_id
    wanted = {(key["pk"], key["sk"]): key for one in contacts for key in search_keys(customer_id, order_id, one)}
    stored = reads.batch(settings.customers_table, wanted.values(), only=("pk", "sk")) if wanted else ()
    there = {(row["pk"], row["sk"]) for row in stored}
    writes = [_put(order, key) for name, key in wanted.items() if name not in there]
    theirs = transaction.update(
        settings.customers_table,
        keys.order_of_customer(customer_id, order_id),
        "SET channel = :channel",
        StaleOrder(order_id),
        condition="attribute_exists(pk) AND attribute_not_exists(taken_from)",
        channel=order.channel,
    )
    return [theirs, *writes] if writes else []


def _listed_order(order: Order, customer_id: str) -> dict[str, Any]:
    """Return the row of an order among those of its customer."""
    return {
        **keys.order_of_customer(customer_id, order.order_id),
        "channel": order.channel,
        "placed_at": views.time(order.placed_at),
    }


def id_of(order: Order, contact: Mapping[str, Any]) -> str:
    """Return the id of an order's customer. The same id of one channel, and a guest's same e-mail, have the same one."""
    found = id_of_person(order.channel, contact.get("customer", {}))
    return found or f"cus_{order.customer_id.removeprefix('g_')}"  # a guest without e-mail has random digits


def id_of_person(channel: str, person: Mapping[str, Any]) -> str | None:
    """Return the id of a person who names an id of the channel, or an e-mail. None: they name neither."""
    if person.get("id"):
        return f"cus_{secret.sign_customer('customer', f'{keys.text(channel)}/{person["id"]}')}"
    return guest_of(person["email"]) if person.get("email") else None


def guest_of(email: str) -> str:
    """Return the id of the customer that a guest with this e-mail is. The cases to which the address wrote are listed there."""
    return f"cus_{secret.sign_customer('guest-customer', customer_search.email(email))}"


def search_keys(customer_id: str, order_id: str, contact: Mapping[str, Any]) -> Iterator[keys.Key]:
    """Yield the keys by which a customer is found by the e-mail, the phone and the name of an order's contact."""
    person = contact.get("customer", {})
    if email := customer_search.email(person.get("email") or ""):
        yield keys.by_email(identity_of_email(email), customer_id, order_id)
    if phone := customer_search.phone(person.get("phone") or ""):
        yield keys.by_phone(identity_of_phone(phone), customer_id, order_id)
    for name in customer_search.names(person.get("name") or ""):
        yield keys.by_name(name, customer_id, order_id)


def former_keys(customer_id: str, order_id: str, contact: Mapping[str, Any]) -> list[keys.Key]:
    """Return the keys that rows of the past have for a customer's name, without those that are still in use."""
    now = list(search_keys(customer_id, order_id, contact))
    names = customer_search.former_names(contact.get("customer", {}).get("name") or "")
    former = [keys.by_former_name(name, customer_id, order_id) for name in names]
    return [key for key in former if key not in now]


def identity_of_email(folded: str) -> str:
    return secret.sign_customer("search-email", folded)


def identity_of_phone(folded: str) -> str:
    return secret.sign_customer("search-phone", folded)


def _put(order: Order, values: Mapping[str, Any]) -> Write:
    return transaction.put(settings.customers_table, dict(values), StaleOrder(order.order_id))
