"""
Compute when the sweeper looks at an open order again: at its next deadline, or soon if a state machine has work to do.

Called by   comanda.aws.orders, when an order is saved or looked at
Returns     a time at most one day from now
Raises      nothing
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from comanda.domain.lifecycle.node_work import work
from comanda.domain.orders import patience, queues, wave_wait
from comanda.domain.orders.order import Order
from comanda.domain.orders.surplus import needs_review

SOON = timedelta(minutes=5)  # longer than any step of a state machine takes with its retries
LATEST = timedelta(days=1)  # every open order is looked at once a day


def next_look(order: Order, now: datetime) -> datetime:
    """Return the earliest time at which the order may need attention.

    That is its earliest deadline, five minutes from now if a machine has work to do, or a day from now. A deadline that has
    passed already is looked at in five minutes: the sweeper has just acted on it, or is about to.
    """
    times = [now + LATEST, *(at if at >= now else now + SOON for at in deadlines(order, now))]
    if _machine_has_work(order):
        times.append(now + SOON)
    return min(times)


def earlier_look(before: Order, after: Order, now: datetime) -> datetime | None:
    """Return when to look at an order that was saved, if it has an earlier deadline now. None: the planned look is in time.

    The sweeper looks once a day at least, and plans then what comes later. Work of a machine is not counted, because the stream
    follows every saved event at once, and what its reader gives up is recorded for the sweeper's next round.
    """
    first = _first_deadline(after, now)
    if first >= now + LATEST or first >= _first_deadline(before, now):
        return None
    return next_look(after, now)


def _first_deadline(order: Order, now: datetime) -> datetime:
    return min(deadlines(order, now), default=now + LATEST)


def deadlines(order: Order, now: datetime) -> Iterator[datetime]:
    """Yield each time at which time alone changes the order, as `functions/sweep/rules.py` decides.

    Every deadline that an order can have is here. What a hold stops, or a person has got, has no deadline.
    """
    yield from (hold.expires for hold in order.holds if hold.active and hold.expires and not hold.expired_at)
    for fulfillment in order.fulfillments:
        recall = fulfillment.recall
        if recall is not None and not recall.silent and order.requested_back(fulfillment.number):
            yield recall.until
        if (by := work.deadline(order, fulfillment.number)) is not None:
            yield by
    if order.pending is not None:
        yield order.pending.until
        if needs_review(order, now):  # by `functions/intake`, which the sweeper asks
            yield now + SOON
    # An end that has passed has held the order, or nothing is missing without that authorisation.
    ends = (tender.expires_at for tender in order.payments if tender.open)
    yield from (end for end in ends if end is not None and end > now)
    if any(tender.outside and tender.expires_at is not None for tender in order.payments):
        from comanda.domain.lifecycle.holds import renewals  # few orders are paid by a provider for so long

        yield from renewals.looks(order, now)
    yield from map(_start, _last_days(order))
    if (given_up := wave_wait.waits_until(order)) is not None:
        yield given_up
    days = {a.release_on for line in order.lines for a in line.allocations if a.release_on and queues.waits_for_day(a)}
    # On its day `replenish` is asked for units. If no stock is there, they wait for a supply and not for time.
    yield from (start for day in days if (start := _start(day)) > now)


def _last_days(order: Order) -> set[str]:
    """Return the days on which units that still wait for stock are cancelled."""
    waiting = (line for line in order.lines if "cancel" not in line.held and queues.backordered(line))
    days = {day for line in waiting if (day := patience.cancel_on(order, line)) is not None}
    return set() if days and order.blocked("cancel") else days


def _start(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T00:00:00Z")


def _machine_has_work(order: Order) -> bool:
    """Return True if a state machine must act on the order. A machine that asks a person waits for the person."""
    asking = {question.wait for question in order.questions}
    routable = order.routable and not order.kept_from_router
    if "order" not in asking and (routable or order.to_invoice() or (order.settled and not order.closed)):
        return True
    return any(
        f"{f.number:03d}" not in asking and (f.misses > f.reminded if f.shipped_at is None else not f.billed)
        for f in order.fulfillments
        if not f.ended
    )
