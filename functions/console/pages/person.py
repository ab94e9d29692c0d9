"""
Show one person, and let an admin change their rights, sign them out, mail the invitation again, or remove them.

Called by   functions/console/handler.py: /console/people/{person_id}
Returns     the page; after an action, a redirect to it or to the list
"""

from collections.abc import Mapping, Sequence
from typing import Any

from comanda.aws.api.replies import Reply
from comanda.aws.api.routes import APPLICATIONS
from comanda.aws.api_client.calls import Answer, get
from comanda.domain.people import DESKS
from functions.console import choices, people_rules, problems
from functions.console.forms import Form
from functions.console.pages.me import LANGUAGES
from functions.console.people_rules import WrongField
from functions.console.problems import Refusal
from functions.console.request import Request
from functions.console.view import spoken

_MOST = "100"
_GONE = 404

# What a button without fields does: the method, what follows the person's path or names the badge, and what is said then.
_SIMPLE = {
    "sign-out": ("POST", "/v1/people/{}/sign-out", spoken("The person was signed out everywhere.")),
    "invite": ("POST", "/v1/people/{}/invite", spoken("The invitation was mailed again.")),
    "unlock": ("POST", "/v1/badges/{}/unlock", spoken("The badge opens again.")),
    "revoke": ("DELETE", "/v1/badges/{}", spoken("The badge opens nothing any more.")),
}


def show(request: Request) -> Reply:
    return _page(request, asked=request.parameter("ask") == "remove")


def act(request: Request) -> Reply:
    """Do what the pressed button says, once for the form's key."""
    form, sub = request.form, request.values["person_id"]
    if form.do == "save":
        return _save(request, form, sub)
    if form.do == "remove":
        return _remove(request, form, sub)
    if form.do not in _SIMPLE:
        return request.missing()
    form.take()
    method, path, done = _SIMPLE[form.do]
    answer = request.door.send(method, path.format(sub), {} if method == "POST" else None, key=form.key)
    return request.done(f"people/{sub}", done) if answer.ok else _page(request, refusal(answer))


def _save(request: Request, form: Form, sub: str) -> Reply:
    try:
        body = people_rules.body(form)
    except WrongField as error:
        return _page(request, wrong(error), form)
    answer = request.door.send("PUT", f"/v1/people/{sub}", body, version=form.version)
    if not answer.ok:
        return _page(request, refusal(answer), form)
    return request.done(f"people/{sub}", spoken("The rights were changed. They hold within a minute."))


def _remove(request: Request, form: Form, sub: str) -> Reply:
    form.take()
    answer = request.door.send("DELETE", f"/v1/people/{sub}")
    if not answer.ok and answer.status != _GONE:
        return _page(request, refusal(answer))
    return request.done("people", spoken("The person was removed."))


def refusal(answer: Answer) -> Refusal:
    """Return why the API refused, each sentence at its field of the form."""
    errors = answer.body.get("errors") or () if isinstance(answer.body, dict) else ()
    return problems.refusal(answer, people_rules.fields(errors))


def wrong(error: WrongField) -> Refusal:
    """Return the refusal of a field that cannot be sent."""
    title = spoken("Nothing was changed.")
    return Refusal(status=422, code="invalid", title=title, detail="", fields={error.field: error.sentence})


def lists(
    request: Request, fields: Mapping[str, Any], roles: Sequence[str] = (), locale: str | None = None
) -> dict[str, Any]:
    """Return what the form of rights offers: roles, desks, languages, and what the directory has of nodes, channels and
    partners. All that `fields` have is among them. None stands for a list that is too long, or cannot be read: ids are typed.
    """
    entries, (types,) = choices.read(request, people_rules.KINDS, get("/v1/hold-types", limit=_MOST))
    words = {role for row in types.body["items"] for role in row.get("roles", ())} if types.ok else set()
    return {
        "offered": people_rules.offered(entries, fields),
        "roles": people_rules.choices(words - APPLICATIONS, roles),
        "desks": DESKS,
        "languages": [*LANGUAGES, *([(locale, locale)] if locale and locale not in dict(LANGUAGES) else [])],
    }


def _page(request: Request, refused: Refusal | None = None, form: Form | None = None, *, asked: bool = False) -> Reply:
    found = request.door.get(f"/v1/people/{request.values['person_id']}")
    if not found.ok:
        return request.failed(found, spoken("The person"))
    person = found.body
    fields = people_rules.typed(form) if form else people_rules.written(person)
    return request.page(
        "person.html",
        title=person["name"] or person["email"],
        status=refused.status if refused else 200,
        user=person,
        version=found.etag,
        fields=fields,
        refused=refused,
        asked=asked,
        own=person["person_id"] == request.person.id,
        **lists(request, fields, person["roles"], person["locale"]),
    )
