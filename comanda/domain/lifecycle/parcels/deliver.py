"""
Record what the carrier did with a shipment: it delivered units, or it lost them. A report may come after the order's end.

Lost units wait in the queue `lost` for a person's decision (`comanda.domain.lifecycle.parcels.lost_units`). When they are found before
it, they are delivered. When they are found after it, a person is asked, because the customer may have them twice.

Called by   functions/fulfill; comanda.domain.lifecycle.parcels.track, for the scans of carriers
Returns     a decision with the event `delivered`, `lost` or `found`; None when the report says nothing new
Raises      NotAllowed for units that are not on their way, Invalid for lines and packages that the shipment does not have
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from comanda.domain.days import utc_millisecond
from comanda.domain.errors import NotAllowed
from comanda.domain.lifecycle.node_work.sent_units import (
    added,
    named_packages,
    named_units,
    shipped_fulfillment,
    units_in,
    units_of_packages,
)
from comanda.domain.lifecycle.node_work.work import Step, unit_rows
from comanda.domain.lifecycle.parcels import lost_units
from comanda.domain.orders.decision import Decision, Event, EventType, Task
from comanda.domain.orders.fulfillment import Fulfillment, Loss, Package
from comanda.domain.orders.line import Units
from comanda.domain.orders.order import Order
from comanda.domain.orders.queues import Queue
from comanda.domain.orders.status import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class _Report:
    """The units and the packages that a report says were delivered: those that were on their way, and those that were lost."""

    arrived: Mapping[str, int]
    found: Mapping[str, int] = field(default_factory=dict)
    packages: tuple[Package, ...] = ()


def deliver(order: Order, step: Step, delivered_at: datetime, packages: Sequence[str] = ()) -> Decision | None:
    """Deliver units of a shipment: those of the step, those in these packages, or all that are on their way.

    Units that are named, or a shipment of which nothing is on its way, include lost ones. A repeated report of packages or of
    the whole shipment returns None.
    """
    fulfillment = shipped_fulfillment(order, step.number, "deliver")
    report = _delivered(order, fulfillment, step, packages)
    names = [package.package_id for package in report.packages]
    losses, found, answered = lost_units.found_units(fulfillment.losses, report.found, names, delivered_at)
    if not report.arrived and not found and not report.packages and not answered:
        return None
    lines = _with_units_delivered(order, step.number, report.arrived, found)
    left = {status for status in (Status.SHIPPED, Status.LOST) if units_in(lines, step.number, status)}
    reported = {p.package_id: replace(p, delivered_at=delivered_at, lost_at=None) for p in report.packages}
    changed = replace(
        fulfillment,
        packages=tuple(reported.get(p.package_id, p) for p in fulfillment.packages),
        losses=losses,
        delivered_at=None if left else delivered_at,
    )
    units = added(report.arrived, found)
    data = {
        "fulfillment": step.number,
        "node": fulfillment.node,
        "lines": unit_rows(units),
        "packages": [{"package": name} for name in names],
        "delivered_at": utc_millisecond(delivered_at),
        **({"answered": [loss.item for loss in answered]} if answered else {}),
    }
    event = EventType.DELIVERED if units or not answered else EventType.FOUND
    if event is EventType.DELIVERED:
        data["whole"] = Status.SHIPPED not in left
    return Decision(
        order=lines.with_fulfillment(changed),
        event=Event(type=event, actor=step.actor, at=step.at, data=data),
        tasks=_tasks(order, fulfillment, changed, answered, step.at),
        done=tuple((Queue.LOST, loss.item) for loss in fulfillment.losses if loss.item not in _items(losses)),
    )


def _tasks(
    order: Order, before: Fulfillment, after: Fulfillment, answered: Sequence[Loss], now: datetime
) -> tuple[Task, ...]:
    """Return the tasks about units that were found after a person's answer, and about those that stay lost."""
    found = (lost_units.found_task(order, before, loss, now) for loss in answered)
    return (*found, *_tasks_of_the_rest(order, before, after))


def _with_units_delivered(order: Order, number: int, arrived: Mapping[str, int], found: Mapping[str, int]) -> Order:
    """Return the order with units delivered that were on their way, and units that were lost."""
    for status, units in ((Status.SHIPPED, arrived), (Status.LOST, found)):
        order = _moved(order, "deliver", Units(fulfillment=number, status=status), units)
    return order


def lose(order: Order, step: Step, reason: str, packages: Sequence[str] = ()) -> Decision | None:
    """Report units of a shipment as lost: those of the step, those in these packages, or all that are on their way.

    A repeated report of packages or of the whole shipment returns None. Raises NotAllowed when a package's contents are not
    known, and other packages are on their way.
    """
    fulfillment = shipped_fulfillment(order, step.number, "lose")
    report = _lost(order, fulfillment, step, packages)
    if report is None:
        return None
    moved = _moved(order, "lose", Units(fulfillment=step.number), report.arrived)
    gone = {p.package_id: replace(p, lost_at=step.at) for p in report.packages}
    loss = Loss(
        item=f"lost-{step.number:03d}-{order.version + 1}",
        units=tuple(report.arrived.items()),
        reason=reason,
        at=step.at,
        packages=tuple(gone),
    )
    changed = replace(
        fulfillment,
        packages=tuple(gone.get(p.package_id, p) for p in fulfillment.packages),
        losses=(*fulfillment.losses, loss),
    )
    data = {
        "fulfillment": step.number,
        "node": fulfillment.node,
        "reason": reason,
        "lines": unit_rows(report.arrived),
        "packages": [{"package": name} for name in gone],
        "item": loss.item,
    }
    return Decision(
        order=moved.with_fulfillment(changed),
        event=Event(type=EventType.LOST, actor=step.actor, at=step.at, data=data),
        tasks=(lost_units.lost_task(order, fulfillment, loss),),
    )


def _delivered(order: Order, fulfillment: Fulfillment, step: Step, names: Sequence[str]) -> _Report:
    """Return what a report says was delivered, and was not reported before."""
    on_way, lost = (units_in(order, step.number, status) for status in (Status.SHIPPED, Status.LOST))
    if names:
        new = tuple(p for p in named_packages(fulfillment, names) if p.delivered_at is None)
        way, found = ([p for p in new if (p.lost_at is not None) == was_lost] for was_lost in (False, True))
        return _Report(
            arrived=_units_of(way, fulfillment, on_way, lost=False) or {},
            found=_units_of(found, fulfillment, lost, lost=True) or {},
            packages=new,
        )
    if step.units is not None:
        units = named_units(order, step.number, step.units)
        arrived = {line_id: part for line_id, n in units.items() if (part := min(n, on_way.get(line_id, 0)))}
        found_later = {line_id: n - arrived.get(line_id, 0) for line_id, n in units.items()}
        for line_id, n in units.items():
            tuple(order.line(line_id).moves("deliver", n, Units(fulfillment=step.number)))  # or it is refused
        return _Report(arrived=arrived, found={line_id: n for line_id, n in found_later.items() if n})
    is_lost = not on_way
    packages = tuple(p for p in fulfillment.packages if p.delivered_at is None and (p.lost_at is not None) == is_lost)
    return _Report(arrived=on_way, found=lost if is_lost else {}, packages=packages)


def _lost(order: Order, fulfillment: Fulfillment, step: Step, names: Sequence[str]) -> _Report | None:
    """Return what a report says is lost, None if it says nothing new. Raises NotAllowed."""
    on_way = units_in(order, step.number, Status.SHIPPED)
    if names:
        named = named_packages(fulfillment, names)
        for package in named:
            if package.delivered_at is not None:
                raise NotAllowed(f"package {package.package_id} was delivered", pointer="/packages")
        new = [p for p in named if p.lost_at is None]
        units = _units_of(new, fulfillment, on_way, lost=False)
        if new and units is None:
            message = "the contents of these packages are not known: name the lost units by their lines"
            raise NotAllowed(message, pointer="/packages")
        if new and not units:
            raise NotAllowed("no unit of these packages is on its way", pointer="/packages")
        return _Report(arrived=units or {}, packages=tuple(new)) if new else None
    if step.units is not None:
        return _Report(arrived=named_units(order, step.number, step.units))
    if not on_way:
        if units_in(order, step.number, Status.LOST):
            return None
        raise NotAllowed(f"cannot lose: the fulfillment is {order.fulfillment_status(step.number)}")
    return _Report(
        arrived=on_way,
        packages=tuple(p for p in fulfillment.packages if p.delivered_at is None and p.lost_at is None),
    )


def _units_of(
    packages: Sequence[Package], fulfillment: Fulfillment, there: Mapping[str, int], *, lost: bool
) -> dict[str, int] | None:
    if not packages:
        return {}
    named = {p.package_id for p in packages}
    others = [
        p
        for p in fulfillment.packages
        if p.package_id not in named and p.delivered_at is None and (p.lost_at is not None) == lost
    ]
    return units_of_packages(packages, others, there)


def _moved(order: Order, transaction: str, where: Units, units: Mapping[str, int]) -> Order:
    return order.with_lines(order.line(line_id).move(transaction, n, where=where) for line_id, n in units.items())


def _items(losses: Sequence[Loss]) -> set[str]:
    return {loss.item for loss in losses}


def _tasks_of_the_rest(order: Order, before: Fulfillment, after: Fulfillment) -> tuple[Task, ...]:
    """Return the tasks of losses of which a part was found: they are about fewer units now."""
    return tuple(
        lost_units.lost_task(order, after, loss)
        for loss in after.losses
        if not loss.answer and loss not in before.losses
    )
