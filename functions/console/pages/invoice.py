"""
Show an invoice: its lines, its sums to the cent, its credit notes, and the order and shipment that it is about; credit it.

Called by   functions/console/handler.py: /console/invoices/{invoice_id}, with `?as=pdf` for the PDF and
            `?as=nfe` for the NF-e
Returns     the page. For a document, a redirect to its link
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from comanda.aws.api.replies import Reply
from comanda.aws.api_client.calls import Answer, get
from functions.console import credit_form, order_rules, places, problems, reasons
from functions.console.forms import Form
from functions.console.problems import Refusal
from functions.console.request import Request
from functions.console.shown_form import ShownForm
from functions.console.view import spoken

_CONFLICT = 409
_PRECONDITION = 412
_DO = ("preview", "credit")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown(ShownForm):
    """Keep what the page shows beside the invoice: what was typed, why it was refused, and what a preview says. Both buttons send
    its one form."""

    preview: Mapping[str, Any] | None = None

    def was(self, _do: str, name: str, otherwise: Any = "") -> Any:
        return self.typed.fields.get(name, (otherwise,))[0] if self.typed else otherwise

    def error(self, _do: str, name: str) -> str:
        return self.refused.fields.get(name, "") if self.refused else ""


def show(request: Request) -> Reply:
    if request.parameter("as") == "pdf":
        return request.to_paper(f"/v1/invoices/{request.values['invoice_id']}/pdf", spoken("The invoice"))
    if request.parameter("as") == "nfe":  # the API names what is missing
        answer = request.door.get(f"/v1/invoices/{request.values['invoice_id']}/nfe")
        if answer.status == _CONFLICT:
            return request.message("no-nfe", _CONFLICT, "Not possible", why=answer.body["detail"])
        return request.to_document(answer, spoken("The invoice"))
    return _page(request, _Shown())


def act(request: Request) -> Reply:
    """Preview a credit note, or issue it once for the form's key. A refusal shows the page again with what was typed."""
    form = request.form
    if form.do not in _DO:
        return request.missing()
    invoice = request.door.get(f"/v1/invoices/{request.values['invoice_id']}")
    if not invoice.ok:
        return request.failed(invoice, spoken("The invoice"))
    lines = invoice.body["left"]["lines"]
    body, wrong = credit_form.read(form.take(*credit_form.names(lines)), invoice.body, lines)
    if wrong:
        refused = problems.own_refusal(spoken("Nothing was changed."), wrong)
        return _page(request, _Shown(typed=form, refused=refused))
    preview = form.do == "preview"
    path = f"/v1/orders/{invoice.body['order_id']}/credit-notes"
    answer = request.door.send(
        "POST", path, body | ({"preview": True} if preview else {}), key=form.key, version=form.version
    )
    if not answer.ok:
        return _page(request, _Shown(typed=form, refused=_refusal(request, form, invoice, answer)))
    if preview:
        return _page(request, _Shown(typed=form, preview=answer.body))
    return request.done(f"invoices/{invoice.body['invoice_id']}", spoken("The credit note was issued."))


def _refusal(request: Request, form: Form, invoice: Answer, answer: Answer) -> Refusal:
    stale = answer.status == _PRECONDITION
    changes = problems.changed_since(request, invoice.body["order_id"], form.version) if stale else ()
    return problems.refusal(answer, credit_form.FIELDS, changes)


def _page(request: Request, shown: _Shown) -> Reply:
    invoice = request.door.get(f"/v1/invoices/{request.values['invoice_id']}")
    if not invoice.ok:
        return request.failed(invoice, spoken("The invoice"))
    facts = invoice.body
    order, given = request.door.ask(get(f"/v1/orders/{facts['order_id']}"), reasons.CALL)
    shipment = order_rules.shipment(order.body, facts["fulfillment_id"]) if order.ok else None
    nodes = places.find(request, [shipment["node_id"]]) if shipment else {}
    place = nodes.get(shipment["node_id"]) if shipment else None
    return request.page(
        "invoice.html",
        title=facts["number"] or spoken("Invoice, without a number yet"),
        status=shown.status,
        invoice=facts,
        rows=order_rules.invoice_rows(facts),
        order=order.body if order.ok else None,
        version=order.etag if order.ok else "",
        titles=order_rules.titles(order.body) if order.ok else {},
        place=place,
        zone=place.zone if place else "UTC",
        notes=[one for one in order.body["credit_notes"] if one["invoice_id"] == facts["invoice_id"]]
        if order.ok
        else [],
        left=facts["left"]["lines"],
        kinds=credit_form.KINDS,
        cancel_reasons=reasons.options(given, request.person.locale),
        refused=shown.refused,
        preview=shown.preview,
        was=shown.was,
        errors=shown.error,
    )
