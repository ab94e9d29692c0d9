"""
Show who the person is here, and let them choose how the console looks and in which language it speaks.

Called by   functions/console/handler.py: /console/me
Returns     the page; after the settings were saved, a redirect to it
"""

from comanda.aws.api.replies import Reply
from functions.console import problems
from functions.console.forms import Form
from functions.console.problems import Refusal
from functions.console.request import Request
from functions.console.view import spoken

# Each language is named in itself, for people who read no other.
LANGUAGES = (("en-US", "English"), ("pt-BR", "Portugu\u00eas"), ("es", "Espa\u00f1ol"))
_FIELDS = ("locale", "theme", "density", "keys")


def show(request: Request) -> Reply:
    return _page(request)


def act(request: Request) -> Reply:
    form = request.form
    typed = form.take(*_FIELDS)
    settings = {**typed, "keys": typed["keys"] == "yes"}
    answer = request.door.send("PUT", "/v1/me/settings", settings, key=form.key)
    if not answer.ok:
        return _page(request, refused=problems.refusal(answer), typed=form)
    request.reload_person()
    return request.done("me", spoken("Your settings were saved."))


def _page(request: Request, refused: Refusal | None = None, typed: Form | None = None) -> Reply:
    me = request.door.get("/v1/me")
    if not me.ok:
        return request.failed(me, spoken("Your settings"))
    settings = {name: me.body["settings"][name] for name in _FIELDS}
    settings["locale"] = settings["locale"] or request.person.locale
    if typed:
        settings = {**typed.take(*_FIELDS), "keys": typed.fields.get("keys") == ("yes",)}
    own = settings["locale"]
    return request.page(
        "me.html",
        status=refused.status if refused else 200,
        me=me.body,
        settings=settings,
        languages=LANGUAGES if own in dict(LANGUAGES) else (*LANGUAGES, (own, own)),
        refused=refused,
    )
