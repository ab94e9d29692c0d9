"""
Erase a customer: everything of the person in Customers, order by order.

`begin` hides all orders of all customers that are the person at once, and notes the erasure for the sweeper. Each order is then erased by one transaction, with the
row that names it among those of the customer: a process that ends leaves orders that are whole or erased, and the next goes on.

Called by   functions/erase; functions/sweep (`due`)
Returns     ids of customers
Raises      NotAllowed for an order that is open; StaleOrder, Throttled (Busy)
"""

import secrets
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from comanda.aws.cases import case_erasure
from comanda.aws.customers import contact_audit, customer_merges, customer_rows, velocity
from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.dynamodb.items import unpack
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.orders import orders
from comanda.aws.orders.orders import Saving
from comanda.aws.runtime.settings import settings
from comanda.domain import views
from comanda.domain.errors import StaleOrder, Throttled
from comanda.domain.lifecycle import erase
from comanda.domain.orders import customer_search
from comanda.domain.orders.customer_merge import Person
from comanda.domain.orders.order import Order

_LATER = timedelta(minutes=5)  # the sweeper leaves the request alone that erases just now
_MOST_DUE = 50  # erasures of one shard in one run; the next run goes on


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


def finish(person: Person) -> None:
    """Note that every order is erased, and forget which customers were merged."""
    undone = customer_merges.forget_undone(person)
    for first in range(0, len(undone), transaction.MOST_ITEMS):
        transaction.commit(undone[first : first + transaction.MOST_ITEMS])
    last = transaction.delete(settings.orders_table, keys.erasure(person.root.customer_id), Throttled("erasure"))
    transaction.commit([*customer_merges.end_erasure(person), last])


def due(now: datetime) -> list[str]:
    """Return the customers whose erasure was begun minutes ago and is not finished."""
    found: list[str] = []
    for shard in range(keys.SHARDS):
        page, until = keys.queue_page("erasures", shard), keys.time(now)
        condition = "gsi3pk = :pk AND gsi3sk < :now"
        rows = reads.query(settings.orders_table, condition, index="GSI3", together=_MOST_DUE, pk=page, now=until)
        found += [keys.customer_id_of_erasure(row) for row in islice(rows, _MOST_DUE)]
    return found


def erase_order(customer_id: str, order_id: str, actor: str, now: datetime) -> None:
    """Delete all that is stored of the people of an order, whose documents are gone. The order gets the id of nobody."""
    order = orders.load(order_id)
    stored = list(reads.query(settings.customers_table, "pk = :pk", consistent=True, pk=keys.order(order_id)["pk"]))
    contacts = [row for row in stored if keys.is_contact(row)]
    _erase_cases(order_id, contacts, actor, now)
    others = [{"pk": row["pk"], "sk": row["sk"]} for row in stored if not keys.is_contact(row)]
    gone = {(key["pk"], key["sk"]): key for key in (*others, *_found_by(customer_id, order, contacts))}
    deletes = [_delete(order_id, key) for key in gone.values()]
    for first in range(0, len(deletes), transaction.MOST_ITEMS):
        transaction.commit(deletes[first : first + transaction.MOST_ITEMS])
    nobody = f"g_{secrets.token_hex(16)}"
    last = [*(_emptied(row, now) for row in contacts), _delete(order_id, keys.order_of_customer(customer_id, order_id))]
    orders.decide(order_id, lambda order: Saving(decision=erase.erase_customer(order, nobody, actor, now), also=last))


def _erase_cases(order_id: str, contacts: Iterable[Mapping[str, Any]], actor: str, now: datetime) -> None:
    """Erase the cases of the order, and those without an order that its customer's e-mail address wrote."""
    case_erasure.erase_of_order(order_id, actor, now)
    people = (unpack(row["doc"]).get("customer", {}) for row in contacts if "doc" in row)
    for email in {customer_search.email(person["email"]) for person in people if person.get("email")}:
        case_erasure.erase_of_sender(customer_rows.identity_of_email(email), actor, now)


def _found_by(customer_id: str, order: Order, contacts: Iterable[Mapping[str, Any]]) -> Iterator[keys.Key]:
    """Yield the keys of the rows that the order is found and counted by."""
    for row in contacts:
        contact = unpack(row["doc"]) if "doc" in row else {}
        yield from customer_rows.search_keys(customer_id, order.order_id, contact)
        for kind, identity in velocity.hashed(velocity.texts_of(order, contact)).items():
            yield keys.velocity(kind, identity, order.placed_at, order.order_id)


def _emptied(row: Mapping[str, Any], now: datetime) -> Write:
    """Return the write that leaves of a contact the time of its erasure alone."""
    values = {"pk": row["pk"], "sk": row["sk"], "erased_at": views.time(now)}
    return transaction.put(settings.customers_table, values, StaleOrder(row["pk"]))


def _delete(order_id: str, key: keys.Key) -> Write:
    return transaction.delete(settings.customers_table, key, StaleOrder(order_id))
