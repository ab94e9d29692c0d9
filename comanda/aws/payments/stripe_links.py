"""
Make a page of Stripe's where a customer pays an order, and say what became of it.

Called by   comanda.aws.payments.stripe
Returns     parameters for Stripe, answers of comanda.domain.payments

A page takes one payment, lives for a day, and can be ended before. A card is authorised there and captured later; Pix is paid.
"""

from collections.abc import Mapping
from typing import Any

from comanda.aws.payments import stripe_words as words
from comanda.aws.payments.stripe_calls import Params
from comanda.domain.payments.answer import Answer, Outcome, Reason
from comanda.domain.payments.operation import Operation, Purpose
from comanda.domain.payments.port import Capabilities

SESSIONS = "/v1/checkout/sessions"
AMOUNT = "line_items[0][price_data][unit_amount]"
EXPAND = ("expand[]", "payment_intent.latest_charge")


def is_link(operation: Operation) -> bool:
    """Return whether the operation is about a page that was not paid, as far as we know."""
    return operation.reference.startswith("cs_") or (operation.method == "LINK" and not operation.reference)


def params(operation: Operation, capabilities: Capabilities, back: str) -> Params:
    """Return the parameters of a new page. `back` is where the customer goes after paying."""
    found: Params = [
        ("line_items[0][price_data][currency]", operation.currency.lower()),
        ("line_items[0][price_data][product_data][name]", operation.title or operation.order_id),
        ("line_items[0][quantity]", 1),
        ("mode", "payment"),
        ("payment_method_options[card][capture_method]", "manual"),
        ("success_url", back),
    ]
    for name, value in words.names_of(operation).items():
        found += [(f"metadata[{name}]", value), (f"payment_intent_data[metadata][{name}]", value)]
    if capabilities.multi_capture:
        found.append(("payment_method_options[card][request_multicapture]", "if_available"))
    else:  # what the first capture leaves is authorised anew, which needs a saved card
        found += [("customer_creation", "always"), ("payment_intent_data[setup_future_usage]", "off_session")]
    return found


def of_session(operation: Operation, session: Mapping[str, Any]) -> Answer:
    """Return what a page says about the authorisation that it is for, or about its end."""
    intent = session["payment_intent"]
    if operation.purpose is Purpose.VOID and session["status"] == "expired":
        return Answer(outcome=Outcome.DONE, reference=session["id"])
    if operation.purpose is not Purpose.AUTHORIZE:
        outcome = Outcome.ABSENT if session["status"] == "open" else Outcome.DECLINED
        return Answer(outcome=outcome, reason=Reason.STATE, reference=session["id"])
    if session["status"] == "complete" and isinstance(intent, Mapping):
        return words.of_intent(operation, intent)
    if session["status"] == "expired":
        return Answer(outcome=Outcome.DECLINED, reason=Reason.PAYMENT_EXPIRED, reference=session["id"])
    ends_at = words.time_of(session["expires_at"])
    return Answer(outcome=Outcome.PENDING, reference=session["id"], pay_with=session["url"] or "", ends_at=ends_at)
