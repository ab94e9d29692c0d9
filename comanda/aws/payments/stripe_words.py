"""
Translate between Stripe's words and ours: amounts, reasons, payments, notices.

Called by   comanda.aws.payments.stripe, stripe_calls, stripe_links, stripe_notices
Returns     values of comanda.domain.payments
Raises      nothing

Only codes are translated. Stripe's sentences, and names of people or cards, stay where they are.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from comanda.domain.payments.answer import Answer, Happening, Notice, Outcome, Payment, Reason, Standing
from comanda.domain.payments.dispute import DisputeState, ProviderDispute
from comanda.domain.payments.operation import Operation, Purpose

Thing = Mapping[str, Any]

_LONGEST_ID = 255
OPERATION, ORDER = "operation", "order"  # names in Stripe's metadata
_SCALES = {"ISK": 100, "UGX": 100}  # Stripe counts these with two digits, ISO 4217 with none
_SHARES = {"MGA": 100}  # Stripe counts it without digits, ISO 4217 with two
_STEPS = {"BHD": 10, "JOD": 10, "KWD": 10, "OMR": 10, "TND": 10}  # three digits, of which the last is 0
_UNKNOWN_DIGITS = ("CLF", "UYW", "IQD", "LYD")
_REASONS = {
    "insufficient_funds": Reason.INSUFFICIENT_FUNDS,
    "expired_card": Reason.CARD_EXPIRED,
    "lost_card": Reason.CARD_LOST_OR_STOLEN,
    "stolen_card": Reason.CARD_LOST_OR_STOLEN,
    "pickup_card": Reason.CARD_LOST_OR_STOLEN,
    "incorrect_cvc": Reason.CARD_DATA_WRONG,
    "incorrect_number": Reason.CARD_DATA_WRONG,
    "invalid_expiry_month": Reason.CARD_DATA_WRONG,
    "invalid_expiry_year": Reason.CARD_DATA_WRONG,
    "authentication_required": Reason.AUTHENTICATION_NEEDED,
    "payment_intent_authentication_failure": Reason.AUTHENTICATION_NEEDED,
    "payment_intent_payment_attempt_expired": Reason.PAYMENT_EXPIRED,
    "amount_too_large": Reason.TOO_MUCH,
    "charge_already_refunded": Reason.TOO_MUCH,
    "charge_already_captured": Reason.STATE,
    "charge_expired_for_capture": Reason.AUTHORISATION_ENDED,
    "capture_charge_authorization_expired": Reason.AUTHORISATION_ENDED,
    "charge_not_refundable": Reason.STATE,
    "charge_disputed": Reason.DISPUTED,
    "amount_too_small": Reason.TOO_LITTLE,
    "resource_missing": Reason.NOT_FOUND,
    "payment_intent_unexpected_state": Reason.STATE,
}
_HAPPENINGS = {
    "payment_intent.amount_capturable_updated": Happening.AUTHORISED,
    "payment_intent.succeeded": Happening.CAPTURED,
    "payment_intent.canceled": Happening.ENDED,
    "payment_intent.payment_failed": Happening.FAILED,
    "checkout.session.completed": Happening.AUTHORISED,
    "checkout.session.async_payment_succeeded": Happening.AUTHORISED,
    "checkout.session.async_payment_failed": Happening.FAILED,
    "checkout.session.expired": Happening.FAILED,
    "refund.created": Happening.REFUNDED,
    "refund.updated": Happening.REFUNDED,
    "refund.failed": Happening.REFUND_FAILED,
    "charge.dispute.created": Happening.DISPUTED,
    "charge.dispute.updated": Happening.DISPUTED,
    "charge.dispute.funds_withdrawn": Happening.DISPUTED,
    "charge.dispute.funds_reinstated": Happening.DISPUTED,
    "charge.dispute.closed": Happening.DISPUTED,
}
# All others are open. A bank that only asks, and takes nothing, is a warning.
_DISPUTES = {
    "won": DisputeState.WON,
    "warning_closed": DisputeState.WON,
    "prevented": DisputeState.WON,
    "lost": DisputeState.LOST,
}
_WARNINGS = ("warning_needs_response", "warning_under_review")


def charged(amount: int, currency: str) -> int | None:
    """Return an amount as Stripe counts it; None when Stripe cannot move it."""
    smallest = unit(currency)
    if not smallest or amount % smallest:
        return None
    return amount * _SCALES.get(currency, 1) // _SHARES.get(currency, 1)


def unit(currency: str) -> int:
    """Return the smallest amount that Stripe moves, in minor units of ISO 4217; 0: none in this currency."""
    return 0 if currency in _UNKNOWN_DIGITS else _STEPS.get(currency, 1) * _SHARES.get(currency, 1)


def counted(amount: int, currency: str) -> int:
    """Return an amount of Stripe's in minor units of ISO 4217. The rest of one that has none is cut off."""
    return amount * _SHARES.get(currency, 1) // _SCALES.get(currency, 1)


def reason_of(error: Thing) -> Reason:
    """Return why Stripe refuses: its decline code first, then its code."""
    for name in ("decline_code", "code"):
        found = _REASONS.get(str(error.get(name)))
        if found is not None:
            return found
    if error.get("type") == "card_error":
        return Reason.CARD_DECLINED
    # Stripe has no code for a refund above what is left: the parameter alone tells it.
    return Reason.TOO_MUCH if error.get("param") in ("amount", "amount_to_capture") else Reason.INVALID


def of_intent(operation: Operation, intent: Thing) -> Answer:
    """Return what a payment of Stripe's says about an authorisation, a capture or a void. ABSENT: nothing of it."""
    facts: dict[str, Any] = {"reference": intent["id"], "currency": intent["currency"].upper()}
    status = intent["status"]
    if operation.purpose in (Purpose.AUTHORIZE, Purpose.INCREASE):
        return _of_authorization(operation, intent, facts)
    if operation.purpose is Purpose.CAPTURE:
        noted = intent["metadata"].get(note_of(operation))
        if noted is not None:  # the note came with the capture: one of them alone cannot be there
            received = counted(intent["amount_received"], facts["currency"]) - operation.captured
            amount = int(noted) if noted.isascii() and noted.isdigit() else 0  # else somebody wrote into it
            spent = status != "requires_capture"
            return Answer(outcome=Outcome.DONE, amount=min(amount, received), spent=spent, **facts)
        if status == "requires_capture":
            return Answer(outcome=Outcome.ABSENT, **facts)
        # Of a payment that waits for another card nothing was taken: its bank has taken the authorisation back.
        reason = Reason.STATE if status in ("succeeded", "processing") else Reason.AUTHORISATION_ENDED
        return Answer(outcome=Outcome.DECLINED, reason=reason, **facts)
    if status == "canceled" or (status == "succeeded" and operation.captured):
        return Answer(outcome=Outcome.DONE, **facts)
    if status == "succeeded":
        return Answer(outcome=Outcome.DECLINED, reason=Reason.STATE, **facts)
    return Answer(outcome=Outcome.ABSENT, **facts)


def captures_in_parts(intent: Thing) -> bool:
    """Return True if a payment, whose charge came along, can be captured several times."""
    return _is_available(intent, "multicapture")


def can_be_increased(intent: Thing) -> bool:
    """Return True if more can be authorised on a payment, whose charge came along."""
    return _is_available(intent, "incremental_authorization")


def _is_available(intent: Thing, what: str) -> bool:
    charge = intent["latest_charge"]
    card = charge["payment_method_details"].get("card") if isinstance(charge, Mapping) else None
    return ((card or {}).get(what) or {}).get("status") == "available"


def note_of(operation: Operation) -> str:
    """Return the name in a payment's metadata under which a capture notes its amount."""
    return f"{operation.purpose}-{operation.number}"


def names_of(operation: Operation) -> dict[str, str]:
    """Return the metadata by which the operation is found again. They name no person."""
    return {OPERATION: operation.operation_id, ORDER: operation.order_id}


def is_of(operation: Operation, thing: Thing) -> bool:
    return (thing["metadata"] or {}).get(OPERATION) == operation.operation_id


def _of_authorization(operation: Operation, intent: Thing, facts: dict[str, Any]) -> Answer:
    amount = counted(intent["amount"], facts["currency"])
    status = intent["status"]
    increases = operation.purpose is Purpose.INCREASE
    if increases and status == "requires_capture" and amount < operation.amount:
        return Answer(outcome=Outcome.ABSENT, **facts)  # it was not made
    if status in ("requires_capture", "succeeded"):
        captured = counted(intent["amount_received"], facts["currency"]) if status == "succeeded" else 0
        return Answer(outcome=Outcome.DONE, amount=amount, captured=captured, ends_at=_end_of(intent), **facts)
    if status in ("requires_action", "processing"):
        code = (intent["next_action"] or {}).get("pix_display_qr_code") or {}
        page = (intent["next_action"] or {}).get("redirect_to_url") or {}
        return Answer(
            outcome=Outcome.PENDING,
            pay_with=code.get("data") or page.get("url") or "",
            ends_at=time_of(code.get("expires_at")),
            **facts,
        )
    if status == "canceled":
        return Answer(outcome=Outcome.DECLINED, reason=Reason.AUTHORISATION_ENDED, **facts)
    error = intent["last_payment_error"]
    if error is None:  # made, and never confirmed
        return Answer(outcome=Outcome.ABSENT, **facts)
    return Answer(outcome=Outcome.DECLINED, reason=reason_of(error), **facts)


def of_refund(_: Operation, refund: Thing) -> Answer:
    currency = refund["currency"].upper()
    facts: dict[str, Any] = {"movement": refund["id"], "reference": refund["payment_intent"], "currency": currency}
    if refund["status"] in ("failed", "canceled"):
        return Answer(outcome=Outcome.DECLINED, reason=Reason.REFUND_FAILED, **facts)
    outcome = Outcome.DONE if refund["status"] == "succeeded" else Outcome.PENDING
    return Answer(outcome=outcome, amount=counted(refund["amount"], currency), **facts)


def dispute_of(dispute: Thing) -> ProviderDispute | None:
    """Return a dispute, None for one in which the bank only asks: it has taken nothing."""
    if dispute["status"] in _WARNINGS:
        return None
    currency = dispute["currency"].upper()
    return ProviderDispute(
        dispute_id=_name(dispute["id"]),
        amount=counted(dispute["amount"], currency),
        currency=currency,
        state=_DISPUTES.get(dispute["status"], DisputeState.OPEN),
    )


def payment_of(intent: Thing) -> Payment:
    standings = {"requires_capture": Standing.AUTHORISED, "succeeded": Standing.CAPTURED, "canceled": Standing.ENDED}
    currency = intent["currency"].upper()
    return Payment(
        reference=intent["id"],
        standing=standings.get(intent["status"], Standing.WAITING),
        amount=counted(intent["amount"], currency),
        captured=counted(intent["amount_received"], currency),
        currency=currency,
        order_id=intent["metadata"].get(ORDER, ""),
        customer=intent["customer"] or "",
        instrument=intent["payment_method"] or "",
        ends_at=_end_of(intent),
    )


def notice_of(event: Thing) -> Notice:
    """Return the notice of an event. The amount is the payment's, or the refund's. A Checkout session may have none."""
    thing = event["data"]["object"]
    happening = _HAPPENINGS.get(event["type"], Happening.OTHER)
    at = datetime.fromtimestamp(event["created"], UTC)
    about: dict[str, Any] = {"notice_id": _name(event["id"]), "account": event.get("account") or "", "at": at}
    if happening is Happening.OTHER:
        return Notice(happening=happening, **about)
    refund = thing["object"] == "refund"
    part = refund or thing["object"] == "dispute"  # of a payment
    if refund and thing["status"] not in ("succeeded", "pending", "requires_action"):
        happening = Happening.REFUND_FAILED
    currency = (thing["currency"] or "").upper()
    amounts = {"checkout.session": "amount_total", "payment_intent": "amount", "refund": "amount", "dispute": "amount"}
    amount = thing["amount_received" if happening is Happening.CAPTURED else amounts[thing["object"]]]
    payment = thing["payment_intent"] if part else thing["id"]
    return Notice(
        happening=happening,
        reference="" if payment is None else _name(payment),  # a charge of an early version has none
        movement=_name(thing["id"]) if part else "",
        operation_id=(thing["metadata"] or {}).get(OPERATION, ""),
        order_id=(thing["metadata"] or {}).get(ORDER, ""),
        amount=counted(amount or 0, currency),
        currency=currency,
        **about,
    )


def _name(value: Any) -> str:
    """Return the id of an object of Stripe's. Raises ValueError for what is none."""
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_ID or not value.isascii():
        raise ValueError("no id of Stripe's")
    return value


def _end_of(intent: Thing) -> datetime | None:
    """Return when an authorisation ends, which the charge says when it came along."""
    charge = intent["latest_charge"]
    if not isinstance(charge, Mapping) or intent["status"] != "requires_capture":
        return None
    return time_of((charge["payment_method_details"].get("card") or {}).get("capture_before"))


def time_of(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
