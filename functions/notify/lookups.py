"""
Mail the customer a new link to the order that somebody asked for, if they typed what its customer knows.

Called by   functions/notify/handler.py, with what functions/customers/order_lookups.py sends
Returns     the order and the letter; None if there is nothing to mail
Raises      nothing

The link goes to the e-mail of the order, so a stranger who guesses right gets nothing. An order gets one such mail an hour.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from comanda.aws.customers import customers
from comanda.aws.orders import order_links, orders
from comanda.domain.orders.delivery_places import delivery_places
from comanda.domain.orders.order import Order
from functions.notify.rules import Letter


def order_and_letter(lookup: Mapping[str, str], now: datetime) -> tuple[Order, Letter] | None:
    """Return the order of a lookup, and the letter with the link to it."""
    order_id = orders.id_of_natural_key(lookup["channel"], lookup["external_id"])
    order = orders.find(order_id) if order_id else None
    if order is None or order.draft:
        return None
    contact = customers.find(order.order_id, order.contact) or {}
    if not order_links.is_lookup_proof(lookup["proof"], _texts_of(order, contact, lookup["by"]), now):
        return None
    return order, Letter(event=f"link-{now:%Y%m%d%H}", kind="link", rows=())


def _texts_of(order: Order, contact: Mapping[str, Any], by: str) -> list[str]:
    """Return the texts of which the customer must have typed one."""
    if by == "email":
        return [str((contact.get("customer") or {}).get("email") or "")]
    places = (*delivery_places(order, contact), contact.get("bill_to"))
    return [str(place["postal_code"]) for place in places if place and place.get("postal_code")]
