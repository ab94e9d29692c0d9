"""
Show one case with its texts, and take its steps: a text, an owner, a wait, an outcome.

Called by   functions/console/handler.py: /console/cases/{case_id}
Returns     the page; after a step, the page with a message
"""

from comanda.aws.api.replies import Reply
from comanda.domain.cases.case import GIVEN_OUTCOMES
from comanda.domain.cases.terms import TEAMS
from functions.console import case_rules, problems
from functions.console.forms import Form
from functions.console.problems import Refusal
from functions.console.request import Request
from functions.console.view import spoken

_OUTCOMES = tuple(map(str, GIVEN_OUTCOMES))
_FIELDS = {"/for": "text", "/owner": "owner"}
_DONE = {
    "note": spoken("The text was added."),
    "wait": spoken("The case waits."),
    "close": spoken("The case was closed."),
    "reopen": spoken("The case is open again."),
    "resume": spoken("The case is open again."),
    "assign": spoken("The case has its owner."),
}


def show(request: Request) -> Reply:
    return _page(request)


def act(request: Request) -> Reply:
    """Take the step that the pressed button says, once for the form's key. A refusal keeps what was typed."""
    form, case_id = request.form, request.values["case_id"]
    step = case_rules.STEPS.get(form.do)
    if step is None:
        return request.missing()
    body = case_rules.body_of(form.do, form.take(*case_rules.TEXT, *case_rules.ASSIGN))
    if form.do == "take":
        body = {"owner": request.person.id}
    answer = request.door.send("POST", f"/v1/cases/{case_id}/{step}", body, key=form.key, version=form.version)
    if answer.ok:
        return request.done(f"cases/{case_id}", _DONE[step])
    return _page(request, problems.refusal(answer, _FIELDS), form)


def _page(request: Request, refused: Refusal | None = None, form: Form | None = None) -> Reply:
    cursor = request.parameter("cursor")
    path = f"/v1/cases/{request.values['case_id']}"
    found = request.door.get(path, **({"cursor": cursor} if cursor else {}))
    if not found.ok:
        return request.failed(found, spoken("The case"))
    return request.page(
        "case.html",
        status=refused.status if refused else 200,
        case=found.body,
        version=found.etag,
        cursor=cursor,
        teams=tuple(map(str, TEAMS)),
        outcomes=_OUTCOMES,
        refused=refused,
        was=lambda name, otherwise="": form.fields.get(name, ("",))[0] if form else otherwise,
        error=lambda name: refused.fields.get(name, "") if refused else "",
    )
