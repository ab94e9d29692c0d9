"""
Store contacts in the Customers table, the only one with names, addresses, e-mails, phones and tax ids, and the proofs of
what was provided.

Called by   functions/intake, which writes and shows them; the rooms that read them: customers, cases, documents, notify, selfservice
Returns     the contact of an order, as its channel sent it; the proofs of its provisions
Raises      NotFound; Invalid for a contact that is too large

The table is encrypted under a key of its own. A contact is a version that never changes.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.dynamodb.items import FITS, pack, unpack
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime.settings import settings
from comanda.domain.errors import Invalid, NotFound, Problem, StaleOrder
from comanda.domain.orders.fulfillment import Fulfillment
from comanda.domain.orders.order import Order

# The fields of a request that a part of a contact comes from, if their names differ.
_FIELDS = {"ship_tos": "lines", "gifts": "lines"}


def write(
    order_id: str,
    version: int,
    contact: dict[str, Any],
    at: datetime,
    customer_id: str | None = None,
    *,
    field: str | None = None,
) -> Write:
    """Return the write that adds a version of an order's contact. The first one names the customer, too.

    Raises Invalid for a contact that does not fit an item: at `field`, or else at the field of its largest part.
    """
    values = {
        **keys.contact(order_id, version),
        "at": at.isoformat(),
        "doc": _packed(contact, field),
        "customer": customer_id,
    }
    return transaction.put_once(settings.customers_table, values, StaleOrder(order_id))


def _packed(contact: Mapping[str, Any], field: str | None) -> str | bytes:
    packed = pack(contact)
    if len(packed) > FITS:
        largest = max(contact, key=lambda name: len(pack(contact[name])))
        message = (
            f"addresses, messages and attributes have {len(packed)} bytes when they are compressed, {FITS} are kept: "
            "shorten them, or place several orders"
        )
        pointer = f"/{field or _FIELDS.get(largest, largest)}"
        raise Invalid(Problem(pointer=pointer, code="contact-too-large", message=message))
    return packed


def load(order_id: str, version: int) -> dict[str, Any]:
    """Return the contact: customer, ship_to, bill_to, note, gift, attributes. Raises NotFound if it was or is being erased."""
    contact = find(order_id, version)
    if contact is None:
        raise NotFound("contact of", order_id)
    return contact


def find(order_id: str, version: int) -> dict[str, Any] | None:
    """Return the contact, None if it was erased, or while its customer is being erased."""
    row = reads.get(settings.customers_table, keys.contact(order_id, version))
    if row is None or "doc" not in row:
        return None
    customer_id = row.get("customer") if version == 1 else customer_of(order_id)
    return None if is_hidden(customer_id, order_id) else unpack(row["doc"])


def is_hidden(customer_id: str | None, order_id: str = "") -> bool:
    """Return True while the customer is being erased. Orders that were placed since it began are not hidden."""
    row = reads.get(settings.customers_table, keys.customer(customer_id)) if customer_id else None
    return row is not None and _hides(row, order_id)


def _hides(row: Mapping[str, Any], order_id: str) -> bool:
    """Return True if the row of a customer hides the order. `until` is the last order that an erasure which goes on hides."""
    return "until" in row and order_id <= row["until"]


def versions(order_id: str) -> list[tuple[int, str, dict[str, Any]]]:
    """Return (version, time, contact) of each version of an order's contact that was not erased."""
    rows = reads.query(settings.customers_table, "pk = :pk", consistent=True, pk=keys.order(order_id)["pk"])
    found = [row for row in rows if keys.is_contact(row) and "doc" in row]
    return sorted(
        ((keys.contact_version_of(row), row["at"], unpack(row["doc"])) for row in found), key=lambda one: one[0]
    )


def load_many(versions: Mapping[str, int]) -> dict[str, dict[str, Any]]:
    """Return the contacts of orders, by order id. `versions` are theirs.

    A contact that was erased is left out, and one whose customer is being erased.
    """
    wanted = {(order_id, number): None for order_id, version in versions.items() for number in (1, version)}
    rows = list(reads.batch(settings.customers_table, (keys.contact(*one) for one in wanted)))
    customer_ids = {row["customer"] for row in rows if row.get("customer")}
    stored = reads.batch(settings.customers_table, map(keys.customer, sorted(customer_ids))) if customer_ids else ()
    erasing = {keys.customer_id_of(row): row for row in stored}
    hidden = {
        order_id
        for row in rows
        if row.get("customer") and _hides(erasing.get(row["customer"], {}), order_id := keys.order_id_of(row))
    }
    found = {(keys.order_id_of(row), keys.contact_version_of(row)): row for row in rows if "doc" in row}
    return {
        order_id: unpack(found[order_id, version]["doc"])
        for order_id, version in versions.items()
        if order_id not in hidden and (order_id, version) in found
    }


def customer_of(order_id: str) -> str | None:
    """Return the id of the order's customer. None: the order was placed before customers had ids, or they were erased."""
    row = reads.get(settings.customers_table, keys.contact(order_id, 1))
    return None if row is None else row.get("customer")


def write_proof(order_id: str, provision: int, kind: str, text: str) -> Write:
    """Return the write of the proof that units were provided: the text of a code, a link or a note."""
    values = {**keys.proof(order_id, provision), "doc": pack({"kind": kind, "text": text})}
    return transaction.put_once(settings.customers_table, values, StaleOrder(order_id))


def load_proof(order_id: str, provision: int) -> dict[str, str] | None:
    """Return {"kind", "text"} of a proof. None: it was erased."""
    row = reads.get(settings.customers_table, keys.proof(order_id, provision))
    return None if row is None else unpack(row["doc"])


def load_proofs(order: Order) -> list[dict[str, Any]]:
    """Return the proofs of everything that was provided, with line and units. A proof that was erased is left out."""
    found = ((made, load_proof(order.order_id, made.number)) for made in order.provisions)
    return [
        {"number": made.number, "line_id": made.line_id, "quantity": made.quantity, **proof}
        for made, proof in found
        if proof is not None
    ]


def shown(contact: dict[str, Any], order: Order, work: Sequence[Fulfillment] | None = None) -> dict[str, Any]:
    """Return the contact as callers see it: each further address with its lines.

    `work` are the fulfillments of a caller who only ships them: their addresses and gifts are all that it has. None is all.
    """
    found = dict(contact)
    if order.destinations:
        found["ship_tos"] = list(
            _line_addresses(contact, order, None if work is None else {f.destination for f in work})
        )
        if work is not None and all(f.destination for f in work):
            found.pop("ship_to", None)
    if work is not None and "gifts" in found:
        lines = [line for f in work for line, _ in order.units_of(f.number)]
        own = {line.line_id for line in lines} | {line.component.bundle for line in lines if line.component}
        found["gifts"] = [gift for gift in found["gifts"] if gift["line_id"] in own]
    return found


def _line_addresses(contact: Mapping[str, Any], order: Order, only: Collection[int] | None) -> Iterator[dict[str, Any]]:
    for number, address in enumerate(contact.get("ship_tos", ()), 1):
        if only is None or number in only:
            yield {"destination": number, "line_ids": _lines_to(order, number), "ship_to": address}


def _lines_to(order: Order, number: int) -> list[str]:
    """Return the ids of the lines that go to a destination, or of which a part went there before their address changed."""
    there = {f.number for f in order.fulfillments if f.destination == number}
    return [
        line.line_id
        for line in order.lines
        if line.destination == number or any(a.fulfillment in there for a in line.allocations)
    ]


def delivered_to(contact: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the addresses of the order: its own, if it has one, and those of its lines."""
    return [address for address in (contact.get("ship_to"), *contact.get("ship_tos", ())) if address]


def to_destination(contact: Mapping[str, Any], number: int) -> dict[str, Any]:
    """Return the contact with the address of one destination as its only one. `number` 0 is the order's own."""
    own = {name: value for name, value in contact.items() if name != "ship_tos"}
    return {**own, "ship_to": contact["ship_tos"][number - 1]} if number else own
