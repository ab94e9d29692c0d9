"""
Keep or give back the reservation that an order names, in the order's own transaction, and tell its units.

Called by   the rooms in which callers decide on orders
Returns     the decision with what moves in stock, and the writes of the reservation
Raises      nothing of its own

Few orders name a reservation, so the functions that need the code of reservations import it.
"""

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from comanda.aws.dynamodb.transaction import Write
from comanda.domain.orders.decision import Decision
from comanda.domain.orders.order import Order

if TYPE_CHECKING:
    from comanda.domain.reservations.reservations import Reservation
    from comanda.domain.stock.changes import Change, ReservedUnits


def settle(before: Order, decision: Decision, now: datetime) -> tuple[Decision, list[Write]]:
    """Keep the reservation when a draft is confirmed, and give it back when no line of the order is left."""
    order = decision.order
    if order.reservation_id is None:
        return decision, []
    from comanda.aws.reservations import reservations

    if not any(line.live for line in order.lines):
        found = reservations.find(order.reservation_id)
        changes, writes = reservations.release_for(found, order.order_id, now) if found else ((), [])
        return _with(decision, None, changes), writes
    if before.draft and not order.draft:
        found = reservations.kept_for(order.order_id, order.reservation_id, now)
        return keep(decision, found, now) if found else (_with(decision, None, ()), [])
    return decision, []


def keep(decision: Decision, found: "Reservation", now: datetime) -> tuple[Decision, list[Write]]:
    """Keep a reservation for the order from now on."""
    from comanda.aws.reservations import reservations

    changes, writes = reservations.commit_for(found, decision.order.order_id, now)
    return _with(decision, decision.order.reservation_id, changes), writes


def own_units(order: Order, now: datetime) -> "tuple[ReservedUnits, ...]":
    """Return the units of the reservation that the order names."""
    if order.reservation_id is None:
        return ()
    from comanda.aws.reservations import reservations
    from comanda.domain.reservations.reservations import OwnReservation

    found = reservations.kept_for(order.order_id, order.reservation_id, now)
    return tuple(OwnReservation(found, now, order.order_id).units()) if found else ()


def _with(decision: Decision, reservation_id: str | None, changes: "tuple[Change, ...]") -> Decision:
    order = replace(decision.order, reservation_id=reservation_id)
    return replace(decision, order=order, stock=(*decision.stock, *changes))
