"""
Answer the calls about refunds.

Called by   local/stripe/endpoints.py, clockwork.py, doors.py
Returns     refunds
Raises      Refused for more than was captured and not refunded yet, and while a bank has the money back

A refund by card is done at once, a little later, or fails a little later, as its test card says. One by Pix is pending first.
"""

from collections.abc import Mapping
from typing import Any

from local.stripe import balance, currencies, shapes
from local.stripe.account import Account
from local.stripe.cards import BY_ALIAS
from local.stripe.faults import Faults
from local.stripe.refusals import Refused
from local.stripe.store import Thing

KIND = "refund"
LATER = 60  # seconds until a pending refund is done


def create(account: Account, _faults: Faults, params: Mapping[str, Any]) -> Thing:
    charge = _charge(account, params)
    left = refundable(account, charge)
    amount = params.get("amount", left)
    if any(one["charge"] == charge["id"] and one["status"] != "won" for one in account.store.every("dispute")):
        raise Refused(f"Charge {charge['id']} has been charged back.", code="charge_disputed")
    if not left:
        raise Refused(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    currencies.check_unit(amount, charge["currency"])
    if amount > left:
        raise Refused(
            f"Refund amount ({amount}) is greater than the unrefunded amount on charge ({left})", param="amount"
        )
    refund = shapes.refund(account, charge, amount, params.get("reason"), params.get("metadata", {}))
    manner = _manner(account, charge)
    if manner == "at_once":
        refund["destination_details"].get("card", {}).update(reference_status="available", reference=refund["id"][-12:])
    else:
        refund |= {"_due": account.moment + LATER, "_fails": manner == "fail"}
    if manner == "pending":
        refund |= {"status": "pending", "pending_reason": "processing"}
    kind = "refund" if charge["payment_method_details"]["type"] == "card" else "payment_refund"
    moved = balance.move(account, refund, -amount, kind=kind, category="refund")
    refund |= {"balance_transaction": moved["id"]}
    account.put(refund)
    before = {"amount_refunded": charge["amount_refunded"]}
    charge |= {"amount_refunded": charge["amount_refunded"] + amount}
    charge |= {"refunded": charge["captured"] and amount == left}
    account.put(charge)
    account.emit("refund.created", refund)
    account.emit("charge.refunded", charge, before)
    return refund


def _charge(account: Account, params: Mapping[str, Any]) -> Thing:
    """Return the charge that is refunded, named by itself or by its payment."""
    if ("payment_intent" in params) == ("charge" in params):
        raise Refused.unread("One of charge and payment_intent is needed, and not both.", "payment_intent")
    if "payment_intent" in params:
        intent = account.get("payment_intent", params["payment_intent"], "payment_intent")
        charge = account.store.find("charge", intent["latest_charge"] or "")
    else:
        charge = account.get("charge", params["charge"], "charge")
    if charge is None or not charge["amount_captured"]:
        raise Refused("The payment has no captured charge to refund.", code="charge_not_refundable")
    return charge


def refundable(account: Account, charge: Thing) -> int:
    """Return how much of a charge was captured and is neither refunded nor on its way back."""
    gone = sum(refund["amount"] for refund in account.store.every(KIND, charge["id"]) if refund["status"] != "failed")
    left: int = charge["amount_captured"] - gone
    return left


def _manner(account: Account, charge: Thing) -> str:
    method = account.get("payment_method", charge["payment_method"])
    return BY_ALIAS[method["_card"]].refunds if method["type"] == "card" else "pending"


def finish(account: Account, refund: Thing) -> None:
    """Let a refund that waits be done, or fail and come back into the balance."""
    fails = refund.pop("_fails", False)
    before = {"status": refund["status"]}
    refund |= {"_due": None}
    refund.pop("pending_reason", None)
    if not fails:
        account.put(refund | {"status": "succeeded"})
        account.emit("refund.updated", refund | {"status": "succeeded"}, before)
        return
    refund |= {"status": "failed", "failure_reason": "expired_or_canceled_card"}
    returned = balance.move(account, refund, refund["amount"], kind="refund_failure", at_once=True)
    refund["failure_balance_transaction"] = returned["id"]
    account.put(refund)
    charge = account.get("charge", refund["charge"])
    account.put(charge | {"amount_refunded": charge["amount_refunded"] - refund["amount"], "refunded": False})
    account.emit("refund.failed", refund, before)
    account.emit("refund.updated", refund, before)


def update(account: Account, _faults: Faults, name: str, params: Mapping[str, Any]) -> Thing:
    return account.put(account.get(KIND, name) | {"metadata": params.get("metadata", {})})
