"""Test that lost units which nobody has paid are credited by the answer `refund`, once, and that no money goes back for them."""

import pytest

from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys
from comanda.aws.orders import orders
from tests.faults import Between, Crash
from tests.functions.crashes import Crashes, Moment
from tests.functions.fulfill.test_collect import CASH, items, receivable, shipped, tell_of_money
from tests.functions.world import Reply, World, usd
from tests.invariants import broken


def lost(world: World) -> str:
    order_id = shipped(world)
    world.step(order_id, "lose", 1, {"reason": "NOT_ARRIVED"})
    return order_id


def refund(world: World, order_id: str, key: str | None = "") -> Reply:
    (loss,) = world.order(order_id)["losses"]
    path = f"/v1/queues/lost/items/{loss['item_id']}/resolve"
    return world.call("POST", path, {"answer": "refund"}, who="sales", key=key)


def test_a_lost_parcel_that_nobody_paid_is_credited_and_nothing_is_refunded(world: World) -> None:
    order_id = lost(world)

    assert refund(world, order_id).status == 200
    world.settle()

    assert (items(world), world.waiting(order_id), receivable(order_id)) == ([], [], 0)
    note = world.call("GET", f"/v1/credit-notes/crn_{order_id[4:]}-001", who="office").body
    assert (note["totals"]["total"], note["lowered"], note["refunds"]) == (usd(2000), usd(2000), [])
    assert note["number"] == "dc-1-C000001"
    order = world.order(order_id)
    assert (order["payments"][0]["state"], order["losses"][0]["answer"]) == ("VOIDED", "refund")
    assert broken(world.tables()) == []
    assert refund(world, order_id).status == 404


def test_a_lost_parcel_that_was_paid_waits_to_be_refunded_as_before(world: World) -> None:
    order_id = shipped(world)
    tell_of_money(world, order_id, 2000)
    world.step(order_id, "lose", 1, {"reason": "NOT_ARRIVED"})

    assert refund(world, order_id).status == 200
    world.settle()

    assert world.waiting(order_id) == ["refunds"]
    assert orders.load(order_id).credits == ()
    assert broken(world.tables()) == []


def test_a_parcel_that_was_paid_in_part_says_what_is_to_be_given_back(world: World) -> None:
    order_id = shipped(world)
    tell_of_money(world, order_id, 1200)
    world.step(order_id, "lose", 1, {"reason": "NOT_ARRIVED"})

    assert refund(world, order_id).status == 200
    world.settle()

    (item,) = world.call("GET", "/v1/queues/refunds", who="office").body["items"]
    assert (item["data"]["amount"], item["data"]["currency"]) == ("1200", "USD")
    assert receivable(order_id) == 800
    assert broken(world.tables()) == []


def test_an_answer_before_the_invoice_is_to_be_given_again(world: World) -> None:
    world.stocked("TEA-001", dc_1=2)
    order_id = world.placed(("TEA-001", 2), payments=[CASH])
    world.settle()
    world.steps(order_id, "ship")
    world.step(order_id, "lose", 1, {"reason": "NOT_ARRIVED"})

    early = refund(world, order_id)
    world.settle()

    assert (early.status, early.problem, early.errors) == (409, "not-allowed", [("/answer", "not-allowed")])
    assert refund(world, order_id).status == 200
    assert receivable(order_id) == 0


def test_money_that_is_told_between_is_not_credited_away(world: World) -> None:
    """The carrier tells of the money before each call of the answer: what came is to be refunded, what did not is credited."""
    order_id = lost(world)
    moment, counted = Moment(world), Between(0, lambda: None)
    moment.back()
    with counted:
        refund(world, order_id)
    for at in range(1, counted.calls + 1):
        moment.back()
        with Between(at, lambda: tell_of_money(world, order_id, 2000)):
            reply = refund(world, order_id)
        world.settle()
        order, waits = orders.load(order_id), world.waiting(order_id)
        back = order.captured - (order.invoiced_total - order.credited_total)
        assert reply.status == 200, (at, reply.body)
        assert (back, order.credited_total, waits) in ((0, 0, ["refunds"]), (0, 2000, ["payments"])), at
        assert broken(world.tables()) == [], at


def test_a_crash_at_any_call_of_the_answer_leaves_one_credit_note(world: World) -> None:
    order_id = lost(world)

    def act(crash: Crash, _: None) -> Reply:
        return crash.outlived(lambda: refund(world, order_id, key="the-same"))

    for crash, _, reply in Crashes(world, Moment(world).back, act):
        world.settle()
        order = orders.load(order_id)
        assert reply.status == 200, crash.happened
        assert (len(order.credits), order.credited_total, receivable(order_id)) == (1, 2000, 0), crash.happened
        assert broken(world.tables()) == [], crash.happened


@pytest.mark.parametrize("answers", [2])
def test_two_who_answer_at_once_credit_once(world: World, answers: int) -> None:
    order_id = lost(world)
    with Between(answers, lambda: refund(world, order_id)):
        refund(world, order_id)
    world.settle()

    assert orders.load(order_id).credited_total == 2000
    assert broken(world.tables()) == []


def test_an_application_that_issues_no_credit_note_refunds_nothing_that_is_unpaid(world: World) -> None:
    order_id = lost(world)
    world.aws.put("Directory", **keys.client("desk"), kind="admin", scopes=["orders/read", "orders/write"])
    (loss,) = world.order(order_id)["losses"]
    path, body = f"/v1/queues/lost/items/{loss['item_id']}/resolve", {"answer": "refund"}

    refused = world.call("POST", path, body, who="desk")

    assert (refused.status, refused.problem) == (403, "forbidden")
    assert orders.load(order_id).credits == ()
    assert (receivable(order_id), world.waiting(order_id)) == (2000, ["lost", "payments"])
    assert broken(world.tables()) == []
    world.aws.put("Directory", **keys.client("desk"), kind="admin", scopes=["orders/write", "payments/write"])
    directory.forget()
    assert world.call("POST", path, body, who="desk").status == 200
