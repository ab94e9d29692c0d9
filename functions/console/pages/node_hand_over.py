"""
Make one order ready at the counter, and hand its units over to the customer.

Called by   functions/console/handler.py: /console/nodes/{node}/counter/{fulfillment}
Returns     the page; it shows the customer's name alone, and only while the units are at the counter
"""

from collections.abc import Mapping

from functions.console import node_rules, node_work, problems
from functions.console.forms import Form
from functions.console.node_work import One
from functions.console.problems import Refusal
from functions.console.reply import Reply
from functions.console.request import Request
from functions.console.view import spoken

_READY = (node_rules.READY,)


def show(request: Request) -> Reply:
    found = node_work.one(request)
    return found if isinstance(found, Reply) else _page(request, found)


def act(request: Request) -> Reply:
    """Do what the pressed button says, once for the form's key."""
    form = request.form
    if form.do not in ("ready", "hand-over"):
        return request.missing()
    fields = form.take(*node_rules.LINE_FIELDS)
    found = node_work.one(request)
    if isinstance(found, Reply):
        return found
    return _make_ready(request, found) if form.do == "ready" else _hand_over(request, form, found, fields)


def _make_ready(request: Request, found: One) -> Reply:
    answer = node_work.step(request, "ready", {})
    if not answer.ok:
        return _page(request, found, refused=problems.refusal(answer))
    return request.done(request.view.path, spoken("The customer is told that the order is ready."))


def _hand_over(request: Request, form: Form, found: One, fields: Mapping[str, str]) -> Reply:
    typed = node_rules.typed_units(fields)
    left = node_rules.units_in(found.work, _READY) if form.version == found.version else None
    lines = node_work.typed_lines(request, typed, left)
    if isinstance(lines, Refusal):
        return _page(request, found, refused=lines, fields=fields)
    answer = node_work.step(request, "hand-over", {"lines": lines})
    if not answer.ok:
        refused = problems.refusal(answer, node_work.pointers(lines, typed))
        return _page(request, found, refused=refused, fields=fields)
    return request.done(f"nodes/{found.place.id}/counter", spoken("The units are handed over."))


def _page(
    request: Request, found: One, refused: Refusal | None = None, fields: Mapping[str, str] | None = None
) -> Reply:
    work = found.work
    here = node_rules.part_of(work) == "counter"
    lines = node_rules.lines_in(work, _READY)
    shown = lines[: node_rules.MOST_LINES]
    return request.page(
        "node_hand_over.html",
        title=node_rules.name_of(work),
        status=refused.status if refused else 200,
        handheld=True,
        scans="fields",
        place=found.place,
        work=work,
        name=node_rules.name_of(work),
        customer=_customer(request, work["order_id"]) if here else None,
        here=here,
        version=found.version,
        elsewhere=node_rules.next_page(work),
        lines=shown,
        hidden=len(lines) - len(shown),
        units=node_rules.typed_or_all(shown, fields),
        refused=refused,
        errors=refused.fields if refused else {},
    )


def _customer(request: Request, order_id: str) -> str:
    """Return the name of the customer, "" if it is not known now."""
    contact = request.door.get(f"/v1/orders/{order_id}/contact")
    return str((contact.body.get("customer") or {}).get("name") or "") if contact.ok else ""
