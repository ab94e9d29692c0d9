"""
Answer the calls about Checkout sessions: the link that a customer on the phone is sent, and pays at.

Called by   local/stripe/endpoints.py, doors.py, pages.py, clockwork.py
Returns     sessions
Raises      Refused

A session has one payment at most, which begins when the customer pays. It ends complete or expired.
"""

from collections.abc import Mapping
from typing import Any

from local.stripe import charging, currencies, customers, intents, shapes
from local.stripe.account import DAY, Account, new_id
from local.stripe.faults import Faults
from local.stripe.refusals import Refused
from local.stripe.store import Thing

KIND = "checkout.session"
SHORTEST = 1_800  # seconds that a session lives, by Stripe's rules
_EMPTY = [
    "adaptive_pricing",
    "after_expiration",
    "allow_promotion_codes",
    "billing_address_collection",
    "client_secret",
    "consent",
    "consent_collection",
    "currency_conversion",
    "customer",
    "customer_account",
    "customer_details",
    "customer_email",
    "invoice",
    "invoice_creation",
    "locale",
    "payment_intent",
    "payment_link",
    "payment_method_configuration_details",
    "phone_number_collection",
    "recovered_from",
    "saved_payment_method_options",
    "setup_intent",
    "shipping_address_collection",
    "shipping_cost",
    "submit_type",
    "subscription",
    "collected_information",
    "origin_context",
    "permissions",
    "return_url",
]


def create(account: Account, _faults: Faults, params: Mapping[str, Any]) -> Thing:
    lines = params["line_items"]
    currency = lines[0]["price_data"]["currency"] if lines else ""
    currencies.check_currency(currency)
    if any(line.get("quantity", 1) < 1 for line in lines):
        raise Refused.unread("A line item has a quantity of 1 or more", "line_items", "parameter_invalid_integer")
    if any(line["price_data"]["currency"] != currency for line in lines):
        raise Refused("All line items have the same currency.", param="line_items")
    amount = sum(line["price_data"]["unit_amount"] * line.get("quantity", 1) for line in lines)
    currencies.check_charge(amount, currency, "line_items")
    expires_at = params.get("expires_at", account.now + DAY)
    if not account.now + SHORTEST - 60 <= expires_at <= account.now + DAY + 60:
        raise Refused("A session expires between 30 minutes and 24 hours from now.", param="expires_at")
    data = params.get("payment_intent_data", {})
    pix = account.terms["pix"] and currency == "brl" and data.get("capture_method") != "manual"
    allowed = params.get("allowed_payment_method_types")
    kinds = [kind for kind in ("card", "pix") if (kind == "card" or pix) and (allowed is None or kind in allowed)]
    session = dict.fromkeys(_EMPTY) | {
        "id": new_id("cs_test"),
        "object": KIND,
        "allowed_payment_method_types": allowed,
        "amount_subtotal": amount,
        "amount_total": amount,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "cancel_url": params.get("cancel_url"),
        "client_reference_id": params.get("client_reference_id"),
        "created": account.now,
        "currency": currency,
        "custom_fields": [],
        "custom_text": {
            "after_submit": None,
            "shipping_address": None,
            "submit": None,
            "terms_of_service_acceptance": None,
        },
        "customer_creation": params.get("customer_creation", "if_required"),
        "expires_at": expires_at,
        "livemode": False,
        "metadata": params.get("metadata", {}),
        "mode": "payment",
        "payment_method_collection": "if_required",
        "payment_method_options": params.get("payment_method_options", {}),
        "payment_method_types": kinds,
        "payment_status": "unpaid",
        "shipping_options": [],
        "status": "open",
        "success_url": params.get("success_url"),
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
        "_intent": data,
        "_due": expires_at,
    }
    session["url"] = f"{account.address}/c/pay/{session['id']}"
    return account.put(session)


def expire(account: Account, _faults: Faults, name: str, _params: Mapping[str, Any]) -> Thing:
    """End a session that is still open, so that its link takes no payment any more."""
    session = account.get(KIND, name, "session")
    if session["status"] != "open":
        raise Refused(f"The session is {session['status']}: only an open one can be expired.", param="session")
    session |= {"status": "expired", "url": None, "_due": None}
    account.put(session)
    account.emit("checkout.session.expired", session)
    return session


def pay(account: Account, faults: Faults, name: str, method: str) -> Thing:
    """Do what the customer does at the session's page: pay with a card, or with Pix (`method` is then "pix")."""
    session = account.get(KIND, name, "session")
    if session["status"] != "open":
        raise Refused(f"The session is {session['status']}: it takes no payment.", param="session")
    intent = _payment(account, faults, session)
    account.put(session | {"payment_intent": intent["id"]})
    how: dict[str, Any] = {"payment_method_data": {"type": "pix"}} if method == "pix" else {"payment_method": method}
    intent = intents.confirm(account, faults, intent["id"], how)
    if intent["status"] == "requires_action" and method == "pix":
        intent = charging.pay_pix(account, intent)
    elif intent["status"] == "requires_action":  # the page lets the holder prove who they are
        intent = charging.authenticate(account, faults, intent, succeeds=True)
    session |= {
        "customer": intent["customer"],
        "payment_intent": intent["id"],
        "status": "complete",
        "url": None,
        "payment_status": "paid" if intent["status"] == "succeeded" else "unpaid",
        "customer_details": shapes.NOBODY | {"tax_exempt": "none", "tax_ids": []},
        "_due": None,
    }
    session["customer_details"].pop("tax_id")
    account.put(session)
    account.emit("checkout.session.completed", session)
    return session


def _payment(account: Account, faults: Faults, session: Thing) -> Thing:
    """Return the session's payment: the one that began with a card that was declined, or a new one."""
    if session["payment_intent"]:
        return account.get(intents.KIND, session["payment_intent"])
    params = {
        "amount": session["amount_total"],
        "currency": session["currency"],
        "allowed_payment_method_types": session["payment_method_types"],
        "payment_method_options": session["payment_method_options"],
        **session["_intent"],
    }
    if session["customer_creation"] == "always":
        params["customer"] = customers.create_customer(account, {})["id"]
    return intents.create(account, faults, params)
