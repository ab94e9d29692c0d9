"""
Charge a payment method, and let time pass over what was authorised.

Called by   local/stripe/intents.py, sessions.py, doors.py, clockwork.py
Returns     the payment, as it is afterwards
Raises      Refused with 402 for a decline, which keeps the failed charge; Refused for a step that the status does not allow

A card is charged at once, asks its holder first, or is declined. Pix waits until somebody pays, or until it expires.
"""

from typing import Any

from local.stripe import balance, shapes
from local.stripe.account import DAY, Account, new_id
from local.stripe.cards import BY_ALIAS, GENERIC, NEEDS_AUTHENTICATION, Card, Decline
from local.stripe.faults import Faults
from local.stripe.refusals import CARD, Refused
from local.stripe.store import Thing, public

PIX_SECONDS = DAY  # a code's life unless the payment says otherwise
PIX_SHORTEST, PIX_LONGEST = 10, 14 * DAY


def charge_card(account: Account, faults: Faults, intent: Thing, method: Thing, *, off_session: bool) -> Thing:
    """Charge a card, or ask its holder first. `off_session` says that the holder is not there, so asking is a decline."""
    card = BY_ALIAS[method["_card"]]
    asks = card.authentication == "always" or (card.authentication == "unless_set_up" and not method.get("_set_up"))
    asks = asks or intent["payment_method_options"].get("card", {}).get("request_three_d_secure") in (
        "any",
        "challenge",
    )
    if asks and off_session:
        raise declined(account, intent, method, NEEDS_AUTHENTICATION, details=_details(account, method, card, intent))
    if asks:
        return _ask_holder(account, intent)
    return _decide(account, faults, intent, method, authenticated=False)


def _ask_holder(account: Account, intent: Thing) -> Thing:
    back = intent.get("_return_url")
    url = f"https://hooks.stripe.test/3d_secure_2/{intent['id']}"
    action: dict[str, Any] = {"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect"}}
    if back:
        action = {"type": "redirect_to_url", "redirect_to_url": {"return_url": back, "url": url}}
    asked = {"status": "requires_action", "next_action": action, "last_payment_error": None, "_due": None}
    intent = account.put(intent | asked)
    account.emit("payment_intent.requires_action", intent)
    return intent


def authenticate(account: Account, faults: Faults, intent: Thing, *, succeeds: bool) -> Thing:
    """Do what the holder of a card does when asked: prove who they are, or fail to."""
    if intent["status"] != "requires_action" or intent["next_action"]["type"] == "pix_display_qr_code":
        raise Refused.in_state("authenticating", intent, ("requires_action",))
    method = account.get("payment_method", intent["payment_method"])
    intent |= {"next_action": None}
    if succeeds:
        return _decide(account, faults, intent, method, authenticated=True)
    failed = {
        "type": CARD,
        "code": "payment_intent_authentication_failure",
        "message": "The holder of the card could not be authenticated.",
        "payment_method": public(method),
    }
    return _needs_another_method(account, intent, failed)


def _decide(account: Account, faults: Faults, intent: Thing, method: Thing, *, authenticated: bool) -> Thing:
    """Ask the issuer: a charge that succeeds, or a decline."""
    card = BY_ALIAS[method["_card"]]
    details = _details(account, method, card, intent, authenticated=authenticated)
    fault = faults.pick(("decline",), "/v1/payment_intents")
    decline = _of_fault(fault.code) if fault else card.decline
    if decline:
        raise declined(account, intent, method, decline, details=details)
    charge = shapes.charge(account, intent, method, details)
    charge |= {"status": "succeeded", "paid": True, "outcome": shapes.approved()}
    _keep_method(account, intent, method)
    intent |= {"next_action": None, "last_payment_error": None, "latest_charge": charge["id"]}
    by_hand = "manual" in (
        intent["capture_method"],
        intent["payment_method_options"].get("card", {}).get("capture_method"),
    )
    if not by_hand:
        return settle(account, intent, charge, at_once=card.available_at_once)
    intent |= {
        "status": "requires_capture",
        "amount_capturable": intent["amount"],
        "_due": account.moment + account.terms["authorization_days"] * DAY,
    }
    account.put(charge)
    account.put(intent)
    account.emit("charge.succeeded", charge)
    account.emit("payment_intent.amount_capturable_updated", intent)
    return intent


def settle(account: Account, intent: Thing, charge: Thing, *, at_once: bool = False) -> Thing:
    """Take the whole amount of a charge that needs no capture."""
    amount, card = intent["amount"], charge["payment_method_details"]["type"] == "card"
    fee = balance.fee_of(account, amount, intent["currency"])
    kind = "charge" if card else "payment"
    moved = balance.move(account, charge, amount, kind=kind, category="charge", fee=fee, at_once=at_once)
    charge |= {"captured": True, "amount_captured": amount, "balance_transaction": moved["id"]}
    intent |= {"status": "succeeded", "amount_received": amount, "next_action": None, "_due": None}
    account.put(charge)
    account.put(intent)
    account.emit("charge.succeeded", charge)
    account.emit("payment_intent.succeeded", intent)
    return intent


def declined(account: Account, intent: Thing, method: Thing, decline: Decline, *, details: dict[str, Any]) -> Refused:
    """Write the failed charge and the payment that needs another method, and return the refusal that says so."""
    charge = shapes.charge(account, intent, method, details)
    charge |= {
        "status": "failed",
        "failure_code": decline.code,
        "failure_message": decline.message,
        "outcome": shapes.refused(decline),
    }
    account.put(charge)
    account.emit("charge.failed", charge)
    error = {
        "type": CARD,
        "code": decline.code,
        "charge": charge["id"],
        "message": decline.message,
        "payment_method": public(method),
    } | ({"decline_code": decline.decline_code} if decline.decline_code else {})
    intent = _needs_another_method(account, intent | {"latest_charge": charge["id"]}, error)
    more = {key: value for key, value in error.items() if key in ("decline_code", "charge", "payment_method")}
    return Refused(
        decline.message, status=402, kind=CARD, code=decline.code, keeps=True, payment_intent=public(intent), **more
    )


def _of_fault(code: str) -> Decline:
    """Return the decline of a fault: an issuer's reason, or one of the codes that stand for themselves."""
    if code == "generic_decline":
        return GENERIC
    alone = ("expired_card", "incorrect_cvc", "processing_error", "authentication_required")
    return Decline(code=code if code in alone else "card_declined", decline_code=code)


def _needs_another_method(account: Account, intent: Thing, error: dict[str, Any]) -> Thing:
    intent |= {
        "status": "requires_payment_method",
        "last_payment_error": error,
        "payment_method": None,
        "next_action": None,
        "_due": None,
    }
    account.put(intent)
    account.emit("payment_intent.payment_failed", intent)
    return intent


def _details(
    account: Account, method: Thing, card: Card, intent: Thing, *, authenticated: bool = False
) -> dict[str, Any]:
    return shapes.card_details(account, method, card, intent, authenticated=authenticated)


def _keep_method(account: Account, intent: Thing, method: Thing) -> None:
    """Attach a method to its customer when the payment says so. Without a customer it can be used this once."""
    if method["customer"]:
        return
    if intent["setup_future_usage"] and intent["customer"]:
        changes = {"customer": intent["customer"], "_parent": intent["customer"], "_set_up": True}
    else:
        changes = {"_used": True}
    account.put(method | changes)


def show_pix(account: Account, intent: Thing) -> Thing:
    """Show a code that somebody can pay with Pix until it expires."""
    options = intent["payment_method_options"].get("pix", {})
    expires_at = options.get("expires_at") or account.now + (options.get("expires_after_seconds") or PIX_SECONDS)
    if not account.now + PIX_SHORTEST <= expires_at <= account.now + PIX_LONGEST:
        raise Refused("A Pix code lives between 10 seconds and 14 days.", param="payment_method_options[pix]")
    page = f"{account.address}/pix/{intent['id']}"
    code = {
        "data": f"00020101021226BR.GOV.BCB.PIX{new_id('qr')}5303986540{intent['amount']}6304",
        "expires_at": expires_at,
        "hosted_instructions_url": page,
        "image_url_png": f"{page}.png",
        "image_url_svg": f"{page}.svg",
    }
    intent |= {
        "status": "requires_action",
        "next_action": {"type": "pix_display_qr_code", "pix_display_qr_code": code},
        "last_payment_error": None,
        "_due": expires_at,
    }
    account.put(intent)
    account.emit("payment_intent.requires_action", intent)
    return intent


def pay_pix(account: Account, intent: Thing) -> Thing:
    """Do what the payer's bank does when somebody pays the code."""
    if intent["status"] != "requires_action" or intent["next_action"]["type"] != "pix_display_qr_code":
        raise Refused.in_state("paying with Pix", intent, ("requires_action",))
    method = account.get("payment_method", intent["payment_method"])
    details = {"type": "pix", "pix": {"bank_transaction_id": new_id("E"), "fingerprint": None, "mandate": None}}
    charge = shapes.charge(account, intent, method, details)
    charge |= {"status": "succeeded", "paid": True, "outcome": shapes.approved()}
    _keep_method(account, intent, method)
    return settle(account, intent | {"latest_charge": charge["id"]}, charge)


def expire(account: Account, intent: Thing) -> Thing:
    """End what was not captured or paid in time."""
    if intent["status"] == "requires_capture":
        return _expire_authorization(account, intent)
    error = {
        "type": "invalid_request_error",
        "code": "payment_intent_payment_attempt_expired",
        "message": "The payment was not completed in time.",
        "payment_method": public(account.get("payment_method", intent["payment_method"])),
    }
    return _needs_another_method(account, intent, error)


def _expire_authorization(account: Account, intent: Thing) -> Thing:
    """Release what was not captured within the days that a card's authorisation lasts."""
    charge = account.get("charge", intent["latest_charge"])
    before = {"amount_capturable": intent["amount_capturable"]}
    intent |= {"amount_capturable": 0, "_due": None}
    if intent["amount_received"]:
        intent |= {"status": "succeeded"}
        account.put(charge | {"captured": True})
        account.put(intent)
        account.emit("charge.captured", charge | {"captured": True}, {"captured": False})
        account.emit("payment_intent.succeeded", intent)
        return intent
    intent |= {"status": "canceled", "canceled_at": account.now, "cancellation_reason": "expired"}
    account.put(intent)
    account.emit("charge.expired", charge)
    account.emit("payment_intent.canceled", intent, before)
    return intent
