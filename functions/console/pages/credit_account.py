"""
Show a credit account with what is overdue and its ledger; book payments, payouts and what is taken back, set terms, freeze it.

Called by   functions/console/handler.py: /console/credit-accounts/{credit_account_id}
Returns     the page; with ?statement=, the API's CSV file of that month
"""

from datetime import date, timedelta
from typing import Any

from comanda.aws.api.replies import Reply
from comanda.aws.api_client.calls import Answer
from functions.console import account_forms, amounts, problems
from functions.console.forms import Form
from functions.console.problems import Refusal
from functions.console.request import Request
from functions.console.shown_form import ShownForm
from functions.console.view import spoken

_ROWS = "50"
_WAITS = 202
_DONE = {
    "pay": spoken("The payment is booked."),
    "payout": spoken("The payout is booked."),
    "reverse": spoken("It is taken back."),
    "terms": spoken("The terms hold."),
    "freeze": spoken("It pays no new order from here on."),
    "unfreeze": spoken("It pays new orders again."),
}
_PERIODS = ("not_due", "days_1_30", "days_31_60", "days_61_90", "days_over_90")


def show(request: Request) -> Reply:
    if month := request.parameter("statement"):
        return _statement(request, month)
    return _page(request, ShownForm())


def act(request: Request) -> Reply:
    """Do what the pressed button says, once for the form's key. A refusal shows the page again with what was typed."""
    form, path = request.form, f"credit-accounts/{request.values['credit_account_id']}"
    if form.do not in _DONE:
        return request.missing()
    account = request.door.get(f"/v1/{path}")
    if not account.ok:
        return request.failed(account, spoken("The credit account"))
    answer = _send(request, form, account.body)
    if isinstance(answer, Refusal):
        return _page(request, ShownForm(typed=form, refused=answer))
    if not answer.ok:
        return _page(request, ShownForm(typed=form, refused=problems.refusal(answer, account_forms.NAMES)))
    waits = answer.status == _WAITS
    return request.done(path, spoken("Another person has to approve this.") if waits else _DONE[form.do])


def _send(request: Request, form: Form, account: dict[str, Any]) -> Answer | Refusal:
    path, currency = "/v1/credit-accounts", account["limit"]["currency"]
    wrong: dict[str, str] = {}
    if form.do == "pay":
        path = f"{path}/{account['credit_account_id']}/payments"
        body, wrong = account_forms.payment(form.take(*account_forms.PAYMENT), currency)
    elif form.do == "payout":
        path = f"{path}/{account['credit_account_id']}/payouts"
        body, wrong = account_forms.payout(form.take(*account_forms.PAYOUT), currency)
    elif form.do == "reverse":
        path = f"{path}/{account['credit_account_id']}/reversals"
        body = {name: text.strip() for name, text in form.take(*account_forms.REVERSAL).items()}
    elif form.do == "terms":
        same = {"channel": account["channel"], "customer_id": account["customer_id"], "currency": currency}
        typed = form.take(*(name for name in account_forms.TERMS if name not in same))
        body, wrong = account_forms.terms(typed | same)
        body["frozen"] = account["frozen"]
    else:
        reason = form.take("reason")["reason"]
        body = account_forms.frozen_terms(account, reason, frozen=form.do == "freeze")
    if wrong:
        return problems.own_refusal(spoken("Nothing was changed."), wrong)
    return request.door.send("POST", path, body, key=form.key, version=form.version)


def _page(request: Request, shown: ShownForm) -> Reply:
    cursor = request.parameter("cursor")
    more = {"cursor": cursor} if cursor else {}
    answer = request.door.get(f"/v1/credit-accounts/{request.values['credit_account_id']}", limit=_ROWS, **more)
    if not answer.ok:
        return request.failed(answer, spoken("The credit account"))
    account = answer.body
    currency = account["limit"]["currency"]
    return request.page(
        "credit_account.html",
        status=shown.status,
        title=account["customer_id"],
        account=account,
        version=answer.etag,
        currency=currency,
        limit=amounts.written(account["limit"]["amount"], currency),
        periods=[(name, account["aging"][name]) for name in _PERIODS],
        booked=_booked(account["entries"]),
        unpaid=[{**one, "tone": "bad" if one["days_overdue"] > 0 else ""} for one in account["aging"]["unpaid"]],
        today=f"{request.now:%Y-%m-%d}",
        months=_months(request.now.date()),
        cursor=cursor,
        form=shown,
    )


def _statement(request: Request, month: str) -> Reply:
    """Return the API's file of a month."""
    account_id = request.values["credit_account_id"]
    found = request.door.get(f"/v1/credit-accounts/{account_id}/statement-file", month=month)
    return request.save(found, "statement", spoken("The statement"))


def _months(today: date) -> list[str]:
    """Return the last month and this one, as the API names them."""
    return [f"{today.replace(day=1) - timedelta(days=1):%Y-%m}", f"{today:%Y-%m}"]


def _booked(entries: list[dict[str, Any]]) -> list[str]:
    """Return the references of the payments and payouts on this page of the ledger that were not taken back."""
    back = {row["reference"] for row in entries if row["purpose"] == "reversal"}
    return [
        row["reference"] for row in entries if row["purpose"] in ("payment", "payout") and row["reference"] not in back
    ]
