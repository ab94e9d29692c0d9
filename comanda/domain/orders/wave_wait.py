"""
Let units wait at their node for the next wave, which optimises the orders of an hour together.

A wave starts every hour. If it does not run, or cannot read an order, the sweeper releases the units after half an hour: no
unit waits for a wave that does not come.

Called by   functions/wave, functions/sweep, comanda.domain.lifecycle, comanda.domain.scheduling
Returns     units, and decisions with the event `wave_released`
Raises      nothing
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from comanda.domain.orders.decision import Decision, Event, EventType
from comanda.domain.orders.line import Allocation, Line, merged
from comanda.domain.orders.order import Order
from comanda.domain.orders.queues import waits_for_wave

PATIENCE = timedelta(minutes=30)

type WaitingUnits = Mapping[tuple[str, str, str], int]  # line id, node, day of the reservation -> units


def waiting_units(order: Order) -> WaitingUnits:
    """Return the units of an order that wait for a wave."""
    found: Counter[tuple[str, str, str]] = Counter()
    for line in order.lines:
        for a in line.allocations:
            if waits_for_wave(a):
                found[line.line_id, str(a.node), str(a.due)] += a.quantity
    return found


def latest_promise(order: Order) -> str | None:
    """Return the latest promised date of the units that wait for a wave. None when there is none."""
    return max(
        (a.promise for line in order.lines for a in line.allocations if waits_for_wave(a) and a.promise), default=None
    )


def release(order: Order, actor: str, now: datetime) -> Decision | None:
    """Release the units that wait for a wave at their current nodes. Return None if no unit waits."""
    units = waiting_units(order)
    if not units:
        return None
    rows = [{"line_id": line_id, "quantity": n, "node": node} for (line_id, node, _), n in units.items()]
    return Decision(
        order=order.with_lines(map(with_units_ready, order.lines)),
        event=Event(type=EventType.WAVE_RELEASED, actor=actor, at=now, data={"lines": rows}),
    )


def with_units_ready(line: Line) -> Line:
    """Return the line with the units that wait for a wave ready to be released."""
    return replace(line, allocations=merged(map(_ready, line.allocations)))


def _ready(a: Allocation) -> Allocation:
    return replace(a, ready=True) if waits_for_wave(a) else a


def waits_until(order: Order) -> datetime | None:
    """Return the time until which units wait for a wave at most. None when no unit waits."""
    waves = [a.wave for line in order.lines for a in line.allocations if waits_for_wave(a) and a.wave]
    return datetime.fromisoformat(min(waves)) + PATIENCE if waves else None


def release_overdue(order: Order, now: datetime) -> Decision | None:
    """Release units whose wave has left them behind. Returns None when no unit waits, or there is still time."""
    until = waits_until(order)
    return release(order, "sweep", now) if until is not None and until <= now else None
