"""
Make one order ready at the counter, and hand its units over to the customer.

Called by   functions/console/handler.py: /console/nodes/{node}/counter/{fulfillment}
Returns     the page; it shows the customer's name alone, and only while the units are at the counter
"""

from collections.abc import Mapping

from comanda.aws.api.replies import Reply
from functions.console import node_form, node_rules, node_work, problems
from functions.console.node_form import Sent
from functions.console.node_work import One
from functions.console.problems import Refusal
from functions.console.request import Request
from functions.console.view import spoken

_READY = (node_rules.READY,)


def show(request: Request) -> Reply:
    found = node_work.one(request)
    return found if isinstance(found, Reply) else _page(request, found)


def act(request: Request) -> Reply:
    """Do what the pressed button says, once for the form's key."""
    sent = node_form.read(request, ("ready", "hand-over"))
    if isinstance(sent, Reply):
        return sent
    return _make_ready(request, sent.found) if sent.form.do == "ready" else _hand_over(request, sent)


def _make_ready(request: Request, found: One) -> Reply:
    answer = node_work.step(request, "ready", {})
    if not answer.ok:
        return _page(request, found, refused=problems.refusal(answer))
    return request.done(request.view.path, spoken("The customer is told that the order is ready."))


def _hand_over(request: Request, sent: Sent) -> Reply:
    found, fields = sent.found, sent.fields
    lines = sent.lines(request, node_rules.units_in(found.work, _READY))
    if isinstance(lines, Refusal):
        return _page(request, found, refused=lines, fields=fields)
    answer = node_work.step(request, "hand-over", {"lines": lines})
    if not answer.ok:
        refused = problems.refusal(answer, node_work.pointers(lines, sent.typed))
        return _page(request, found, refused=refused, fields=fields)
    return request.done(f"nodes/{found.place.id}/counter", spoken("The units are handed over."))


def _page(
    request: Request, found: One, refused: Refusal | None = None, fields: Mapping[str, str] | None = None
) -> Reply:
    here = node_rules.part_of(found.work) == "counter"
    return node_form.form_page(
        request,
        "node_hand_over.html",
        found,
        node_rules.lines_in(found.work, _READY),
        refused,
        fields,
        scans="fields",
        here=here,
        customer=_customer(request, found.work["order_id"]) if here else None,
    )


def _customer(request: Request, order_id: str) -> str:
    """Return the name of the customer, "" if it is not known now."""
    contact = request.door.get(f"/v1/orders/{order_id}/contact")
    return str((contact.body.get("customer") or {}).get("name") or "") if contact.ok else ""
