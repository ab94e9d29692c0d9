"""
Write new objects in Stripe's shapes: every field that a reader of the API expects is there.

Called by   local/stripe/intents.py, charging.py, refunds.py, balance.py
Returns     dictionaries; the tests compare their fields and kinds with the classes of the official SDK
"""

from collections.abc import Mapping
from typing import Any

from local.stripe.account import DAY, Account, new_id
from local.stripe.cards import Card, Decline
from local.stripe.store import Thing

NOBODY: dict[str, Any] = {
    "address": {"city": None, "country": None, "line1": None, "line2": None, "postal_code": None, "state": None},
    "email": None,
    "name": None,
    "phone": None,
    "tax_id": None,
}
_CHECKS = {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"}
_EMPTY_EVIDENCE = [
    "access_activity_log",
    "appeal",
    "billing_address",
    "cancellation_policy",
    "cancellation_policy_disclosure",
    "cancellation_rebuttal",
    "customer_communication",
    "customer_email_address",
    "customer_name",
    "customer_purchase_ip",
    "customer_signature",
    "duplicate_charge_documentation",
    "duplicate_charge_explanation",
    "duplicate_charge_id",
    "product_description",
    "receipt",
    "refund_policy",
    "refund_policy_disclosure",
    "refund_refusal_explanation",
    "service_date",
    "service_documentation",
    "shipping_address",
    "shipping_carrier",
    "shipping_date",
    "shipping_documentation",
    "shipping_tracking_number",
    "uncategorized_file",
    "uncategorized_text",
]
_EMPTY_INTENT = [
    "application",
    "application_fee_amount",
    "canceled_at",
    "cancellation_reason",
    "customer",
    "customer_account",
    "description",
    "excluded_payment_method_types",
    "last_payment_error",
    "latest_charge",
    "next_action",
    "on_behalf_of",
    "payment_method",
    "payment_method_configuration_details",
    "processing",
    "receipt_email",
    "review",
    "setup_future_usage",
    "shipping",
    "source",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_data",
    "transfer_group",
]
_EMPTY_CHARGE = [
    "application",
    "application_fee",
    "application_fee_amount",
    "balance_transaction",
    "calculated_statement_descriptor",
    "failure_balance_transaction",
    "failure_code",
    "failure_message",
    "on_behalf_of",
    "receipt_email",
    "receipt_number",
    "receipt_url",
    "review",
    "shipping",
    "source",
    "source_transfer",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_data",
    "transfer_group",
]


def payment_intent(account: Account, params: Mapping[str, Any]) -> Thing:
    name = new_id("pi")
    given = {field: params[field] for field in ("customer", "description", "setup_future_usage") if field in params}
    return dict.fromkeys(_EMPTY_INTENT) | {
        "id": name,
        "object": "payment_intent",
        "amount": params["amount"],
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "automatic_payment_methods": None,
        "capture_method": params.get("capture_method", "automatic_async"),
        "client_secret": new_id(f"{name}_secret"),
        "confirmation_method": "automatic",
        "created": account.now,
        "currency": params["currency"],
        "livemode": False,
        "metadata": params.get("metadata", {}),
        "payment_method_options": {},
        "payment_method_types": [],
        "status": "requires_payment_method",
        **given,
    }


def dispute(account: Account, charge: Thing) -> Thing:
    """Return a dispute of all that was captured of a charge, which waits for the shop's answer."""
    return {
        "id": new_id("du"),
        "object": "dispute",
        "amount": charge["amount_captured"],
        "balance_transactions": [],
        "charge": charge["id"],
        "created": account.now,
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": dict.fromkeys(_EMPTY_EVIDENCE) | {"enhanced_evidence": {}},
        "evidence_details": {
            "due_by": account.now + 7 * DAY,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        "intended_submission_method": None,
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "network_reason_code": None,
        "payment_intent": charge["payment_intent"],
        "payment_method_details": None,
        "reason": "fraudulent",
        "status": "needs_response",
        "_parent": charge["id"],
    }


def charge(account: Account, intent: Thing, method: Thing, details: Mapping[str, Any]) -> Thing:
    """Return a charge that has not been decided yet; `details` are those of its payment method."""
    return dict.fromkeys(_EMPTY_CHARGE) | {
        "id": new_id("ch"),
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": 0,
        "amount_refunded": 0,
        "billing_details": method["billing_details"],
        "captured": False,
        "created": account.now,
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "fraud_details": {},
        "livemode": False,
        "metadata": dict(intent["metadata"]),
        "outcome": None,
        "paid": False,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": details,
        "radar_options": {},
        "refunded": False,
        "status": "pending",
        "_parent": intent["id"],
    }


def card_details(account: Account, method: Thing, card: Card, intent: Thing, *, authenticated: bool) -> dict[str, Any]:
    """Return what a charge says of its card; `multicapture` and `incremental_authorization` say what the account may."""
    wanted, terms = intent["payment_method_options"].get("card", {}), account.terms
    secure = {
        "authentication_flow": "challenge",
        "electronic_commerce_indicator": "05",
        "exemption_indicator": None,
        "result": "authenticated",
        "result_reason": None,
        "transaction_id": new_id("tds"),
        "version": "2.2.0",
    }
    return {
        "type": "card",
        "card": {
            "amount_authorized": intent["amount"],
            "authorization_code": "000000",
            "brand": card.brand,
            "capture_before": account.now + terms["authorization_days"] * DAY,
            "checks": dict(_CHECKS),
            "country": card.country,
            "exp_month": method["card"]["exp_month"],
            "exp_year": method["card"]["exp_year"],
            "extended_authorization": {"status": "disabled"},
            "fingerprint": method["card"]["fingerprint"],
            "funding": card.funding,
            "incremental_authorization": {
                "status": _available(wanted, "incremental_authorization", terms["incremental"])
            },
            "installments": None,
            "last4": card.last4,
            "mandate": None,
            "multicapture": {"status": _available(wanted, "multicapture", terms["multi_capture"])},
            "network": card.brand,
            "network_token": {"used": False},
            "network_transaction_id": new_id("ntx"),
            "overcapture": {"maximum_amount_capturable": intent["amount"], "status": "unavailable"},
            "regulated_status": "unregulated",
            "three_d_secure": secure if authenticated else None,
            "wallet": None,
        },
    }


def _available(wanted: Mapping[str, Any], feature: str, may: bool) -> str:
    return "available" if may and wanted.get(f"request_{feature}") == "if_available" else "unavailable"


def approved() -> dict[str, Any]:
    return _outcome("approved_by_network", "authorized", None, "Payment complete.")


def refused(decline: Decline) -> dict[str, Any]:
    reason = decline.decline_code or decline.code
    return _outcome("declined_by_network", "issuer_declined", reason, "The bank did not accept the payment.")


def _outcome(network: str, kind: str, reason: str | None, words: str) -> dict[str, Any]:
    return {
        "advice_code": None,
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": network,
        "reason": reason,
        "risk_level": "normal",
        "risk_score": 12,
        "seller_message": words,
        "type": kind,
    }


def card_method(account: Account, card: Card, customer: str | None) -> Thing:
    return _method(account, "card", customer) | {
        "card": {
            "brand": card.brand,
            "checks": dict(_CHECKS),
            "country": card.country,
            "display_brand": card.brand,
            "exp_month": 12,
            "exp_year": 2040,
            "fingerprint": f"fp{card.number[:6]}{card.last4}",
            "funding": card.funding,
            "generated_from": None,
            "last4": card.last4,
            "networks": {"available": [card.brand], "preferred": None},
            "regulated_status": "unregulated",
            "three_d_secure_usage": {"supported": True},
            "wallet": None,
        },
        "_card": card.alias,
    }


def pix_method(account: Account) -> Thing:
    return _method(account, "pix", None) | {"pix": {}}


def _method(account: Account, kind: str, customer: str | None) -> Thing:
    return {
        "id": new_id("pm"),
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": NOBODY,
        "created": account.now,
        "customer": customer,
        "customer_account": None,
        "livemode": False,
        "metadata": {},
        "type": kind,
        "_parent": customer,
    }


def refund(account: Account, charge: Thing, amount: int, reason: str | None, metadata: Mapping[str, str]) -> Thing:
    kind = charge["payment_method_details"]["type"]
    destination = {"reference": None, "reference_status": "pending", "reference_type": "acquirer_reference_number"}
    return {
        "id": new_id("re"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": account.now,
        "currency": charge["currency"],
        "destination_details": {"type": kind, kind: destination | {"type": "refund"} if kind == "card" else {}},
        "metadata": dict(metadata),
        "payment_intent": charge["payment_intent"],
        "reason": reason,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
        "_parent": charge["id"],
    }


def listing(data: list[Thing], url: str, *, more: bool = False) -> dict[str, Any]:
    return {"object": "list", "data": data, "has_more": more, "url": url}
