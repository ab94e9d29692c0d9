"""
Send what the office decides about an order: confirm, reject, hold, resolve a hold, cancel units, provide, and a link for its customer.

Called by   functions/console/pages/order.py
Returns     the answer of the API, or a refusal of the console's own, with the words for a success
"""

from collections.abc import Callable, Mapping
from typing import Any

from comanda.aws.api_client.calls import Answer
from comanda.domain.orders.tender import CARD
from functions.console import amounts, changed_sums, order_rules, problems, reasons, shipment_actions
from functions.console.forms import Form
from functions.console.problems import Refusal
from functions.console.request import Request
from functions.console.shipment_actions import Done
from functions.console.typed_fields import AMOUNT
from functions.console.view import spoken

# The fields of a payment, by what the API calls them.
FIELDS = {
    "/payments/0/method": "pay_method",
    "/payments/0/reference": "pay_reference",
    "/payments/0/code": "pay_code",
    "/payments/0/authorized": "pay_amount",
    "/payments/0/authorized/amount": "pay_amount",
    "/payments": "pay_amount",
}
_MOST_LINES = 1000  # of one order
LINKS = ("link", "new-link")  # a further link for the customer; a new one after ending all others


def _confirm(request: Request, form: Form, path: str) -> Done:
    form.take()
    return _send(request, form, f"{path}/confirm", {}), spoken("The order was confirmed.")


def _reject(request: Request, form: Form, path: str) -> Done:
    return _send(request, form, f"{path}/reject", form.take("reason")), spoken("The order was rejected.")


def _hold(request: Request, form: Form, path: str) -> Done:
    """Hold the order, or the lines that were ticked: the type says which of both, and the API refuses the other."""
    fields, lines = form.take("type", "reason", lists=("lines",)), form.list("lines", _MOST_LINES)
    body: dict[str, Any] = {**fields, **({"lines": list(lines)} if lines else {})}
    return _send(request, form, f"{path}/holds", body), spoken("The order is held.")


def _resolve(request: Request, form: Form, path: str) -> Done:
    fields = form.take("hold_id", "resolution")
    body = {"resolution": fields["resolution"]}
    return _send(request, form, f"{path}/holds/{fields['hold_id']}/resolve", body), spoken("The hold was resolved.")


def _cancel(request: Request, form: Form, path: str) -> Done:
    """Cancel the typed units. The lines are those of the order as it is now; the version refuses an older form."""
    order = request.door.get(path)
    if not order.ok:
        return order, ""
    may = request.door.get(f"{path}/allowed-changes")
    if not may.ok:
        return may, ""
    lines = order_rules.cancellable(order.body, may.body["changes"])
    fields = form.take(*reasons.FIELDS, *(f"quantity.{i}" for i in range(len(form.fields))))
    try:
        chosen = order_rules.chosen_lines(fields, lines)
    except ValueError as error:
        return _wrong(str(error), spoken("Write a whole number, at most the units that are left.")), ""
    if chosen == []:
        return _wrong("quantity.0", spoken("Write how many units are to be cancelled.")), ""
    body: dict[str, Any] = {**reasons.given(fields), **({} if chosen is None else {"lines": chosen})}
    return _send(request, form, f"{path}/cancel", body), spoken("The units were cancelled.")


def _cancel_all(request: Request, form: Form, path: str) -> Done:
    """Cancel all that can be cancelled. Units that were typed beside it would be another wish."""
    fields = form.take(*reasons.FIELDS, *(f"quantity.{i}" for i in range(len(form.fields))))
    typed = [name for name, value in fields.items() if name.startswith("quantity.") and value.strip().strip("0")]
    if typed:
        return _wrong(typed[0], spoken("Write no units here, or press the other button.")), ""
    return _send(request, form, f"{path}/cancel", reasons.given(fields)), spoken("All that could be was cancelled.")


def _provide(request: Request, form: Form, path: str) -> Done:
    fields = form.take("line_id", "quantity", "kind", "text")
    typed = fields["quantity"].strip()
    if not (typed.isascii() and typed.isdigit() and len(typed) <= 6):
        return _wrong("quantity", spoken("Write a whole number, at most the units that are left.")), ""
    proof = {"kind": fields["kind"], "text": fields["text"]}
    body = {"line_id": fields["line_id"], "quantity": int(typed), "proof": proof}
    return _send(request, form, f"{path}/provide", body), spoken("The units were provided. The customer gets a mail.")


def _link(request: Request, form: Form, path: str) -> Done:
    """Make a link by which the customer sees the order. Its address is a secret, which the page shows once."""
    form.take()
    body = {"revoke": True} if form.do == "new-link" else {}
    return request.door.send("POST", f"{path}/links", body, key=form.key), ""


def _case(request: Request, form: Form, path: str) -> Done:
    fields = form.take("kind", "text", "author", "line_id")
    line = fields.pop("line_id")
    body = {**fields, **({"line_ids": [line]} if line else {})}
    return request.door.send("POST", f"{path}/cases", body, key=form.key), spoken("The case was opened.")


def _pay(request: Request, form: Form, path: str) -> Done:
    """Tell a further payment. It makes the change that waits for it."""
    fields = form.take("pay_amount", "pay_method", "pay_reference", "pay_code", "currency")
    try:
        amount = amounts.read(fields["pay_amount"], fields["currency"])
    except ValueError:
        return _wrong("pay_amount", AMOUNT), ""
    authorized = {"amount": amount, "currency": fields["currency"]}
    payment = changed_sums.payment(fields["pay_method"], fields["pay_reference"], fields["pay_code"], authorized)
    answer = request.door.send("POST", f"{path}/payments", {"payments": [payment]}, key=form.key)
    still = answer.ok and answer.body["pending_change"]
    return answer, spoken("The payment was noted. More is needed.") if still else spoken("The payment was noted.")


def _ask_to_pay(request: Request, form: Form, path: str) -> Done:
    """Ask the customer to pay by a link or by Pix. A mail follows when the provider has made it, or again if it is open. Or have what
    is missing authorised on their card."""
    method = form.take("method")["method"]
    said = spoken("The card is asked for more.") if method == CARD else spoken("The customer is asked to pay.")
    return _send(request, form, f"{path}/payment-links", {"method": method, "again": method != CARD}), said


def _withdraw(request: Request, form: Form, path: str) -> Done:
    body = form.take("reason")
    return _send(request, form, f"{path}/pending-change/withdraw", body), spoken("The waiting change was withdrawn.")


ACTIONS: Mapping[str, Callable[[Request, Form, str], Done]] = {
    "confirm": _confirm,
    "reject": _reject,
    "hold": _hold,
    "resolve": _resolve,
    "cancel": _cancel,
    "cancel-all": _cancel_all,
    "provide": _provide,
    "case": _case,
    "pay": _pay,
    "ask-to-pay": _ask_to_pay,
    "withdraw": _withdraw,
    **dict.fromkeys(LINKS, _link),
    **shipment_actions.ACTIONS,
}


def _send(request: Request, form: Form, path: str, body: Mapping[str, Any]) -> Answer:
    return request.door.send("POST", path, body, key=form.key, version=form.version)


def _wrong(field: str, sentence: str) -> Refusal:
    return problems.own_refusal(spoken("Nothing was changed."), {field: sentence})
