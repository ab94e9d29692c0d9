"""
Be a page of the console in tests: an order with a form that confirms it, as pages of the room are made.

Called by   tests/functions/console/conftest.py, which puts it among the screens
"""

from html import escape

from comanda.aws.api.replies import Reply, page
from functions.console import problems
from functions.console.problems import Refusal
from functions.console.request import Request


def show(request: Request, refused: Refusal | None = None, note: str = "") -> Reply:
    order = request.door.get(f"/v1/orders/{request.values['order_id']}")
    if not order.ok:
        return request.failed(order, "Order")
    version = order.etag or ""
    why = (
        ""
        if refused is None
        else f"{refused.title} {refused.detail} {[c.kind for c in refused.changes]} {refused.fields}"
    )
    return page(
        f"<p id=status>{order.body['status']}</p><p id=why>{escape(why)}</p>"
        '<form method="post">'
        f'<input type="hidden" name="key" value="{request.new_key()}">'
        f'<input type="hidden" name="version" value="{escape(version)}">'
        f'<textarea name="note">{escape(note)}</textarea></form>',
        status=200 if refused is None else refused.status,
    )


def act(request: Request) -> Reply:
    form = request.form
    typed, name = form.take("note"), request.values["order_id"]
    body = {"reason": typed["note"]} if form.do == "reject" else {}
    verb = "reject" if form.do == "reject" else "confirm"
    answer = request.door.send("POST", f"/v1/orders/{name}/{verb}", body, key=form.key, version=form.version)
    if answer.ok:
        return request.done(f"trial/{name}", "The order was confirmed.")
    changes = problems.changed_since(request, name, form.version) if answer.status == 412 else ()
    return show(request, problems.refusal(answer, changes=changes), typed["note"])
