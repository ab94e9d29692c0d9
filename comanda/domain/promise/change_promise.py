"""
Promise the units that a change of an order adds or moves: the day at the door of each, or that none can be promised.

The plan is the router's own for the changed order, so in a frozen world the route is what the preview said.

Called by   comanda.aws.routing.planned_changes; functions/intake, which shows and compares it
Returns     the promise of a change
Raises      nothing
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from comanda.domain.orders.line import Line
from comanda.domain.orders.methods import PICKUP, SHIP
from comanda.domain.orders.order import Order
from comanda.domain.orders.status import UNPLACED
from comanda.domain.promise.promise import Basket, Promise
from comanda.domain.routing.inputs import RouterInputs
from comanda.domain.routing.plan import Plan
from comanda.domain.routing.route import not_before, order_facts, want

# They are later than every day: units at a node for which no carrier has a date, and units that no node can have.
UNDATED, NEVER = "9999-12-30", "9999-12-31"
HELD = "held"  # why units wait that a hold of their line stops


@dataclass(frozen=True, slots=True, kw_only=True)
class PromisedUnits:
    """Units of a line that a node would send, or have at its counter. Without a carrier that has a date, `deliver_on` is None.

    `due` is the UTC day of the supply for which they wait, None if they are on the shelf.
    """

    line_id: str
    quantity: int
    node: str
    method: str
    service: str
    due: str | None
    deliver_on: str | None
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpromised:
    """Units of a line that no node can have, and why they would wait."""

    line_id: str
    quantity: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePromise:
    """The promise of the units that a change adds or moves, and the other ways to have them, by destination."""

    units: tuple[PromisedUnits, ...]
    cannot: tuple[Unpromised, ...]
    options: tuple[tuple[int, Promise], ...] = ()

    def last_days(self) -> dict[str, str]:
        """Return the day, by line, on which the last of its units is at the door: UNDATED or NEVER if one has none."""
        days: dict[str, str] = {one.line_id: NEVER for one in self.cannot}
        for one in self.units:
            days[one.line_id] = max(days.get(one.line_id, ""), one.deliver_on or UNDATED)
        return days


def lines_to_promise(before: Order, after: Order) -> frozenset[str]:
    """Return the ids of the lines with units that the router places only because of the change, or places otherwise."""
    was = {line.line_id: line for line in before.lines}
    other_days = dict(before.requested) != dict(after.requested)
    return frozenset(
        line.line_id
        for line in after.lines
        if line.unplaced() and (other_days or _is_other(before, after, was.get(line.line_id), line))
    )


def kept_from_router(before: Order, after: Order) -> tuple[Unpromised, ...]:
    """Return the units that a change adds or moves and that the router does not get: they wait for a person, as the rest of a
    kit does of which a part has left, or a hold of their line stops them."""
    was = {line.line_id: line for line in before.lines}
    other_days = dict(before.requested) != dict(after.requested)
    found: list[Unpromised] = []
    for line in after.lines:
        units, old = _without_node(line), was.get(line.line_id)
        if not units or line.unplaced() or line.is_provided:
            continue
        if other_days or line.waits_in != (old and old.waits_in) or _is_other(before, after, old, line):
            reason = line.because.partition(": ")[0] if line.waits_in else HELD
            found.append(Unpromised(line_id=line.line_id, quantity=units, reason=reason))
    return tuple(found)


def _is_other(before: Order, after: Order, was: Line | None, line: Line) -> bool:
    """Return True if the line has more units to place, or they are placed by another way."""
    if was is None or _without_node(line) > _without_node(was) or line.unplaced() > was.unplaced():
        return True
    ways = (was.method, was.service, was.node_id, was.chosen) != (line.method, line.service, line.node_id, line.chosen)
    return ways or before.destination_of(was.destination) != after.destination_of(line.destination)


def _without_node(line: Line) -> int:
    return line.units(lambda a: a.status in UNPLACED)


def baskets(order: Order, line_ids: Collection[str], inputs: RouterInputs) -> Iterator[tuple[int, Basket]]:
    """Yield the units of these lines that go to each destination, as a customer asks about them: any way may be chosen."""
    lines = [line for line in order.lines if line.line_id in line_ids]
    for number in sorted({line.destination for line in lines}):
        there = [line for line in lines if line.destination == number]
        part = order.part_to(number) if order.destinations else order
        facts = order_facts(part, inputs)
        yield (
            number,
            Basket(
                wants=tuple(want(line, inputs.goods) for line in there),
                to=part.destination,
                methods=(SHIP, PICKUP) if part.destination.address else (PICKUP,),
                stores=tuple(sorted({line.node_id for line in there if line.node_id})),
                deliver_by=facts.deliver_by,
                not_before=not_before(order),
                facts=facts,
            ),
        )


def promised(plan: Plan, line_ids: Collection[str], kept: Collection[Unpromised] = ()) -> ChangePromise:
    """Return the promise of these lines by the router's plan. `kept` are units that it does not get."""
    units = (
        PromisedUnits(
            line_id=line.line_id,
            quantity=line.quantity,
            node=p.node.node_id,
            method=p.method,
            service=p.service,
            due=p.due,
            deliver_on=p.deliver_on,
            zone=p.zone,
        )
        for p in plan.fulfillments
        for line in p.lines
        if line.line_id in line_ids
    )
    cannot = [
        Unpromised(line_id=left.line_id, quantity=left.quantity, reason=left.reason)
        for left in plan.leftovers
        if left.line_id in line_ids
    ]
    return ChangePromise(
        units=_sorted(units), cannot=tuple(sorted((*cannot, *kept), key=lambda one: (one.line_id, one.reason)))
    )


def _sorted(units: Iterable[PromisedUnits]) -> tuple[PromisedUnits, ...]:
    return tuple(sorted(units, key=lambda one: (one.line_id, one.deliver_on or UNDATED, one.node)))


def is_later(now: ChangePromise, shown: Mapping[str, str]) -> bool:
    """Return True if a line would be at the door later than a preview showed. `shown` are its last days by line."""
    return any(day > shown.get(line_id, "") for line_id, day in now.last_days().items())
