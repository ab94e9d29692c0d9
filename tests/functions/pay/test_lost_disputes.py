"""A lost dispute waits in the queue `payments` until a person of finance decides about its money, once."""

from typing import Any

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


def items_of_money(world: World) -> list[dict[str, Any]]:
    """Return what people are asked about money."""
    items: list[dict[str, Any]] = world.call("GET", "/v1/queues/payments", who="office").body["items"]
    return items


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


def test_what_a_customer_paid_again_goes_back_when_the_dispute_is_won(world: World) -> None:
    order_id = lost(world)
    assert answer(world, order_id, "paid").status == 200
    assert world.waiting(order_id) == []

    for _ in range(2):
        tell(order_id, 1_000, "WON")

    (item,) = items_of_money(world)
    assert (item["reason"], item["data"]["amount"]) == ("dispute-won", "1000")
    assert books(world, order_id) == {"captured": 1_000, "disputed": 1_000, "receivable": -1_000, "revenue": -1_000}
    assert broken(world.tables()) == []
    refused = answer(world, order_id, "write-off", reason=REASON)
    assert (refused.status, refused.body["errors"][0]["pointer"]) == (422, "/answer")
    assert answer(world, order_id, "paid").status == 200

    assert items_of_money(world) == []
    assert books(world, order_id) == {"captured": 1_000, "revenue": -1_000}
    assert broken(world.tables()) == []


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


@pytest.mark.parametrize(("status", "state", "back"), [("won", "WON", 1_000), ("lost", "LOST", 0)])
def test_a_refund_that_meets_a_dispute_waits_and_nobody_gets_both(
    world: World, half_cancelled, sdk, door, status: str, state: str, back: int
) -> None:
    order_id = half_cancelled()  # 20.00 were captured, 10.00 are to go back
    (intent,) = sdk.payment_intents.list().data
    dispute = door("POST", "/_dispute", payment_intent=intent.id)
    world.settle()
    tell(order_id, 2_000, "OPEN")
    (item,) = items_of_money(world)
    assert item["reason"] == "refund-failed: DISPUTED"

    door("POST", "/_dispute", dispute=dispute["id"], status=status)
    tell(order_id, 2_000, state)
    path = f"/v1/queues/payments/items/{item['item_id']}/resolve"
    assert world.call("POST", path, {"answer": "retry"}, who="office").status == 200
    world.settle()

    assert sum(refund.amount for refund in sdk.refunds.list().data) == back
    # The bank has given the customer 20.00 for a dispute that is lost. They keep goods of 10.00, so 10.00 are owed again.
    owed = {"receivable": 1_000, "disputed": -2_000} if state == "LOST" else {"refunded": -1_000}
    assert books(world, order_id) == {"captured": 2_000, "revenue": -1_000, **owed}
    assert [one["reason"] for one in items_of_money(world)] == (["dispute-lost"] if state == "LOST" else [])
    assert broken(world.tables()) == []


@pytest.mark.parametrize("dispute_first", [True, False])
def test_a_bank_that_keeps_a_part_leaves_the_rest_of_a_refund(
    world: World, half_cancelled, sdk, door, dispute_first: bool
) -> None:
    order_id = half_cancelled()  # 20.00 were captured, 10.00 are to go back
    (intent,) = sdk.payment_intents.list().data
    dispute = door("POST", "/_dispute", payment_intent=intent.id)
    world.settle()
    door(
        "POST", "/_dispute", dispute=dispute["id"], status="won"
    )  # the door disputes all; of the bank's part we are told
    tell(order_id, 400, "LOST")
    asked = {one["reason"]: one["item_id"] for one in items_of_money(world)}
    answers = [("dispute-lost", {"answer": "paid"}), ("refund-failed: DISPUTED", {"answer": "retry"})]
    for reason, given in answers if dispute_first else reversed(answers):
        path = f"/v1/queues/payments/items/{asked[reason]}/resolve"
        assert world.call("POST", path, given, who="finance", key="").status == 200
        world.settle()

    assert [refund.amount for refund in sdk.refunds.list().data] == [600]
    assert books(world, order_id) == {"captured": 2_000, "refunded": -600, "disputed": -400, "revenue": -1_000}
    assert items_of_money(world) == []
    assert broken(world.tables()) == []


def test_a_refund_that_was_done_before_a_dispute_leaves_the_whole_dispute_to_finance(
    world: World, half_cancelled, sdk, door
) -> None:
    order_id = half_cancelled()
    world.settle()
    assert [refund.amount for refund in sdk.refunds.list().data] == [1_000]

    tell(order_id, 2_000, "LOST")  # the bank took all, though the customer had a part back

    assert books(world, order_id) == {
        "captured": 2_000, "refunded": -1_000, "disputed": -2_000, "receivable": 2_000, "revenue": -1_000,
    }  # fmt: skip
    assert [one["reason"] for one in items_of_money(world)] == ["dispute-lost"]
    assert broken(world.tables()) == []
