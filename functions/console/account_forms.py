"""
Read the forms about gift cards, store credit and credit accounts. Pure.

Called by   functions/console/pages/gift_cards.py, credit_accounts.py, credit_account.py
Returns     the request of the API; for wrong fields an English sentence by the field's name
"""

from collections.abc import Mapping
from typing import Any

from functions.console import amounts
from functions.console.typed_fields import AMOUNT, number
from functions.console.view import spoken

DAYS = spoken("Write a whole number of days.")

type Read = tuple[dict[str, Any], dict[str, str]]

ISSUE = ("kind", "channel", "customer_id", "amount", "currency", "reason")
KINDS = ("GIFT_CARD", "STORE_CREDIT")
TERMS = ("channel", "customer_id", "amount", "currency", "payment_days", "blocked_after", "reason")
PAYMENT = ("amount", "reference", "received_on")
PAYOUT = ("amount", "reference", "paid_on", "reason")
REVERSAL = ("reference", "reason")
# The fields of the forms, by what the API calls them.
NAMES = {
    "/amount/amount": "amount",
    "/amount/currency": "currency",
    "/limit": "amount",
    "/limit/amount": "amount",
    "/limit/currency": "currency",
}


def issue(fields: Mapping[str, str]) -> Read:
    """Return the body of an issue. The customer of store credit is known to the channel by an id of its own."""
    wrong: dict[str, str] = {}
    body = {"channel": fields["channel"], "amount": _money(fields, wrong), "reason": fields["reason"].strip()}
    if fields["kind"] != KINDS[0] or fields["customer_id"].strip():
        body["customer_id"] = fields["customer_id"].strip()
    return body, wrong


def terms(fields: Mapping[str, str]) -> Read:
    """Return the body of a customer's terms. An empty number of days after which the customer is blocked stands for never."""
    wrong: dict[str, str] = {}
    body = {
        "channel": fields["channel"],
        "customer_id": fields["customer_id"].strip(),
        "limit": _money(fields, wrong),
        "payment_days": _days(fields["payment_days"], "payment_days", wrong),
        "reason": fields["reason"].strip(),
    }
    if fields["blocked_after"].strip():
        body["blocked_after"] = _days(fields["blocked_after"], "blocked_after", wrong)
    return body, wrong


def payment(fields: Mapping[str, str], currency: str) -> Read:
    """Return the body of what a customer paid of an account in this currency."""
    wrong: dict[str, str] = {}
    paid = _money({**fields, "currency": currency}, wrong)
    return {"amount": paid, "reference": fields["reference"].strip(), "received_on": fields["received_on"]}, wrong


def payout(fields: Mapping[str, str], currency: str) -> Read:
    """Return the body of what is paid out to a customer who has more on the account than they owe."""
    wrong: dict[str, str] = {}
    paid = _money({**fields, "currency": currency}, wrong)
    facts = {name: fields[name].strip() for name in ("reference", "reason")}
    return {"amount": paid, "paid_on": fields["paid_on"], **facts}, wrong


def frozen_terms(account: Mapping[str, Any], reason: str, *, frozen: bool) -> dict[str, Any]:
    """Return the body that leaves the terms of an account as they are, and freezes it or lets it pay again."""
    kept = ("channel", "customer_id", "limit", "payment_days", "blocked_after")
    return {**{name: account[name] for name in kept}, "frozen": frozen, "reason": reason.strip()}


def _money(fields: Mapping[str, str], wrong: dict[str, str]) -> dict[str, Any]:
    currency = fields["currency"].strip().upper()
    try:
        return {"amount": amounts.read(fields["amount"], currency), "currency": currency}
    except ValueError:
        wrong["amount"] = AMOUNT
        return {}


def _days(typed: str, name: str, wrong: dict[str, str]) -> int:
    found = number(typed.strip(), 3)
    if found is None:
        wrong[name] = DAYS
    return found or 0
