"""
Answer the page of a bank at which a person pays a Pix code: they paste the text of the code that the page of their order shows.

A code's own page, its `hosted_instructions_url`, has the text filled in already.

Called by   local/stripe/server.py: GET and POST /pix, GET /pix/<payment intent>
Returns     a page of HTML, which asks for nothing from elsewhere
Raises      nothing
"""

import html
from urllib.parse import parse_qs

from local.stripe import charging, pages
from local.stripe.account import Account
from local.stripe.api import Answer
from local.stripe.refusals import Refused
from local.stripe.store import Thing

PATH = "/pix"
_INTENT = "payment_intent"
_CODE = "$.next_action.pix_display_qr_code.data"
_FORM = """<form method="post" action="{path}"><p><label for="code">Text of the Pix code</label></p>
<textarea id="code" name="code" rows="4" required spellcheck="false">{code}</textarea>
<button>Pay</button></form>"""


def answer(account: Account, method: str, path: str, content: str) -> Answer:
    """Answer the page. A POST has the text of the code as `code`."""
    try:
        if method == "POST":
            return _paid(account, parse_qs(content).get("code", [""])[0])
        name = path.removeprefix(PATH).strip("/")
        return pages.page(200, _shown(account.get(_INTENT, name, "payment_intent")) if name else _form(""))
    except Refused as refused:
        return pages.refused(refused, PATH)


def _paid(account: Account, text: str) -> Answer:
    with account.store.transaction():
        account.request = {"id": None, "idempotency_key": None}
        found = account.store.matching(_INTENT, [(_CODE, "=", text.strip())])
        if not found:
            return pages.page(404, f'<p role="alert">No open payment has this code.</p>{_form(text)}')
        paid = charging.pay_pix(account, found[0])
    return pages.page(200, f"<p>{_amount(paid)}</p><p>This is paid. You can close the page.</p>")


def _shown(intent: Thing) -> str:
    state = "This is paid." if intent["status"] == "succeeded" else "This code takes no payment any more."
    code = _code_of(intent)
    return f"<p><strong>{_amount(intent)}</strong></p>" + (_form(code) if code else f"<p>{state}</p>")


def _code_of(intent: Thing) -> str:
    """Return the text of the code that a payment shows. Empty: it shows none, or none any more."""
    shown = (intent["next_action"] or {}).get("pix_display_qr_code") or {}
    return str(shown.get("data") or "")


def _form(code: str) -> str:
    return _FORM.format(path=PATH, code=html.escape(code))


def _amount(intent: Thing) -> str:
    return html.escape(pages.written(intent["amount"], intent["currency"]))
