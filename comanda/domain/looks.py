"""When the sweeper must look at an open order again: at its next deadline, or soon when something should have happened."""

from datetime import datetime, timedelta

from comanda.domain.order import Order
from comanda.domain.status import Status

SOON = timedelta(minutes=5)  # long enough for any machine's step with its retries
LATEST = timedelta(days=1)  # however quiet, an open order is looked at once a day


def next_look(order: Order, now: datetime) -> datetime:
    """The earliest of: a node's accept-by or ship-by, a hold's or authorisation's expiry, a day from now; never before
    five minutes from now, because whoever commits a fact is followed by the stream."""
    times = [now + LATEST]
    for fulfillment in order.fulfillments:
        if fulfillment.ended or fulfillment.invoice is not None or fulfillment.late:
            continue
        if fulfillment.shipped_at is not None:
            times.append(now + SOON)
            continue
        offered = any(a.status is Status.RELEASED for _, a in order.units_of(fulfillment.number))
        times.append(fulfillment.accept_by if offered else fulfillment.ship_by)
    times += [hold.expires for hold in order.holds if hold.active and hold.expires is not None]
    return max(min(times), now + SOON)
