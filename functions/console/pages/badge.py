"""
Let a person make their badge with a PIN that they choose, print it, and end it.

Called by   functions/console/handler.py: /console/badge
Returns     the form; after the badge was made, the one page that shows it, as a QR code
"""

from comanda.aws.api.qr_code import picture
from comanda.aws.api.replies import Reply
from functions.console import problems
from functions.console.forms import Form
from functions.console.problems import Refusal
from functions.console.request import Request
from functions.console.view import spoken

_GONE = 404


def show(request: Request) -> Reply:
    return _page(request)


def act(request: Request) -> Reply:
    form = request.form
    if form.do == "make":
        return _make(request, form)
    if form.do != "end":
        return request.missing()
    form.take()
    answer = request.door.send("DELETE", f"/v1/badges/{request.person.id}")
    if not answer.ok and answer.status != _GONE:
        return _page(request, problems.refusal(answer))
    return request.done("badge", spoken("You have no badge now."))


def _make(request: Request, form: Form) -> Reply:
    """Make the badge, once for the form's key: a repetition shows the same one."""
    typed = form.take("pin", "again")
    if typed["pin"] != typed["again"]:
        sentence = spoken("These are not the same digits.")
        title = spoken("Nothing was changed.")
        return _page(request, Refusal(status=422, code="invalid", title=title, detail="", fields={"again": sentence}))
    answer = request.door.send("POST", "/v1/badges", {"pin": typed["pin"]}, key=form.key)
    if not answer.ok:
        return _page(request, problems.refusal(answer))
    return _page(request, code=answer.body["badge"])


def _page(request: Request, refused: Refusal | None = None, code: str = "") -> Reply:
    return request.page(
        "badge.html",
        status=refused.status if refused else 200,
        key=request.new_key(),
        refused=refused,
        picture=picture(code) if code else "",
    )
