"""A link is made once, paid once and never lost, whatever breaks while it is made, paid or made void."""

from contextlib import suppress
from typing import Any

import pytest

from tests.faults import Crash, Crashed
from tests.functions.crashes import Crashes
from tests.functions.pay.test_crashes import provider_crash
from tests.functions.pay.test_pay import later, operations
from tests.functions.pay.test_payment_links import noticed, pay, payments, placed, released
from tests.functions.world import World
from tests.invariants import broken

METHODS = pytest.mark.parametrize("method", ["LINK", "PIX"])


def made(sdk: Any, method: str) -> int:
    """Return the number of pages or codes that the provider has."""
    found = sdk.checkout.sessions.list({"limit": 100}) if method == "LINK" else sdk.payment_intents.list({"limit": 100})
    return len(found.data)


def begun(world: World, method: str) -> str:
    """Place an order whose link nobody has made yet."""
    world.hops.stopped.add("relay")
    order_id = placed(world, method)
    world.hops.stopped.discard("relay")
    return order_id


@METHODS
@pytest.mark.parametrize("step", ["made", "paid"])
def test_a_process_that_ends_at_any_call_of_aws_makes_one_link_and_counts_it_once(
    world: World, stripe, sdk, door, method: str, step: str
) -> None:
    def ready() -> str:
        """Return an order whose link is to be made, or has been paid and nobody knows."""
        if step == "made":
            return begun(world, method)
        order_id = placed(world, method)
        pay(door, sdk, method)
        return order_id

    def work(_: Crash, order_id: str) -> None:
        with suppress(Crashed):
            world.hops.invoke("pay", {"orders": [order_id], "noticed": True})

    runs = Crashes(world, ready, work, room="pay")
    for number, (crash, order_id, _) in enumerate(runs, start=3):
        world.settle()
        later(world, hours=2)
        assert made(sdk, method) == number, crash.happened
        if step == "made":
            pay(door, sdk, method)
            later(world, hours=2)
        assert operations(world, order_id) == [("authorize", "DONE")], crash.happened
        assert released(world, order_id), crash.happened
        assert broken(world.tables()) == [], crash.happened


@METHODS
@pytest.mark.parametrize("after", [False, True])
def test_a_process_that_ends_at_any_call_of_the_provider_makes_one_link(
    world: World, stripe, sdk, door, monkeypatch: pytest.MonkeyPatch, method: str, after: bool
) -> None:
    order_id = begun(world, method)
    with provider_crash(monkeypatch, 1, after=after):
        world.settle()
        later(world, hours=1)
    later(world, hours=3)

    assert made(sdk, method) == 1
    assert payments(world, order_id) == [("TO_PAY", 1000, 0)]
    pay(door, sdk, method)
    later(world, hours=2)
    assert released(world, order_id)
    assert broken(world.tables()) == []


@METHODS
@pytest.mark.parametrize("fault", ["timeout_before", "timeout_after", "error_before", "error_after"])
def test_a_link_that_cannot_be_made_void_at_once_is_void_later(
    world: World, stripe, sdk, door, method: str, fault: str
) -> None:
    order_id = placed(world, method)
    path = "expire" if method == "LINK" else "cancel"
    door("POST", "/_faults", faults=[{"kind": fault, "path": path, "count": 1}])
    assert world.change(order_id, "cancel", {"reason": "no"}).status == 200
    world.settle()
    later(world, hours=26 if fault == "error_after" else 3)

    assert operations(world, order_id) == [("authorize", "DECLINED")]
    assert payments(world, order_id) == [("NOT_PAID", 0, 0)]
    assert broken(world.tables()) == []


@METHODS
def test_what_is_paid_after_the_answer_that_it_is_over_is_counted(world: World, stripe, sdk, door, method: str) -> None:
    order_id = placed(world, method)
    (name,) = [row["reference"] for row in world.order_items(order_id, "P#")]
    state = sdk.checkout.sessions.retrieve(name) if method == "LINK" else sdk.payment_intents.retrieve(name)
    kind = "checkout.session" if method == "LINK" else "payment_intent"
    gone = stripe.account.get(kind, state.id)
    over = {"status": "expired"} if method == "LINK" else {"status": "requires_payment_method"}
    failed = {"last_payment_error": {"code": "payment_intent_payment_attempt_expired"}}
    with stripe.account.store.transaction():
        stripe.account.put({**gone, **over, **(failed if method == "PIX" else {})})
    noticed(world, order_id)
    assert payments(world, order_id) == [("NOT_PAID", 0, 0)]

    with stripe.account.store.transaction():
        stripe.account.put(gone)
    pay(door, sdk, method)
    noticed(world, order_id)

    assert payments(world, order_id) == [("CAPTURED" if method == "PIX" else "AUTHORIZED", 0, 1000)]
    assert released(world, order_id)
    assert broken(world.tables()) == []


def test_a_link_of_which_nothing_is_known_is_a_question(world: World, stripe, sdk, door) -> None:
    order_id = placed(world)
    door("POST", "/_faults", faults=[{"kind": "timeout_before"}])
    later(world, hours=52)
    door("DELETE", "/_faults")

    assert operations(world, order_id) == [("authorize", "QUEUED")]
    (item,) = world.call("GET", "/v1/queues/payments", who="office").body["items"]
    assert item["reason"] == "authorize-failed: NO_ANSWER"
    path = f"/v1/queues/payments/items/{item['item_id']}/resolve"
    assert world.call("POST", path, {"answer": "retry"}, who="office").status == 200
    world.settle()
    assert payments(world, order_id) == [("NOT_PAID", 0, 0), ("TO_PAY", 1000, 0)]
    assert broken(world.tables()) == []


@METHODS
@pytest.mark.parametrize("amount", [900, 1100])
def test_a_link_that_was_paid_with_another_amount_is_a_question(
    world: World, stripe, sdk, door, method: str, amount: int
) -> None:
    order_id = placed(world, method)
    pay(door, sdk, method)
    (intent,) = sdk.payment_intents.list().data
    with stripe.account.store.transaction():
        stripe.account.put({**stripe.account.get("payment_intent", intent.id), "amount": amount})
    noticed(world, order_id)

    assert operations(world, order_id) == [("authorize", "QUEUED")]
    (item,) = world.call("GET", "/v1/queues/payments", who="office").body["items"]
    assert item["reason"] == "authorize-failed: AMOUNT_DIFFERS"
    assert not released(world, order_id)


@pytest.mark.parametrize("seed", [1, 2])
def test_links_that_meet_random_faults_end_as_their_orders_need(world: World, stripe, sdk, door, seed: int) -> None:
    kinds = ("timeout_before", "timeout_after", "error_before", "error_after")
    door("POST", "/_faults", faults=[{"kind": kind, "chance": 0.15} for kind in kinds], seed=seed)
    ids = [placed(world) for _ in range(6)]
    later(world, hours=2)
    for one in door("GET", "/_state")["checkout.session"][:3]:
        if one["status"] == "open":
            door("POST", "/_pay", session=one["id"], payment_method="pm_card_visa")
    for order_id in ids[2:4]:
        assert world.change(order_id, "cancel", {"reason": "no"}).status == 200
    world.settle()
    later(world, hours=3)
    door("DELETE", "/_faults")
    later(world, hours=30)

    taken = {i.metadata["order"]: i for i in sdk.payment_intents.list({"limit": 100}).data}
    for order_id in ids:
        order = world.order(order_id)
        if order["status"] == "CANCELLED":
            assert order_id not in taken or taken[order_id].status == "canceled"
        elif order_id in taken and order["payments"][-1]["state"] != "TO_PAY":
            assert released(world, order_id) or order["payments"][0]["state"] == "NOT_PAID"
    assert broken(world.tables()) == []
