"""
Departures: units that have their node, and wait there for the next wave, when orders are looked at together.

A wave leaves every hour. What it does not take, because it did not run or could not read them, the sweeper sets free when
half an hour has passed: no unit waits for a wave that does not come.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from comanda.domain.orders.decision import Decision, Event, EventType
from comanda.domain.orders.line import Allocation, Line, merged
from comanda.domain.orders.order import Order
from comanda.domain.orders.queues import waits_for_wave

EVERY = timedelta(hours=1)
PATIENCE = timedelta(minutes=30)

type Uses = Mapping[tuple[str, str, str], int]  # line id, node, day of the reservation -> units


def next_wave(now: datetime) -> datetime:
    """The next full hour: who comes on the hour may have come too late for it."""
    return now.replace(minute=0, second=0, microsecond=0) + EVERY


def latest_in_wave(begins: datetime) -> datetime:
    """The last moment of who goes with a wave that leaves by then."""
    return begins.replace(minute=0, second=0, microsecond=0) - timedelta(microseconds=1)


def waiting_units(order: Order) -> Uses:
    """The units of an order that wait for a wave."""
    found: Counter[tuple[str, str, str]] = Counter()
    for line in order.lines:
        for a in line.allocations:
            if waits_for_wave(a):
                found[line.line_id, str(a.node), str(a.due)] += a.quantity
    return found


def latest_promise(order: Order) -> str | None:
    """The last date that was told of the units that wait."""
    return max(
        (a.promise for line in order.lines for a in line.allocations if waits_for_wave(a) and a.promise), default=None
    )


def release(order: Order, actor: str, now: datetime) -> Decision | None:
    """They may go where they are: the order's machine hands them over to their nodes. None when none wait."""
    units = waiting_units(order)
    if not units:
        return None
    rows = [{"line_id": line_id, "quantity": n, "node": node} for (line_id, node, _), n in units.items()]
    return Decision(
        order=order.with_lines(map(with_units_ready, order.lines)),
        event=Event(type=EventType.WAVE_RELEASED, actor=actor, at=now, data={"lines": rows}),
    )


def with_units_ready(line: Line) -> Line:
    return replace(line, allocations=merged(map(_ready, line.allocations)))


def _ready(a: Allocation) -> Allocation:
    return replace(a, ready=True) if waits_for_wave(a) else a


def waits_until(order: Order) -> datetime | None:
    """When nobody waits for the wave any more; None when no unit does."""
    waves = [a.wave for line in order.lines for a in line.allocations if waits_for_wave(a) and a.wave]
    return datetime.fromisoformat(min(waves)) + PATIENCE if waves else None


def release_overdue(order: Order, now: datetime) -> Decision | None:
    """Sets free what its wave has left behind; None when there is nothing, or there is still time."""
    until = waits_until(order)
    return release(order, "sweep", now) if until is not None and until <= now else None
