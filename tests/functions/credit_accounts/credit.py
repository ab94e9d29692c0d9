"""Set terms of customers, place orders on account, and read what is left of accounts."""

from typing import Any

from tests.functions.channels import set_channel
from tests.functions.credit.test_credit import credit
from tests.functions.world import Reply, World, usd

BY_US = {"ON_ACCOUNT": "comanda"}
CUSTOMER = {"id": "c-17", "name": "Ada Byron", "email": "ada@example.org"}
TERMS = {"channel": "web", "customer_id": "c-17", "limit": usd(5_000), "payment_days": 30, "reason": "good customer"}


def taken_by_us(world: World, name: str = "web") -> None:
    set_channel(world, name, payment_providers=BY_US)


def set_terms(world: World, who: str = "office", key: str = "", **changes: Any) -> Reply:
    return world.call("POST", "/v1/credit-accounts", {**TERMS, **changes}, who=who, key=key)


def opened(world: World, **changes: Any) -> str:
    reply = set_terms(world, **changes)
    assert reply.status in {200, 201}, reply.body
    return str(reply.body["credit_account_id"])


def on_account(amount: int) -> dict[str, Any]:
    return {"method": "ON_ACCOUNT", "authorized": usd(amount)}


def placed(world: World, amount: int, units: int = 1, **changes: Any) -> str:
    return world.placed(("TEA-001", units), payments=[on_account(amount)], customer=CUSTOMER, **changes)


def account(world: World, account_id: str, who: str = "office") -> dict[str, Any]:
    reply = world.call("GET", f"/v1/credit-accounts/{account_id}", who=who)
    assert reply.status == 200, reply.body
    return dict(reply.body)


def standing(world: World, account_id: str) -> tuple[int, int, int]:
    """Return the room, what is reserved and what is owed."""
    shown = account(world, account_id)
    return shown["room"]["amount"], shown["reserved"]["amount"], shown["owed"]["amount"]


def pay(world: World, account_id: str, paid: int, reference: str = "t-1", who: str = "office", **changes: Any) -> Reply:
    body = {"amount": usd(paid), "reference": reference, "received_on": f"{world.now:%Y-%m-%d}", **changes}
    return world.call("POST", f"/v1/credit-accounts/{account_id}/payments", body, who=who)


def with_credit(world: World, units: int = 1) -> str:
    """Return the account of a customer who has paid units at 10.00 that were credited afterwards: they have that money."""
    taken_by_us(world)
    world.stocked("TEA-001", dc_1=units)
    account_id = opened(world, limit=usd(max(5, units) * 1_000))
    order_id = placed(world, 1_000 * units, units)
    shipped(world, order_id)
    assert pay(world, account_id, 1_000 * units).status == 201
    assert credit(world, order_id).status == 201
    world.settle()
    return account_id


def pay_out(
    world: World, account_id: str, paid: int, reference: str = "o-1", who: str = "office", key: str = "", **changes: Any
) -> Reply:
    body = {"amount": usd(paid), "reference": reference, "paid_on": f"{world.now:%Y-%m-%d}", "reason": "paid twice"}
    return world.call("POST", f"/v1/credit-accounts/{account_id}/payouts", {**body, **changes}, who=who, key=key)


def take_back(world: World, account_id: str, reference: str = "t-1", who: str = "office", key: str = "") -> Reply:
    body = {"reference": reference, "reason": "the cheque bounced"}
    return world.call("POST", f"/v1/credit-accounts/{account_id}/reversals", body, who=who, key=key)


def shipped(world: World, order_id: str) -> None:
    world.settle()
    world.steps(order_id, "ship")
    world.settle()
