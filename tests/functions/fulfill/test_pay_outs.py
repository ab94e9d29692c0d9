"""Test that money which a counter collected and the customer gets back waits at its store until it was paid out, once."""

from functools import partial
from typing import Any

import pytest

from comanda.aws.orders import orders
from comanda.domain.books.accounts import Account, standing
from tests.faults import Between, Crash
from tests.functions.crashes import Crashes, Moment
from tests.functions.credit.test_credit import credit
from tests.functions.fulfill.test_collect import tell_of_money
from tests.functions.world import Reply, World, at_counter, usd
from tests.invariants import broken

PAID = {"method": "PAY_IN_STORE", "authorized": usd(2000)}


def ready(world: World) -> str:
    """Return an order that waits at the counter of store-1, paid ahead."""
    world.stocked("TEA-001", store_1=2)
    order_id: str = world.placed(at_counter("TEA-001", 2), payments=[PAID])
    world.settle()
    world.steps(order_id, "accept", "pick", "pack", "ready")
    assert tell_of_money(world, order_id, 2000, "receipt-9").status == 200
    return order_id


def given_back(world: World) -> str:
    """Return such an order after its customer did not come."""
    order_id = ready(world)
    assert world.step(order_id, "no-show").status == 200
    world.settle()
    return order_id


def items(world: World, who: str = "office", node: str = "") -> list[dict[str, Any]]:
    query = {"node_id": node} if node else None
    found: list[dict[str, Any]] = world.call("GET", "/v1/queues/pay-outs", who=who, query=query).body["items"]
    return found


def answer(world: World, order_id: str, says: str = "done", who: str = "store-1-system", key: str | None = "") -> Reply:
    path = f"/v1/queues/pay-outs/items/{order_id}.pay-out-002/resolve"
    return world.call("POST", path, {"answer": says}, who=who, key=key)


def back(order_id: str) -> int:
    return -standing(orders.load(order_id)).get(Account.REFUNDED, 0)


def test_a_store_sees_what_it_has_to_pay_out_and_tells_that_it_did(world: World) -> None:
    order_id = given_back(world)

    (item,) = items(world, "store-1-system", "store-1")
    assert (item["reason"], item["data"]) == ("to-pay-out", {"amount": "2000", "currency": "USD"})
    assert world.order(order_id)["payments"][0]["state"] == "TO_PAY_OUT"
    assert back(order_id) == 0
    assert broken(world.tables()) == []

    assert answer(world, order_id).status == 200
    world.settle()

    assert (items(world), back(order_id)) == ([], 2000)
    assert world.order(order_id)["payments"][0]["state"] == "REFUNDED"
    assert answer(world, order_id).status == 404
    assert broken(world.tables()) == []


def test_the_office_gives_it_back_another_way(world: World) -> None:
    order_id = given_back(world)

    assert answer(world, order_id, "paid", who="office").status == 200
    world.settle()

    assert (items(world), back(order_id)) == ([], 2000)
    assert orders.load(order_id).payments[0].repaid == 2000
    assert broken(world.tables()) == []


def test_another_store_does_not_see_it(world: World) -> None:
    order_id = given_back(world)

    assert answer(world, order_id, who="dc-1-system").status == 404
    assert answer(world, order_id, "retry").status == 422
    assert len(items(world)) == 1


def test_a_credit_note_of_goods_that_were_paid_at_the_counter_is_paid_out(world: World) -> None:
    order_id = ready(world)
    world.steps(order_id, "hand-over")
    world.settle()

    made = credit(world, order_id, "AMOUNT", amount=usd(300))
    world.settle()

    assert [(one["method"], one["amount"]) for one in made.body["refunds"]] == [("PAY_IN_STORE", usd(300))]
    (item,) = items(world, "store-1-system", "store-1")
    assert item["data"]["amount"] == "300"
    assert broken(world.tables()) == []
    assert answer(world, order_id).status == 200
    assert back(order_id) == 300
    assert broken(world.tables()) == []


@pytest.mark.parametrize("at", [1, 2, 3, 4])
def test_the_store_and_the_office_do_not_both_give_it_back(world: World, at: int) -> None:
    order_id = given_back(world)

    with Between(at, partial(answer, world, order_id, "paid", "office")):
        answer(world, order_id)
    world.settle()

    assert (items(world), back(order_id)) == ([], 2000)
    assert broken(world.tables()) == []


def test_a_crash_at_any_call_of_the_answer_gives_it_back_once(world: World) -> None:
    order_id = given_back(world)

    def act(crash: Crash, _: None) -> Reply:
        return crash.outlived(lambda: answer(world, order_id, key="the-same"))

    for crash, _, reply in Crashes(world, Moment(world).back, act):
        world.settle()
        assert reply.status == 200, crash.happened
        assert (items(world), back(order_id)) == ([], 2000), crash.happened
        assert broken(world.tables()) == [], crash.happened
