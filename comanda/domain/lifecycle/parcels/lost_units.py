"""
Keep what a person decides about units that the carrier lost, and notice when such units are found.

Called by   comanda.domain.lifecycle.parcels.deliver, comanda.domain.lifecycle.parcels.resend, comanda.domain.lifecycle.resume;
            functions/intake/queues/lost_items.py
Returns     losses, tasks, decisions
Raises      NotFound, NotAllowed: see `decided`
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from comanda.domain import ids
from comanda.domain.errors import NotAllowed, NotFound
from comanda.domain.orders.decision import Decision, Event, EventType, Task
from comanda.domain.orders.fulfillment import Fulfillment, Loss
from comanda.domain.orders.order import Order
from comanda.domain.orders.queues import Queue

REPLACEMENT = "replacement"  # in the detail of an answer: the id of the order that sends the units again
RESEND, REFUND, CLAIM, DONE = "resend", "refund", "claim", "done"
FOUND = "found-"  # before the item of a loss: the item of the task that its units were found after its answer


def found_units(
    losses: Sequence[Loss], units: Mapping[str, int], packages: Sequence[str], at: datetime
) -> tuple[tuple[Loss, ...], dict[str, int], tuple[Loss, ...]]:
    """Share units (line id: units) that were found over the losses that had them.

    Return the losses that are left, the units that nobody has replaced or refunded, and the answered losses of which it is not
    known yet that units were found. The losses of these packages come first, then those without an answer.
    """
    wanted, free = dict(units), dict[str, int]()
    after, answered = {loss.item: loss for loss in losses}, list[Loss]()
    for loss in sorted(losses, key=lambda x: (set(packages).isdisjoint(x.packages), bool(x.answer))):
        left = dict(loss.units)
        for line_id, lost in loss.units:
            part = min(lost, wanted.get(line_id, 0))
            if part:
                wanted[line_id] -= part
                left[line_id] -= part
                if not loss.answer:
                    free[line_id] = free.get(line_id, 0) + part
        if left == dict(loss.units):
            continue
        if not loss.answer:
            after[loss.item] = replace(loss, units=tuple((line_id, n) for line_id, n in left.items() if n))
        elif loss.found_at is None:
            after[loss.item] = replace(loss, found_at=at)
            answered.append(loss)
    return tuple(loss for loss in after.values() if loss.units), free, tuple(answered)


def lost_task(order: Order, fulfillment: Fulfillment, loss: Loss) -> Task:
    """Return the task to decide about lost units."""
    return _task(order, fulfillment, loss, loss.item, loss.reason, loss.at)


def found_task(order: Order, fulfillment: Fulfillment, loss: Loss, now: datetime) -> Task:
    """Return the task about units that were found after a person had decided: the customer may have them twice."""
    return _task(order, fulfillment, loss, f"{FOUND}{loss.item}", f"found-after-{loss.answer}", now)


def _task(order: Order, fulfillment: Fulfillment, loss: Loss, item: str, reason: str, due: datetime) -> Task:
    return Task(
        queue=Queue.LOST,
        item=item,
        due=due,
        reason=reason,
        priority=order.priority,
        data=(
            ("node", fulfillment.node),
            ("fulfillment_id", ids.fulfillment(order.order_id, fulfillment.number)),
            ("lines", ",".join(line_id for line_id, _ in loss.units)),
            ("units", str(sum(n for _, n in loss.units))),
        ),
    )


def decided(order: Order, item: str, answer: str, actor: str, now: datetime, detail: Mapping[str, str]) -> Decision:
    """Apply a person's answer to an item of the queue `lost`.

    `resend` and `refund` end the item; a refund waits in the queue `refunds` until it is paid. `claim` notes a claim against the
    carrier, and the item stays. `done` ends an item about units that were found. `detail` are facts for the event. Raises
    NotFound without such an item, NotAllowed for an answer that does not fit it.
    """
    event = Event(
        type=EventType.RESUMED,
        actor=actor,
        at=now,
        data={"queue": Queue.LOST, "item": item, "answer": answer, **detail},
    )
    fulfillment, loss = find_loss(order, item.removeprefix(FOUND))
    if item.startswith(FOUND) != (answer == DONE):
        allowed = DONE if item.startswith(FOUND) else f"{RESEND}, {REFUND} or {CLAIM}"
        raise NotAllowed(f"this item takes {allowed}", pointer="/answer")
    if answer == CLAIM:
        return Decision(order=order, event=event, tasks=(lost_task(order, fulfillment, loss),))
    if answer == DONE:
        return Decision(order=order, event=event, done=((Queue.LOST, item),))
    if loss.answer:
        raise NotFound(f"item of queue {Queue.LOST}", f"{order.order_id}.{item}")
    given = replace(loss, answer=answer, replacement=detail.get(REPLACEMENT, ""))
    losses = tuple(given if x.item == item else x for x in fulfillment.losses)
    return Decision(
        order=order.with_fulfillment(replace(fulfillment, losses=losses)),
        event=event,
        tasks=(_refund_task(order, fulfillment, loss, now),) if answer == REFUND else (),
        done=((Queue.LOST, item),),
    )


def find_loss(order: Order, item: str) -> tuple[Fulfillment, Loss]:
    """Return a loss by the name of its task, with its fulfillment. Raises NotFound."""
    for fulfillment in order.fulfillments:
        for loss in fulfillment.losses:
            if loss.item == item:
                return fulfillment, loss
    raise NotFound(f"item of queue {Queue.LOST}", f"{order.order_id}.{item}")


def _refund_task(order: Order, fulfillment: Fulfillment, loss: Loss, now: datetime) -> Task:
    return replace(
        _task(order, fulfillment, loss, f"refund-{loss.item}", "refund-due", now),
        queue=Queue.REFUNDS,
    )
