"""
Take a person's answer to items of a queue: to one item, or the same answer to up to a hundred chosen ones.

Called by   functions/intake/handler.py: POST /v1/queues/{queue}/items/{item_id}/resolve and /v1/queues/{queue}/resolve
Returns     the order or the supply that the answer moved on; for chosen items a row for each
Raises      NotFound for a queue or an item that does not exist; Invalid, NotAllowed for an answer that does not fit; Forbidden;
            Claimed while another caller has the item
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from comanda.aws.api import http, idempotency, problems
from comanda.aws.api.callers import Caller, caller
from comanda.aws.api.http import Answer
from comanda.aws.api.idempotency import IdempotentRequest
from comanda.aws.api.resolver import Response
from comanda.aws.directory.modification_matrices import modification_matrix
from comanda.aws.dynamodb import transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.orders import claims, orders
from comanda.aws.orders.claims import Answered
from comanda.aws.orders.orders import Saving
from comanda.aws.reservations import of_order
from comanda.aws.runtime import clock, deadline
from comanda.aws.runtime.settings import settings
from comanda.domain.errors import Busy, Forbidden, Invalid, NotAllowed, Problem, Rejected
from comanda.domain.lifecycle import resume
from comanda.domain.lifecycle.resume import CONFIRM, REJECT, RESOLVE
from comanda.domain.orders import queues
from comanda.domain.orders.claims import require_free
from comanda.domain.orders.decision import Decision, changed_by_decision
from comanda.domain.orders.order import Order
from functions.intake import order_steps
from functions.intake.orders import answer
from functions.intake.queues import answer_rights, lost_items, queue_contract, queue_items

DONE, REFUSED, UNFINISHED = "done", "refused", "unfinished"
# The scope of an answer, where it is not that of the route.
_SCOPES = {CONFIRM: "orders/confirm", REJECT: "orders/confirm", RESOLVE: "orders/hold"}
_TEXTS = {REJECT: "reason", RESOLVE: "resolution"}  # answers that say why, and the field that says it
_KEEPS_REASON = (queues.Queue.PAYMENTS, resume.WRITE_OFF)  # may say why; that of a lost dispute must


def resolve_item(event: dict[str, Any], queue: str, item_id: str) -> Response[str]:
    """Take the answer to an item of a queue, and show the order that the answer moved on."""
    who, now = caller(event), clock.now()
    queue_items.require_queue(who, queue, "orders/write")
    if queue in queues.OF_STOCK:
        return _resolve_item_of_stock(event, who, queue, item_id, now)
    if queue in queues.OF_NO_ORDER:
        return _resolve_item_of_no_order(event, who, queue, item_id, now)
    wanted = queue_items.parse(queue, item_id)
    answered = Answered(items=(wanted.item,), by=who.id, now=now)
    with idempotency.begin(
        event, who, settings.orders_table, now, require_own=lambda: queue_items.load(wanted, who)
    ) as request:
        given = http.read(event, queue_contract.AnswerIn)
        if queue != queues.Queue.LOST:
            lost_items.check_reference(given.answer, given.reference)
        _check_reason(queue, given)

        def decide(order: Order) -> Saving:
            require_free(claims.claim_of(queue_items.load(wanted, who)), who.id, now, names=who.office)
            decision, also = _answered(order, wanted, given, who, now)
            shown = answer(decision.saved) if who.office else _done(item_id, wanted, decision.saved)
            return Saving(decision=decision, first=[request.record(shown)], also=also, answered=answered)

        order_steps.review_pending(orders.decide(wanted.order_id, decide).order, now)
    return request.response()


def _check_reason(queue: str, given: queue_contract.AnswerIn) -> None:
    """Raise Invalid for a reason beside an answer that keeps none."""
    if given.reason is not None and (queue, given.answer) != _KEEPS_REASON:
        raise Invalid(Problem(pointer="/reason", code="not-taken", message=f"{given.answer} takes no reason"))


def _answered(
    order: Order, wanted: queue_items.ItemId, given: queue_contract.AnswerIn, who: Caller, now: datetime
) -> tuple[Decision, Sequence[Write]]:
    """Return what an answer decides about the order, and the writes of the order that sends its units again."""
    answer_rights.require(who, wanted.queue, wanted.name, given.answer)
    if wanted.queue == queues.Queue.LOST and given.answer in resume.ANSWERS[wanted.queue]:
        decision, also = lost_items.decide(order, wanted.name, given.answer, given.reference, who, now)
    else:
        may, detail = modification_matrix(), {"reason": given.reason} if given.reason else {}
        decision = resume.resume(order, wanted.queue, wanted.name, given.answer, who.id, now, detail, may)
        also = ()
    # What a node answers about its own work is a step of it: no change of the order is refused because of it.
    return decision if wanted.queue in queues.OF_NODES else changed_by_decision(decision), also


def _done(item_id: str, wanted: queue_items.ItemId, order: Order) -> Answer:
    """Return the answer for a node's own caller, which does not see the order."""
    body = {"item_id": item_id, "queue": wanted.queue, "order_id": wanted.order_id, "status": DONE}
    return Answer(status=200, body=body, headers=http.order_headers(order))


def _resolve_item_of_stock(
    event: dict[str, Any], who: Caller, queue: str, item_id: str, now: datetime
) -> Response[str]:
    from comanda.aws.stock_updates import transfers

    with idempotency.begin(event, who, settings.stock_table, now) as request:
        given = http.read(event, queue_contract.AnswerIn).answer
        if request.replay() is not None:
            return request.response()
        supply_id, line, verdict = transfers.resolve(request.key["pk"], queue, item_id, given, who.id)
        body = {**transfers.summary(supply_id), "rows": [{"line": line, "status": verdict.status}]}
        shown = Answer(status=200, body=body, headers={"ETag": f'"v{body["version"]}"'})
        transaction.commit([request.record(shown)])
    return request.response()


def _resolve_item_of_no_order(
    event: dict[str, Any], who: Caller, queue: str, item_id: str, now: datetime
) -> Response[str]:
    with idempotency.begin(event, who, settings.orders_table, now) as request:
        given = http.read(event, queue_contract.AnswerIn)
        allowed = resume.answers_to_chosen(queue)
        if given.answer not in allowed:
            message = f"{queue} takes: {', '.join(allowed)}"
            raise Invalid(Problem(pointer="/answer", code="unknown-answer", message=message))
        if request.replay() is None:
            body = {"item_id": item_id, "queue": queue, "order_id": None, "status": DONE}
            _end_item(request, who, queue, item_id, given.answer, Answer(status=200, body=body), now)
    return request.response()


def _end_item(
    request: IdempotentRequest, who: Caller, queue: str, item_id: str, given: str, done: Answer, now: datetime
) -> None:
    """Answer an item that belongs to no order. The code is imported here, because few requests need it."""
    if queue == queues.Queue.GIFT_CARDS:
        from functions.intake.queues import gift_card_items

        gift_card_items.answer(request, item_id, given, who, now, done)
        return
    if queue == queues.Queue.CREDIT_ACCOUNTS:
        from functions.intake.queues import credit_account_items

        credit_account_items.answer(request, item_id, given, who, now, done)
        return
    if queue == queues.Queue.RECONCILE:
        from comanda.aws.books import settlement_items

        transaction.commit([request.record(done), *settlement_items.end(item_id, now)])
        return
    if queue == queues.Queue.TAX_RECORDS:
        from functions.intake.queues import tax_record_items

        tax_record_items.answer(request, item_id, given, done)
        return
    if queue == queues.Queue.SHIPPING_COSTS:
        from comanda.aws.orders import billed_parcels

        transaction.commit([request.record(done), billed_parcels.end(item_id)])
        return
    from comanda.aws.orders import notice_items

    transaction.commit([request.record(done), notice_items.end(item_id)])


def resolve_items(event: dict[str, Any], queue: str) -> Response[str]:
    """Give the chosen items one answer, each in a transaction of its own, and say what became of each.

    Rows that the time does not reach are unfinished. The same request with the same key answers those, and no row twice.
    """
    who, now = caller(event), clock.now()
    queue_items.require_queue(who, queue, "orders/write", "orders/confirm", "orders/hold")
    table = settings.stock_table if queue in queues.OF_STOCK else settings.orders_table
    with idempotency.begin(event, who, table, now) as request:
        given = http.read(event, queue_contract.ChosenItemsIn)
        _check(queue, given, who)
        if request.replay() is None:
            _note_begun(request)
            rows = [_row(event, request, who, queue, item_id, given, now) for item_id in given.items]
            request.answer = Answer(status=200, body={"rows": rows})
            if not any(row["status"] == UNFINISHED for row in rows):
                transaction.commit([request.record(request.answer)])
    return request.response()


def _note_begun(request: IdempotentRequest) -> None:
    """Note the request before its first row, so that its key is not taken by another one before its last row."""
    begun = request.part("begun")
    with begun:
        transaction.commit([begun.record(Answer(status=200, body={}))])


def _check(queue: str, given: queue_contract.ChosenItemsIn, who: Caller) -> None:
    """Raise Invalid for an answer that the queue does not take, for a text that is missing or not taken, and for an item
    that stands twice; Forbidden without the scope of the answer."""
    wrong = [
        Problem(pointer=f"/items/{i}", code="duplicate", message=f"{item_id} stands twice")
        for i, item_id in enumerate(given.items)
        if item_id in given.items[:i]
    ]
    allowed = resume.answers_to_chosen(queue)
    if given.answer not in allowed:
        message = f"{queue} takes: {', '.join(allowed)}"
        wrong.append(Problem(pointer="/answer", code="unknown-answer", message=message))
    for name in ("reason", "resolution"):
        wanted, sent = _TEXTS.get(given.answer) == name, getattr(given, name) is not None
        if wanted and not sent:
            wrong.append(Problem(pointer=f"/{name}", code="missing", message=f"{given.answer} needs a {name}"))
        elif sent and not wanted and (name, queue, given.answer) != ("reason", *_KEEPS_REASON):
            wrong.append(Problem(pointer=f"/{name}", code="not-taken", message=f"{given.answer} takes no {name}"))
    if wrong:
        raise Invalid(*wrong)
    scopes = [_SCOPES.get(given.answer, "orders/write")]
    if queue in queues.OF_NODES and given.answer not in _SCOPES:
        scopes.append("fulfillments/work")
    if who.scopes.isdisjoint(scopes):
        raise Forbidden(f"the answer {given.answer} needs the scope {' or '.join(scopes)}")


def _row(
    event: dict[str, Any],
    request: IdempotentRequest,
    who: Caller,
    queue: str,
    item_id: str,
    given: queue_contract.ChosenItemsIn,
    now: datetime,
) -> dict[str, Any]:
    """Answer one of the chosen items, and return its row."""

    def require_own() -> None:
        if queue not in queues.OF_NO_ORDER:
            queue_items.load(queue_items.parse(queue, item_id), who)

    part = request.part(item_id, require_own)
    done = Answer(status=200, body={"item_id": item_id, "status": DONE, "problem": None})
    try:
        with part:
            deadline.check()
            if queue in queues.OF_STOCK:
                _answer_of_stock(part, who, queue, item_id, given.answer, done)
            elif queue in queues.OF_NO_ORDER:
                _end_item(part, who, queue, item_id, given.answer, done, now)
            else:
                _answer_of_order(part, who, queue_items.parse(queue, item_id), given, done, now)
    except (Rejected, Busy) as error:
        status = UNFINISHED if isinstance(error, Busy) else REFUSED
        return {"item_id": item_id, "status": status, "problem": problems.body(error, event)}
    return done.body


def _answer_of_order(
    part: IdempotentRequest,
    who: Caller,
    wanted: queue_items.ItemId,
    given: queue_contract.ChosenItemsIn,
    done: Answer,
    now: datetime,
) -> None:
    def decide(order: Order) -> Saving:
        queue_items.load(wanted, who)
        decision, new = _decision(order, wanted, given, who, now)
        decision, reservation = of_order.settle(order, decision, now)
        also = (*new, *reservation)
        answered = Answered(items=_items(decision, wanted, given.answer), by=who.id, now=now)
        claims.require_unclaimed(order.order_id, answered, names=who.office)
        return Saving(decision=decision, first=[part.record(done)], also=also, answered=answered)

    order_steps.review_pending(orders.decide(wanted.order_id, decide).order, now)


def _decision(
    order: Order, wanted: queue_items.ItemId, given: queue_contract.ChosenItemsIn, who: Caller, now: datetime
) -> tuple[Decision, Sequence[Write]]:
    """Return what the answer decides about the order, and the writes of an order that it places. Raises NotAllowed when
    the item is not what the answer is about."""
    match given.answer:
        case resume.CONFIRM:
            decision = order_steps.confirmed(order, who, now)
        case resume.REJECT:
            decision = order_steps.rejected(order, str(given.reason), who, now)
        case resume.RESOLVE:
            decision = order_steps.without_hold(order, wanted.name, str(given.resolution), who, now)
        case _:
            return _answered(order, wanted, queue_contract.AnswerIn(answer=given.answer, reason=given.reason), who, now)
    if wanted.item not in decision.done:
        raise NotAllowed(f"this item of {wanted.queue} does not end with {given.answer}")
    return changed_by_decision(decision), ()


def _items(decision: Decision, wanted: queue_items.ItemId, given: str) -> tuple[claims.Item, ...]:
    """Return the items that the answer ends, which no other caller may have claimed."""
    if given in (CONFIRM, REJECT):
        return order_steps.of_sales(decision)
    return order_steps.of_hold(decision, wanted.name) if given == RESOLVE else (wanted.item,)


def _answer_of_stock(part: IdempotentRequest, who: Caller, queue: str, item_id: str, given: str, done: Answer) -> None:
    """Answer an item that waits between two nodes. The code of stock is imported here, because few requests need it."""
    from comanda.aws.stock_updates import transfers

    transfers.resolve("".join(part.key.values()), queue, item_id, given, who.id)
    transaction.commit([part.record(done)])
