"""
Decide whether a customer may be erased, and erase as many orders as fit one call.

Called by   functions/erase/handler.py
Returns     200 when nothing is left of the customer, 202 when the sweeper erases the rest
Raises      OpenOrders with each order that is not closed; NotFound for a customer that does not exist
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import Response

from comanda.aws.api import http
from comanda.aws.api.callers import caller
from comanda.aws.api.http import Answer
from comanda.aws.dynamodb import keys, reads
from comanda.aws.files import stored_documents
from comanda.aws.orders import customer_erasure, customer_lookup, customer_merges, orders
from comanda.aws.runtime import clock, deadline
from comanda.aws.runtime.settings import settings
from comanda.domain.errors import NotFound, OpenOrders, Unfinished
from comanda.domain.orders.customer_merge import Person

logger = Logger()

MOST = 100  # orders that one call erases
_ID = re.compile("cus_[0-9a-f]{32}")

type Found = tuple[str, str]  # an order, and its customer


def erase(event: dict[str, Any], customer_id: str) -> Response[str]:
    """Hide the person and erase their orders, under every customer that was merged. Nothing is erased while one order is open."""
    who, now = caller(event), clock.now()
    if not _ID.fullmatch(customer_id):
        raise NotFound("customer", customer_id[:80])
    person, wanted = _begin(customer_id, who.id, now)
    done = _erase(person, wanted, who.id) if wanted or person.erasing else 0
    erased_at = customer_merges.person(customer_id).root.erased_at
    left = len(wanted) - done
    body = {"customer_id": person.root.customer_id, "erased_at": erased_at, "orders": done, "left": left}
    return http.respond(Answer(status=202 if left else 200, body=body))


def _begin(customer_id: str, actor: str, now: datetime) -> tuple[Person, list[Found]]:
    """Hide the person, and return them with their orders. Of a merge at the same moment one is first: then look again."""
    for attempt in range(customer_merges.TRIES):
        person = customer_merges.person(customer_id)
        wanted = _orders_of(person)
        if not wanted and person.root.erased_at is None:
            raise NotFound("customer", customer_id)
        if open_orders := _open([order_id for order_id, _ in wanted]):
            raise OpenOrders(open_orders)
        if not wanted:
            break
        try:
            customer_erasure.begin(person, max(wanted)[0], actor, now)
        except customer_merges.StaleCustomer:
            if attempt == customer_merges.TRIES - 1:
                raise
        else:
            break
    return person, wanted


def _orders_of(person: Person) -> list[Found]:
    """Return the orders of every customer that is the person, the oldest first."""
    members = [one.customer_id for one in person.members]
    return sorted((order_id, one) for one in members for order_id in customer_lookup.all_orders_of(one))


def go_on(customer_id: str) -> None:
    """Go on with an erasure that was begun. Orders that were placed meanwhile stay."""
    person = customer_merges.person(customer_id)
    if not person.erasing:
        return
    hidden = [found for found in _orders_of(person) if found[0] <= person.root.hidden]
    still = set(_open([order_id for order_id, _ in hidden]))
    _erase(person, [found for found in hidden if found[0] not in still], person.root.erased_by)


def _erase(person: Person, wanted: Sequence[Found], actor: str) -> int:
    """Erase as many of the orders as the time allows, at most 100, and return how many. The last one ends the erasure."""
    done = 0
    try:
        for order_id, customer_id in wanted[:MOST]:
            deadline.check()
            stored_documents.delete_all(order_id)
            customer_erasure.erase_order(customer_id, order_id, actor, clock.now())
            done += 1
    except Unfinished:
        logger.info("erasure goes on later", extra={"orders": done, "left": len(wanted) - done})
    if done == len(wanted):
        customer_erasure.finish(person)
    return done


def _open(order_ids: Sequence[str]) -> list[str]:
    """Return the orders of which anything is left to do."""
    rows = reads.batch(settings.orders_table, map(keys.order, order_ids), only=("pk", "doc"))
    return sorted(keys.order_id_of(row) for row in rows if not orders.order_of_item(row).closed)
