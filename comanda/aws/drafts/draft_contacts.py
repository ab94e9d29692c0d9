"""
Store the contact of a draft in the Customers table, with the rows by which the draft is found. They end with the draft.

A draft has one contact, which is written anew in the transaction of each change of it: customer, ship_to, bill_to, note,
attributes, and `lines` with the addresses and gifts that lines have of their own.

Called by   functions/drafts, functions/intake, functions/customers, functions/notify; comanda.aws.drafts
Returns     contacts; ids of drafts; the writes of a change
Raises      Throttled
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any

from comanda.aws.customers import customer_rows
from comanda.aws.drafts import drafts
from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.dynamodb.items import FITS, pack, unpack
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime import secret
from comanda.aws.runtime.settings import settings
from comanda.domain import ids
from comanda.domain.drafts.draft import Draft
from comanda.domain.errors import Invalid, Problem, StaleOrder
from comanda.domain.orders import customer_search

Contact = Mapping[str, Any]

_MOST_READ = 200  # rows of names of which the words of a search are looked for
MOST = 20  # drafts of one search. Twice as many rows are read: a name may have several for each draft, by its words


def find(draft_id: str) -> dict[str, Any]:
    """Return the contact of a draft, empty if it has none."""
    row = reads.get(settings.customers_table, keys.draft(draft_id))
    return {} if row is None else unpack(row["doc"])


def find_many(draft_ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return the contacts of drafts that have one, by draft id."""
    rows = reads.batch(settings.customers_table, map(keys.draft, draft_ids))
    return {keys.draft_id_of(row): unpack(row["doc"]) for row in rows}


def is_hidden(draft: Draft) -> bool:
    """Return True while the customer of the draft is being erased, unless the draft was begun after that."""
    row = reads.get(settings.customers_table, keys.customer(draft.customer_id)) if draft.customer_id else None
    return row is not None and "until" in row and begun_until(row["erased_at"])(draft.draft_id)


def begun_until(at: str) -> Callable[[str], bool]:
    """Return a function that says of the id of a draft whether the draft was begun by this time, as the API spells it."""
    last = ids.ulid(int(datetime.fromisoformat(at).timestamp() * 1000), -1)  # -1: the last id of this millisecond
    return lambda draft_id: draft_id.rpartition("_")[2] <= last


def customer_id(draft_id: str, channel: str, contact: Contact) -> str | None:
    """Return the id of a contact's customer, the same as that of their orders. None: the contact names nobody.

    A person without an id of the channel and without an e-mail has an id of the draft's own.
    """
    if not (person := contact.get("customer")):
        return None
    return customer_rows.id_of_person(channel, person) or f"cus_{secret.sign_customer('draft-customer', draft_id)}"


def writes(before: tuple[Draft, Contact] | None, after: Draft, contact: Contact) -> list[Write]:
    """Return the writes of a draft's contact, and of the rows by which the draft is found. `before` is None for a new draft."""
    was = [] if before is None else _rows_to_find(*before)
    now = _rows_to_find(after, contact)
    if before is not None and was == now and before[1] == contact and drafts.ttl(before[0]) == drafts.ttl(after):
        return []
    end, stale = drafts.ttl(after), StaleOrder(after.draft_id)
    kept = {(row["pk"], row["sk"]) for row in now}
    gone = [{"pk": row["pk"], "sk": row["sk"]} for row in was if (row["pk"], row["sk"]) not in kept]
    puts = [transaction.put(settings.customers_table, {**row, "ttl": end}, stale) for row in now]
    if contact:
        values = {**keys.draft(after.draft_id), "doc": _packed(contact), "ttl": end}
        puts.append(transaction.put(settings.customers_table, values, stale))
    elif before is not None and before[1]:
        gone.append(keys.draft(after.draft_id))
    return [*puts, *(transaction.delete(settings.customers_table, key, stale) for key in gone)]


def _packed(contact: Contact) -> str | bytes:
    """Return the document of a contact. Raises Invalid for one that is too large, by the messages of its gifts."""
    packed = pack(dict(contact))
    if len(packed) > FITS:
        message = f"addresses and gifts have {len(packed)} bytes when they are compressed, {FITS} are kept"
        raise Invalid(Problem(pointer="/lines", code="draft-too-large", message=message))
    return packed


def of_step(before: Draft, after: Draft) -> list[Write]:
    """Return the writes by which the contact follows a step that does not change it: it ends with the draft.

    A draft that was given up or has expired keeps nothing but the id of its customer.
    """
    if not before.contact or (after.contact and before.expires_at == after.expires_at):
        return []
    contact = find(before.draft_id)
    return writes((before, contact), after, contact if after.contact else {})


def _rows_to_find(draft: Draft, contact: Contact) -> list[dict[str, Any]]:
    """Return the rows by which a draft is found."""
    found: list[dict[str, Any]] = [dict(key) for key in _search_keys(draft.draft_id, contact)]
    if draft.customer_id is not None:
        found.append({**keys.draft_of_customer(draft.customer_id, draft.draft_id), "channel": draft.channel})
    return found


def _search_keys(draft_id: str, contact: Contact) -> Iterator[keys.Key]:
    person = contact.get("customer", {})
    if email := customer_search.email(person.get("email") or ""):
        yield keys.draft_by_email(customer_rows.identity_of_email(email), draft_id)
    if phone := customer_search.phone(person.get("phone") or ""):
        yield keys.draft_by_phone(customer_rows.identity_of_phone(phone), draft_id)
    for name in customer_search.names(person.get("name") or ""):
        yield keys.draft_by_name(name, draft_id)


def deletes(draft_id: str, customer_id: str | None, contact: Contact) -> list[Write]:
    """Return the writes that delete a contact, and all rows by which its draft is found."""
    former = customer_search.former_names(contact.get("customer", {}).get("name") or "")
    found_by = [*_search_keys(draft_id, contact), *(keys.draft_by_former_name(name, draft_id) for name in former)]
    gone = [keys.draft(draft_id), *{(key["pk"], key["sk"]): key for key in found_by}.values()]
    if customer_id is not None:
        gone.append(keys.draft_of_customer(customer_id, draft_id))
    return [transaction.delete(settings.customers_table, key, StaleOrder(draft_id)) for key in gone]


def by_email(folded: str) -> list[str]:
    """Return the drafts with this e-mail, the newest first: at most 42."""
    return _found(keys.draft_by_email(customer_rows.identity_of_email(folded)))


def by_phone(folded: str) -> list[str]:
    return _found(keys.draft_by_phone(customer_rows.identity_of_phone(folded)))


def by_name(folded: str) -> list[str]:
    """Return the drafts of customers whose name begins so, from any of its words on, and of those whose name has the words apart:
    at most 168."""
    asked = customer_search.asked_names(folded)
    found = dict.fromkeys(draft_id for name in asked for draft_id in _found(keys.draft_names(name)))
    if len(found) <= MOST:
        led = customer_search.led_by(folded)
        found |= dict.fromkeys(draft_id for word in led for draft_id in _found(keys.draft_names(word), folded))
    return list(found)


def _found(first: keys.Key, name: str = "") -> list[str]:
    """Return the drafts of rows that begin so. With the words of a `name`, rows of names without all of them are left out."""
    rows = reads.query(
        settings.customers_table,
        "pk = :pk AND begins_with(sk, :first)",
        consistent=True,
        only=("sk",),
        together=_MOST_READ if name else 2 * MOST + 2,
        newest=True,
        pk=first["pk"],
        first=first["sk"],
    )
    if name:
        rows = (row for row in islice(rows, _MOST_READ) if customer_search.has_words(keys.name_of_row(row), name))
    return [keys.draft_id_of_search(row) for row in islice(rows, 2 * MOST + 2)]


def of_customer(customer_id: str) -> Iterator[tuple[str, str]]:
    """Yield (draft id, channel) of each draft of a customer, the newest first."""
    first = keys.draft_of_customer(customer_id, "")
    rows = reads.query(
        settings.customers_table,
        "pk = :pk AND begins_with(sk, :first)",
        consistent=True,
        only=("sk", "channel"),
        newest=True,
        pk=first["pk"],
        first=first["sk"],
    )
    return ((keys.draft_id_of_search(row), row["channel"]) for row in rows)
