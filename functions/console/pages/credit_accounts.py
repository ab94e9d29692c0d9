"""
List the credit accounts of a channel's customers and the terms that wait for a second person; open an account.

Called by   functions/console/handler.py: /console/credit-accounts?channel=&customer_id=
Returns     the page; after an action, the account
"""

from typing import Any

from comanda.aws.api.replies import Reply
from comanda.aws.api_client.calls import get
from functions.console import account_forms, problems
from functions.console.request import Request
from functions.console.shown_form import ShownForm
from functions.console.view import spoken

_ROWS, _MOST_CHANNELS = "50", "100"
_WAITS = 202


def show(request: Request) -> Reply:
    return _page(request, ShownForm())


def act(request: Request) -> Reply:
    """Open an account with its first terms."""
    form = request.form
    if form.do != "terms":
        return request.missing()
    body, wrong = account_forms.terms(form.take(*account_forms.TERMS))
    if wrong:
        refused = problems.own_refusal(spoken("Nothing was changed."), wrong)
        return _page(request, ShownForm(typed=form, refused=refused))
    answer = request.door.send("POST", "/v1/credit-accounts", body, key=form.key)
    if not answer.ok:
        return _page(request, ShownForm(typed=form, refused=problems.refusal(answer, account_forms.NAMES)))
    if answer.status == _WAITS:
        return request.done("credit-accounts", spoken("Another person has to approve these terms."))
    return request.done(f"credit-accounts/{answer.body['credit_account_id']}", spoken("The terms hold."))


def _page(request: Request, shown: ShownForm) -> Reply:
    channels = request.door.get("/v1/channels", limit=_MOST_CHANNELS)
    names = [row["id"] for row in channels.body["items"]] if channels.ok else []
    asked = {name: request.parameter(name).strip() for name in ("channel", "customer_id", "cursor")}
    channel = asked["channel"] or next(iter([*request.person.channels, *names]), "")
    filters: dict[str, str] = {"channel": channel, "limit": _ROWS}
    filters |= {name: asked[name] for name in ("customer_id", "cursor") if asked[name]}
    accounts, waiting = request.door.ask(
        get("/v1/credit-accounts", **filters), get("/v1/queues/credit-accounts", limit=_ROWS)
    )
    if not accounts.ok:
        return request.failed(accounts, spoken("The credit accounts"))
    return request.page(
        "credit_accounts.html",
        status=shown.status,
        channels=[(name, name) for name in names],
        asked={**asked, "channel": channel},
        currency=_currency(channels.body["items"], channel) if channels.ok else "",
        accounts=[{**one, "tone": "warn" if one["frozen"] else ""} for one in accounts.body["items"]],
        next=accounts.body["next"],
        waiting=[one for one in waiting.body["items"] if "payment_days" in one["data"]] if waiting.ok else None,
        form=shown,
    )


def _currency(channels: list[dict[str, Any]], channel: str) -> str:
    return next((row["currencies"][0] for row in channels if row["id"] == channel), "")
