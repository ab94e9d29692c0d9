"""
Keep the seller and the buyer of each invoice in Customers (`I#`) as long as the law of the seller wants it.

An erasure deletes everything else of an order's customer, and leaves these rows: they end by themselves.

A credit note has the seller and the buyer of its invoice, and keeps their row as long as the law wants the credit note.

Called by   functions/invoice and credit, which write them; functions/documents
Returns     writes, and copies: {"seller": the entry of the legal entity, "buyer": what
            comanda.domain.documents.legal_copy keeps}
Raises      nothing
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from comanda.aws.customers import customers
from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.dynamodb.items import pack, unpack
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime.settings import settings
from comanda.domain.documents.legal_copy import kept_buyer, kept_until
from comanda.domain.errors import StaleOrder
from comanda.domain.orders.methods import SHIP
from comanda.domain.orders.order import Order


def writes(
    order: Order, number: int, issued_at: datetime, entity: Mapping[str, Any] | None, fulfillment: int | None = None
) -> list[Write]:
    """Return the write of the copy of an invoice. There is none without a seller, who says how long it is kept, or a contact.

    `entity` is the entry of the seller, and `fulfillment` the number of the one whose shipment is invoiced.
    """
    contact = customers.find(order.order_id, order.contact) if entity else None
    if entity is None or contact is None:
        return []
    until = kept_until(issued_at, entity)
    values = {
        **keys.legal_copy(order.order_id, number),
        "doc": pack(buyer(order, contact, entity, fulfillment)),
        "seller": pack(dict(entity)),
        "keep_until": until.date().isoformat(),
        "ttl": int(until.timestamp()),
    }
    return [transaction.put_once(settings.customers_table, values, StaleOrder(order.order_id))]


def buyer(
    order: Order, contact: Mapping[str, Any], entity: Mapping[str, Any], fulfillment: int | None
) -> dict[str, Any]:
    """Return the buyer of an invoice as a contact says it. What is picked up or provided is sent to no address."""
    ship_to: Mapping[str, Any] | None = None
    if fulfillment is not None and (found := order.fulfillment(fulfillment)).method == SHIP:
        ship_to = customers.to_destination(contact, found.destination).get("ship_to") if contact else None
    return kept_buyer(contact, entity, ship_to)


def authorized(order_id: str, number: int, made_of: Mapping[str, Any]) -> Write:
    """Return the write that keeps what an authorised NF-e was made of, once. The invoice has a copy."""
    return transaction.update(
        settings.customers_table,
        keys.legal_copy(order_id, number),
        "SET nfe = :nfe",
        StaleOrder(order_id),
        condition="attribute_exists(pk) AND attribute_not_exists(nfe)",
        nfe=pack(dict(made_of)),
    )


def prolonged(order_id: str, number: int, credited_at: datetime) -> list[Write]:
    """Return the write after which the copy of an invoice is kept as long as a credit note of it. There is none for an invoice
    without a copy, or for a copy that is kept longer."""
    row = reads.get(settings.customers_table, keys.legal_copy(order_id, number))
    if row is None or row["ttl"] <= credited_at.timestamp():
        return []
    until = kept_until(credited_at, unpack(row["seller"]))
    if until.timestamp() <= row["ttl"]:
        return []
    return [
        transaction.update(
            settings.customers_table,
            keys.legal_copy(order_id, number),
            "SET keep_until = :day, #ttl = :ttl",
            StaleOrder(order_id),
            condition="#ttl = :was",
            n_ttl="ttl",
            day=until.date().isoformat(),
            ttl=int(until.timestamp()),
            was=row["ttl"],
        )
    ]


def find(order_id: str, number: int, now: datetime) -> dict[str, Any] | None:
    """Return the copy of an invoice. None: it has none, or its time is over."""
    row = _row(order_id, number, now)
    return None if row is None else {"seller": unpack(row["seller"]), "buyer": unpack(row["doc"])}


def of_nfe(order_id: str, number: int, now: datetime) -> dict[str, Any] | None:
    """Return what the authorised NF-e of an invoice was made of. None: it is not authorised, or has no copy any more."""
    row = _row(order_id, number, now)
    return unpack(row["nfe"]) if row is not None and "nfe" in row else None


def _row(order_id: str, number: int, now: datetime) -> dict[str, Any] | None:
    row = reads.get(settings.customers_table, keys.legal_copy(order_id, number))
    return None if row is None or row["ttl"] <= now.timestamp() else row
