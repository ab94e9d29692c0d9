"""
Compute when the sweeper looks at an open order again: at its next deadline, or soon if a state machine has work to do.

Called by   comanda.aws.orders, when an order is saved or looked at
Returns     a time between five minutes and one day from now
Raises      nothing
"""

from datetime import datetime, timedelta

from comanda.domain.lifecycle.node_work import work
from comanda.domain.orders import queues, wave_wait
from comanda.domain.orders.order import Order

SOON = timedelta(minutes=5)  # longer than any step of a state machine takes with its retries
LATEST = timedelta(days=1)  # every open order is looked at once a day


def next_look(order: Order, now: datetime) -> datetime:
    """Return the earliest time at which the order may need attention, but not before five minutes from now.

    That is the earliest of: a node's accept-by or ship-by, the end of its time to answer a recall, the expiry of a hold, a
    pending change or an authorisation, the day until which a line waits for stock, the time until which units wait for a wave, five minutes from now
    if a machine has work to do, and a day from now. The lower limit is safe: the stream follows every saved event at once.
    """
    times = [now + LATEST]
    if _machine_has_work(order):
        times.append(now + SOON)
    times += [by for f in order.fulfillments if (by := work.deadline(order, f.number)) is not None]
    times += [
        f.recall.until
        for f in order.fulfillments
        if f.recall is not None and not f.recall.silent and order.requested_back(f.number)
    ]
    times += [order.pending.until] if order.pending else []
    times += [hold.expires for hold in order.holds if hold.active and hold.expires and not hold.expired_at]
    times += [
        tender.expires_at
        for tender in order.payments
        if tender.open and tender.expires_at is not None and tender.expires_at > now
    ]
    if (given_up := wave_wait.waits_until(order)) is not None:
        times.append(given_up)
    days = {a.release_on for line in order.lines for a in line.allocations if a.release_on and queues.waits_for_day(a)}
    times += [start for day in days if (start := datetime.fromisoformat(f"{day}T00:00:00Z")) > now]
    if not order.blocked("cancel"):
        days = {
            line.cancel_on
            for line in order.lines
            if line.cancel_on is not None and queues.backordered(line) and "cancel" not in line.held
        }
        times += [datetime.fromisoformat(f"{day}T00:00:00Z") for day in days]
    return max(min(times), now + SOON)


def _machine_has_work(order: Order) -> bool:
    """Return True if a state machine must act on the order. A machine that asks a person waits for the person."""
    asking = {question.wait for question in order.questions}
    routable = order.routable and not order.kept_from_router
    if "order" not in asking and (routable or order.to_invoice() or (order.settled and not order.closed)):
        return True
    return any(
        f"{f.number:03d}" not in asking and (f.misses > f.reminded if f.shipped_at is None else f.invoice is None)
        for f in order.fulfillments
        if not f.ended
    )
