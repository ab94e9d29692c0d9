"""
Invite a person by e-mail, with their rights.

Called by   functions/console/handler.py: /console/people/new
Returns     the form; after the invitation, the person's page
"""

from typing import Any

from comanda.aws.api.replies import Reply
from functions.console import people_rules
from functions.console.forms import Form
from functions.console.pages import person
from functions.console.people_rules import WrongField
from functions.console.problems import Refusal
from functions.console.request import Request
from functions.console.view import spoken

_NOBODY: dict[str, Any] = {
    **dict.fromkeys(("email", *people_rules.FIELDS), ""),
    **dict.fromkeys(people_rules.LISTS, ()),
}


def show(request: Request) -> Reply:
    return _page(request)


def act(request: Request) -> Reply:
    form = request.form
    try:
        body = people_rules.body(form, "email")
    except WrongField as error:
        return _page(request, person.wrong(error), form)
    answer = request.door.send("POST", "/v1/people", body, key=form.key)
    if not answer.ok:
        return _page(request, person.refusal(answer), form)
    return request.done(f"people/{answer.body['person_id']}", spoken("The invitation was mailed."))


def _page(request: Request, refused: Refusal | None = None, form: Form | None = None) -> Reply:
    fields = people_rules.typed(form) if form else _NOBODY
    return request.page(
        "invite.html",
        status=refused.status if refused else 200,
        fields=fields,
        refused=refused,
        **person.lists(request, fields),
    )
