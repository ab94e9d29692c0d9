"""
Show a credit note: what it takes off its invoice, and what each payment gives back.

Called by   functions/console/handler.py: /console/credit-notes/{credit_note_id}, with `?as=pdf` for the PDF
Returns     the page. For the PDF, a redirect to the document's link
"""

from comanda.aws.api.replies import Reply
from comanda.aws.api_client.calls import get
from functions.console import order_rules, reasons
from functions.console.request import Request
from functions.console.view import spoken


def show(request: Request) -> Reply:
    address = f"/v1/credit-notes/{request.values['credit_note_id']}"
    if request.parameter("as") == "pdf":
        return request.to_paper(f"{address}/pdf", spoken("The credit note"))
    note = request.door.get(address)
    if not note.ok:
        return request.failed(note, spoken("The credit note"))
    order, given = request.door.ask(get(f"/v1/orders/{note.body['order_id']}"), reasons.CALL)
    return request.page(
        "credit_note.html",
        title=note.body["number"] or spoken("Credit note, without a number yet"),
        note=note.body,
        order=order.body if order.ok else None,
        titles=order_rules.titles(order.body) if order.ok else {},
        reason_words=reasons.words(given, request.person.locale),
    )
