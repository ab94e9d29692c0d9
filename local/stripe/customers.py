"""
Answer the calls about customers and payment methods, and find the method that a payment is made with.

Called by   local/stripe/endpoints.py, intents.py, sessions.py
Returns     customers and payment methods
Raises      Refused for a card that is no test card, and for a method that may not be used
"""

from collections.abc import Mapping
from typing import Any

from local.stripe import shapes
from local.stripe.account import Account, new_id
from local.stripe.cards import BY_ALIAS, BY_NUMBER
from local.stripe.refusals import CARD, Refused
from local.stripe.store import Thing

KIND = "payment_method"


def create_customer(account: Account, params: Mapping[str, Any]) -> Thing:
    empty = "address business_name currency customer_account default_source description discount email individual_name "
    empty += "name phone shipping test_clock"
    customer: Thing = dict.fromkeys(empty.split()) | {
        "id": new_id("cus"),
        "object": "customer",
        "balance": 0,
        "created": account.now,
        "delinquent": False,
        "invoice_prefix": "LOCAL",
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": params.get("metadata", {}),
        "preferred_locales": [],
        "tax_exempt": "none",
    }
    customer |= {name: params[name] for name in ("description", "email", "name") if name in params}
    account.put(customer)
    if "payment_method" in params:
        attach(account, params["payment_method"], {"customer": customer["id"]})
    return customer


def create_method(account: Account, params: Mapping[str, Any]) -> Thing:
    """Create a payment method: Pix, or a card by the number of a test card."""
    if params["type"] == "pix":
        return account.put(shapes.pix_method(account))
    number = params.get("card", {}).get("number", "")
    if number not in BY_NUMBER:
        raise Refused(
            "This server knows test cards only.", status=402, kind=CARD, code="incorrect_number", param="number"
        )
    return account.put(shapes.card_method(account, BY_NUMBER[number], None))


def attach(account: Account, name: str, params: Mapping[str, Any]) -> Thing:
    customer = account.get("customer", params["customer"], "customer")["id"]
    method = named(account, name)
    if method["customer"] not in (None, customer):
        raise Refused("The payment method is attached to another customer.", param="payment_method")
    if method.get("_used"):
        raise _used_up()
    return account.put(method | {"customer": customer, "_parent": customer, "_set_up": True})


def named(account: Account, name: str) -> Thing:
    """Return the payment method with this id. The alias of a test card makes a new one each time."""
    if name in BY_ALIAS:
        return account.put(shapes.card_method(account, BY_ALIAS[name], None))
    return account.get(KIND, name, "payment_method")


def chosen(account: Account, params: Mapping[str, Any], intent: Thing) -> Thing:
    """Return the method that a payment is made with: the one that is given now, or the one that was given before."""
    if "payment_method_data" in params:
        method = create_method(account, params["payment_method_data"])
    elif name := params.get("payment_method") or intent["payment_method"]:
        method = named(account, name)
    else:
        raise Refused(
            "The PaymentIntent has no payment method yet.",
            code="payment_intent_unexpected_state",
            payment_intent=intent,
        )
    if method["type"] not in intent["payment_method_types"]:
        raise Refused(
            f"This PaymentIntent takes {', '.join(intent['payment_method_types'])}, and not {method['type']}.",
            code="payment_intent_invalid_parameter",
            param="payment_method",
        )
    if method["customer"] and method["customer"] != intent["customer"]:
        raise Refused("The payment method belongs to a customer: name the customer too.", param="payment_method")
    if method.get("_used"):
        raise _used_up()
    return method


def _used_up() -> Refused:
    return Refused(
        "The payment method was used without a customer and cannot be used again.",
        param="payment_method",
    )
