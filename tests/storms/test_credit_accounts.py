"""
A process ends before and after each of its calls of AWS while customers order on account and pay, and twenty orders come at once.
No room is lost, and none is given to two orders.
"""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from comanda.aws.books import credit_accounts
from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys
from tests.faults import conflicts
from tests.functions.credit_accounts.credit import CUSTOMER, TERMS, on_account, opened, placed, shipped, taken_by_us
from tests.functions.storm import one_process_each
from tests.functions.world import Reply, World, a_body, usd
from tests.invariants import broken
from tests.storms.crash_journeys import Journey, cancel, crashed_everywhere, nothing, step
from tests.storms.test_contention import until_served

LIMIT = 5_000


@pytest.fixture
def world(world: World) -> World:
    taken_by_us(world)
    return world


def account_id() -> str:
    return keys.id_of_credit_account("web", "c-17", "USD")


def set_terms(world: World, _: str = "") -> Reply:
    return world.call("POST", "/v1/credit-accounts", TERMS, who="office", key="terms")


def with_account(world: World) -> str:
    nothing(world)
    set_terms(world)
    return ""


def cut(world: World, _: str) -> Reply:
    return world.call("POST", "/v1/credit-accounts", {**TERMS, "limit": usd(1_000)}, who="office", key="cut")


def order(world: World, _: str) -> Reply:
    body = a_body(("TEA-001", 2), external_id="WEB-1", payments=[on_account(2_000)], customer=CUSTOMER)
    return world.call("POST", "/v1/orders", body, key="k")


def ordered(world: World) -> str:
    with_account(world)
    order_id = str(order(world, "").body["order_id"])
    world.settle()
    return order_id


def owed(world: World) -> str:
    order_id = ordered(world)
    shipped(world, order_id)
    return order_id


def pay(world: World, _: str) -> Reply:
    body = {"amount": usd(1_500), "reference": "t-1", "received_on": f"{world.now:%Y-%m-%d}"}
    return world.call("POST", f"/v1/credit-accounts/{account_id()}/payments", body, who="office", key="paid")


def waiting(world: World) -> str:
    """Terms that one of two people of finance has asked for, and that wait for the other one."""
    nothing(world)
    for name in ("sales", "finance"):
        limits = {"customer_credit": [usd(100)]}
        world.aws.put("Directory", **keys.user(name), roles=["staff"], desks=["finance"], limits=limits)
    directory.forget()
    assert world.call("POST", "/v1/credit-accounts", TERMS, who="sales", key="asked").status == 202
    return ""


def approve(world: World, _: str) -> Reply:
    change_id = keys.digest(keys.idempotency("sales", "POST /v1/credit-accounts", "asked")["pk"])[:32]
    path = f"/v1/queues/credit-accounts/items/{change_id}/resolve"
    return world.call("POST", path, {"answer": "approve"}, who="finance", key="approved")


def has(room: int, owed: int = 0) -> Any:
    def facts(world: World, _: str) -> dict[str, bool]:
        found = credit_accounts.load(account_id())
        return {f"{room} can be ordered": found.room == room, f"{owed} is owed": found.owed == owed}

    return facts


JOURNEYS = {
    "set terms": Journey(nothing, set_terms, facts=has(LIMIT)),
    "approve terms": Journey(waiting, approve, room="intake", facts=has(LIMIT)),
    "cut the limit": Journey(with_account, cut, facts=has(1_000)),
    "place on account": Journey(with_account, order, "RELEASED", facts=has(LIMIT - 2_000)),
    "cancel all": Journey(ordered, cancel, "CANCELLED", facts=has(LIMIT)),
    "ship and invoice": Journey(ordered, step("ship"), "SHIPPED", facts=has(LIMIT - 2_000, 2_000)),
    "the customer pays": Journey(owed, pay, facts=has(LIMIT - 500, 500)),
}


@pytest.mark.parametrize("name", JOURNEYS)
def test_a_crash_at_any_call_loses_no_room_and_gives_none_twice(world: World, name: str):
    _, points = crashed_everywhere(world, JOURNEYS[name])

    assert points
    assert [point for point in points if point[1]] == []


@pytest.mark.parametrize("seed", [1, 2])
def test_twenty_orders_at_once_have_the_room_of_their_customer_and_no_more(world: World, seed: int):
    world.stocked("TEA-001", dc_1=50)
    opened(world)
    bodies = [a_body(("TEA-001", 1), payments=[on_account(1_000)], customer=CUSTOMER) for _ in range(20)]

    def buy(n: int) -> Reply:
        return until_served(world, "POST", "/v1/orders", bodies[n], f"k-{n}", who=("shop", "office")[n % 2])

    with one_process_each(), conflicts(seed, p=0.2, throttled=0.1), ThreadPoolExecutor(20) as pool:
        replies = [*pool.map(buy, range(20))]

    outcomes = [reply.status for reply in replies]
    assert outcomes.count(201) == LIMIT // 1_000
    assert outcomes.count(422) == 20 - LIMIT // 1_000
    assert all(reply.errors == [("/payments/0/method", "not-usable")] for reply in replies if reply.status == 422)
    assert has(0)(world, "") == {"0 can be ordered": True, "0 is owed": True}
    world.settle()
    assert broken(world.tables()) == []


@pytest.mark.parametrize("seed", [1, 2])
def test_payments_orders_and_limits_at_once_add_up(world: World, seed: int):
    world.stocked("TEA-001", dc_1=50)
    opened(world)
    shipped(world, placed(world, 3_000, 3))
    body = a_body(("TEA-001", 1), payments=[on_account(1_000)], customer=CUSTOMER)
    at = f"/v1/credit-accounts/{account_id()}/payments"
    paid = {"amount": usd(1_000), "received_on": f"{world.now:%Y-%m-%d}"}

    def act(n: int) -> Reply:
        if n % 3 == 0:
            return until_served(world, "POST", "/v1/orders", body, f"k-{n}", who="shop")
        if n % 3 == 1:
            return until_served(world, "POST", at, {**paid, "reference": f"t-{n}"}, f"k-{n}", who="office")
        terms = {**TERMS, "limit": usd(4_000 + 500 * n)}
        return until_served(world, "POST", "/v1/credit-accounts", terms, f"k-{n}", who="office")

    with one_process_each(), conflicts(seed, p=0.2, throttled=0.1), ThreadPoolExecutor(6) as pool:
        replies = [*pool.map(act, range(12))]

    payments, orders = replies[1::3], replies[0::3]
    assert [one.status for one in payments].count(201) == 3  # of four, as no more was owed
    found = credit_accounts.load(account_id())
    placed_now = sum(one.status == 201 for one in orders)
    assert (found.owed, found.reserved) == (0, 1_000 * placed_now)
    world.settle()
    assert broken(world.tables()) == []
