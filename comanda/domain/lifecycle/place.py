"""Place an order, and what sales says to it: confirm, reject, hold, resolve."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from comanda.domain.billing import invoices
from comanda.domain.errors import Invalid, NotAllowed, Problem
from comanda.domain.lifecycle.cancel import cancel_units, laid_down
from comanda.domain.orders import holds
from comanda.domain.orders.decision import Decision, Event, EventType, Task
from comanda.domain.orders.line import Allocation
from comanda.domain.orders.order import Hold, Order, Totals
from comanda.domain.orders.queues import Queue
from comanda.domain.orders.status import Status

REVIEW = "SALES_REVIEW"
PAYMENT = "PAYMENT"  # resolved, the authorisations that have ended count as renewed


def check_totals(order: Order) -> None:
    """Raises Invalid naming each total that does not add up, and the difference, to the cent."""
    goods = sum(line.quantity * line.unit_price for line in order.lines)
    discounts = sum(line.discount for line in order.lines) + sum(d.amount for d in order.discounts)
    charges = sum(c.amount for c in order.charges)
    tax = sum(line.tax for line in order.lines) + sum(c.tax for c in order.charges)
    total = goods - discounts + charges + (0 if order.prices_include_tax else tax)
    computed = Totals(goods=goods, discounts=discounts, charges=charges, tax=tax, total=total)
    problems = [
        Problem(
            pointer=f"/totals/{name}",
            code="does-not-add-up",
            message=f"is {given}, the order adds up to {right}: {given - right:+d} minor units off",
        )
        for name in Totals.__slots__
        if (given := getattr(order.totals, name)) != (right := getattr(computed, name))
    ]
    for i, line in enumerate(order.lines):
        if line.discount > line.quantity * line.unit_price:
            problems.append(
                Problem(pointer=f"/lines/{i}/discounts", code="too-large", message="discounts exceed the line's goods")
            )
    if sum(d.amount for d in order.discounts) > goods - sum(line.discount for line in order.lines) + charges:
        problems.append(
            Problem(pointer="/discounts", code="too-large", message="discounts exceed the order's goods and charges")
        )
    paid = sum(tender.authorized for tender in order.payments)
    if total < 0 or (total and paid < total and not problems):
        problems.append(
            Problem(
                pointer="/payments",
                code="does-not-cover",
                message=f"authorised {paid} of a total of {total} minor units",
            )
        )
    if problems:
        raise Invalid(*problems)


def place(
    order: Order,
    kinds: Iterable[holds.HoldType],
    actor: str,
    now: datetime,
    *,
    discount_after_cancel: str = invoices.SHARE,
) -> Decision:
    """Place a new order: spread its header over its lines, and place the holds that the rules ask for.

    `discount_after_cancel`: whether each unit carries its share of the order's discount (SHARE), or it stays whole for what
    is left (KEEP). Raises Invalid when its totals do not add up.
    """
    check_totals(order)
    share = bool(order.discounts) and discount_after_cancel == invoices.SHARE
    status = Status.DRAFT if order.draft else Status.CREATED
    order = order.with_lines(
        replace(line, allocations=(Allocation(quantity=line.quantity, status=status),), **part)
        for line, part in zip(order.lines, invoices.header_parts(order, share_discount=share), strict=True)
    )
    kinds = tuple(kind for kind in kinds if holds.applies(kind, order))
    order = holds.placed(order, kinds, "rules", now)
    placed = order.holds
    tasks: tuple[Task, ...] = ()
    if any(tender.expires_at is not None for tender in order.payments):
        from comanda.domain.lifecycle import authorisations

        order, tasks = authorisations.held(order, now)
    return Decision(
        order=order,
        event=Event(
            type=EventType.PLACED,
            actor=actor,
            at=now,
            data={
                "channel": order.channel,
                "lines": len(order.lines),
                "units": sum(line.quantity for line in order.lines),
                "total": order.totals.total,
                "currency": order.currency,
                "holds": [hold.hold_id for hold in order.holds],
            },
        ),
        tasks=tuple(_task(hold, kind.queue, order) for hold, kind in zip(placed, kinds, strict=True) if kind.queue)
        + tasks
        + ((Task(queue=Queue.DRAFTS, item="draft", due=now, reason="draft"),) if order.draft else ()),
    )


def hold(
    order: Order, kind: holds.HoldType, reason: str, actor: str, now: datetime, lines: tuple[str, ...] = ()
) -> Decision:
    """Stop the named steps of an order, or of these lines of it where the type holds lines.

    Raises NotAllowed on an order that has ended, Invalid for lines that are missing, unknown or not to be named.
    """
    if order.settled:
        raise NotAllowed("the order has ended")
    _check_lines(order, kind, lines)
    made = holds.of_type(order, kind, reason, actor, now, lines)
    of_lines = {"lines": list(lines)} if lines else {}
    return Decision(
        order=holds.in_force(replace(order, holds=(*order.holds, made))),
        event=Event(
            type=EventType.HELD, actor=actor, at=now, data={"hold": made.hold_id, "type": made.type, **of_lines}
        ),
        tasks=(_task(made, kind.queue, order),) if kind.queue else (),
    )


def _check_lines(order: Order, kind: holds.HoldType, lines: tuple[str, ...]) -> None:
    if kind.level == holds.LINE and not lines:
        raise Invalid(Problem(pointer="/lines", code="missing", message=f"{kind.id} holds lines: name them"))
    if kind.level != holds.LINE and lines:
        message = f"{kind.id} holds the whole order: no line is named"
        raise Invalid(Problem(pointer="/lines", code="not-taken", message=message))
    known = {line.line_id for line in order.lines}
    wrong = [
        Problem(pointer=f"/lines/{i}", code="duplicate", message=f"{line_id} stands twice")
        if line_id in lines[:i]
        else Problem(pointer=f"/lines/{i}", code="unknown-line", message=f"{line_id} is not a line of this order")
        for i, line_id in enumerate(lines)
        if line_id not in known or line_id in lines[:i]
    ]
    if wrong:
        raise Invalid(*wrong)


def resolve(order: Order, hold_id: str, queue: str, resolution: str, actor: str, now: datetime) -> Decision:
    """Take a hold away; `queue` is where its task is. Raises NotFound when it is not there or no longer active."""
    resolved = holds.resolved(order, hold_id, actor, resolution, now)
    if any(held.hold_id == hold_id and held.type == PAYMENT for held in order.holds):
        from comanda.domain.lifecycle import authorisations

        resolved = authorisations.renewed(resolved, now)
    return Decision(
        order=resolved,
        event=Event(
            type=EventType.HOLD_RESOLVED, actor=actor, at=now, data={"hold": hold_id, "resolution": resolution}
        ),
        done=((queue, hold_id),),
    )


def confirm(order: Order, queue: str, actor: str, now: datetime) -> Decision:
    """Sales says yes: a draft becomes an order, a review ends.

    Raises NotAllowed when there is nothing to confirm, Held when a hold other than the review blocks it.
    """
    done: list[tuple[str, str]] = []
    confirmed = order
    for held in _reviews(order):
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
    """Sales says no: every unit is cancelled. Raises NotAllowed for an order that is neither a draft nor in review."""
    reviews = _reviews(order)
    if not reviews and not order.draft:
        raise NotAllowed("the order is neither a draft nor in review")
    rejected = cancel_units(order, {line.line_id: line.live for line in order.lines if line.live}, "reject", now).order
    for held in reviews:
        rejected = holds.resolved(rejected, held.hold_id, actor, "rejected", now)
    rejected, idle = laid_down(rejected, actor, now)
    return Decision(
        order=rejected,
        event=Event(type=EventType.REJECTED, actor=actor, at=now, data={"reason": reason}),
        done=(*((queue, held.hold_id) for held in reviews), *idle),
    )


def _reviews(order: Order) -> tuple[Hold, ...]:
    return tuple(held for held in order.holds if held.active and held.type == REVIEW)


def _task(held: Hold, queue: str, order: Order) -> Task:
    return Task(
        queue=queue,
        item=held.hold_id,
        due=held.expires or held.at,
        reason=held.reason,
        priority=order.priority,
        data=(("hold", held.hold_id), ("type", held.type)),
    )
