"""
Show the queues of work for people, and take a person's answer to one item.

Called by   functions/intake/handler.py: /v1/queues*
Returns     responses of the API
Raises      NotFound for a queue or an item that does not exist; Invalid, NotAllowed for an answer that does not fit; Claimed
            while another caller has the item
"""

from datetime import datetime
from typing import Any

from aws_lambda_powertools.event_handler import Response

from comanda.aws.api import http, idempotency
from comanda.aws.api.callers import Caller, caller
from comanda.aws.api.http import Answer
from comanda.aws.dynamodb import list_pages, transaction
from comanda.aws.orders import claims, orders, queue_sizes
from comanda.aws.orders.claims import Answered
from comanda.aws.orders.orders import Saving
from comanda.aws.runtime import clock
from comanda.aws.runtime.settings import settings
from comanda.domain import views
from comanda.domain.errors import NotFound
from comanda.domain.lifecycle import resume
from comanda.domain.orders import queues
from comanda.domain.orders.claims import require_free
from comanda.domain.orders.order import Order
from functions.intake import contract, queue_items
from functions.intake.orders import answer


def list_queues(event: dict[str, Any]) -> Response[str]:
    bound, given = f"{caller(event).id} queues", http.query(event)
    found, more = list_pages.whole(queues.ALL, list_pages.after(given, bound), list_pages.limit(given))
    items = [_queue(name, waiting) for name, waiting in zip(found, queue_sizes.waiting(found), strict=True)]
    return http.page(event, items, list_pages.cursor(more, bound) if more else None)


def _queue(name: str, waiting: queue_sizes.Waiting) -> dict[str, Any]:
    return {
        "queue": name,
        "waiting": waiting.items,
        "capped": waiting.capped,
        "oldest_due": views.time(waiting.oldest_due),
        "links": {"items": f"/v1/queues/{name}"},
    }


def get_queue(event: dict[str, Any], queue: str) -> Response[str]:
    """Return a page of the items that wait in a queue, the most urgent first."""
    who, query = caller(event), http.query(event)
    if queue not in queues.ALL:
        raise NotFound("queue", queue)
    bound = f"{who.id} queue {queue}"
    if queue in queues.OF_STOCK:
        return _queue_of_stock(event, queue, bound)
    after, limit = list_pages.after(query, bound), list_pages.limit(query)
    rows, more = list_pages.page("GSI3", list_pages.queue(queue), after, limit)
    items = queue_items.shown(rows, who, clock.now())
    return http.page(event, items, list_pages.cursor(more, bound) if more else None)


def _queue_of_stock(event: dict[str, Any], queue: str, bound: str) -> Response[str]:
    """Return a page of a queue whose items wait between two nodes. The code of stock is imported here, because few
    requests need it."""
    from comanda.aws.stock_updates import transfers

    query = http.query(event)
    after, limit = list_pages.after(query, bound), list_pages.limit(query)
    rows, more = list_pages.page("GSI3", list_pages.queue(queue), after, limit, table=settings.stock_table)
    items = [{**queue_items.NEITHER, **transfers.item(queue, row)} for row in rows]
    return http.page(event, items, list_pages.cursor(more, bound) if more else None)


def resolve_item(event: dict[str, Any], queue: str, item_id: str) -> Response[str]:
    """Take the answer to an item of a queue, and show the order that the answer moved on."""
    who, now = caller(event), clock.now()
    if queue not in queues.ALL:
        raise NotFound("queue", queue)
    if queue in queues.OF_STOCK:
        return _resolve_item_of_stock(event, who, queue, item_id, now)
    wanted = queue_items.parse(queue, item_id)
    answered = Answered(items=(wanted.item,), by=who.id, now=now)
    with idempotency.begin(event, who, settings.orders_table, now) as request:
        given = http.read(event, contract.AnswerIn).answer

        def decide(order: Order) -> Saving:
            require_free(claims.claim_of(queue_items.load(wanted)), who.id, now, names=who.office)
            decision = resume.resume(who.require_order(order), queue, wanted.name, given, who.id, now)
            return Saving(decision=decision, first=[request.record(answer(decision.saved))], answered=answered)

        orders.decide(wanted.order_id, decide)
    return request.response()


def _resolve_item_of_stock(
    event: dict[str, Any], who: Caller, queue: str, item_id: str, now: datetime
) -> Response[str]:
    from comanda.aws.stock_updates import transfers

    with idempotency.begin(event, who, settings.stock_table, now) as request:
        given = http.read(event, contract.AnswerIn).answer
        if request.replay() is not None:
            return request.response()
        supply_id, line, verdict = transfers.resolve(request.key["pk"], queue, item_id, given, who.id)
        body = {**transfers.summary(supply_id), "rows": [{"line": line, "status": verdict.status}]}
        shown = Answer(status=200, body=body, headers={"ETag": f'"v{body["version"]}"'})
        transaction.commit([request.record(shown)])
    return request.response()
