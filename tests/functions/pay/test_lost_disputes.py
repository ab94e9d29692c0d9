"""A lost dispute waits in the queue `payments` until a person of finance decides about its money, once."""

import pytest

from comanda.aws.dynamodb import keys
from tests.faults import Between, Crash
from tests.functions.crashes import Crashes, Moment
from tests.functions.pay.lost_disputes import answer, lost, tell
from tests.functions.world import Reply, World, usd
from tests.invariants import broken

REASON = "the bank decided for the customer"


def books(world: World, order_id: str) -> dict[str, int]:
    total: dict[str, int] = {}
    for row in world.order_items(order_id, "J#"):
        for account, amount in row["entries"].items():
            total[account] = total.get(account, 0) + int(amount)
    return {account: amount for account, amount in total.items() if amount}


def test_a_lost_dispute_is_written_off_once(world: World) -> None:
    order_id = lost(world)
    (item,) = world.call("GET", "/v1/queues/payments", who="office").body["items"]
    assert (item["reason"], item["data"]["amount"]) == ("dispute-lost", "1000")

    first, again = (answer(world, order_id, "write-off", reason=REASON, key="once") for _ in range(2))

    assert (first.status, again.body) == (200, first.body)
    assert books(world, order_id) == {"captured": 1_000, "disputed": -1_000, "chargebacks": 1_000, "revenue": -1_000}
    (shown,) = world.order(order_id)["disputes"]
    assert (shown["state"], shown["written_off"], shown["repaid"]) == ("LOST", usd(1_000), usd(0))
    last = world.call("GET", f"/v1/orders/{order_id}/events", who="office").body["items"][-1]
    assert (last["type"], last["data"]["reason"], last["data"]["amount"]) == ("resumed", REASON, 1_000)
    assert world.call("GET", "/v1/queues/payments", who="office").body["items"] == []
    assert broken(world.tables()) == []
    tell(order_id, 1_000, "WON")
    assert books(world, order_id) == {"captured": 1_000, "revenue": -1_000}


def test_only_people_of_finance_decide(world: World) -> None:
    order_id = lost(world)
    world.aws.put("Directory", **keys.user("care"), roles=["staff"], desks=["care"])

    reply = answer(world, order_id, "write-off", reason=REASON, who="care")

    assert (reply.status, reply.problem) == (403, "forbidden")
    assert books(world, order_id)["receivable"] == 1_000


@pytest.mark.parametrize(
    ("given", "more", "pointer"),
    [
        ("write-off", {}, "/reason"),
        ("paid", {"reason": REASON}, "/reason"),
        ("retry", {}, "/answer"),
    ],
)
def test_answers_that_do_not_fit_are_refused(world: World, given: str, more: dict[str, str], pointer: str) -> None:
    order_id = lost(world)

    reply = answer(world, order_id, given, **more)

    assert (reply.status, reply.body["errors"][0]["pointer"]) == (422, pointer)
    assert books(world, order_id)["receivable"] == 1_000
    assert broken(world.tables()) == []


def test_an_open_dispute_asks_nobody_yet(world: World) -> None:
    order_id = lost(world, state="OPEN")

    assert world.waiting(order_id) == []
    assert answer(world, order_id, "write-off", reason=REASON).status == 404


def test_chosen_ones_are_written_off_with_one_reason(world: World) -> None:
    order_id = lost(world)
    body = {"items": [f"{order_id}.dispute-001"], "answer": "write-off"}

    bare = world.call("POST", "/v1/queues/payments/resolve", body, who="finance")
    done = world.call("POST", "/v1/queues/payments/resolve", {**body, "reason": REASON}, who="finance")

    assert [row["status"] for row in (*bare.body["rows"], *done.body["rows"])] == ["refused", "done"]
    assert books(world, order_id)["chargebacks"] == 1_000


@pytest.mark.parametrize(
    ("given", "more", "wanted"),
    [
        ("write-off", {"reason": REASON}, {"disputed": -1_000, "chargebacks": 1_000}),
        ("paid", {}, {}),
    ],
)
def test_a_crash_at_any_call_of_an_answer_books_it_once(
    world: World, given: str, more: dict[str, str], wanted: dict[str, int]
) -> None:
    order_id = lost(world)

    def act(crash: Crash, _: None) -> Reply:
        return crash.outlived(lambda: answer(world, order_id, given, key="the-same", **more))

    for crash, _, reply in Crashes(world, Moment(world).back, act):
        world.settle()
        assert reply.status == 200, crash.happened
        assert books(world, order_id) == {"captured": 1_000, "revenue": -1_000, **wanted}, crash.happened
        assert world.waiting(order_id) == [], crash.happened
        assert broken(world.tables()) == [], crash.happened


def test_two_who_answer_at_once_write_off_once(world: World) -> None:
    order_id = lost(world)
    moment, counted = Moment(world), Between(0, lambda: None)
    with counted:
        answer(world, order_id, "write-off", reason=REASON)
    for at in range(1, counted.calls + 1):
        moment.back()
        with Between(at, lambda: answer(world, order_id, "write-off", reason=REASON)):
            answer(world, order_id, "write-off", reason=REASON)
        world.settle()

        assert books(world, order_id)["chargebacks"] == 1_000, at
        assert broken(world.tables()) == [], at


@pytest.mark.parametrize(("amount", "refunded"), [(1_000, 0), (400, 600)])
def test_a_cancelled_order_refunds_what_the_bank_did_not_take_and_the_rest_when_the_dispute_is_won(
    world: World, amount: int, refunded: int
) -> None:
    paid = {"method": "CARD", "reference": "c", "authorized": usd(1_000), "captured": usd(1_000)}
    order_id = world.placed({"sku": "TEA-001", "quantity": 1}, payments=[paid])
    world.settle()
    tell(order_id, amount, "LOST")
    assert world.change(order_id, "cancel", {"reason": "no"}).status == 200
    world.settle()

    assert refunds(world, order_id) == ([refunded] if refunded else [])
    assert books(world, order_id) == (
        {"captured": 1_000, "disputed": -amount, "refunded": -refunded}
        if refunded
        else {"captured": 1_000, "disputed": -1_000}
    )
    assert broken(world.tables()) == []
    assert answer(world, order_id, "write-off", reason=REASON).status == 200
    assert broken(world.tables()) == []

    for _ in range(2):
        tell(order_id, amount, "WON")
    world.settle()

    assert sum(refunds(world, order_id)) == 1_000
    assert books(world, order_id) == {"captured": 1_000, "refunded": -1_000}
    assert broken(world.tables()) == []


def refunds(world: World, order_id: str) -> list[int]:
    return [int(row["amount"]) for row in world.order_items(order_id, "P#") if row["purpose"] == "refund"]
