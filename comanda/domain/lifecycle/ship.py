"""Units leave the node: a carrier takes them (ship), or the customer does (hand over). One fulfillment = one shipment."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from comanda.domain.errors import NotAllowed
from comanda.domain.lifecycle import kits
from comanda.domain.lifecycle.packages import check_contents, fit_contents, merge_packages
from comanda.domain.lifecycle.recall import reserved
from comanda.domain.lifecycle.work import Step, chosen_units, live_units, open_fulfillment, unit_rows
from comanda.domain.orders import capacity
from comanda.domain.orders.decision import Decision, Event, EventType
from comanda.domain.orders.fulfillment import Fulfillment, Package
from comanda.domain.orders.line import PICKUP, Line, Units
from comanda.domain.orders.order import Order
from comanda.domain.orders.queues import Queue
from comanda.domain.orders.status import Status
from comanda.domain.stock import movements
from comanda.domain.stock.changes import Change, sum_changes

# What a partner may never tell us, in the order in which it must have happened.
_STEPS = (
    (Status.RELEASED, "accept"),
    (Status.ACCEPTED, "pick"),
    (Status.PICKING, "pick"),
    (Status.PICKED, "pack"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipment:
    """What left: the partner's or node's own id of it, its packages, and when."""

    shipment_id: str
    shipped_at: datetime
    packages: tuple[Package, ...] = ()


def ship(order: Order, step: Step, shipment: Shipment) -> Decision:
    """Ship (method SHIP) or hand over (PICKUP) these units. What is left becomes the next fulfillment of the same node.

    Raises NotAllowed when units are not there to leave or tear a kit, Invalid for packages that hold other units, Held,
    NotFound.
    """
    fulfillment = open_fulfillment(order, step.number)
    transaction = fulfillment.leaves_by
    order.require_unheld(transaction)
    if fulfillment.method == PICKUP and shipment.packages:
        raise NotAllowed("a pickup order is handed over, not shipped")
    units = chosen_units(order, transaction, step)
    told = {p.package_id for p in shipment.packages if not p.contents}
    check_contents(shipment.packages, units, "leave", [p for p in fulfillment.packages if p.package_id in told])
    changes: list[Change] = []
    lines: list[Line] = []
    for line_id, quantity in units.items():
        line = order.line(line_id)
        leaving = line.moves(transaction, quantity, Units(fulfillment=step.number))
        changes += [movements.ship(reserved(order, line, units, shipment.shipped_at), step.at) for units in leaving]
        lines.append(_gone(line, transaction, quantity, step.number))
    kits.require_whole(order, step.number, units)
    left_behind = order.with_lines(lines)
    rest = live_units(left_behind, step.number)
    stays = _stays(fulfillment, shipment, units) if rest else ()
    leaves = merge_packages(tuple(p for p in fulfillment.packages if p not in stays), shipment.packages)
    kept, follow = capacity.remove_units(fulfillment.work_days, sum(rest.values()))
    gone = replace(
        fulfillment,
        work_days=kept,
        packages=fit_contents(leaves, shipment.packages, units),
        shipment_id=shipment.shipment_id,
        shipped_at=shipment.shipped_at,
    )
    moved = _rest_moved(left_behind.with_fulfillment(gone), replace(fulfillment, work_days=follow), rest, stays)
    return Decision(
        order=moved,
        event=Event(
            type=EventType.SHIPPED if transaction == "ship" else EventType.HANDED_OVER,
            actor=step.actor,
            at=step.at,
            data={
                "fulfillment": step.number,
                "node": fulfillment.node,
                "shipment": shipment.shipment_id,
                "lines": unit_rows(units),
                "packages": [
                    {"package": p.package_id, "carrier": p.carrier, "tracking": p.tracking_number}
                    for p in shipment.packages
                ],
                "next": len(moved.fulfillments) if rest else None,
            },
        ),
        stock=sum_changes(changes),
        done=((Queue.LATE_WORK, f"late-{step.number:03d}"),) if fulfillment.late else (),
    )


def _stays(fulfillment: Fulfillment, shipment: Shipment, units: Mapping[str, int]) -> tuple[Package, ...]:
    """Return the packed packages that a part shipment left behind.

    They are those that it does not name, when it names any of them; else those that hold nothing of what leaves.
    """
    named = {p.package_id for p in shipment.packages}
    packed = fulfillment.packages
    if named.isdisjoint(p.package_id for p in packed):
        holding = fit_contents(packed, shipment.packages, units)
        return tuple(p for p, now in zip(packed, holding, strict=True) if p.contents and not now.contents)
    return tuple(p for p in packed if p.package_id not in named)


def _gone(line: Line, transaction: str, quantity: int, number: int) -> Line:
    """Move units out, each remembering the steps that nobody told us."""
    for taken in tuple(line.moves(transaction, quantity, Units(fulfillment=number))):
        order_of = [status for status, _ in _STEPS]
        implied = (
            tuple(dict.fromkeys(name for _, name in _STEPS[order_of.index(taken.status) :]))
            if taken.status in order_of
            else ()
        )
        line = line.move(
            transaction, taken.quantity, where=Units(fulfillment=number, status=taken.status), implied=implied
        )
    return line


def _rest_moved(order: Order, old: Fulfillment, rest: Mapping[str, int], packages: tuple[Package, ...]) -> Order:
    if not rest:
        return order
    number = len(order.fulfillments) + 1
    lines = [
        replace(
            line,
            allocations=tuple(
                replace(a, fulfillment=number)
                if a.fulfillment == old.number and a.status not in (Status.SHIPPED, Status.PICKED_UP, Status.CANCELLED)
                else a
                for a in line.allocations
            ),
        )
        for line in order.lines
    ]
    # The person who has the lateness of the old one is done with it; the new one may be late anew.
    following = replace(old, number=number, version=1, packages=packages, shipment_id=None, shipped_at=None, late=False)
    return replace(order.with_lines(lines), fulfillments=(*order.fulfillments, following))
