"""
Store contacts in the Customers table, the only one with names, addresses, e-mails, phones and tax ids.

Called by   functions/intake, which writes and shows them; functions/notify, which reads them
Returns     the contact of an order, as its channel sent it
Raises      NotFound

The table is encrypted under a key of its own. A contact is a version that never changes.
"""

from datetime import datetime
from typing import Any

from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.dynamodb.items import pack, unpack
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime.settings import settings
from comanda.domain.errors import NotFound, StaleOrder


def write(order_id: str, version: int, contact: dict[str, Any], at: datetime) -> Write:
    """Return the write that adds a version of an order's contact."""
    values = {
        **keys.contact(order_id, version),
        "at": at.isoformat(),
        "doc": pack(contact),
    }
    return transaction.put_once(settings.customers_table, values, StaleOrder(order_id))


def load(order_id: str, version: int) -> dict[str, Any]:
    """Return the contact: customer, ship_to, bill_to, note, gift, attributes. Raises NotFound."""
    row = reads.get(settings.customers_table, keys.contact(order_id, version))
    if row is None:
        raise NotFound("contact of", order_id)
    contact: dict[str, Any] = unpack(row["doc"])
    return contact
