"""
Review an order: confirm or reject it, hold its next steps, and resolve holds.

Called by   functions/intake
Returns     a decision with the new order, its event, and the tasks that open or end
Raises      NotAllowed when there is nothing to decide, NotFound for a hold that is not active, Held when another hold
            blocks the step, Invalid for lines that a hold cannot name
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from comanda.domain.errors import Invalid, NotAllowed, Problem
from comanda.domain.lifecycle.cancels.cancel import cancel_units
from comanda.domain.lifecycle.closing import end_if_no_unit_is_left
from comanda.domain.orders import holds, rule_holds
from comanda.domain.orders.decision import Decision, Event, EventType
from comanda.domain.orders.order import Hold, Order
from comanda.domain.orders.queues import Queue

SALES_REVIEW = "SALES_REVIEW"  # a hold type that `confirm` and `reject` end, whatever its queue


def hold(
    order: Order, kind: rule_holds.HoldType, reason: str, actor: str, now: datetime, lines: tuple[str, ...] = ()
) -> Decision:
    """Block the steps of a hold type for an order, or for the named lines when the type holds lines.

    Raises NotAllowed for an order that has ended, Invalid for lines that are missing, unknown or not to be named.
    """
    if order.settled:
        raise NotAllowed("the order has ended")
    _check_lines(order, kind, lines)
    lines = holds.with_sets(order, lines)
    made = rule_holds.new_hold(order, kind, reason, actor, now, lines)
    of_lines = {"lines": list(lines)} if lines else {}
    return Decision(
        order=holds.with_held_lines(replace(order, holds=(*order.holds, made))),
        event=Event(
            type=EventType.HELD, actor=actor, at=now, data={"hold": made.hold_id, "type": made.type, **of_lines}
        ),
        tasks=(holds.hold_task(order, made, kind.queue),) if kind.queue else (),
    )


def _check_lines(order: Order, kind: rule_holds.HoldType, lines: tuple[str, ...]) -> None:
    if kind.level == holds.LINE and not lines:
        raise Invalid(Problem(pointer="/lines", code="missing", message=f"{kind.id} holds lines: name them"))
    if kind.level != holds.LINE and lines:
        message = f"{kind.id} holds the whole order: no line is named"
        raise Invalid(Problem(pointer="/lines", code="not-taken", message=message))
    ids = {line.line_id for line in order.as_sent()}
    wrong = [
        Problem(pointer=f"/lines/{i}", code="duplicate", message=f"{line_id} stands twice")
        if line_id in lines[:i]
        else Problem(pointer=f"/lines/{i}", code="unknown-line", message=f"{line_id} is not a line of this order")
        for i, line_id in enumerate(lines)
        if line_id not in ids or line_id in lines[:i]
    ]
    if wrong:
        raise Invalid(*wrong)


def resolve(
    order: Order,
    hold_id: str,
    queue: str,
    resolution: str,
    actor: str,
    now: datetime,
    elsewhere: Collection[int] = (),
) -> Decision:
    """End a hold. `queue` is the queue of its task. Raises NotFound when the order has no active hold of this id.

    When a hold of type PAYMENT is resolved, the authorisations that have ended count as renewed. Raises NotAllowed for a hold of
    missing money while the customer has not paid a link: no other money would pay for what leaves. So it does when the order lacks
    the money of payments that pay another order by now, the indexes `elsewhere`.
    """
    resolved = holds.resolved(order, hold_id, actor, resolution, now)
    held = next(one for one in order.holds if one.hold_id == hold_id)
    if held.type == holds.PAYMENT:
        from comanda.domain.lifecycle.holds import authorisations

        resolved = authorisations.renewed(resolved, now)
        if held.by in holds.OF_MONEY and resolved.unpaid(now):
            raise NotAllowed("the customer has not paid: add a payment, send another link, or cancel")
        if any(not tender.checked or tender.disputed for tender in resolved.payments):
            from comanda.domain.lifecycle.holds import payment_checks

            resolved = payment_checks.accepted(resolved, elsewhere)
    return Decision(
        order=resolved,
        event=Event(
            type=EventType.HOLD_RESOLVED, actor=actor, at=now, data={"hold": hold_id, "resolution": resolution}
        ),
        done=((queue, hold_id),),
    )


def confirm(order: Order, queue: str, actor: str, now: datetime) -> Decision:
    """Confirm an order for sales: a draft becomes an order, and a review ends.

    Raises NotAllowed when there is nothing to confirm, Held when a hold other than the review blocks confirming.
    """
    done: list[tuple[str, str]] = []
    confirmed = order
    for held in reviews_of(order):
        confirmed = holds.resolved(confirmed, held.hold_id, actor, "confirmed", now)
        done.append((queue, held.hold_id))
    if order.draft:
        confirmed = replace(
            confirmed.with_lines(line.move("confirm", line.live) for line in order.lines if line.live), draft=False
        )
        done.append((Queue.DRAFTS, "draft"))
    if confirmed is order:
        raise NotAllowed("the order is neither a draft nor in review")
    confirmed.require_unheld("confirm")
    return Decision(
        order=confirmed,
        event=Event(type=EventType.CONFIRMED, actor=actor, at=now, data={"holds": [item for _, item in done]}),
        done=tuple(done),
    )


def reject(order: Order, queue: str, reason: str, actor: str, now: datetime) -> Decision:
    """Reject an order for sales: cancel every unit.

    Raises NotAllowed for an order that is neither a draft nor in review, Held when a hold other than the review blocks rejecting.
    """
    reviews = reviews_of(order)
    if not reviews and not order.draft:
        raise NotAllowed("the order is neither a draft nor in review")
    rejected = cancel_units(order, {line.line_id: line.live for line in order.lines if line.live}, "reject", now).order
    for held in reviews:
        rejected = holds.resolved(rejected, held.hold_id, actor, "rejected", now)
    rejected.require_unheld("reject")
    rejected, ended = end_if_no_unit_is_left(rejected, actor, now)
    return Decision(
        order=rejected,
        event=Event(type=EventType.REJECTED, actor=actor, at=now, data={"reason": reason}),
        done=(*((queue, held.hold_id) for held in reviews), *ended),
    )


def reviews_of(order: Order) -> tuple[Hold, ...]:
    """Return the active holds that `confirm` and `reject` end: those that wait in the queue of sales."""
    return tuple(
        held for held in order.holds if held.active and (held.type == SALES_REVIEW or held.queue == Queue.SALES_REVIEW)
    )
