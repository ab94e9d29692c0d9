"""
Keep the account's money: a transaction for each movement, what is available of it, and payouts to the bank.

Called by   local/stripe/endpoints.py, intents.py, charging.py, refunds.py, finding.py, clockwork.py, doors.py, report.py
Returns     balance transactions, balances, payouts
Raises      Refused for a payout of more than is available

The sum of the net amounts of all transactions is the balance, in each currency.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from local.stripe import currencies
from local.stripe.account import DAY, Account, new_id
from local.stripe.refusals import Refused
from local.stripe.store import Thing

KIND = "balance_transaction"


def fee_of(account: Account, amount: int, currency: str) -> int:
    """Return the fee for a charge: a share rounded half up, and a fixed part. Stripe keeps it when the charge is refunded."""
    terms = account.terms
    share: int = (2 * amount * terms["fee_basis_points"] + 10_000) // 20_000
    fixed: int = terms["fee_fixed"].get(currency, 0)
    return share + fixed


def move(
    account: Account,
    source: Thing,
    amount: int,
    *,
    kind: str,
    category: str | None = None,
    fee: int = 0,
    at_once: bool = False,
    payout: str | None = None,
) -> Thing:
    """Write the movement of an amount, which is negative when money leaves. `payout` is the one that it is tied to."""
    available_on = account.now + (0 if at_once else account.terms["settlement_days"] * DAY)
    return account.put(
        {
            "id": new_id("txn"),
            "object": KIND,
            "amount": amount,
            "available_on": available_on,
            "balance_type": "payments",
            "created": account.now,
            "currency": source["currency"],
            "description": source.get("description"),
            "exchange_rate": None,
            "fee": fee,
            "fee_details": [_fee_detail(fee, source["currency"])] if fee else [],
            "net": amount - fee,
            "reporting_category": category or kind,
            "source": source["id"],
            "status": "pending",
            "type": kind,
            "_parent": source["id"],
            "_payout": payout,
        }
    )


def _fee_detail(fee: int, currency: str) -> dict[str, Any]:
    return {
        "amount": fee,
        "application": None,
        "currency": currency,
        "description": "Stripe processing fees",
        "type": "stripe_fee",
    }


def shown(account: Account, transaction: Thing) -> Thing:
    """Return a transaction with the status that it has now."""
    available = transaction["available_on"] <= account.now
    return transaction | {"status": "available" if available else "pending"}


def balance(account: Account) -> dict[str, Any]:
    """Return what is pending and what is available, by currency."""
    sums: dict[str, dict[str, int]] = {"available": {}, "pending": {}}
    for transaction in account.store.every(KIND):
        currency = transaction["currency"]
        for of_status in sums.values():
            of_status.setdefault(currency, 0)
        sums[shown(account, transaction)["status"]][currency] += transaction["net"]
    return {"object": "balance", "livemode": False} | {
        status: [
            {"amount": amount, "currency": currency, "source_types": {"card": amount}}
            for currency, amount in sorted(of_status.items())
        ]
        for status, of_status in sums.items()
    }


def pay_out(account: Account, params: Mapping[str, Any]) -> Thing:
    """Pay an amount out that somebody asked for. It is not tied to the transactions that it is made of."""
    amount, currency = params["amount"], params["currency"]
    currencies.check_currency(currency)
    currencies.check_unit(amount, currency)
    available = {entry["currency"]: entry["amount"] for entry in balance(account)["available"]}
    if amount > available.get(currency, 0):
        raise Refused("You have insufficient funds in your account for this payout.", code="balance_insufficient")
    return _payout(account, amount, currency, automatic=False, metadata=params.get("metadata", {}))


def pay_out_all(account: Account) -> list[Thing]:
    """Pay out all that is available, as the bank's daily payout does, and tie each transaction to its payout."""
    waiting: dict[str, list[Thing]] = defaultdict(list)
    for transaction in account.store.every(KIND):
        if transaction["_payout"] is None and shown(account, transaction)["status"] == "available":
            waiting[transaction["currency"]].append(transaction)
    payouts = []
    for currency, transactions in sorted(waiting.items()):
        amount = sum(transaction["net"] for transaction in transactions)
        if amount <= 0:
            continue
        payouts.append(_payout(account, amount, currency, automatic=True, metadata={}))
        for transaction in transactions:
            account.put(transaction | {"_payout": payouts[-1]["id"]})
    return payouts


def _payout(account: Account, amount: int, currency: str, *, automatic: bool, metadata: dict[str, str]) -> Thing:
    payout: Thing = dict.fromkeys(
        [
            "application_fee",
            "application_fee_amount",
            "description",
            "failure_balance_transaction",
            "failure_code",
            "failure_message",
            "original_payout",
            "payout_method",
            "reversed_by",
            "statement_descriptor",
        ]
    ) | {
        "id": new_id("po"),
        "object": "payout",
        "amount": amount,
        "arrival_date": account.now + DAY,
        "automatic": automatic,
        "created": account.now,
        "currency": currency,
        "destination": "ba_local",
        "livemode": False,
        "metadata": metadata,
        "method": "standard",
        "reconciliation_status": "completed" if automatic else "not_applicable",
        "source_type": "card",
        "status": "in_transit",
        "trace_id": None,
        "type": "bank_account",
        "_due": account.moment + DAY,
    }
    tied_to = payout["id"] if automatic else None
    payout["balance_transaction"] = move(account, payout, -amount, kind="payout", at_once=True, payout=tied_to)["id"]
    account.put(payout)
    account.emit("payout.created", payout)
    return payout


def arrive(account: Account, payout: Thing) -> None:
    """Let a payout reach the bank."""
    payout = account.put({**payout, "status": "paid", "_due": None})
    account.emit("payout.paid", payout, {"status": "in_transit"})
