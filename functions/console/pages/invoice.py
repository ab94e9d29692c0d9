"""
Show an invoice: its lines, its sums to the cent, and the order and shipment that it is about.

Called by   functions/console/handler.py: /console/invoices/{invoice_id}, with `?as=pdf` for the PDF
Returns     the page. For the PDF, a redirect to the document's link
"""

from comanda.aws.api.replies import Reply
from comanda.aws.api_client.calls import get
from functions.console import order_rules, places
from functions.console.request import Request
from functions.console.view import spoken

_NOT_YET = 409


def show(request: Request) -> Reply:
    if request.parameter("as") == "pdf":
        answer = request.door.get(f"/v1/invoices/{request.values['invoice_id']}/pdf")
        if answer.status == _NOT_YET:
            return request.message("no-paper", _NOT_YET, "Not possible")
        return request.to_document(answer, spoken("The invoice"))
    invoice = request.door.get(f"/v1/invoices/{request.values['invoice_id']}")
    if not invoice.ok:
        return request.failed(invoice, spoken("The invoice"))
    facts = invoice.body
    order = request.door.ask(get(f"/v1/orders/{facts['order_id']}"))[0]
    shipment = order_rules.shipment(order.body, facts["fulfillment_id"]) if order.ok else None
    nodes = places.find(request, [shipment["node_id"]]) if shipment else {}
    place = nodes.get(shipment["node_id"]) if shipment else None
    return request.page(
        "invoice.html",
        title=facts["number"],
        invoice=facts,
        rows=order_rules.invoice_rows(facts),
        order=order.body if order.ok else None,
        titles=order_rules.titles(order.body) if order.ok else {},
        place=place,
        zone=place.zone if place else "UTC",
    )
