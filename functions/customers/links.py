"""
Make a link by which the customer sees an order, or end all links to it.

Called by   functions/customers/handler.py: POST /v1/orders/{order_id}/links
Returns     the address of a new link, and until when it is valid
Raises      NotFound, Invalid, NotAllowed for an order that no link opens, StaleOrder when another request revoked the links at the same moment

The address is a secret: it is in the answer, and the kept answer of the idempotency key has only what makes it again.
"""

import json
from datetime import date
from typing import Any

from comanda.aws.api import http, idempotency
from comanda.aws.api.callers import caller
from comanda.aws.api.http import Answer
from comanda.aws.api.resolver import Response
from comanda.aws.customers import contact_audit, customers
from comanda.aws.dynamodb import transaction
from comanda.aws.orders import order_links, orders
from comanda.aws.runtime import clock
from comanda.aws.runtime.settings import settings
from comanda.domain import ids
from comanda.domain.errors import NotAllowed
from comanda.domain.orders import order_link
from comanda.domain.orders.order_link import Link
from functions.customers import contract

_CREATED = 201


def make_link(event: dict[str, Any], order_id: str) -> Response[str]:
    who, now = caller(event), clock.now()
    plain, _ = ids.parse("ord", order_id, settings.cell)
    request = idempotency.begin(
        event, who, settings.orders_table, now, require_own=lambda: who.require_order(orders.load(plain))
    )
    with request:
        given = http.read(event, contract.LinkIn)
        order = who.require_order(orders.load(plain))
        if order.draft:
            raise NotAllowed("a draft has no link: its customer gets one when the order is confirmed")
        if customers.find(plain, order.contact) is None:
            raise NotAllowed("the customer of this order was erased: a link to it opens nothing")
        before = order_links.epoch(plain)
        link = order_link.link(plain, before + 1 if given.revoke else before, now.date())
        body = {"order_id": plain, "epoch": link.epoch, "expires": link.expires.isoformat(), "revoked": given.revoke}
        noted = contact_audit.notes(who.id, contact_audit.LINK, [plain], now)
        writes = [request.record(Answer(status=_CREATED, body=body)), *noted]
        if given.revoke:
            writes.append(order_links.revocation(plain, before, who.id, now))
        transaction.commit(writes)
    response = request.response()
    body = json.loads(response.body or "{}")
    if response.status_code == _CREATED:
        link = Link(order_id=plain, epoch=body["epoch"], expires=date.fromisoformat(body["expires"]))
        response.body = json.dumps({**body, "url": order_links.address_of(link, now)})
    return response
