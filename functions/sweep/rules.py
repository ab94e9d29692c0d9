"""
Find the fact that time alone has made about an open order. Pure.

Called by   functions/sweep/handler.py, for each order whose time has come
Returns     the decision, or None if no fact is due
"""

from datetime import datetime

from comanda.domain.lifecycle import authorisations, cancel, decline, preorders, recall_requests
from comanda.domain.orders import holds, wave_wait
from comanda.domain.orders.decision import Decision, Event, EventType
from comanda.domain.orders.order import Order


def decide_due_fact(
    order: Order, accept_minutes: dict[str, int], resolves: frozenset[str], now: datetime
) -> Decision | None:
    """Decide the first fact that time alone has made, or return None if no fact is due.

    Such facts are: a hold that expired, a missed deadline, a recall that was not answered, an authorisation that ends, stock or a wave that did not come in
    time, and a day that came. `accept_minutes` are the minutes by node in which the node answers; `resolves` are the types
    of holds that end when they expire.
    """
    for hold in order.holds:
        if hold.active and hold.expires is not None and hold.expires <= now and hold.type in resolves:
            return Decision(
                order=holds.resolved(order, hold.hold_id, "sweep", "expired", now),
                event=Event(
                    type=EventType.HOLD_RESOLVED,
                    actor="sweep",
                    at=now,
                    data={"hold": hold.hold_id, "resolution": "expired"},
                ),
                done=((hold.queue, hold.hold_id),) if hold.queue else (),
            )
    for fulfillment in order.fulfillments:
        if fulfillment.recall and (silent := recall_requests.silence(order, fulfillment.number, now)) is not None:
            return silent
        missed = decline.miss_deadline(order, fulfillment.number, now, accept_minutes.get(fulfillment.node, 120))
        if missed is not None:
            return missed
    if (payment := authorisations.hold_if_ended(order, now)) is not None:
        return payment
    return (
        cancel.cancel_overdue_backorders(order, now)
        or wave_wait.release_overdue(order, now)
        or preorders.release_from_lanes(order, now)
    )
