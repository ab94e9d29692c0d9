"""
Let the customer's bank dispute a payment, and let a dispute be won or lost.

Called by   local/stripe/doors.py, endpoints.py
Returns     disputes
Raises      Refused for a payment that was not captured, and for a dispute that has ended

The bank takes the money at once. A dispute that is won brings it back.
"""

from local.stripe import balance, shapes
from local.stripe.account import Account
from local.stripe.refusals import Refused
from local.stripe.store import Thing

KIND = "dispute"
ENDS = ("won", "lost")


def dispute(account: Account, name: str) -> Thing:
    """Dispute all that was captured of a payment."""
    intent = account.get("payment_intent", name, "payment_intent")
    charge = account.store.find("charge", intent["latest_charge"] or "")
    if charge is None or not charge["amount_captured"]:
        raise Refused.unread("Only a captured payment is disputed", "payment_intent")
    made = account.put(shapes.dispute(account, charge))
    account.put(charge | {"disputed": True})
    balance.move(account, made, -made["amount"], kind="adjustment", category="dispute", at_once=True)
    for kind in ("charge.dispute.created", "charge.dispute.funds_withdrawn"):
        account.emit(kind, made)
    return made


def end(account: Account, name: str, status: str) -> Thing:
    """Let the bank decide a dispute."""
    before = account.get(KIND, name)
    if status not in ENDS:
        raise Refused.unread("status is won or lost", "status")
    if before["status"] in ENDS:
        raise Refused.unread("The dispute has ended", "dispute")
    ended = account.put(before | {"status": status})
    account.emit("charge.dispute.closed", ended, {"status": before["status"]})
    if status == "won":
        balance.move(account, ended, ended["amount"], kind="adjustment", category="dispute_reversal", at_once=True)
        account.emit("charge.dispute.funds_reinstated", ended)
    return ended
