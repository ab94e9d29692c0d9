"""Say what another value of each field of requests about gift cards changes: tests/functions/test_fields_of_requests.py tries it."""

from collections.abc import Mapping
from typing import Any

from tests.functions.fields import Doc, Request, Row
from tests.functions.world import World, usd


def after_issue(world: World, sent: Doc) -> Any:
    """Return what a shop and then the office hear of a card, and of money on a customer's store credit."""
    path = "/v1/store-credits" if "customer_id" in sent else "/v1/gift-cards"
    reply = world.call("POST", path, sent)
    if reply.status != 201:
        return reply.status, reply.body
    account = world.call("GET", f"/v1/gift-cards/{reply.body['account_id']}", who="office").body
    return reply.body["account_id"] if "customer_id" in sent else None, account["channel"], account["entries"]


def balance_of(world: World, sent: Doc) -> Any:
    """Return what is left on a card, or on the store credit of a customer."""
    credit = {"channel": "web", "customer_id": "c-17", "amount": usd(1_500), "reason": "late"}
    assert world.call("POST", "/v1/store-credits", credit).status == 201
    card = world.call("POST", "/v1/gift-cards", {"channel": "web", "amount": usd(5_000), "reason": "sold"}).body
    if sent.get("code") == "":
        sent = {**sent, "code": card["code"]}
    reply = world.call("POST", "/v1/gift-cards/balance", sent, key=None)
    return reply.status, reply.body.get("balance"), reply.body.get("errors")


def _a_card(world: World) -> Doc:
    body = {"channel": "web", "amount": usd(5_000), "reason": "sold"}
    return dict(world.call("POST", "/v1/gift-cards", body).body)


def found_by(world: World, sent: Doc) -> Any:
    """Return what the office hears of a code, or of a customer's credit. The code "" stands for that of a card."""
    card = _a_card(world)
    credit = {"channel": "web", "customer_id": "c-17", "amount": usd(1_500), "reason": "late"}
    assert world.call("POST", "/v1/store-credits", credit).status == 201
    body = {"code": card["code"]} if sent.get("code") == "" else sent
    reply = world.call("POST", "/v1/gift-cards/find", body, who="office", key=None)
    found = [one["balance"] for one in reply.body.get("items", ())]
    return reply.status, found, reply.body.get("errors")


def after_freeze(world: World, sent: Doc) -> Any:
    """Return the ledger of a card that was frozen."""
    return _ledger_after(world, "freeze", sent)


def after_expire(world: World, sent: Doc) -> Any:
    """Return the ledger of a card that was ended."""
    return _ledger_after(world, "expire", sent)


def _ledger_after(world: World, verb: str, sent: Doc) -> Any:
    card = _a_card(world)
    reply = world.call("POST", f"/v1/gift-cards/{card['account_id']}/{verb}", sent, who="office")
    if reply.status != 200:
        return reply.status, reply.body
    rows = world.call("GET", f"/v1/gift-cards/{card['account_id']}", who="office").body["entries"]
    return [(row["purpose"], row["reason"]) for row in rows]


_CARD: Doc = {"channel": "web", "amount": usd(5_000), "reason": "sold at the counter"}
_OF_CUSTOMER: Doc = {"channel": "web", "customer_id": "c-17", "currency": "USD"}
_ROWS = {
    "channel": Row("none", "/channel"),
    "amount.amount": Row(4_000),
    "amount.currency": Row("EUR"),
    "reason": Row("another"),
}

REQUESTS: Mapping[str, Request] = {
    "GiftCardIn": Request(sent=_CARD, do=after_issue, rows=_ROWS),
    "StoreCreditIn": Request(
        sent={**_CARD, "customer_id": "c-17"}, do=after_issue, rows={**_ROWS, "customer_id": Row("c-18")}
    ),
    "FindIn": Request(
        sent={"channel": "web", "customer_id": "c-17"},
        do=found_by,
        rows={
            "code": Row("0" * 20, "/code", sent={"code": ""}),
            "channel": Row("none", "/channel"),
            "customer_id": Row("c-18"),
        },
    ),
    "FreezeIn": Request(sent={"reason": "stolen"}, do=after_freeze, rows={"reason": Row("another")}),
    "ExpireIn": Request(sent={"reason": "stolen"}, do=after_expire, rows={"reason": Row("another")}),
    "BalanceIn": Request(
        sent=_OF_CUSTOMER,
        do=balance_of,
        rows={
            "code": Row("0" * 20, "/code", sent={"code": "", "currency": "USD"}),
            "visitor": Row("session-2", "/visitor"),
            "channel": Row("none", "/customer_id"),
            "customer_id": Row("c-18"),
            "currency": Row("EUR"),
        },
    ),
}
