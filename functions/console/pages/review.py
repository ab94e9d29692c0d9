"""
Show an order for its review by sales: what to verify on one side, the answer on the other.

Called by   functions/console/handler.py: /console/orders/{order_id}/review
Returns     the page; after an answer, the queue that the person came from
"""

from typing import Any

from comanda.aws.api.replies import Reply
from comanda.aws.api_client.calls import Answer, get
from comanda.domain.labels.kind_words import LABELS
from comanda.domain.orders.queues import Queue
from functions.console import order_addresses, order_rules, problems, queue_rules
from functions.console.forms import Form
from functions.console.problems import Refusal
from functions.console.request import Request
from functions.console.view import spoken

_LAST_ORDERS = "6"  # of the same customer; the order itself may be one of them
_PRECONDITION = 412


def show(request: Request) -> Reply:
    return _page(request)


def act(request: Request) -> Reply:
    """Confirm or reject the order, once for the form's key. A refusal shows the page again with what was typed."""
    form, order_id = request.form, request.values["order_id"]
    if form.do not in ("confirm", "reject"):
        return request.missing()
    typed = form.take("reason", "queue")
    body = {"reason": typed["reason"]} if form.do == "reject" else {}
    answer = request.door.send("POST", f"/v1/orders/{order_id}/{form.do}", body, key=form.key, version=form.version)
    if answer.ok:
        done = spoken("The order was confirmed.") if form.do == "confirm" else spoken("The order was rejected.")
        return request.done(f"queues/{_queue(typed['queue'])}", done)
    changes = problems.changed_since(request, order_id, form.version) if answer.status == _PRECONDITION else ()
    return _page(request, refused=problems.refusal(answer, changes=changes), form=form)


def _queue(name: str) -> str:
    """Return a queue that a link or a form names, and sales' own for any other text."""
    return name if name in set(Queue) else Queue.SALES_REVIEW


def _page(request: Request, refused: Refusal | None = None, form: Form | None = None) -> Reply:
    order_id = request.values["order_id"]
    path = f"/v1/orders/{order_id}"
    queue = _queue(form.fields.get("queue", ("",))[0] if form else request.parameter("queue"))
    order, contact, waiting = request.door.ask(
        get(path), get(f"{path}/contact"), get(f"/v1/queues/{queue}", order_id=order_id)
    )
    if not order.ok:
        return request.failed(order, spoken("The order"))
    facts = order.body
    others = (
        request.door.get("/v1/orders", customer_id=facts["customer_id"], newest="true", limit=_LAST_ORDERS)
        if facts["customer_id"]
        else None
    )
    return request.page(
        "review.html",
        title=facts["external_id"] or facts["order_id"],
        status=refused.status if refused else 200,
        order=facts,
        version=order.etag,
        contact=contact.body if contact.ok else None,
        address=order_addresses.address(contact.body) if contact.ok else [],
        bundle_names=order_rules.bundle_names(facts),
        line_addresses=order_addresses.line_addresses(contact.body) if contact.ok else [],
        holds=order_rules.active_holds(facts),
        review=order_rules.waits_for_review(facts),
        zone=order_rules.zone(facts),
        precision=_precision(facts),
        others=_others(facts, others),
        queue=queue,
        claim=queue_rules.claim(waiting.body["items"]) if waiting.ok else None,
        refused=refused,
        was=lambda name: form.typed(form.do, name, "") if form else "",
    )


def _precision(order: dict[str, Any]) -> str | None:
    """Return how exactly the address was located; None if it was not."""
    found = order["destination"]["precision"]
    return found if found in LABELS["Precision"] else None


def _others(order: dict[str, Any], answer: Answer | None) -> list[dict[str, Any]] | None:
    """Return the last other orders of the customer; None if they could not be read."""
    if answer is None:
        return []
    if not answer.ok:
        return None
    return [row for row in answer.body["items"] if row["order_id"] != order["order_id"]]
