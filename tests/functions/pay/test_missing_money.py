"""Test that an order which lacks money after a renewal says so, asks for what it needs by then, and that no question outlives it."""

from datetime import timedelta
from typing import Any

import pytest

from comanda.aws.orders import orders
from tests.functions.crashes import Crashes
from tests.functions.pay.test_pay import later, operations
from tests.functions.pay.test_renewals import (
    NAME,
    RENEWING,
    answer,
    at_provider,
    days_pass,
    held,
    lost,
    ordered,
    payments,
    saved_card,
    tasks,
    two_shipments,
)
from tests.functions.world import World, usd
from tests.invariants import broken

__all__ = ["lost", "saved_card"]

ENDED = "the authorisation of the payment has ended"
DECLINED = "authorize-failed: CARD_DECLINED"


def by_card(reference: str, amount: int) -> dict[str, object]:
    return {"method": "CARD", "reference": reference, "authorized": usd(amount)}


def paid_by(world: World, units: int, *paid: dict[str, object]) -> str:
    order_id: str = world.placed(("TEA-001", units), payments=[*paid], external_id=NAME)
    world.settle()
    return order_id


def test_an_order_that_lacks_other_money_after_a_renewal_is_a_task_for_a_person(
    world: World, stripe, saved_card, sdk
) -> None:
    ends = (world.now + timedelta(days=6.5)).isoformat()
    cash = {"method": "CASH", "reference": "c", "authorized": usd(1000), "expires_at": ends}
    order_id = paid_by(world, 2, by_card(saved_card(1000), 1000), cash)
    stripe.account.advance(int(6.6 * 86_400))
    world.pass_time(6.6 * 86_400)
    world.sweep()
    world.settle()

    assert held(world, order_id) == [ENDED]
    assert tasks(world, "holds") == [ENDED]
    assert ("AUTHORIZED", 1000, 0) in payments(world, order_id)[2:]
    assert broken(world.tables()) == []

    again = {"method": "CASH", "reference": "d", "authorized": usd(1000)}
    assert world.change(order_id, "payments", {"payments": [again]}).status == 200
    world.settle()

    assert (held(world, order_id), tasks(world, "holds")) == ([], [])
    assert broken(world.tables()) == []


def test_a_person_who_goes_on_without_a_renewal_is_asked_again_about_what_is_missing(
    world: World, stripe, saved_card, sdk, lost: Any
) -> None:
    order_id = ordered(world, saved_card(1000), 1)
    lost("decline")
    days_pass(world, stripe, 7.1)
    assert tasks(world) == [DECLINED]

    answer(world, DECLINED, "done")

    assert (held(world, order_id), tasks(world), tasks(world, "holds")) == ([ENDED], [], [ENDED])
    assert broken(world.tables()) == []


def test_another_try_asks_for_what_the_order_needs_by_then(world: World, stripe, saved_card, sdk, lost: Any) -> None:
    order_id = ordered(world, saved_card(2000), 2)
    lost("decline")
    days_pass(world, stripe, 6.1)
    cancel = {"reason": "one", "lines": [{"line_id": "1", "quantity": 1}]}
    assert world.change(order_id, "cancel", cancel).status == 200
    world.settle()

    answer(world, DECLINED, "retry")

    assert payments(world, order_id) == [("VOIDED", 2000, 0), ("AUTHORIZED", 1000, 0)]
    assert ("requires_capture", 1000, 0) in at_provider(sdk)
    assert held(world, order_id) == []
    assert broken(world.tables()) == []


def test_an_authorisation_that_was_not_sent_yet_asks_for_less_when_the_order_needs_less(
    world: World, stripe, saved_card, sdk, door
) -> None:
    order_id = ordered(world, saved_card(2000), 2)
    door("POST", "/_faults", faults=[{"kind": "timeout_before"}])
    days_pass(world, stripe, 6.1)
    cancel = {"reason": "one", "lines": [{"line_id": "1", "quantity": 1}]}
    assert world.change(order_id, "cancel", cancel).status == 200
    door("DELETE", "/_faults")
    later(world, hours=1)

    assert payments(world, order_id) == [("VOIDED", 2000, 0), ("AUTHORIZED", 1000, 0)]
    assert broken(world.tables()) == []


def test_what_is_authorised_too_much_is_given_back_when_the_order_became_cheaper_meanwhile(
    world: World, stripe, saved_card, sdk, lost: Any
) -> None:
    order_id = ordered(world, saved_card(2000), 2)
    lost("timeout_after")
    days_pass(world, stripe, 6.1)
    assert held(world, order_id) == [RENEWING]
    cancel = {"reason": "one", "lines": [{"line_id": "1", "quantity": 1}]}
    assert world.change(order_id, "cancel", cancel).status == 200
    later(world, hours=2)

    assert orders.load(order_id).open_authorization == 1000
    assert held(world, order_id) == []
    assert broken(world.tables()) == []


def test_what_the_order_came_to_need_meanwhile_is_authorised_next(
    world: World, stripe, saved_card, sdk, lost: Any
) -> None:
    """The first card has 30.00, and 10.00 are asked for. A shipping charge of 5.00 is added before the provider answers."""
    reference = saved_card(3000)
    order_id = ordered(world, reference, 1, amount=3000)
    lost("timeout_after")
    days_pass(world, stripe, 6.1)
    change = {"changes": [{"modification": "charge", "kind": "SHIPPING", "amount": usd(500)}], "reason": "express"}
    reply = world.change(order_id, "changes", change, who="office")
    assert reply.status == 200, reply.body
    later(world, hours=2)

    assert payments(world, order_id) == [("VOIDED", 3000, 0), ("AUTHORIZED", 1000, 0), ("AUTHORIZED", 500, 0)]
    assert (held(world, order_id), tasks(world)) == ([], [])
    assert broken(world.tables()) == []


def test_the_second_card_is_renewed_in_full_while_a_capture_of_the_first_one_waits(
    world: World, stripe, saved_card, sdk, lost: Any
) -> None:
    """The first card pays two units, and the capture of one of them fails because its authorisation was over."""
    world.stocked("TEA-001", dc_1=1, dc_2=1)
    first, second = saved_card(2000), saved_card(1000)
    order_id = paid_by(world, 3, by_card(first, 2000), by_card(second, 1000))
    lost("timeout_after")
    for number in (1, 2):
        world.steps(order_id, "ship", number=number)
    world.settle()
    assert payments(world, order_id)[2] == ("AUTHORIZING", 0, 0)

    sdk.payment_intents.cancel(second)
    world.hops.invoke("pay", {"orders": [order_id], "noticed": True})
    world.settle()
    later(world, hours=2)

    assert orders.load(order_id).captured == 2000
    assert orders.load(order_id).open_authorization == 1000
    assert (held(world, order_id), tasks(world), tasks(world, "holds")) == ([], [], [])
    assert broken(world.tables()) == []


def test_a_question_about_an_authorisation_ends_with_its_order(
    world: World, stripe, saved_card, sdk, lost: Any
) -> None:
    order_id = ordered(world, saved_card(1000), 1)
    lost("decline")
    days_pass(world, stripe, 6.1)
    assert tasks(world) == [DECLINED]

    assert world.change(order_id, "cancel", {"reason": "no"}).status == 200
    world.settle()

    assert (held(world, order_id), tasks(world)) == ([], [])
    assert broken(world.tables()) == []


def test_a_question_about_an_authorisation_ends_when_the_capture_that_needs_it_is_answered(
    world: World, stripe, saved_card, sdk, lost: Any
) -> None:
    order_id = two_shipments(world, saved_card(2000))
    lost("decline")
    for number in (1, 2):
        world.steps(order_id, "ship", number=number)
    world.settle()
    assert sorted(tasks(world)) == [DECLINED, "capture-failed: STATE"]

    answer(world, "capture-failed: STATE", "paid")

    assert tasks(world) == []
    assert [state for _, state in operations(world, order_id)][-1] == "DONE"
    assert broken(world.tables()) == []


def test_renewals_leave_the_customer_room_for_payments(world: World, stripe, saved_card, sdk) -> None:
    order_id = ordered(world, saved_card(1000), 1)
    days_pass(world, stripe, 6.1)
    assert len(payments(world, order_id)) == 2
    more = [{"method": "CASH", "reference": f"c{i}", "authorized": usd(1)} for i in range(50)]

    taken = [world.change(order_id, "payments", {"payments": more[i : i + 7]}).status for i in range(0, 49, 7)]
    refused = world.change(order_id, "payments", {"payments": more[49:]})

    assert (set(taken), refused.status) == ({200}, 422)
    assert len(payments(world, order_id)) == 51


@pytest.mark.parametrize("seed", [1, 2])
def test_while_the_provider_fails_at_random_no_hold_waits_for_nothing(
    world: World, stripe, saved_card, sdk, door, seed: int
) -> None:
    faults = [
        {"kind": "timeout_before", "chance": 0.1},
        {"kind": "timeout_after", "chance": 0.1},
        {"kind": "error_before", "chance": 0.07},
        {"kind": "error_stored", "chance": 0.07},
        {"kind": "error_after", "chance": 0.06},
        {"kind": "decline", "chance": 0.2},
    ]
    ids = []
    for number in range(6):
        name = f"WEB-{number}"
        paid = [by_card(saved_card(1000, name), 1000), by_card(saved_card(1000, name), 1000)]
        ids.append(world.placed(("TEA-001", 2), payments=paid, external_id=name))
    world.settle()
    door("POST", "/_faults", faults=faults, seed=seed)
    days_pass(world, stripe, 6.1)
    assert world.change(ids[0], "cancel", {"reason": "no"}).status == 200
    cancel = {"reason": "one", "lines": [{"line_id": "1", "quantity": 1}]}
    assert world.change(ids[1], "cancel", cancel).status == 200
    later(world, hours=3)
    door("DELETE", "/_faults")
    days_pass(world, stripe, 1.1)
    later(world, hours=24)

    assert broken(world.tables()) == []
    asked = {item["order_id"] for queue in ("payments", "holds") for item in _items(world, queue)}
    for order_id in ids:
        order = orders.load(order_id)
        valid = sum(tender.open for tender in order.payments if not tender.ended(world.now))
        assert order_id in asked or valid >= order.totals.total
        assert order_id in asked or not held(world, order_id)


def _items(world: World, queue: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = world.call("GET", f"/v1/queues/{queue}", who="office").body["items"]
    return found


def test_a_process_that_ends_at_any_call_of_aws_leaves_a_question_or_an_operation_with_each_hold(
    world: World, stripe, saved_card, sdk, door
) -> None:
    numbers = iter(range(100))

    def declined() -> str:
        """Let a renewal be declined that the second of two shipments needs, whose capture waits for it."""
        door("DELETE", "/_faults")
        name = f"WEB-{next(numbers)}"
        world.stocked("TEA-001", dc_1=1, dc_2=1)
        order_id = ordered(world, saved_card(2000, name), name=name)
        for number in (1, 2):
            world.steps(order_id, "ship", number=number)
        door("POST", "/_faults", faults=[{"kind": "decline", "path": "/v1/payment_intents", "count": 1_000}])
        return order_id

    for crash, order_id, _ in Crashes(world, declined, lambda *_: world.settle(), room="pay", least=6):
        later(world, hours=2)
        assert broken(world.tables()) == [], crash.happened

        mine = [item for item in _items(world, "payments") if item["order_id"] == order_id]
        assert mine, crash.happened
