"""
Write the account's movements as CSV, in the columns of Stripe's itemized balance report.

Called by   local/stripe/doors.py
Returns     the text of a file

Amounts are in the currency's main unit ("12.30"), times are UTC. Movements are sorted by time. `automatic_payout_id` is empty
until an automatic payout takes the movement along; such payouts are rows of the category `payout`.
"""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from local.stripe import balance, currencies
from local.stripe.account import Account
from local.stripe.store import Thing

COLUMNS = (
    "balance_transaction_id",
    "created_utc",
    "available_on_utc",
    "currency",
    "gross",
    "fee",
    "net",
    "reporting_category",
    "source_id",
    "description",
    "charge_id",
    "payment_intent_id",
    "payment_method_type",
    "automatic_payout_id",
    "payment_metadata[operation]",
    "refund_metadata[operation]",
)


def write(account: Account, first: int = 0, last: int | None = None) -> str:
    """Return the report of the movements that were made from `first` until before `last`, both in seconds."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(_report_rows(account, first, last))
    return text.getvalue()


def _report_rows(account: Account, first: int, last: int | None) -> Iterator[dict[str, Any]]:
    for transaction in account.store.every(balance.KIND):
        if first <= transaction["created"] and (last is None or transaction["created"] < last):
            yield _row(account, transaction)


def _row(account: Account, transaction: Thing) -> dict[str, Any]:
    source = account.store.find_any(transaction["source"]) or {}
    refund = source if source.get("object") == "refund" else {}
    charge = account.store.find("charge", refund["charge"]) if refund else source
    charge = charge if charge and charge.get("object") == "charge" else {}
    intent = account.store.find("payment_intent", charge.get("payment_intent", "")) or {}
    currency = transaction["currency"]
    return {
        "balance_transaction_id": transaction["id"],
        "created_utc": _time(transaction["created"]),
        "available_on_utc": _time(transaction["available_on"]),
        "currency": currency,
        "gross": amount(transaction["amount"], currency),
        "fee": amount(transaction["fee"], currency),
        "net": amount(transaction["net"], currency),
        "reporting_category": transaction["reporting_category"],
        "source_id": transaction["source"],
        "description": transaction["description"] or "",
        "charge_id": charge.get("id", ""),
        "payment_intent_id": intent.get("id", ""),
        "payment_method_type": charge.get("payment_method_details", {}).get("type", ""),
        "automatic_payout_id": transaction["_payout"] or "",
        "payment_metadata[operation]": intent.get("metadata", {}).get("operation", ""),
        "refund_metadata[operation]": refund.get("metadata", {}).get("operation", ""),
    }


def _time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")


def amount(minor: int, currency: str) -> str:
    """Return an amount in the currency's main unit."""
    places = currencies.digits(currency)
    if not places:
        return str(minor)
    whole, part = divmod(abs(minor), int(f"1{'0' * places}"))
    return f"{'-' if minor < 0 else ''}{whole}.{part:0{places}d}"
