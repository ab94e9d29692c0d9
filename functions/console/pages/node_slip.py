"""
Show the packing slip of one fulfillment, to be printed and put into the parcel: as a page, or as the PDF.

Called by   functions/console/handler.py: /console/nodes/{node}/slip/{fulfillment}, with `?as=pdf` for the PDF
Returns     the page; the address of the parcel is read for it alone. For the PDF, a redirect to the document's link
"""

from comanda.aws.api import qr_code
from comanda.aws.api.replies import Reply
from functions.console import node_rules, node_work, order_addresses
from functions.console.request import Request
from functions.console.view import spoken


def show(request: Request) -> Reply:
    if request.parameter("as") == "pdf":
        answer = request.door.get(f"/v1/fulfillments/{request.values['fulfillment']}/documents/packing-slip")
        return request.to_document(answer, spoken("The packing slip"))
    found = node_work.one(request)
    if isinstance(found, Reply):
        return found
    contact = request.door.get(f"/v1/orders/{found.work['order_id']}/contact")
    return request.page(
        "node_slip.html",
        title=node_rules.name_of(found.work),
        place=found.place,
        work=found.work,
        name=node_rules.name_of(found.work),
        picture=qr_code.picture(found.work["fulfillment_id"]),
        lines=node_rules.slip_rows(found.work),
        to=order_addresses.address_of(contact.body, found.work.get("destination", 0)) if contact.ok else None,
        customer=contact.body.get("customer") if contact.ok else None,
        gift=contact.body.get("gift") if contact.ok else None,
        gifts=node_rules.gifts(found.work, contact.body) if contact.ok else [],
    )
