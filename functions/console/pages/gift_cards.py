"""
Find gift cards and store credit, and issue them.

Called by   functions/console/handler.py: /console/gift-cards, with `?channel=&customer_id=` for a customer's store credit
Returns     the page; the account that was found; the page with the code of a new card, which no other page shows
"""

from collections.abc import Mapping
from typing import Any

from comanda.aws.api.replies import Reply
from functions.console import account_forms, problems
from functions.console.forms import Form
from functions.console.request import Request
from functions.console.shown_form import ShownForm
from functions.console.view import spoken

_MOST_CHANNELS = "100"
_WAITS = 202


def show(request: Request) -> Reply:
    return _page(request, ShownForm())


def act(request: Request) -> Reply:
    form = request.form
    if form.do == "find":
        return _find(request, form)
    return _issue(request, form) if form.do == "issue" else request.missing()


def _find(request: Request, form: Form) -> Reply:
    """Lead to the account of a code. The code is in the form alone: no address and no later page has it."""
    fields = form.take("code")
    answer = request.door.send("POST", "/v1/gift-cards/find", {"code": fields["code"].strip()})
    if not answer.ok:
        return _page(request, ShownForm(typed=form, refused=problems.refusal(answer)))
    (found,) = answer.body["items"]
    return request.go(f"gift-cards/{found['account_id']}")


def _issue(request: Request, form: Form) -> Reply:
    fields = form.take(*account_forms.ISSUE)
    body, wrong = account_forms.issue(fields)
    if wrong:
        refused = problems.own_refusal(spoken("Nothing was changed."), wrong)
        return _page(request, ShownForm(typed=form, refused=refused))
    path = "/v1/store-credits" if fields["kind"] == "STORE_CREDIT" else "/v1/gift-cards"
    answer = request.door.send("POST", path, body, key=form.key)
    if not answer.ok:
        refused = problems.refusal(answer, account_forms.NAMES)
        return _page(request, ShownForm(typed=form, refused=refused))
    waits = answer.status == _WAITS
    if "code" in answer.body:
        return _page(request, ShownForm(), issued=answer.body, waits=waits)
    if waits:
        return request.done("gift-cards", spoken("Another person has to approve this amount."))
    return request.done(f"gift-cards/{answer.body['account_id']}", spoken("The money is on the store credit."))


def _page(request: Request, shown: ShownForm, *, issued: Mapping[str, Any] | None = None, waits: bool = False) -> Reply:
    channels = request.door.get("/v1/channels", limit=_MOST_CHANNELS)
    customer_id = request.parameter("customer_id")
    return request.page(
        "gift_cards.html",
        status=shown.status,
        channels=[(row["id"], row["id"]) for row in channels.body["items"]] if channels.ok else [],
        currency=channels.body["items"][0]["currencies"][0] if channels.ok and channels.body["items"] else "",
        kinds=account_forms.KINDS,
        kind=account_forms.KINDS[1 if customer_id else 0],
        channel=request.parameter("channel"),
        customer_id=customer_id,
        issued=issued,
        waits=waits,
        form=shown,
    )
