"""When the sweeper must look at an open order again: at its next deadline, or soon when something should have happened."""

from datetime import datetime, timedelta

from comanda.domain.lifecycle import work
from comanda.domain.orders import queues, wave_wait
from comanda.domain.orders.order import Order

SOON = timedelta(minutes=5)  # long enough for any machine's step with its retries
LATEST = timedelta(days=1)  # however quiet, an open order is looked at once a day


def next_look(order: Order, now: datetime) -> datetime:
    """The earliest of: a node's accept-by or ship-by, a hold's or authorisation's expiry, the day until which a line waits
    for stock, the moment until which units wait for a wave, a day from now; soon when a machine has something to do. Never
    before five minutes from now, because whoever commits a fact is followed by the stream."""
    times = [now + LATEST]
    if _machine_has_work(order):
        times.append(now + SOON)
    times += [by for f in order.fulfillments if (by := work.deadline(order, f.number)) is not None]
    times += [hold.expires for hold in order.holds if hold.active and hold.expires is not None]
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
    """Whether a machine that was not woken would leave the order where it is. What asks a person waits for the person."""
    asked = {question.wait for question in order.questions}
    routable = any(line.unplaced() or line.ready() for line in order.lines) and not order.kept_from_router
    if "order" not in asked and (routable or (order.settled and not order.closed)):
        return True
    return any(
        f"{f.number:03d}" not in asked and (f.misses > f.reminded if f.shipped_at is None else f.invoice is None)
        for f in order.fulfillments
        if not f.ended
    )
