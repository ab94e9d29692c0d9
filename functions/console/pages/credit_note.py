"""
Show a credit note: what it takes off its invoice, and what each payment gives back.

Called by   functions/console/handler.py: /console/credit-notes/{credit_note_id}
Returns     the page
"""

from comanda.aws.api.replies import Reply
from comanda.aws.api_client.calls import get
from functions.console import order_rules, reasons
from functions.console.request import Request
from functions.console.view import spoken


def show(request: Request) -> Reply:
    note = request.door.get(f"/v1/credit-notes/{request.values['credit_note_id']}")
    if not note.ok:
        return request.failed(note, spoken("The credit note"))
    order, given = request.door.ask(get(f"/v1/orders/{note.body['order_id']}"), reasons.CALL)
    return request.page(
        "credit_note.html",
        title=note.body["number"],
        note=note.body,
        order=order.body if order.ok else None,
        titles=order_rules.titles(order.body) if order.ok else {},
        reason_words=reasons.words(given, request.person.locale),
    )
