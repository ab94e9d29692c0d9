"""What time alone has changed about an open order."""

from datetime import datetime

from comanda.domain.lifecycle import authorisations, cancel, decline, preorders
from comanda.domain.orders import holds, wave_wait
from comanda.domain.orders.decision import Decision, Event, EventType
from comanda.domain.orders.order import Order


def due(order: Order, accept_minutes: dict[str, int], resolves: frozenset[str], now: datetime) -> Decision | None:
    """Return the first fact that time alone has made, or None when nothing is due. It is a missed deadline, a hold that
    ends by itself, stock or a wave that did not come in time, or a day that came.

    `accept_minutes` by node; `resolves`: the hold types that end when they expire.
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
        missed = decline.miss(order, fulfillment.number, now, accept_minutes.get(fulfillment.node, 120))
        if missed is not None:
            return missed
    if (payment := authorisations.ending(order, now)) is not None:
        return payment
    return cancel.in_time(order, now) or wave_wait.overdue(order, now) or preorders.released_in_lanes(order, now)
