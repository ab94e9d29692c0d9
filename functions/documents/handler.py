"""
Show invoices, their credit notes and pick lists, and make documents: the PDF and the XML of invoices and credit notes, and the packing
slip and the pick list of a fulfillment.

Called by   API Gateway: GET /v1/invoices/{id} and /v1/credit-notes/{id}, each also with /pdf, /xml and /nfe,
            GET /v1/s/{token}/invoices/{number} and /credit-notes/{number}, without a token of a caller,
            GET /v1/fulfillments/{id}/documents/{name} and /pick-list (see comanda.aws.api.routes)
Returns     the invoice, credit note or pick list as JSON; a redirect to the document, which is made at the first request; problem+json for
            each error
Raises      no error of this project; `comanda.aws.api.http` answers them

A document is stored under a digest of all that it is made of, so a change of the work makes another one, and the same request
twice makes one. The typesetter is imported when a document is made: an invoice as JSON does not wait for it.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from comanda.aws.api import http
from comanda.aws.api.callers import Caller, caller
from comanda.aws.api.http import Answer
from comanda.aws.api.resolver import Response
from comanda.aws.directory import directory
from comanda.aws.orders import credit_notes, invoices, orders
from comanda.aws.runtime import clock
from comanda.aws.runtime.room import room
from comanda.aws.runtime.settings import settings
from comanda.domain import credit_view, ids, invoice_view
from comanda.domain.errors import NotFound
from comanda.domain.orders.fulfillment import Fulfillment
from comanda.domain.orders.order import Order
from comanda.domain.orders.standing_invoices import is_standing

app = http.door()

INVOICE, CREDIT_NOTE = "invoice", "credit-note"  # as the documents of the domain are named, which few requests need
FINANCE = "finance"  # the desk that opens invoices of erased customers


@room
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return http.serve(app, event, context)


@app.get("/v1/invoices/<invoice_id>")
def get_invoice(invoice_id: str) -> Response[str]:
    order, number = _order_of(caller(app.current_event.raw_event), "inv", invoice_id)
    found = invoices.view(order.order_id, number)
    notes = credit_notes.numbers(order, number)
    made, stands = credit_view.invoiced(found, number), is_standing(order, number)
    left = credit_view.left(
        made if stands else replace(made, lines=()),
        credit_notes.lines_of_invoice(order, number),
        included=order.prices_include_tax,
    )
    found = {**found, "voided": not stands, "nfe": invoice_view.nfe_told(order, number)}
    shown = {**found, "credit_notes": [ids.credit_note(order.order_id, n) for n in notes], "left": left}
    return http.respond(Answer(status=200, body=shown))


@app.get("/v1/credit-notes/<credit_note_id>")
def get_credit_note(credit_note_id: str) -> Response[str]:
    order, number = _order_of(caller(app.current_event.raw_event), "crn", credit_note_id)
    found = credit_notes.view(order.order_id, number)
    told = invoice_view.nfe_told(order, credit_notes.invoice_of(order, number), number)
    return http.respond(Answer(status=200, body={**found, "nfe": told}))


@app.get("/v1/invoices/<invoice_id>/pdf")
@app.get("/v1/invoices/<invoice_id>/xml")
@app.get("/v1/invoices/<invoice_id>/nfe")
def get_document_of_invoice(invoice_id: str) -> Response[str]:
    return _document(INVOICE, "inv", invoice_id)


@app.get("/v1/credit-notes/<credit_note_id>/pdf")
@app.get("/v1/credit-notes/<credit_note_id>/xml")
@app.get("/v1/credit-notes/<credit_note_id>/nfe")
def get_document_of_credit_note(credit_note_id: str) -> Response[str]:
    return _document(CREDIT_NOTE, "crn", credit_note_id)


def _document(kind: str, prefix: str, document_id: str) -> Response[str]:
    """Lead to the PDF or the XML of a sale's document, which has the buyer: so whoever opens it is noted."""
    from comanda.aws.customers import contact_audit
    from functions.documents import sale_papers

    who, now = caller(app.current_event.raw_event), clock.now()
    order, number = _order_of(who, prefix, document_id)
    form = app.current_event.path.rpartition("/")[2]
    finance = who.person and FINANCE in who.desks
    link = sale_papers.link(order, kind, number, form, now, finance=finance)
    if who.person:
        contact_audit.note_invoice(who.id, order.order_id, now)
    return _leads_to(link)


@app.get("/v1/s/<token>/invoices/<number>")
def get_invoice_of_customer(token: str, number: str) -> Response[str]:
    return _paper_of_customer(INVOICE, token, number)


@app.get("/v1/s/<token>/credit-notes/<number>")
def get_credit_note_of_customer(token: str, number: str) -> Response[str]:
    return _paper_of_customer(CREDIT_NOTE, token, number)


def _paper_of_customer(kind: str, token: str, number: str) -> Response[str]:
    """Lead the customer of a link to the PDF, or back to the page of the link when it does not open."""
    from functions.documents import customer_papers

    proof = app.current_event.get_query_string_value("proof") or ""
    return _leads_to(customer_papers.address(token, kind, number, proof, clock.now()))


def _order_of(who: Caller, kind: str, document_id: str) -> tuple[Order, int]:
    """Return the order of an invoice or a credit note of the caller's, and its number. Raises NotFound."""
    order_id, number = ids.parse(kind, document_id, settings.cell)
    order = orders.find(order_id)
    if order is None or not who.sees_channel(order.channel):
        raise NotFound("invoice" if kind == "inv" else "credit note", document_id)
    return order, number


def _leads_to(link: str) -> Response[str]:
    return Response(status_code=303, body="", headers={"Location": link, "Cache-Control": "no-store"})


@app.get("/v1/fulfillments/<fulfillment_id>/documents/<name>")
def get_document(fulfillment_id: str, name: str) -> Response[str]:
    """Lead to the document, for whoever may see the contact of the work: not after its node gave it back."""
    from comanda.aws.customers import contact_audit  # an invoice needs none of these
    from functions.documents import kept, packing_slips, pick_lists

    event = app.current_event.raw_event
    who = caller(event)
    order, fulfillment, node = _work_of(who, fulfillment_id)
    name = http.path_parameter(event, "name")
    if name == pick_lists.NAME:
        return _leads_to(pick_lists.link(order, fulfillment, node, clock.now()))
    if name != packing_slips.NAME:
        known = f"{packing_slips.NAME} and {pick_lists.NAME}"
        raise kept.NoDocument(name[:80], f"the documents of a fulfillment are {known}")
    link = packing_slips.link(order, fulfillment, node, clock.now())
    if who.person:
        contact_audit.note_slip(who.id, order.order_id, clock.now())
    return _leads_to(link)


@app.get("/v1/fulfillments/<fulfillment_id>/pick-list")
def get_pick_list(fulfillment_id: str) -> Response[str]:
    from functions.documents import pick_lists

    work = _work_of(caller(app.current_event.raw_event), fulfillment_id)
    return http.respond(Answer(status=200, body=pick_lists.view(*work)))


def _work_of(who: Caller, fulfillment_id: str) -> tuple[Order, Fulfillment, Mapping[str, Any]]:
    """Return the order and the fulfillment, if it is the caller's, with the entry of its node. Raises NotFound."""
    order_id, number = ids.parse("ful", fulfillment_id, settings.cell)
    order = orders.find(order_id)
    if order is None:
        raise NotFound("fulfillment", fulfillment_id)
    fulfillment = who.require_fulfillment(order, number)
    return order, fulfillment, directory.find(directory.NODE, fulfillment.node) or {}
