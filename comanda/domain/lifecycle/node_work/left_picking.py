"""
Say which units of a decision are not being picked any more: which of them are picked or have left, and which nobody wants now.

Called by   comanda.aws.orders.pick_sessions
Returns     a `LeftPicking` for each fulfillment, and the decision with the goods that go back to their place
Raises      nothing
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from comanda.domain.lifecycle.node_work.recall import put_back_task
from comanda.domain.lifecycle.node_work.sent_units import UnitsByLine, added, units_in
from comanda.domain.orders.decision import Decision, EventType
from comanda.domain.orders.order import Order
from comanda.domain.orders.status import AT_NODE, GONE, Status

_ADVANCED = frozenset(AT_NODE[AT_NODE.index(Status.PICKING) + 1 :]) | GONE


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftPicking:
    """
    A fulfillment of which units are not being picked any more.

    picking     the units (line id: units) that still are
    advanced    those that were picked or left by the decision
    rest        the number of the fulfillment that has what a shipment of a part left, None without one
    """

    number: int
    picking: UnitsByLine
    advanced: UnitsByLine
    rest: int | None


def left_picking(before: Order, after: Order) -> Iterator[LeftPicking]:
    """Yield the fulfillments of which units are not being picked any more."""
    for fulfillment in before.fulfillments:
        number = fulfillment.number
        was = units_in(before, number, Status.PICKING)
        if not was:
            continue
        ships = fulfillment.shipped_at is None and after.fulfillment(number).shipped_at is not None
        rest = len(after.fulfillments) if ships and len(after.fulfillments) > len(before.fulfillments) else None
        now = units_in(after, rest or number, Status.PICKING)
        if rest is None and all(now.get(line_id, 0) >= units for line_id, units in was.items()):
            continue
        then, units = _advanced(before, number), _advanced(after, number)
        units = units if rest is None else added(units, _advanced(after, rest))
        advanced = {line_id: more for line_id, n in units.items() if (more := n - then.get(line_id, 0)) > 0}
        yield LeftPicking(number=number, picking=now, advanced=advanced, rest=rest)


def _advanced(order: Order, number: int) -> dict[str, int]:
    found: dict[str, int] = {}
    for line, allocation in order.units_of(number):
        if allocation.status in _ADVANCED:
            found[line.line_id] = found.get(line.line_id, 0) + allocation.quantity
    return found


def with_put_back(before: Order, decision: Decision, number: int, units: Mapping[str, int]) -> Decision:
    """Return the decision with a task to put units (line id: units) back that were scanned and are not wanted any more.

    What a short pick names is missing or damaged. What goes into quarantine has its task already.
    """
    short = decision.event.type is EventType.SHORT_PICKED
    named = {row["line_id"] for row in decision.event.data["lines"]} if short else set()
    goods = [f"{n} x {before.line(line_id).sku}" for line_id, n in units.items() if line_id not in named]
    for task in put_back_task(before, number, goods, decision.event.at):
        same = next((one for one in decision.tasks if (one.queue, one.item) == (task.queue, task.item)), None)
        if same is None:
            return replace(decision, tasks=(*decision.tasks, task))
        if "quarantine: " not in same.reason:
            both = replace(same, reason=f"{same.reason}; {task.reason}")
            return replace(decision, tasks=tuple(both if one is same else one for one in decision.tasks))
    return decision
