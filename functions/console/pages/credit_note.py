"""
Show a credit note: what it takes off its invoice, and what each payment gives back.

Called by   functions/console/handler.py: /console/credit-notes/{credit_note_id}, with `?as=pdf` for the PDF
            and `?as=nfe` for the NF-e of what comes back
Returns     the page. For a document, a redirect to its link
"""

from comanda.aws.api.replies import Reply
from comanda.aws.api_client.calls import get
from functions.console import order_rules, reasons
from functions.console.request import Request
from functions.console.view import spoken

_CONFLICT = 409


def show(request: Request) -> Reply:
    address = f"/v1/credit-notes/{request.values['credit_note_id']}"
    if request.parameter("as") == "pdf":
        return request.to_paper(f"{address}/pdf", spoken("The credit note"))
    if request.parameter("as") == "nfe":  # the API names what is missing
        answer = request.door.get(f"{address}/nfe")
        if answer.status == _CONFLICT:
            return request.message("no-nfe", _CONFLICT, "Not possible", why=answer.body["detail"])
        return request.to_document(answer, spoken("The credit note"))
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
