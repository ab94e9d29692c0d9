"""
The Customers table: the only place of names, addresses, e-mails, phones and tax ids, under a key of its own.

A contact is one immutable version: what the channel sent about the people of an order.
"""

from datetime import datetime
from typing import Any

from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.dynamodb.items import pack, unpack
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime.settings import settings
from comanda.domain.errors import NotFound, StaleOrder


def write(order_id: str, version: int, contact: dict[str, Any], at: datetime) -> Write:
    """The write that adds a version of an order's contact."""
    values = {
        **keys.contact(order_id, version),
        "at": at.isoformat(),
        "doc": pack(contact),
    }
    return transaction.put_once(settings.customers_table, values, StaleOrder(order_id))


def load(order_id: str, version: int) -> dict[str, Any]:
    """The contact: customer, ship_to, bill_to, note, gift, attributes. Raises NotFound."""
    row = reads.get(settings.customers_table, keys.contact(order_id, version))
    if row is None:
        raise NotFound("contact of", order_id)
    contact: dict[str, Any] = unpack(row["doc"])
    return contact
