"""
Answer the page of a Checkout session: what a customer who follows the link of a mail sees, pays or does not pay.

Called by   local/stripe/server.py: GET and POST /c/pay/<session>
Returns     a page of HTML, which asks for nothing from elsewhere
Raises      nothing
"""

import html
from urllib.parse import parse_qs

from local.stripe import currencies, sessions
from local.stripe.account import Account
from local.stripe.api import Answer
from local.stripe.faults import Faults
from local.stripe.refusals import Refused
from local.stripe.store import Thing

PATH = "/c/pay/"
KIND = "text/html; charset=utf-8"
# What each button pays with: a test card, one that its bank declines, or Pix.
METHODS = {"pay": "pm_card_visa", "decline": "pm_card_chargeDeclined", "pix": "pix"}
_WORDS = {"pay": "Pay by card", "decline": "Try a card that is declined", "pix": "Pay by Pix"}
_STATES = {
    "complete": "This is paid. You can close the page.",
    "expired": "This link takes no payment any more.",
}
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Pay</title>
<style>body {{ font: 1.1rem system-ui; margin: 3rem auto; max-width: 26rem; padding: 0 1rem }}
button, textarea {{ box-sizing: border-box; display: block; font: inherit; margin: 1rem 0; padding: .7rem; width: 100% }}</style></head>
<body><main><h1>Pay</h1>
<p>This machine stands in for Stripe. No money moves.</p>
{main}
</main></body></html>
"""


def answer(account: Account, faults: Faults, method: str, path: str, content: str) -> Answer:
    """Answer the page of a session. A POST has the button that was pressed as `do`."""
    name = path.removeprefix(PATH)
    try:
        if method == "POST":
            do = parse_qs(content).get("do", [""])[0]
            if do not in METHODS:
                return page(400, "<p>Press one of the buttons of the page.</p>")
            with account.store.transaction():
                account.request = {"id": None, "idempotency_key": None}
                sessions.pay(account, faults, name, METHODS[do])
            return Answer(status=303, body="", headers={"Location": path, **_HEADERS})
        return page(200, _main(account.get(sessions.KIND, name, "session")))
    except Refused as error:
        return refused(error, path)


def refused(error: Refused, back: str) -> Answer:
    """Return the page that says why something was refused, with the way back."""
    message = html.escape(str(error.error.get("message", "")))
    return page(error.status, f'<p role="alert">{message}</p><p><a href="{html.escape(back)}">Back</a></p>')


def _main(session: Thing) -> str:
    amount = html.escape(written(session["amount_total"], session["currency"]))
    if (state := _STATES.get(session["status"])) is not None:
        back = html.escape(session["success_url"] or "")
        onward = f'<p><a href="{back}">Back to the shop</a></p>' if back and session["status"] == "complete" else ""
        return f"<p>{amount}</p><p>{state}</p>{onward}"
    offered = [do for do in METHODS if ("pix" if do == "pix" else "card") in session["payment_method_types"]]
    buttons = "".join(f'<button name="do" value="{do}">{_WORDS[do]}</button>' for do in offered)
    return f'<p><strong>{amount}</strong></p><form method="post">{buttons}</form>'


def written(amount: int, currency: str) -> str:
    """Return an amount of minor units with its currency."""
    places = currencies.digits(currency)
    return f"{amount / 10**places:,.{places}f} {currency.upper()}"


def page(status: int, main: str) -> Answer:
    """Return a page of this server with what stands in it."""
    return Answer(status=status, body=_PAGE.format(main=main), headers=dict(_HEADERS))
