"""
Decide whether a customer may be erased, and erase as many orders as fit one call.

Called by   functions/erase/handler.py
Returns     200 when nothing is left of the customer, 202 when the sweeper erases the rest
Raises      OpenOrders with each order that is not closed; NotFound for a customer that does not exist
"""

import re
from collections.abc import Sequence
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import Response

from comanda.aws.api import http
from comanda.aws.api.callers import caller
from comanda.aws.api.http import Answer
from comanda.aws.dynamodb import keys, reads
from comanda.aws.files import stored_documents
from comanda.aws.orders import customer_erasure, customer_lookup, orders
from comanda.aws.runtime import clock, deadline
from comanda.aws.runtime.settings import settings
from comanda.domain.errors import NotFound, OpenOrders, Unfinished

logger = Logger()

MOST = 100  # orders that one call erases
_ID = re.compile("cus_[0-9a-f]{32}")


def erase(event: dict[str, Any], customer_id: str) -> Response[str]:
    """Hide the customer and erase their orders. Nothing is erased while one of them is open."""
    who, now = caller(event), clock.now()
    known = customer_erasure.find(customer_id) if _ID.fullmatch(customer_id) else None
    wanted = customer_lookup.all_orders_of(customer_id) if _ID.fullmatch(customer_id) else []
    if known is None and not wanted:
        raise NotFound("customer", customer_id[:80])
    if open_orders := _open(wanted):
        raise OpenOrders(open_orders)
    if wanted:
        customer_erasure.begin(customer_id, max(wanted), who.id, now)
    done = _erase(customer_id, wanted, who.id) if wanted or (known and "until" in known) else 0
    found = customer_erasure.find(customer_id) or {}
    left = len(wanted) - done
    body = {"customer_id": customer_id, "erased_at": found.get("erased_at"), "orders": done, "left": left}
    return http.respond(Answer(status=202 if left else 200, body=body))


def go_on(customer_id: str) -> None:
    """Go on with an erasure that was begun. Orders that were placed meanwhile stay."""
    known = customer_erasure.find(customer_id)
    if known is None or "until" not in known:
        return
    hidden = [order_id for order_id in customer_lookup.all_orders_of(customer_id) if order_id <= known["until"]]
    still = set(_open(hidden))
    _erase(customer_id, [order_id for order_id in hidden if order_id not in still], known["by"])


def _erase(customer_id: str, wanted: Sequence[str], actor: str) -> int:
    """Erase as many of the orders as the time allows, at most 100, and return how many. The last one ends the erasure."""
    done = 0
    try:
        for order_id in wanted[:MOST]:
            deadline.check()
            stored_documents.delete_all(order_id)
            customer_erasure.erase_order(customer_id, order_id, actor, clock.now())
            done += 1
    except Unfinished:
        logger.info("erasure goes on later", extra={"orders": done, "left": len(wanted) - done})
    if done == len(wanted):
        customer_erasure.finish(customer_id)
    return done


def _open(order_ids: Sequence[str]) -> list[str]:
    """Return the orders of which anything is left to do."""
    rows = reads.batch(settings.orders_table, map(keys.order, order_ids), only=("pk", "doc"))
    return sorted(keys.order_id_of(row) for row in rows if not orders.order_of_item(row).closed)
