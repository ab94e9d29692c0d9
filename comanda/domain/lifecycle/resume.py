"""
Resume work that waits in a queue by a person's answer: try again, ship instead, done, authorised. Or ask a person.

Called by   functions/intake (answers), functions/wait (questions), functions/route (`retry_backorders`)
Returns     a decision, or None when nothing waits
Raises      NotFound, NotAllowed, Held, Invalid: see `resume`
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from comanda.domain.errors import Invalid, NotAllowed, NotFound, Problem
from comanda.domain.lifecycle.holds.authorisations import renewed
from comanda.domain.lifecycle.node_work import kits
from comanda.domain.lifecycle.parcels import lost_units
from comanda.domain.lifecycle.parcels.lost_units import CLAIM, DONE, REFUND, RESEND
from comanda.domain.orders.decision import Decision, Event, EventType, Task
from comanda.domain.orders.line import Line
from comanda.domain.orders.methods import PICKUP, SHIP
from comanda.domain.orders.order import Order, Question
from comanda.domain.orders.queues import (
    ANSWERS_OF_STOCK,
    LATE,
    OF_NO_ORDER,
    REFUSED,
    Queue,
    authorized_until,
    backordered,
    waits_for_release,
)
from comanda.domain.orders.status import Status

if TYPE_CHECKING:  # most rooms that resume work need no matrix
    from comanda.domain.lifecycle.modifications.modification_matrix import Matrix

RETRY, SHIP_INSTEAD, AUTHORIZED = "retry", "ship", "authorized"
PAID, WRITE_OFF = "paid", "write-off"  # about a movement of money that failed
NOTED, DELIVER, LOSE = "noted", "deliver", "lose"  # about a parcel
# Answers to chosen items whose orders also have routes of their own for them.
CONFIRM, REJECT, RESOLVE = "confirm", "reject", "resolve"

_MORE_TIME = timedelta(days=1)
# Queue -> the answers that it accepts.
ANSWERS: dict[str, tuple[str, ...]] = {
    Queue.BACKORDER: (RETRY,),
    Queue.ROUTING: (RETRY,),
    Queue.CUSTOMER_CARE: (RETRY, SHIP_INSTEAD),
    Queue.EXCEPTIONS: (RETRY,),
    Queue.LATE_WORK: (DONE,),
    Queue.REFUSED_RECALLS: (DONE,),
    Queue.PUT_BACK: (DONE,),
    Queue.LOST: (RESEND, REFUND, CLAIM, DONE),
    Queue.REFUNDS: (DONE,),
    Queue.PAY_OUTS: (DONE, PAID),
    Queue.DELIVERY_EXCEPTIONS: (NOTED, DELIVER, LOSE),
    Queue.MAILS: (DONE,),
    Queue.FISCAL: (DONE,),
    Queue.PAYMENTS: (AUTHORIZED, RETRY, PAID, WRITE_OFF, DONE),
}
# The answers of queues whose items belong to no order.
ANSWERS_OF_NO_ORDER: dict[str, tuple[str, ...]] = {
    **ANSWERS_OF_STOCK,
    Queue.PROVIDER_NOTICES: (DONE,),
    Queue.GIFT_CARDS: ("approve", "refuse"),
    Queue.CREDIT_ACCOUNTS: ("approve", "refuse"),
    Queue.RECONCILE: (DONE,),
    Queue.SHIPPING_COSTS: (DONE,),
    Queue.TAX_RECORDS: (RETRY, DONE),
}


def answers_to_chosen(queue: str) -> tuple[str, ...]:
    """Return the answers that chosen items of a queue accept. A hold may wait in any queue of orders."""
    if queue in OF_NO_ORDER:
        return ANSWERS_OF_NO_ORDER[queue]
    of_sales = (CONFIRM, REJECT) if queue in (Queue.SALES_REVIEW, Queue.DRAFTS) else ()
    own = (answer for answer in ANSWERS.get(queue, ()) if answer != CLAIM)  # each claim has a reference of its own
    return (*of_sales, *own, RESOLVE)


def resume(
    order: Order,
    queue: str,
    item: str,
    answer: str,
    actor: str,
    now: datetime,
    detail: Mapping[str, str] = MappingProxyType({}),
    matrix: "Matrix | None" = None,
) -> Decision:
    """Apply a person's answer to an item of a queue, so that its units or its machine go on.

    `detail` are facts of the answer for the event: the reference of a claim, the id of the order that replaces lost units, the
    reason of a write-off.

    An answer that changes the order is denied by what denies such a change: `matrix` is the retailer's, None: the built-in one.

    Raises NotFound when nothing of this order waits there, Invalid for an answer that the queue does not accept, NotAllowed for
    a queue that has its own routes; NotAllowed and Held for a change that is denied.
    """
    _require_answer(queue, answer)
    event = Event(type=EventType.RESUMED, actor=actor, at=now, data={"queue": queue, "item": item, "answer": answer})
    match queue:
        case Queue.EXCEPTIONS:
            if not any(q.item_id == item for q in order.questions):
                raise NotFound("question", item)
            left = tuple(q for q in order.questions if q.item_id != item)
            return Decision(order=replace(order, questions=left), event=event, done=((queue, item),))
        case Queue.LATE_WORK | Queue.REFUSED_RECALLS:
            settled = _with_more_time if queue == Queue.LATE_WORK else _without_refused_recall
            return Decision(order=settled(order, item, now), event=event, done=((queue, item),))
        case Queue.PUT_BACK | Queue.MAILS | Queue.REFUNDS | Queue.FISCAL:
            return Decision(order=order, event=event, done=((queue, item),))
        case Queue.LOST:
            return lost_units.decided(order, item, answer, actor, now, detail)
        case Queue.DELIVERY_EXCEPTIONS:
            return _about_parcel(order, item, answer, event)
        case Queue.PAYMENTS:
            return _about_payments(order, item, answer, replace(event, data={**event.data, **detail}))
        case Queue.PAY_OUTS:
            from comanda.domain.billing import disputes, paying_out  # few orders are paid at the hand-over

            return disputes.with_new_debt(order, paying_out.answered(order, item, answer, event))
        case Queue.BACKORDER:
            return Decision(order=_with_stock_received(order), event=event)
    return _routable_again(order, queue, answer, event, matrix)


def _about_payments(order: Order, item: str, answer: str, event: Event) -> Decision:
    """Decide the answer about a movement of money that failed, or about all authorisations of the order that have ended."""
    if item != Queue.PAYMENTS:
        from comanda.domain.billing import (
            collecting,
            disputes,
            failed_money,
        )  # few rooms that answer queues meet money that failed

        if disputes.is_of_dispute(item):
            return disputes.answered(order, item, answer, event)
        if collecting.is_of_more(item):
            after = collecting.with_excess_answered(order, item)
            if answer != DONE:
                message = f"this item of {Queue.PAYMENTS} takes: {DONE}"
                raise Invalid(Problem(pointer="/answer", code="unknown-answer", message=message))
            return Decision(order=after, event=event, done=((Queue.PAYMENTS, item),))
        failed = failed_money.failed_movement(order, item, answer)
        if failed.purpose == failed_money.CAPTURE and answer == failed_money.RETRY:
            from comanda.domain.lifecycle.holds import renewals

            if (again := renewals.captured_again(order, failed, event)) is not None:
                return again
        if failed.purpose != failed_money.AUTHORIZE:
            return disputes.with_questions(order, failed_money.answered(order, item, answer, event))
        if order.payments[failed.tender].by_link:
            from comanda.domain.lifecycle import payment_links

            return payment_links.answered(order, item, answer, event)
        from comanda.domain.lifecycle.holds import renewals

        return renewals.answered(order, item, answer, event)
    if answer != AUTHORIZED:
        message = f"this item of {Queue.PAYMENTS} takes: {AUTHORIZED}"
        raise Invalid(Problem(pointer="/answer", code="unknown-answer", message=message))
    return Decision(order=_with_authorisations_renewed(order), event=event)


def _require_answer(queue: str, answer: str) -> None:
    if queue not in ANSWERS:
        through = "provide" if queue == Queue.TO_PROVIDE else "confirm, reject and holds"
        raise NotAllowed(f"queue {queue} is worked through {through}")
    if answer not in ANSWERS[queue]:
        allowed = ", ".join(ANSWERS[queue])
        raise Invalid(Problem(pointer="/answer", code="unknown-answer", message=f"{queue} takes: {allowed}"))


def _about_parcel(order: Order, item: str, answer: str, event: Event) -> Decision:
    """End the task about a parcel. With `deliver` and `lose` its units are moved, too."""
    from comanda.domain.lifecycle.parcels import track  # few rooms that answer queues meet a parcel

    known = None if answer == NOTED else track.answered(order, item, event.actor, event.at, lost=answer == LOSE)
    decision = known or Decision(order=order, event=event)
    return replace(decision, done=tuple(dict.fromkeys((*decision.done, (Queue.DELIVERY_EXCEPTIONS, item)))))


def _with_authorisations_renewed(order: Order) -> Order:
    """Return the order with the authorisations renewed that end before a release. Raises NotFound when there are none."""
    rows = [a.due for line in order.lines for a in line.allocations if a.due and waits_for_release(a)]
    days = [due for due in rows if authorized_until(order, due) is not None]
    if not days:
        raise NotFound("payment of", order.order_id)
    return renewed(order, datetime.fromisoformat(f"{max(days)}T00:00:00Z"))


def retry_backorders(order: Order, cause: str, now: datetime) -> Decision | None:
    """Make backordered units routable again. Returns None when there are none."""
    if not any(backordered(line) for line in order.lines):
        return None
    event = Event(
        type=EventType.RESUMED,
        actor=cause,
        at=now,
        data={"queue": Queue.BACKORDER, "item": Queue.BACKORDER, "answer": RETRY},
    )
    return Decision(order=_with_stock_received(order), event=event)


def _with_stock_received(order: Order) -> Order:
    waiting = [line for line in order.lines if backordered(line)]
    if not waiting:
        raise NotFound("backordered line of", order.order_id)
    return order.with_lines(line.move("receipt", backordered(line)) for line in waiting)


def _with_more_time(order: Order, item: str, now: datetime) -> Order:
    """Give late work one more day, because a person has dealt with it. After that day a person is called again."""
    number = item.removeprefix(LATE)
    if not number.isdecimal():
        raise NotFound("late work", item)
    fulfillment = order.fulfillment(int(number))
    return order.with_fulfillment(replace(fulfillment, late=False, ship_by=max(fulfillment.ship_by, now + _MORE_TIME)))


def _without_refused_recall(order: Order, item: str, _now: datetime) -> Order:
    """Note that a person has dealt with a refused recall. Raises NotFound when there is none."""
    number = item.removeprefix(REFUSED)
    fulfillment = order.fulfillment(int(number)) if number.isdecimal() else None
    if fulfillment is None or not fulfillment.recall_refused:
        raise NotFound("refused recall", item)
    return order.with_fulfillment(replace(fulfillment, recall_refused=False))


def _routable_again(order: Order, queue: str, answer: str, event: Event, matrix: "Matrix | None") -> Decision:
    waiting = [line.line_id for line in order.lines if line.waits_in == queue]
    if not waiting:
        raise NotFound(f"line in {queue} of", order.order_id)
    if answer == SHIP_INSTEAD and not order.destination.address:
        raise NotAllowed("the customer gave no address to ship to")
    if answer == SHIP_INSTEAD:
        from comanda.domain.lifecycle.moving import shipped_instead  # few rooms that resume work meet this answer

        shipped_instead.require_allowed(order, [order.line(line_id) for line_id in waiting], matrix)
    torn = kits.lines_without_sets(order)
    decision = _without_scheduled_pickups(order, waiting, event) if answer == SHIP_INSTEAD else None
    decision = decision or Decision(order=order, event=event)
    again = decision.order.with_lines(_clean_start(decision.order.line(one), answer, torn) for one in waiting)
    if answer == SHIP_INSTEAD:
        from comanda.domain.lifecycle.changes import changed_taxes

        again = changed_taxes.estimated(order, again)
    return replace(decision, order=again)


def _without_scheduled_pickups(order: Order, line_ids: Sequence[str], event: Event) -> Decision | None:
    """Take back the units of these lines that are to be released at a counter later: they would be released as shipped.

    Returns None when there are none. Work that a counter has stays there.
    """
    lines = [order.line(line_id) for line_id in line_ids]
    later = tuple(
        (line.line_id, a)
        for line in lines
        for a in line.allocations
        if line.method == PICKUP and a.status is Status.SCHEDULED and a.node is not None
    )
    if not later:
        return None
    from comanda.domain.lifecycle.moving.take_back import take_back  # few pickups are wanted later

    back = take_back(order, later, "", event.at)
    return Decision(order=back.order, event=replace(event, data={**event.data, **back.data}), stock=back.stock)


def _clean_start(line: Line, answer: str, torn: Collection[str]) -> Line:
    """Make a clean start: no node is excluded and no attempt is counted. A line whose units make no set leaves its kit."""
    alone = line.because.startswith(kits.INCOMPLETE) and line.line_id in torn
    free = replace(line, waits_in=None, because="", excluded=(), attempts=0, chosen="", chosen_by="")
    free = replace(free, group=None) if alone else free
    return replace(free, method=SHIP, node_id=None) if answer == SHIP_INSTEAD else free


def ask_person(order: Order, question: Question) -> Decision | None:
    """Ask a person a question of a state machine. Returns None when the question is open already."""
    if any(q.item_id == question.item_id for q in order.questions):
        return None
    others = tuple(q for q in order.questions if q.wait != question.wait)
    return Decision(
        order=replace(order, questions=(*others, question)),
        event=Event(
            type=EventType.QUESTION_ASKED,
            actor="machine",
            at=question.at,
            data={"wait": question.wait, "reason": question.reason},
        ),
        tasks=(
            Task(
                queue=Queue.EXCEPTIONS,
                item=question.item_id,
                due=question.at,
                reason=question.reason,
                priority=order.priority,
                data=(("wait", question.wait),),
            ),
        ),
        done=tuple((Queue.EXCEPTIONS, q.item_id) for q in order.questions if q.wait == question.wait),
    )
