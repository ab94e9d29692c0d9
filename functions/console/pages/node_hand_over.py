"""
Make one order ready at the counter, collect its payment, and hand its units over to the customer.

Called by   functions/console/handler.py: /console/nodes/{node}/counter/{fulfillment}
Returns     the page; it shows the customer's name alone, and only while the units are at the counter
"""

from collections.abc import Mapping
from typing import Any

from comanda.aws.api.replies import Reply
from functions.console import amounts, node_form, node_rules, node_work, problems, typed_fields
from functions.console.node_form import Sent
from functions.console.node_work import One
from functions.console.problems import Refusal
from functions.console.request import Request
from functions.console.view import spoken

_READY = (node_rules.READY,)
_PAID = ("amount", "reference")  # the fields of a payment
_POINTERS = {"/amount/amount": "amount", "/amount/currency": "amount", "/reference": "reference"}


def show(request: Request) -> Reply:
    found = node_work.one(request)
    return found if isinstance(found, Reply) else _page(request, found)


def act(request: Request) -> Reply:
    """Do what the pressed button says, once for the form's key."""
    sent = node_form.read(request, ("ready", "hand-over", "collect"), _PAID)
    if isinstance(sent, Reply):
        return sent
    if sent.form.do == "collect":
        return _collect(request, sent)
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
    if node_rules.owes_at_counter(answer.body):
        return request.done(
            request.view.path, spoken("The units are handed over. The payment is still to be collected.")
        )
    return request.done(f"nodes/{found.place.id}/counter", spoken("The units are handed over."))


def _collect(request: Request, sent: Sent) -> Reply:
    """Tell what the customer has paid at the counter."""
    found, fields = sent.found, sent.fields
    currency = (found.work.get("to_collect") or {}).get("currency", "")
    try:
        amount = amounts.read(fields["amount"], currency) if currency else 0
    except ValueError:
        wrong = Refusal(status=422, code="invalid", title="", detail="", fields={"amount": typed_fields.AMOUNT})
        return _page(request, found, refused=wrong, fields=fields)
    body = {"amount": {"amount": amount, "currency": currency}, "reference": fields["reference"].strip()}
    answer = node_work.step(request, "collect", body)
    if not answer.ok:
        return _page(request, found, refused=problems.refusal(answer, _POINTERS), fields=fields)
    return request.done(request.view.path, spoken("The payment is noted."))


def _payment(found: One, fields: Mapping[str, str] | None) -> dict[str, Any]:
    """Return what the page says of the payment: what is due, and what is in its fields."""
    due = found.work.get("to_collect")
    if not due or not due["amount"]:
        return {"due": None}
    typed = fields if fields and any(fields.get(name) for name in _PAID) else {}
    now = amounts.written(due["amount"], due["currency"])
    return {"due": due, "paid": {"amount": typed.get("amount", now), "reference": typed.get("reference", "")}}


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
        unpaid=not node_rules.part_of(found.work) and node_rules.owes_at_counter(found.work),
        **_payment(found, fields),
        customer=_customer(request, found.work["order_id"]) if here else None,
    )


def _customer(request: Request, order_id: str) -> str:
    """Return the name of the customer, "" if it is not known now."""
    contact = request.door.get(f"/v1/orders/{order_id}/contact")
    return str((contact.body.get("customer") or {}).get("name") or "") if contact.ok else ""
