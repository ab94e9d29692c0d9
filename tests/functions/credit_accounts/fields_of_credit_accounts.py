"""Say what another value of each field of requests about credit accounts changes: test_fields_of_requests.py tries it."""

from collections.abc import Mapping
from typing import Any

from tests.functions.credit_accounts.credit import opened, pay, placed, shipped, taken_by_us, with_credit
from tests.functions.fields import Doc, Request, Row
from tests.functions.world import World, usd


def after_terms(world: World, sent: Doc) -> Any:
    """Return what the office hears of the account of a customer, and then reads of it."""
    reply = world.call("POST", "/v1/credit-accounts", sent, who="office")
    if reply.status != 201:
        return reply.status, reply.body
    shown = world.call("GET", f"/v1/credit-accounts/{reply.body['credit_account_id']}", who="office").body
    return {name: value for name, value in shown.items() if name != "credit_account_id"}


def after_payment(world: World, sent: Doc) -> Any:
    """Return what the office hears of a payment, and the ledger of its account."""
    taken_by_us(world)
    world.stocked("TEA-001", dc_1=1)
    account_id = opened(world)
    shipped(world, placed(world, 1_000))
    reply = world.call("POST", f"/v1/credit-accounts/{account_id}/payments", sent, who="office")
    return reply.status, reply.body


def after_payout(world: World, sent: Doc) -> Any:
    """Return what the office hears of a payout of what a customer has, and of the account."""
    account_id = with_credit(world)
    reply = world.call("POST", f"/v1/credit-accounts/{account_id}/payouts", sent, who="office")
    return reply.status, reply.body


def after_reversal(world: World, sent: Doc) -> Any:
    """Return what the office hears of a reversal of a payment."""
    taken_by_us(world)
    world.stocked("TEA-001", dc_1=1)
    account_id = opened(world)
    shipped(world, placed(world, 1_000))
    assert pay(world, account_id, 400, "t-1").status == pay(world, account_id, 100, "t-2").status == 201
    reply = world.call("POST", f"/v1/credit-accounts/{account_id}/reversals", sent, who="office")
    return reply.status, reply.body


REQUESTS: Mapping[str, Request] = {
    "TermsIn": Request(
        sent={
            "channel": "web",
            "customer_id": "c-17",
            "limit": usd(5_000),
            "payment_days": 30,
            "blocked_after": 10,
            "frozen": False,
            "reason": "always paid in time",
        },
        do=after_terms,
        rows={
            "channel": Row("none", "/channel"),
            "customer_id": Row("c-18"),
            "limit.amount": Row(4_000),
            "limit.currency": Row("EUR"),
            "payment_days": Row(14),
            "blocked_after": Row(20),
            "frozen": Row(True),
            "reason": Row("another"),
        },
    ),
    "PayoutIn": Request(
        sent={"amount": usd(400), "reference": "t-9", "paid_on": "2026-11-19", "reason": "paid twice"},
        do=after_payout,
        rows={
            "amount.amount": Row(300),
            "amount.currency": Row("EUR", "/amount/currency"),
            "reference": Row("t-8"),
            "paid_on": Row("2026-11-18"),
            "reason": Row("another"),
        },
    ),
    "ReversalIn": Request(
        sent={"reference": "t-1", "reason": "bounced"},
        do=after_reversal,
        rows={"reference": Row("t-2"), "reason": Row("another")},
    ),
    "CustomerPaymentIn": Request(
        sent={"amount": usd(400), "reference": "t-1", "received_on": "2026-11-19"},
        do=after_payment,
        rows={
            "amount.amount": Row(300),
            "amount.currency": Row("EUR", "/amount/currency"),
            "reference": Row("t-2"),
            "received_on": Row("2026-11-18"),
        },
    ),
}
