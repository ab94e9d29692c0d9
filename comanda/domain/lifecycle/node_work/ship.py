"""
Ship units, or hand them over at a counter: one fulfillment is one shipment.

Called by   functions/fulfill, functions/inbox
Returns     a decision with the event `shipped` or `handed_over`, and the movements of stock
Raises      NotAllowed, Invalid, Held, NotFound: see `ship`
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from comanda.domain.errors import NotAllowed
from comanda.domain.lifecycle.node_work import kits
from comanda.domain.lifecycle.node_work.packages import (
    check_contents,
    check_labels,
    fit_contents,
    merge_packages,
    on_own_pallets,
    with_pallets,
)
from comanda.domain.lifecycle.node_work.recall import reserved
from comanda.domain.lifecycle.node_work.work import (
    Step,
    chosen_units,
    live_units,
    open_fulfillment,
    tasks_of_work,
    unit_rows,
)
from comanda.domain.orders import capacity
from comanda.domain.orders.decision import Decision, Event, EventType
from comanda.domain.orders.fulfillment import Fulfillment, Package
from comanda.domain.orders.line import Line, Units
from comanda.domain.orders.methods import PICKUP, SHIP
from comanda.domain.orders.order import Order
from comanda.domain.orders.status import Status
from comanda.domain.stock import movements
from comanda.domain.stock.changes import Change, sum_changes

# The node's steps before a shipment, in their order: (status, the step that leaves it). A partner may not report them.
_STEPS = (
    (Status.RELEASED, "accept"),
    (Status.ACCEPTED, "pick"),
    (Status.PICKING, "pick"),
    (Status.PICKED, "pack"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipment:
    """A shipment as the node reports it: its own id of the shipment, the packages, and the time."""

    shipment_id: str
    shipped_at: datetime
    packages: tuple[Package, ...] = ()


def ship(order: Order, step: Step, shipment: Shipment) -> Decision:
    """Ship these units (method SHIP), or hand them over (PICKUP). Units that are left become the next fulfillment of the
    same node.

    Raises NotAllowed when units may not leave or would break a kit, Invalid for packages that hold other units, Held,
    NotFound.
    """
    fulfillment = open_fulfillment(order, step.number)
    transaction = fulfillment.leaves_by
    order.require_unheld(transaction)
    if fulfillment.method == PICKUP and shipment.packages:
        raise NotAllowed("a pickup order is handed over, not shipped")
    units = chosen_units(order, transaction, step)
    named = {p.package_id for p in shipment.packages if not p.contents}
    check_contents(shipment.packages, units, "leave", [p for p in fulfillment.packages if p.package_id in named])
    check_labels(order, step.number, shipment.packages)
    changes, lines = _ship_units(order, transaction, step, shipment, units)
    kits.require_whole(order, step.number, units)
    shipped = _ship_fulfillment(order.with_lines(lines), fulfillment, shipment, units)
    return Decision(
        order=shipped,
        event=_shipped_event(order, shipped, step, shipment, units),
        stock=sum_changes(changes),
        done=tasks_of_work(fulfillment),
    )


def _ship_units(
    order: Order, transaction: str, step: Step, shipment: Shipment, units: Mapping[str, int]
) -> tuple[list[Change], list[Line]]:
    """Return the movements of stock, and the lines whose units left."""
    changes: list[Change] = []
    lines: list[Line] = []
    for line_id, quantity in units.items():
        line = order.line(line_id)
        leaving = line.moves(transaction, quantity, Units(fulfillment=step.number))
        changes += [movements.ship(reserved(order, line, part, shipment.shipped_at), step.at) for part in leaving]
        lines.append(_move_out(line, transaction, quantity, step.number))
    return changes, lines


def _ship_fulfillment(order: Order, fulfillment: Fulfillment, shipment: Shipment, units: Mapping[str, int]) -> Order:
    """Return the order with the fulfillment shipped, and with a next fulfillment for the units that are left."""
    rest = live_units(order, fulfillment.number)
    stays = _packages_left(fulfillment, shipment, units) if rest else ()
    leaves = merge_packages(tuple(p for p in fulfillment.packages if p not in stays), shipment.packages)
    kept, following = capacity.remove_units(fulfillment.work_days, sum(rest.values()))
    shipped = replace(
        fulfillment,
        work_days=kept,
        packages=on_own_pallets(fit_contents(leaves, shipment.packages, units)),
        shipment_id=shipment.shipment_id,
        shipped_at=shipment.shipped_at,
    )
    order = order.with_fulfillment(shipped)
    if not rest:
        return order
    return _with_next_fulfillment(order, replace(fulfillment, work_days=following), on_own_pallets(stays))


def _shipped_event(before: Order, after: Order, step: Step, shipment: Shipment, units: Mapping[str, int]) -> Event:
    fulfillment = before.fulfillment(step.number)
    return Event(
        type=EventType.SHIPPED if fulfillment.method == SHIP else EventType.HANDED_OVER,
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
            "next": len(after.fulfillments) if len(after.fulfillments) > len(before.fulfillments) else None,
        },
    )


def _packages_left(fulfillment: Fulfillment, shipment: Shipment, units: Mapping[str, int]) -> tuple[Package, ...]:
    """Return the packed packages that a part shipment left behind.

    If the shipment names packed packages, these are the packages that it does not name; else the packages that hold no unit of
    the shipment.
    """
    packed = fulfillment.packages
    named = with_pallets(frozenset(p.package_id for p in shipment.packages), packed)
    if named.isdisjoint(p.package_id for p in packed):
        holding = fit_contents(packed, shipment.packages, units)
        left = {p.package_id for p, now in zip(packed, holding, strict=True) if p.contents and not now.contents}
        # A pallet stays with the last package that stands on it.
        left |= {p.parent for p in packed if p.parent} - {p.parent for p in packed if p.package_id not in left}
        return tuple(p for p in packed if p.package_id in left)
    return tuple(p for p in packed if p.package_id not in named)


def _move_out(line: Line, transaction: str, quantity: int, number: int) -> Line:
    """Move units of a fulfillment out. Each unit records the steps that its node did not report, as implied."""
    for part in tuple(line.moves(transaction, quantity, Units(fulfillment=number))):
        where = Units(fulfillment=number, status=part.status)
        line = line.move(transaction, part.quantity, where=where, implied=_steps_from(part.status))
    return line


def _steps_from(status: Status) -> tuple[str, ...]:
    """Return the node's steps from this status to packing, each once."""
    statuses = [left for left, _ in _STEPS]
    if status not in statuses:
        return ()
    return tuple(dict.fromkeys(name for _, name in _STEPS[statuses.index(status) :]))


def _with_next_fulfillment(order: Order, shipped: Fulfillment, packages: tuple[Package, ...]) -> Order:
    """Return the order with a next fulfillment of the same node, which has the units that are left and these packages."""
    number = len(order.fulfillments) + 1
    left = (Status.SHIPPED, Status.PICKED_UP, Status.CANCELLED)
    lines = [
        replace(
            line,
            allocations=tuple(
                replace(a, fulfillment=number) if a.fulfillment == shipped.number and a.status not in left else a
                for a in line.allocations
            ),
        )
        for line in order.lines
    ]
    # The tasks about the shipped one's work are done. A person gets a new task if the next fulfillment is late, and at once
    # if its node has not answered a recall in time.
    following = replace(
        shipped,
        number=number,
        version=1,
        packages=packages,
        shipment_id=None,
        shipped_at=None,
        late=False,
        recall_refused=False,
        recall=replace(shipped.recall, silent=False) if shipped.recall else None,
    )
    return replace(order.with_lines(lines), fulfillments=(*order.fulfillments, following))
