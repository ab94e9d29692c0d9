"""
Answer the calls about payments: create, confirm, capture, cancel, increase, find.

Called by   local/stripe/endpoints.py, sessions.py
Returns     the payment, as it is afterwards
Raises      Refused
"""

from collections.abc import Mapping
from typing import Any

from local.stripe import balance, charging, currencies, customers, shapes
from local.stripe.account import Account
from local.stripe.faults import Faults
from local.stripe.refusals import Refused
from local.stripe.store import Thing, public

KIND = "payment_intent"
MOST_CAPTURES = 50
MOST_INCREMENTS = 10
OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")


def create(account: Account, faults: Faults, params: Mapping[str, Any]) -> Thing:
    currencies.check_currency(params["currency"])
    currencies.check_charge(params["amount"], params["currency"])
    if "customer" in params:
        account.get("customer", params["customer"], "customer")
    intent = shapes.payment_intent(account, params)
    _choose_methods(account, intent, params)
    account.put(intent)
    account.emit("payment_intent.created", intent)
    if params.get("confirm"):
        return _confirmed(account, faults, intent, params)
    for name in ("off_session", "return_url"):
        if name in params:
            raise Refused.unread(f"{name} is given when the payment is confirmed", name)
    if "payment_method" in params or "payment_method_data" in params:
        method = customers.chosen(account, params, intent)
        intent |= {"payment_method": method["id"], "status": "requires_confirmation"}
    return account.put(intent)


def _choose_methods(account: Account, intent: Thing, params: Mapping[str, Any]) -> None:
    """Set the types of methods that the payment takes, and their options."""
    allowed, automatic = params.get("allowed_payment_method_types"), params.get("automatic_payment_methods")
    if allowed is not None and automatic is not None:
        raise Refused.unread("It is given instead of automatic_payment_methods.", "allowed_payment_method_types")
    if allowed is None:
        intent["automatic_payment_methods"] = {"allow_redirects": "always", "enabled": True} | (automatic or {})
    pix = account.terms["pix"] and intent["currency"] == "brl" and intent["capture_method"] != "manual"
    kinds = [kind for kind in ("card", "pix") if (kind == "card" or pix) and (allowed is None or kind in allowed)]
    if not kinds:
        raise Refused("No payment method fits this payment.", param="allowed_payment_method_types", stored=False)
    intent["allowed_payment_method_types"] = allowed
    intent["payment_method_types"] = kinds
    intent["payment_method_options"] = _options(kinds, params.get("payment_method_options", {}))


def _options(kinds: list[str], given: Mapping[str, Any]) -> dict[str, Any]:
    defaults: dict[str, dict[str, Any]] = {
        "card": {"installments": None, "mandate_options": None, "network": None, "request_three_d_secure": "automatic"},
        "pix": {"amount_includes_iof": "never", "expires_after_seconds": None, "expires_at": None},
    }
    return {kind: defaults[kind] | given.get(kind, {}) for kind in kinds}


def confirm(account: Account, faults: Faults, name: str, params: Mapping[str, Any]) -> Thing:
    return _confirmed(account, faults, account.get(KIND, name, "intent"), params)


def _confirmed(account: Account, faults: Faults, intent: Thing, params: Mapping[str, Any]) -> Thing:
    if intent["status"] not in OPEN:
        raise Refused.in_state("confirming", intent, OPEN)
    method = customers.chosen(account, params, intent)
    automatic = intent["automatic_payment_methods"]
    if automatic and automatic["allow_redirects"] == "always" and "return_url" not in params:
        raise Refused(
            "This payment may lead the customer to another page: give a return_url, or set "
            "automatic_payment_methods[allow_redirects] to never.",
            param="return_url",
        )
    options = params.get("payment_method_options", {})
    intent["payment_method_options"] = {
        kind: chosen | options.get(kind, {}) for kind, chosen in intent["payment_method_options"].items()
    }
    usage = {"setup_future_usage": params["setup_future_usage"]} if "setup_future_usage" in params else {}
    intent |= {"payment_method": method["id"], "_return_url": params.get("return_url"), **usage}
    if method["type"] == "pix":
        return charging.show_pix(account, intent)
    return charging.charge_card(account, faults, intent, method, off_session=params.get("off_session", False))


def capture(account: Account, faults: Faults, name: str, params: Mapping[str, Any]) -> Thing:
    """Take a part of what was authorised, or all of it; unless it says otherwise the rest is released."""
    intent = account.get(KIND, name, "intent")
    if intent["status"] != "requires_capture":
        raise Refused.in_state("capturing", intent, ("requires_capture",))
    charge = account.get("charge", intent["latest_charge"])
    several = charge["payment_method_details"]["card"]["multicapture"]["status"] == "available"
    final = params.get("final_capture", True)
    if not final and not several:
        raise Refused("This PaymentIntent can be captured only once.", param="final_capture")
    amount = params.get("amount_to_capture", intent["amount_capturable"])
    _check_capture(intent, amount, may_be_nothing=several and final)
    if fault := faults.pick(("decline",), f"/v1/payment_intents/{name}/capture"):
        raise _declined(intent, charge, fault.code)
    if "metadata" in params:
        intent["metadata"] = merged(intent["metadata"], params["metadata"])
    return _capture_some(account, intent, charge, amount, final=final, several=several)


def _check_capture(intent: Thing, amount: int, *, may_be_nothing: bool) -> None:
    if amount > intent["amount_capturable"]:
        raise Refused(
            f"amount_to_capture is {amount}, and {intent['amount_capturable']} can be captured.",
            code="amount_too_large",
            param="amount_to_capture",
        )
    if amount or not may_be_nothing:
        currencies.check_charge(amount, intent["currency"], "amount_to_capture")
    if intent.get("_captures", 0) == MOST_CAPTURES - 1 and not may_be_nothing:
        raise Refused(f"A PaymentIntent is captured at most {MOST_CAPTURES} times.", param="final_capture")


def _declined(intent: Thing, charge: Thing, code: str) -> Refused:
    """Return the refusal of an issuer that declines more, or a capture: the authorisation stays as it is."""
    return Refused(
        "Your card was declined.", status=402, kind="card_error", code="card_declined", keeps=True,
        decline_code=code, charge=charge["id"], payment_intent=public(intent),
    )  # fmt: skip


def _capture_some(account: Account, intent: Thing, charge: Thing, amount: int, *, final: bool, several: bool) -> Thing:
    before = {"amount_capturable": intent["amount_capturable"]}
    if amount:
        fee = balance.fee_of(account, amount, intent["currency"])
        moved = balance.move(account, charge, amount, kind="charge", fee=fee)
        charge["balance_transaction"] = charge["balance_transaction"] or moved["id"]
    charge |= {"amount_captured": charge["amount_captured"] + amount, "captured": final}
    intent |= {
        "amount_capturable": 0 if final else intent["amount_capturable"] - amount,
        "amount_received": intent["amount_received"] + amount,
        "_captures": intent.get("_captures", 0) + 1,
    }
    if final:
        intent |= {"status": "succeeded", "_due": None}
    account.put(charge)
    account.put(intent)
    if several:
        account.emit("charge.updated", charge, {"amount_captured": charge["amount_captured"] - amount})
        account.emit("payment_intent.amount_capturable_updated", intent, before)
    if final:
        account.emit("charge.captured", charge, {"captured": False})
        account.emit("payment_intent.succeeded", intent)
    return intent


def cancel(account: Account, _faults: Faults, name: str, params: Mapping[str, Any]) -> Thing:
    intent = account.get(KIND, name, "intent")
    if intent["status"] not in (*OPEN, "requires_capture") or intent["amount_received"]:
        raise Refused.in_state("canceling", intent, (*OPEN, "requires_capture"))
    intent |= {
        "status": "canceled",
        "amount_capturable": 0,
        "canceled_at": account.now,
        "cancellation_reason": params.get("cancellation_reason"),
        "next_action": None,
        "_due": None,
    }
    account.put(intent)
    account.emit("payment_intent.canceled", intent)
    return intent


def increment(account: Account, faults: Faults, name: str, params: Mapping[str, Any]) -> Thing:
    """Authorise a larger amount on the same card. A decline leaves the first authorisation as it is."""
    intent = account.get(KIND, name, "intent")
    if intent["status"] != "requires_capture" or intent["amount_received"]:
        raise Refused.in_state("increasing", intent, ("requires_capture",))
    charge = account.get("charge", intent["latest_charge"])
    if charge["payment_method_details"]["card"]["incremental_authorization"]["status"] != "available":
        raise Refused(
            "This PaymentIntent's authorisation cannot be increased.", code="payment_intent_invalid_parameter"
        )
    if params["amount"] <= intent["amount"]:
        raise Refused("The amount must be larger than the present one.", param="amount")
    currencies.check_charge(params["amount"], intent["currency"])
    tries = intent.get("_increments", 0) + 1
    if tries > MOST_INCREMENTS:
        raise Refused(f"An authorisation is increased at most {MOST_INCREMENTS} times.")
    account.put(intent | {"_increments": tries})
    if fault := faults.pick(("decline",), f"/v1/payment_intents/{name}/increment_authorization"):
        raise _declined(intent, charge, fault.code)
    before = {"amount": intent["amount"], "amount_capturable": intent["amount_capturable"]}
    intent |= {"amount": params["amount"], "amount_capturable": params["amount"], "_increments": tries}
    if "metadata" in params:
        intent["metadata"] = merged(intent["metadata"], params["metadata"])
    charge["payment_method_details"]["card"]["amount_authorized"] = params["amount"]
    account.put(charge | {"amount": params["amount"]})
    account.put(intent)
    account.emit("payment_intent.amount_capturable_updated", intent, before)
    return intent


def update(account: Account, _faults: Faults, name: str, params: Mapping[str, Any]) -> Thing:
    intent = account.get(KIND, name, "intent")
    changes: dict[str, Any] = {name: params[name] for name in ("description",) if name in params}
    if "metadata" in params:
        changes["metadata"] = merged(intent["metadata"], params["metadata"])
    return account.put(intent | changes)


def merged(metadata: Mapping[str, str], changes: Mapping[str, str]) -> dict[str, str]:
    """Return metadata with changes: an empty value removes a key, and no changes at all remove every key."""
    if not changes:
        return {}
    return {key: value for key, value in {**metadata, **changes}.items() if value != ""}
