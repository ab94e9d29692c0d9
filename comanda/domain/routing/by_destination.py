"""
Route an order with many destinations: destination by destination, each with the units that the ones before left.

Called by   comanda.domain.routing.route
Returns     one plan; each fulfillment has one destination
Raises      what the router raises

The order's own destination comes first, then the others by number, so the same inputs give the same plan.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from comanda.domain.routing import workload
from comanda.domain.routing.assignment import Gone
from comanda.domain.routing.inputs import RouterInputs
from comanda.domain.routing.plan import Plan, PlannedFulfillment
from comanda.domain.stock.changes import ReservedUnits

if TYPE_CHECKING:  # a room without orders need not load their code
    from comanda.domain.orders.order import Order

type RouteOne = Callable[[Order, RouterInputs, Sequence[ReservedUnits], Gone], Plan]
Part = tuple[int, Plan]


def route_each(
    order: "Order", inputs: RouterInputs, kept: Sequence[ReservedUnits], today: str, route_one: RouteOne
) -> Plan:
    """Route each destination of which a line has units to place or to release, and join the plans.

    `route_one` routes an order with one destination. `kept`: the units that the order has reserved.
    """
    parts: list[Part] = []
    gone: list[tuple[str, str, int]] = []
    for number in _numbers(order):
        plan = route_one(order.part_to(number), inputs, kept, gone)
        parts.append((number, plan))
        gone += [(p.node.node_id, line.sku, line.quantity) for p in plan.fulfillments for line in p.lines]
        kept = tuple(_left(kept, plan.fulfillments, today))
        taken = inputs.taken
        for p in plan.fulfillments:
            taken = workload.with_turns(taken, p.node.node_id, p.turns)
        inputs = replace(inputs, taken=taken)
    first, *others = [_numbered(number, plan) for number, plan in parts]
    return Plan(
        fulfillments=tuple(p for plan in (first, *others) for p in plan.fulfillments),
        leftovers=tuple(left for plan in (first, *others) for left in plan.leftovers),
        ready=tuple(p for plan in (first, *others) for p in plan.ready),
        decision=first.decision,
        others=tuple(plan.decision for plan in others),
    )


def _numbers(order: "Order") -> list[int]:
    """Return the destinations with units to route, at least one."""
    found = {line.destination for line in order.lines if line.unplaced() or line.ready()}
    return sorted(found) or [0]


def _numbered(number: int, plan: Plan) -> Plan:
    """Return the plan with the number of its destination in each fulfillment and in its record."""
    if not number:
        return plan
    return replace(
        plan,
        fulfillments=tuple(replace(p, destination=number) for p in plan.fulfillments),
        ready=tuple(replace(p, destination=number) for p in plan.ready),
        decision={**plan.decision, "destination": number},
    )


def _left(kept: Iterable[ReservedUnits], planned: Iterable[PlannedFulfillment], today: str) -> Iterator[ReservedUnits]:
    """Yield the reserved units that a plan does not use. Units on hand are those of a day that has come."""
    used: dict[tuple[str, str, str | None], int] = {}
    for p in planned:
        for line in p.lines:
            at = (line.sku, p.node.node_id, line.due)
            used[at] = used.get(at, 0) + line.quantity
    for one in kept:
        at = (one.sku, one.node, one.due if one.due > today else None)
        part = min(one.quantity, used.get(at, 0))
        used[at] = used.get(at, 0) - part
        if one.quantity > part:
            yield replace(one, quantity=one.quantity - part)
