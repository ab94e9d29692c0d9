"""
Decide what the scans of a parcel mean for its order: units are delivered, or a person is asked.

The status of a parcel is no status of units, and never moves units backwards. A parcel is all packages of a fulfillment with
one tracking number. The events of a parcel may come in any order: each decision follows from what was known before and what
is known after, never from the event that came last.

Called by   comanda.aws.orders.tracking and .parcel_looks; comanda.domain.lifecycle.resume, for a person's answer
Returns     parcels; decisions, or None where the order stays as it is
Raises      NotFound, NotAllowed for a person's answer; see `answered`
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from comanda.domain import ids
from comanda.domain.days import utc_millisecond
from comanda.domain.errors import NotFound
from comanda.domain.lifecycle.closing import after_the_end
from comanda.domain.lifecycle.node_work.work import Step
from comanda.domain.lifecycle.parcels.deliver import deliver, lose
from comanda.domain.orders.decision import Decision, Event, EventType, Task
from comanda.domain.orders.fulfillment import Fulfillment, Package, plain_tracking_number
from comanda.domain.orders.methods import SHIP
from comanda.domain.orders.order import Order
from comanda.domain.orders.queues import Queue
from comanda.domain.orders.status import Status
from comanda.domain.shipping.tracking import (
    BEFORE_SHIPMENT,
    CLOCKS_DIFFER,
    TOGETHER,
    Standing,
    TrackingEvent,
)

CARRIER_LOST = "CARRIER_LOST"  # the reason of a loss
OVERDUE = "OVERDUE"  # the reason of the task about a parcel that no scan saw for too long
LOOK_DAILY = timedelta(days=1)

type Standings = Mapping[str, Standing]  # by the name of the parcel


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """The packages of a fulfillment that have one tracking number. `name` is the number as it is looked up."""

    order: Order
    number: int  # of the fulfillment
    name: str
    packages: tuple[Package, ...]

    @property
    def fulfillment(self) -> Fulfillment:
        return self.order.fulfillment(self.number)

    @property
    def carrier(self) -> str:
        """Return the carrier as the label names it; empty where no label does."""
        return next((package.carrier for package in self.packages if package.carrier), "")

    @property
    def begins(self) -> datetime:
        """Return the time of its shipment, or of the node's offer while it has not left."""
        return self.fulfillment.shipped_at or self.fulfillment.offered_at

    @property
    def item(self) -> tuple[str, str]:
        """Return the queue and the name of the task about a problem of the parcel."""
        return Queue.DELIVERY_EXCEPTIONS, f"{self.number:03d}-{self.name}"

    @property
    def late_item(self) -> tuple[str, str]:
        """Return the queue and the name of the task about a parcel that no scan saw for too long."""
        return Queue.DELIVERY_EXCEPTIONS, f"{self.number:03d}-{self.name}-late"


def parcels(order: Order, number: int) -> dict[str, Parcel]:
    """Return the parcels of a fulfillment by their names. A package without a tracking number is in none."""
    found: dict[str, list[Package]] = {}
    for package in order.fulfillment(number).packages:
        if name := plain_tracking_number(package.tracking_number):
            found.setdefault(name, []).append(package)
    return {
        name: Parcel(order=order, number=number, name=name, packages=tuple(packages))
        for name, packages in found.items()
    }


def parcel_of_item(order: Order, item: str) -> Parcel | None:
    """Return the parcel that a task is about, None where the order has no such parcel."""
    number, _, name = item.removesuffix("-late").partition("-")
    if not number.isdecimal() or not any(f.number == int(number) for f in order.fulfillments):
        return None
    return parcels(order, int(number)).get(name)


def meant(found: Iterable[Parcel], at: datetime) -> tuple[Parcel, ...]:
    """Return the parcels that an event of this time is about, among those of one tracking number. Empty for none.

    Carriers use a number again after some months: the event is about the parcel that was shipped last before it. One parcel
    may hold units of several orders: then their packages were shipped by one node, close together.
    """
    possible = [parcel for parcel in found if at >= parcel.begins - BEFORE_SHIPMENT]
    if not possible:
        return ()
    before = [parcel for parcel in possible if parcel.begins <= at + CLOCKS_DIFFER]
    last = max(before, key=_last) if before else min(possible, key=_last)
    return tuple(
        parcel
        for parcel in possible
        if parcel.fulfillment.node == last.fulfillment.node and abs(parcel.begins - last.begins) <= TOGETHER
    )


def _last(parcel: Parcel) -> tuple[datetime, str, int]:
    return parcel.begins, parcel.order.order_id, parcel.number


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """Hold what follows from the events of a parcel. `over` are the tasks that end although the order stays as it is."""

    decision: Decision | None = None
    over: tuple[tuple[str, str], ...] = ()


def follow(parcel: Parcel, before: Standing, after: Standings, actor: str, now: datetime) -> Following:
    """Decide what follows when the standing of a parcel changes from `before` to the one in `after`.

    `after` are the standings of all parcels of the fulfillment.
    """
    standing = after[parcel.name]
    problem = standing.open_problem if standing.open_problem != before.open_problem else None
    over = (
        *((parcel.item,) if before.open_problem and not standing.open_problem else ()),
        *((parcel.late_item,) if before.overdue and not standing.overdue else ()),
    )
    delivery = _deliver(parcel, after, actor, now)
    if delivery is None and problem is None:
        return Following(over=over)
    decision = delivery or Decision(order=parcel.order, event=_exception(parcel, problem, actor, now))
    asked = () if problem is None else (_task(parcel, problem, now),)
    return Following(
        decision=replace(decision, tasks=(*decision.tasks, *asked), done=(*decision.done, *over)),
    )


def _deliver(parcel: Parcel, standings: Standings, actor: str, now: datetime) -> Decision | None:
    """Deliver the packages of all parcels that the carrier delivered, None where it says nothing new about a unit.

    A fulfillment that has not left yet is looked at again by the sweeper.
    """
    fulfillment = parcel.fulfillment
    if fulfillment.shipped_at is None or fulfillment.method != SHIP or fulfillment.ended:
        return None
    arrived = [
        (standing.delivered_at, package.package_id)
        for name, one in parcels(parcel.order, parcel.number).items()
        if (standing := standings.get(name)) is not None and standing.delivered_at is not None
        for package in one.packages
        if package.delivered_at is None
    ]
    if not arrived:
        return None
    at = max(at for at, _ in arrived)
    step = Step(number=parcel.number, actor=actor, at=now)
    return deliver(parcel.order, step, at, [package_id for _, package_id in arrived])


def _exception(parcel: Parcel, event: TrackingEvent | None, actor: str, now: datetime) -> Event:
    """Return the event that a person is asked about a parcel: for its problem, or without one because it is late."""
    return Event(
        type=EventType.DELIVERY_EXCEPTION,
        actor=actor,
        at=now,
        data={
            "fulfillment": parcel.number,
            "node": parcel.fulfillment.node,
            "packages": _package_rows(parcel),
            "reason": OVERDUE if event is None else event.status,
            **({} if event is None else {"code": event.code, "occurred_at": utc_millisecond(event.occurred_at)}),
            **after_the_end(parcel.order),
        },
    )


def _package_rows(parcel: Parcel) -> list[dict[str, object]]:
    return [
        {"package": package.package_id, "carrier": package.carrier, "tracking": package.tracking_number}
        for package in parcel.packages
    ]


def _task(parcel: Parcel, event: TrackingEvent | None, now: datetime) -> Task:
    """Return the task about a problem of a parcel, or about a late one. `data` has the carrier's own words."""
    queue, item = parcel.item if event else parcel.late_item
    facts = {
        "node": parcel.fulfillment.node,
        "fulfillment_id": ids.fulfillment(parcel.order.order_id, parcel.number),
        "packages": ",".join(package.package_id for package in parcel.packages),
        "carrier": parcel.carrier,
        "tracking_number": parcel.packages[0].tracking_number,
        "code": event.code if event else "",
        "note": event.note if event else "",
        "location": event.location if event else "",
    }
    return Task(
        queue=queue,
        item=item,
        due=now,
        reason=str(event.status) if event else OVERDUE,
        priority=parcel.order.priority,
        data=tuple((name, value) for name, value in facts.items() if value),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Lateness:
    """Tell the sweeper what to do with a parcel. `again` is the time of its next look, None for no more looks.

    `overdue` is True if the decision asks a person about a parcel that no scan saw for too long.
    """

    decision: Decision | None = None
    again: datetime | None = None
    overdue: bool = False


def check_lateness(parcel: Parcel, standings: Standings, overdue_days: int | None, now: datetime) -> Lateness:
    """Look at a parcel that may be late. `overdue_days` are its carrier's: None means that the carrier reports no scans.

    A delivery that was reported before the shipment is decided here too.
    """
    fulfillment = parcel.fulfillment
    if fulfillment.ended or fulfillment.method != SHIP:
        return Lateness()
    if fulfillment.shipped_at is None:
        return Lateness(again=now + LOOK_DAILY)
    delivery = _deliver(parcel, standings, "sweep", now)
    if delivery is not None:
        return Lateness(decision=delivery, again=now + LOOK_DAILY)
    standing = standings.get(parcel.name, Standing())
    on_way = any(a.status is Status.SHIPPED for _, a in parcel.order.units_of(parcel.number))
    done = standing.delivered_at is not None or all(p.delivered_at or p.lost_at for p in parcel.packages)
    if overdue_days is None or not on_way or done or standing.overdue:
        return Lateness()
    due = max(fulfillment.shipped_at, standing.scanned_at or fulfillment.shipped_at) + timedelta(days=overdue_days)
    if due > now:
        return Lateness(again=due)
    decision = Decision(
        order=parcel.order,
        event=_exception(parcel, None, "sweep", now),
        tasks=(_task(parcel, None, now),),
    )
    return Lateness(decision=decision, overdue=True)


def answered(order: Order, item: str, actor: str, now: datetime, *, lost: bool) -> Decision | None:
    """Apply a person's answer about a parcel to its packages: they are delivered, or lost. None where that is known.

    Raises NotFound where the order has no such parcel, NotAllowed where the units of the lost packages are not known.
    """
    parcel = parcel_of_item(order, item)
    if parcel is None:
        raise NotFound(f"item of queue {Queue.DELIVERY_EXCEPTIONS}", f"{order.order_id}.{item}")
    step = Step(number=parcel.number, actor=actor, at=now)
    names = [package.package_id for package in parcel.packages]
    decision = lose(order, step, CARRIER_LOST, names) if lost else deliver(order, step, now, names)
    return decision and replace(decision, done=(*decision.done, parcel.item, parcel.late_item))
