"""
End an order without a live unit, and decide when no work is left for a closed order.

Called by   comanda.domain.lifecycle, when units are cancelled or an order is done; comanda.aws.orders.task_tokens.forget_if_done
            and .all_mailed, before the row of an open order is deleted
Returns     the order; True or False
Raises      nothing
"""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from comanda.domain.orders import holds
from comanda.domain.orders.fulfillment import plain_tracking_number
from comanda.domain.orders.order import Order
from comanda.domain.orders.queues import Queue

SHIPMENTS = "shipments"  # in the data of an event: the numbers of the shipments of a completed order
# The states of a money operation whose end is not known. REQUESTED is that of rows of the past.
ON_THEIR_WAY = frozenset(("REQUESTED", "WRITTEN", "SENT", "UNKNOWN"))


def end_if_no_unit_is_left(order: Order, actor: str, now: datetime) -> tuple[Order, tuple[tuple[str, str], ...]]:
    """End an order without a live unit: resolve its active holds; it is no draft any more.

    Returns the order, and (queue, item) of the tasks to delete. An order with a live unit stays as it is.
    """
    if any(line.live for line in order.lines):
        return order, ()
    done: list[tuple[str, str]] = [(Queue.DRAFTS, "draft")] if order.draft else []
    for held in order.holds:
        if held.active:
            order = holds.resolved(order, held.hold_id, actor, "cancelled", now)
            done += [(held.queue, held.hold_id)] if held.queue else []
    return replace(order, draft=False), tuple(done)


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
    return relayed >= version and all_mailed(shipments, mailed) and ON_THEIR_WAY.isdisjoint(money) and not plans
