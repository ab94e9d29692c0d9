"""
Find the addresses that an order goes to now, among those of its contact.

A contact keeps addresses of lines that were given another one since, or are collected now: these prove nothing any more.

Called by   functions/selfservice, functions/notify
Returns     addresses as the contact has them
Raises      nothing
"""

from collections.abc import Mapping
from typing import Any

from comanda.domain.orders.methods import SHIP
from comanda.domain.orders.order import Order
from comanda.domain.orders.status import Status


def delivery_places(order: Order, contact: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the addresses to which units go or went, each destination once. If no unit goes anywhere, because all are collected
    or cancelled, it is the order's own address."""
    every = (contact.get("ship_to"), *(contact.get("ship_tos") or ()))
    wanted = sorted(_destinations(order)) or [0]
    return [place for number in wanted if number < len(every) and (place := every[number])]


def _destinations(order: Order) -> set[int]:
    """Return the destinations of units that are not cancelled. Units at a node go where their fulfillment does."""
    sent_to = {f.number: f.destination for f in order.fulfillments}
    return {
        line.destination if a.fulfillment is None else sent_to[a.fulfillment]
        for line in order.lines
        if line.method == SHIP and not line.is_provided
        for a in line.allocations
        if a.status is not Status.CANCELLED
    }
