"""
Give work back that does not leave: answer a recall of the office, hand begun work back, or end a pickup that nobody collected.

Called by   functions/console/handler.py: /console/nodes/{node}/back/{fulfillment}
Returns     the page
"""

from collections.abc import Mapping
from typing import Any

from comanda.aws.api.replies import Reply
from comanda.domain.orders.methods import PICKUP
from functions.console import node_form, node_rules, node_work, problems
from functions.console.node_form import Sent
from functions.console.node_work import One
from functions.console.problems import Refusal
from functions.console.request import Request
from functions.console.view import spoken

_STEP = "hand-back"
_DONE = {
    "agree": spoken("The units go back. Picked goods wait in put back."),
    "refuse": spoken("The office sees that you keep the work."),
    _STEP: spoken("The units go back. Picked goods wait in put back."),
    "no-show": spoken("The units were cancelled and go back on the shelf."),
}
_NAMES = {"agree": "recall-agree", "refuse": "recall-refuse"}


def show(request: Request) -> Reply:
    found = node_work.one(request)
    return found if isinstance(found, Reply) else _page(request, found)


def act(request: Request) -> Reply:
    """Do what the pressed button says, once for the form's key."""
    sent = node_form.read(request, tuple(_DONE), ("reason", "refusal"))
    if isinstance(sent, Reply):
        return sent
    do, found, fields = sent.form.do, sent.found, sent.fields
    body = _body(request, sent)
    if isinstance(body, Refusal):
        return _page(request, found, refused=body, fields=fields)
    answer = node_work.step(request, _NAMES.get(do, do), body)
    if not answer.ok:
        named = node_work.pointers(body.get("lines", ()), sent.typed) if do == _STEP else {"/reason": "refusal"}
        return _page(request, found, refused=problems.refusal(answer, named), fields=fields)
    return request.done(f"nodes/{found.place.id}", _DONE[do])


def _body(request: Request, sent: Sent) -> dict[str, Any] | Refusal:
    """Return the body of the step of the pressed button."""
    if sent.form.do == "refuse":
        return {"reason": sent.fields["refusal"]}
    if sent.form.do != _STEP:
        return {}
    lines = sent.lines(request, node_rules.units_left(sent.found.work, _STEP))
    return lines if isinstance(lines, Refusal) else {"lines": lines, "reason": sent.fields["reason"]}


def _page(
    request: Request, found: One, refused: Refusal | None = None, fields: Mapping[str, str] | None = None
) -> Reply:
    work = found.work
    return node_form.form_page(
        request,
        "node_back.html",
        found,
        node_rules.lines_left(work, _STEP),
        refused,
        fields,
        counter=work["method"] == PICKUP,
        waits=bool(node_rules.units_in(work, (node_rules.READY,))),
        titles={line["line_id"]: line["title"] or line["sku"] for line in work["lines"]},
        reason=(fields or {}).get("reason", ""),
        refusal=(fields or {}).get("refusal", ""),
    )
