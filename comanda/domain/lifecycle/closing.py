"""
Decide when no work is left for a closed order: its events are on the bus, and its mails, money and plans are done.

Called by   comanda.aws.orders.task_tokens.forget_if_done and .all_mailed, before the row of an open order is deleted
Returns     True or False
Raises      nothing
"""

from collections.abc import Collection, Iterable
from typing import Any

from comanda.domain.orders.fulfillment import plain_tracking_number
from comanda.domain.orders.order import Order

SHIPMENTS = "shipments"  # in the data of an event: the numbers of the shipments of a completed order
REQUESTED = "REQUESTED"  # the state of a money operation that the provider has not carried out


def mail_of_shipment(number: int) -> str:
    """Return the name of the mail about the shipment of a fulfillment."""
    return f"shipped-{number:03d}"


def mail_of_hand_over(number: int) -> str:
    """Return the name of the mail about the hand-over of a fulfillment at a counter."""
    return f"handed-over-{number:03d}"


def mail_of_scan(status: str, number: int, tracking_number: str) -> str:
    """Return the name of the mail about a scan of a parcel of a fulfillment."""
    return f"{status.lower()}-{number:03d}-{plain_tracking_number(tracking_number)}"


def all_mailed(shipments: Iterable[int], mailed: Collection[str]) -> bool:
    """Return True if each of these fulfillments has its mail, about its shipment or its hand-over.

    `mailed` are the names of the mails that were sent, or that have no address to go to.
    """
    return all(mail_of_shipment(n) in mailed or mail_of_hand_over(n) in mailed for n in shipments)


def shipments(order: Order) -> list[int]:
    """Return the numbers of the fulfillments that were shipped or handed over."""
    return [f.number for f in order.fulfillments if f.shipped_at is not None]


def after_the_end(order: Order) -> dict[str, Any]:
    """Return what each event of a completed order says besides, from `completed` on: its shipments.

    So the reader that publishes the event knows that no work is left, and takes the order off the list of open ones.
    """
    return {SHIPMENTS: shipments(order)} if order.closed else {}


def may_forget(
    *,
    version: int,
    relayed: int,
    shipments: Iterable[int],
    mailed: Collection[str],
    money: Iterable[str],
    plans: Collection[object],
) -> bool:
    """Return True if a completed order needs no more attention, so that the sweeper may forget it.

    `version` is the order's last event, `relayed` the last event that is on the bus with all before it. `money` are the states
    of the order's money operations. `plans` are the unfinished plans, which still hold units.
    """
    return relayed >= version and all_mailed(shipments, mailed) and REQUESTED not in money and not plans
