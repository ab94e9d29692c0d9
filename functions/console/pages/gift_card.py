"""
Show the account of a gift card or store credit with its ledger; freeze it, let it pay again, or end what it has.

Called by   functions/console/handler.py: /console/gift-cards/{account_id}
Returns     the page
"""

from comanda.aws.api.replies import Reply
from functions.console import problems
from functions.console.request import Request
from functions.console.shown_form import ShownForm
from functions.console.view import spoken

_ROWS = "50"
_DONE = {
    "freeze": spoken("It pays nothing from here on."),
    "unfreeze": spoken("It pays again."),
    "expire": spoken("What it had is income now."),
}


def show(request: Request) -> Reply:
    return _page(request, ShownForm())


def act(request: Request) -> Reply:
    form, account_id = request.form, request.values["account_id"]
    if form.do not in _DONE:
        return request.missing()
    body = {"reason": form.take("reason")["reason"].strip()}
    answer = request.door.send("POST", f"/v1/gift-cards/{account_id}/{form.do}", body, key=form.key)
    if answer.ok:
        return request.done(f"gift-cards/{account_id}", _DONE[form.do])
    return _page(request, ShownForm(typed=form, refused=problems.refusal(answer)))


def _page(request: Request, shown: ShownForm) -> Reply:
    cursor = request.parameter("cursor")
    more = {"cursor": cursor} if cursor else {}
    account = request.door.get(f"/v1/gift-cards/{request.values['account_id']}", limit=_ROWS, **more)
    if not account.ok:
        return request.failed(account, spoken("The account"))
    desks = request.person.desks
    return request.page(
        "gift_card.html",
        status=shown.status,
        account=account.body,
        cursor=cursor,
        may_freeze=not desks.isdisjoint({"care", "finance"}),
        is_finance="finance" in desks,
        form=shown,
    )
