"""
Advance a node's work on a fulfillment: accept, pick, pack, make ready.

Its ends are elsewhere: comanda.domain.lifecycle.node_work.decline gives units back, comanda.domain.lifecycle.node_work.ship ships them or hands
them over.

Called by   functions/fulfill; comanda.domain.lifecycle, functions/inbox and functions/intake use its units and deadlines
Returns     a decision, units of a fulfillment, or its deadline
Raises      NotAllowed, OfferExpired, Held, NotFound, Invalid: see each function
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from comanda.domain.errors import Invalid, NotAllowed, OfferExpired, Problem
from comanda.domain.lifecycle.node_work.packages import (
    check_all_packed,
    check_contents,
    check_labels,
    merge_packages,
)
from comanda.domain.lifecycle.node_work.sent_units import units_in
from comanda.domain.orders import papers
from comanda.domain.orders.decision import Decision, Event, EventType
from comanda.domain.orders.fulfillment import Fulfillment, Package
from comanda.domain.orders.line import Units
from comanda.domain.orders.methods import PICKUP
from comanda.domain.orders.order import Order
from comanda.domain.orders.queues import Queue, late_work_item, refused_recall_item
from comanda.domain.orders.status import AT_NODE, TRANSACTIONS, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step of a node's work on the fulfillment of this number. `units` are (line id: quantity); None means all units."""

    number: int
    actor: str
    at: datetime
    units: Mapping[str, int] | None = None


EVENTS = {
    "accept": EventType.ACCEPTED,
    "start-pick": EventType.PICKING,
    "pick": EventType.PICKED,
    "pack": EventType.PACKED,
    "ready": EventType.READY,
}


def advance(order: Order, transaction: str, step: Step, packages: tuple[Package, ...] = ()) -> Decision:
    """Take one step of a node's work: accept, start-pick, pick, pack or ready. Accept and ready take the whole fulfillment.

    Raises NotAllowed, OfferExpired for an acceptance after `accept_by`, Held, and Invalid for packages that hold units that are
    not packed.
    """
    fulfillment = open_fulfillment(order, step.number)
    order.require_unheld(transaction)
    _require_fits(fulfillment, transaction, step.at)
    units = chosen_units(order, transaction, step)
    if transaction in ("accept", "ready") and units != _unheld(order, transaction, live_units(order, step.number)):
        raise NotAllowed(f"{transaction} takes the whole fulfillment", pointer="/lines")
    moved = order.with_lines(
        order.line(line_id).move(transaction, quantity, where=Units(fulfillment=step.number))
        for line_id, quantity in units.items()
    )
    if packages:
        check_packages(order, step.number, packages, units_in(moved, step.number, Status.PACKED))
    closes = transaction == "ready" and _closes_late_work(fulfillment)
    moved = moved.with_fulfillment(
        replace(
            fulfillment,
            packages=merge_packages(fulfillment.packages, packages),
            late=fulfillment.late and not closes,
        )
    )
    return Decision(
        order=moved,
        event=Event(
            type=EVENTS[transaction],
            actor=step.actor,
            at=step.at,
            data={
                "fulfillment": step.number,
                "lines": unit_rows(units),
                **({"packages": package_rows(packages)} if packages else {}),
                **({"to_invoice": True} if papers.waits_for_invoice(moved, step.number) else {}),
            },
        ),
        done=((Queue.LATE_WORK, late_work_item(step.number)),) if closes else (),
    )


def check_packages(order: Order, number: int, given: tuple[Package, ...], packed: Mapping[str, int]) -> None:
    """Raise Invalid for packages of a fulfillment that do not hold its `packed` units (line id: units), or whose labels are
    wrong."""
    fulfillment = order.fulfillment(number)
    named = {package.package_id for package in given}
    others = [package for package in fulfillment.packages if package.package_id not in named]
    check_contents(given, packed, "are packed", others)
    check_labels(order, number, given)
    check_all_packed(given, merge_packages(fulfillment.packages, given), packed)


def _require_fits(fulfillment: Fulfillment, transaction: str, at: datetime) -> None:
    """Raise OfferExpired for an acceptance that comes too late, and NotAllowed for goods at a counter that are to be sent."""
    if transaction == "accept" and at > fulfillment.accept_by:
        raise OfferExpired(f"the offer ended at {fulfillment.accept_by.isoformat()}")
    if transaction == "ready" and fulfillment.method != PICKUP:
        raise NotAllowed("only pickup orders are made ready at a counter")


def _closes_late_work(fulfillment: Fulfillment) -> bool:
    """Return True if goods that are ready need no person any more. One who asks for a silent node's answer keeps the task."""
    silent = fulfillment.recall is not None and fulfillment.recall.silent
    return fulfillment.late and not silent


def tasks_of_work(fulfillment: Fulfillment) -> tuple[tuple[str, str], ...]:
    """Return (queue, item) of the tasks for the office that end with the work: late work, and a refused recall."""
    number = fulfillment.number
    late = ((Queue.LATE_WORK, late_work_item(number)),) if fulfillment.late else ()
    refused = ((Queue.REFUSED_RECALLS, refused_recall_item(number)),) if fulfillment.recall_refused else ()
    return (*late, *refused)


def open_fulfillment(order: Order, number: int) -> Fulfillment:
    """Return the fulfillment if its node still has work. Raises NotAllowed if it has ended or shipped, NotFound."""
    fulfillment = order.fulfillment(number)
    if fulfillment.ended or fulfillment.shipped_at is not None:
        raise NotAllowed(f"the fulfillment is {order.fulfillment_status(number)}")
    return fulfillment


def chosen_units(order: Order, transaction: str, step: Step) -> dict[str, int]:
    """Return the units of a step: the units that it names, or all units of the fulfillment that the transaction may take.

    Raises NotAllowed when there are none, Held when a hold of a line blocks the transaction, Invalid for a line that is not in
    the fulfillment. `Line.moves` checks later that there are as many units as the step names.
    """
    if step.units is None:
        return _all_units(order, transaction, step.number)
    return _named_units(order, transaction, step.number, step.units)


def _all_units(order: Order, transaction: str, number: int) -> dict[str, int]:
    takes = TRANSACTIONS[transaction].takes
    has: dict[str, int] = {}
    for line, allocation in order.units_of(number):
        if allocation.status in takes:
            has[line.line_id] = has.get(line.line_id, 0) + allocation.quantity
    free = _unheld(order, transaction, has)
    if has and not free:
        order.require_line_unheld(next(iter(has)), transaction)
    if not free:
        raise NotAllowed(f"no unit can {transaction}: the fulfillment is {order.fulfillment_status(number)}")
    return free


def _named_units(order: Order, transaction: str, number: int, units: Mapping[str, int]) -> dict[str, int]:
    in_fulfillment = {line.line_id for line, _ in order.units_of(number)}
    wrong = [
        Problem(pointer=f"/lines/{i}/line_id", code="unknown-line", message=f"{line_id} is not in this fulfillment")
        for i, line_id in enumerate(units)
        if line_id not in in_fulfillment
    ]
    if wrong:
        raise Invalid(*wrong)
    if not units:
        raise NotAllowed(f"no line to {transaction} is named", pointer="/lines")
    for line_id in units:
        order.require_line_unheld(line_id, transaction)
    return dict(units)


def _unheld(order: Order, transaction: str, units: Mapping[str, int]) -> dict[str, int]:
    """Return the units whose lines have no hold that blocks this transaction."""
    return {line_id: n for line_id, n in units.items() if transaction not in order.line(line_id).held}


def unit_rows(units: Mapping[str, int]) -> list[dict[str, object]]:
    """Return units (line id: units) as events show them."""
    return [{"line_id": line_id, "quantity": quantity} for line_id, quantity in units.items()]


def package_rows(packages: Iterable[Package]) -> list[dict[str, object]]:
    """Return packages as the events of packing show them."""
    return [{"package": p.package_id, "carton": p.carton or None, "sscc": p.sscc or None} for p in packages]


def live_units(order: Order, number: int) -> dict[str, int]:
    """Return the units (line id: units) of a fulfillment that are still at the node."""
    has: dict[str, int] = {}
    for line, allocation in order.units_of(number):
        if allocation.status in AT_NODE:
            has[line.line_id] = has.get(line.line_id, 0) + allocation.quantity
    return has


def deadline(order: Order, number: int) -> datetime | None:
    """Return the time by which the node must act: `accept_by` until the units are accepted, then `ship_by`.

    Returns None when the node has nothing to do now: its work is over, a person has the late work, the customer must come, or
    a hold stops the node.
    """
    fulfillment = order.fulfillment(number)
    if fulfillment.ended or fulfillment.shipped_at is not None or fulfillment.late:
        return None
    leaves = fulfillment.leaves_by
    statuses = {
        a.status
        for line, a in order.units_of(number)
        if a.status in AT_NODE and ("accept" if a.status is Status.RELEASED else leaves) not in line.held
    }
    if not statuses or statuses == {Status.READY_FOR_PICKUP}:
        return None
    offered = Status.RELEASED in statuses
    if order.blocked("accept" if offered else fulfillment.leaves_by):
        return None
    return fulfillment.accept_by if offered else fulfillment.ship_by


def begun(order: Order, number: int) -> bool:
    """Return True if the node has begun to pick, or is further with any unit."""
    return any(
        a.status in AT_NODE and a.status not in (Status.RELEASED, Status.ACCEPTED) for _, a in order.units_of(number)
    )
