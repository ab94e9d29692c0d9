"""
Show the queues of work for people, and the items that wait in each.

Called by   functions/intake/handler.py: /v1/queues*, /v1/work
Returns     responses of the API
Raises      NotFound for a queue that does not exist
"""

from typing import Any

from comanda.aws.api import http
from comanda.aws.api.callers import caller
from comanda.aws.api.resolver import Response
from comanda.aws.dynamodb import list_pages
from comanda.aws.orders import queue_sizes
from comanda.aws.runtime import clock
from comanda.aws.runtime.settings import settings
from comanda.domain import views
from comanda.domain.orders import queues
from functions.intake.queues import queue_items


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
    queue_items.require_queue(who, queue, "orders/read")
    node = query.get("node_id")
    queue_items.require_node(who, queue, node)
    order = queue_items.order_of(queue, node, query.get("order_id"))
    bound = f"{who.id} queue {queue}" + (f" of {node}" if node else "") + (f" of {order}" if order else "")
    if queue in queues.OF_STOCK:
        return _queue_of_stock(event, queue, bound)
    if queue in queues.OF_NO_ORDER:
        return _queue_of_no_order(event, queue, bound)
    after, limit = list_pages.after(query, bound), list_pages.limit(query)
    rows, more = queue_items.page(queue, node, order, after, limit)
    items = queue_items.named(queue_items.shown(rows, who, clock.now()), who)
    return http.page(event, items, list_pages.cursor(more, bound) if more else None)


def get_work(event: dict[str, Any]) -> Response[str]:
    """Return a page of the items that the caller has claimed."""
    who, query, now = caller(event), http.query(event), clock.now()
    bound = f"{who.id} work"
    rows, more = queue_items.claimed(who, now, list_pages.after(query, bound), list_pages.limit(query))
    items = queue_items.named(queue_items.shown(rows, who, now), who)
    return http.page(event, items, list_pages.cursor(more, bound) if more else None)


def _queue_of_no_order(event: dict[str, Any], queue: str, bound: str) -> Response[str]:
    """Return a page of what payment providers told of money that no order asked them for, of issues and terms that wait for a
    second person, of differences between what was reported or billed and what we know, or of documents for a tax service."""
    if queue == queues.Queue.GIFT_CARDS:
        from comanda.aws.books.gift_card_issues import item
    elif queue == queues.Queue.CREDIT_ACCOUNTS:
        from comanda.aws.books.waiting_terms import item
    elif queue == queues.Queue.SHIPPING_COSTS:
        from comanda.aws.orders.billed_parcels import item
    elif queue == queues.Queue.TAX_RECORDS:
        from comanda.aws.orders.tax_records import item
    elif queue == queues.Queue.RECONCILE:
        from comanda.aws.books.settlement_items import item
    else:
        from comanda.aws.orders.notice_items import item

    query = http.query(event)
    after, limit = list_pages.after(query, bound), list_pages.limit(query)
    rows, more = queue_items.page(queue, None, None, after, limit)
    if queue == queues.Queue.CREDIT_ACCOUNTS:
        from comanda.aws.books.waiting_terms import with_customers

        rows = with_customers(rows)
    items = [{**queue_items.NEITHER, **item(row)} for row in rows]
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
