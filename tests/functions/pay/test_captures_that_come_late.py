"""Test that the capture of a payment that captures once is made in the end, however late it learns that the payment is over."""

from typing import Any

import pytest

from comanda.aws.orders import orders
from comanda.aws.payments.stripe_calls import Calls
from comanda.domain.books.accounts import Account, standing
from tests.functions.credit.test_credit import credit, invoice_of
from tests.functions.pay.test_pay import later
from tests.functions.pay.test_renewals import (
    NAME,
    answer,
    at_provider,
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

DECLINED = "authorize-failed: CARD_DECLINED"


@pytest.fixture
def unanswered(monkeypatch: pytest.MonkeyPatch, door: Any) -> Any:
    """Let the first request for the capture with this place among the captures have no answer, and no effect."""

    def lose(place: int, kind: str = "timeout_before", count: int = 2) -> None:
        write, asked = Calls.write, list[int]()

        def made(calls: Calls, operation: Any, path: str, *rest: Any, **more: Any) -> Any:
            if operation.purpose == "capture" and operation.number not in asked:
                asked.append(operation.number)
                if len(asked) == place:  # a closed connection is opened once more
                    door("POST", "/_faults", faults=[{"kind": kind, "count": count, "path": "/capture"}])
            return write(calls, operation, path, *rest, **more)

        monkeypatch.setattr(Calls, "write", made)

    return lose


def test_a_refund_before_the_renewal_lets_the_second_shipment_be_captured_of_a_further_one(
    world: World, stripe, saved_card, sdk, unanswered: Any
) -> None:
    unanswered(1)
    order_id = two_shipments(world, saved_card(2000))
    for number in (1, 2):
        world.steps(order_id, "ship", number=number)
    world.settle()
    second = invoice_of(order_id).replace("-001", "-002")
    assert credit(world, order_id, "ALL").status == 201
    assert credit(world, order_id, "AMOUNT", invoice_id=second, amount=usd(300)).status == 201

    later(world, hours=2)

    assert tasks(world) == ["refund-failed: NOT_DONE"] * 2
    assert [one for one in at_provider(sdk) if one[0] == "succeeded"] == [
        ("succeeded", 1000, 1000), ("succeeded", 2000, 1000),
    ]  # fmt: skip
    assert standing(orders.load(order_id)).get(Account.RECEIVABLE, 0) == -1300

    for item in world.call("GET", "/v1/queues/payments", who="office").body["items"]:
        path = f"/v1/queues/payments/items/{item['item_id']}/resolve"
        assert world.call("POST", path, {"answer": "retry"}, who="office").status == 200
    world.settle()

    assert tasks(world) == []
    assert sum(one.amount for one in sdk.refunds.list().data) == 1300
    assert standing(orders.load(order_id)).get(Account.RECEIVABLE, 0) == 0
    assert broken(world.tables()) == []


def test_a_question_about_an_authorisation_stays_while_nobody_knows_how_the_capture_went_that_needs_it(
    world: World, stripe, saved_card, sdk, lost: Any, unanswered: Any
) -> None:
    unanswered(2)
    lost("decline")
    order_id = two_shipments(world, saved_card(2000))
    for number in (1, 2):
        world.steps(order_id, "ship", number=number)
    world.settle()
    assert tasks(world) == [DECLINED]

    later(world, hours=1)
    assert sorted(tasks(world)) == [DECLINED, "capture-failed: STATE"]
    answer(world, DECLINED, "retry")
    later(world, hours=1)

    assert tasks(world) == []
    assert payments(world, order_id)[-1] == ("CAPTURED", 1000, 1000)
    assert orders.load(order_id).captured == 2000
    assert broken(world.tables()) == []


def test_a_first_capture_that_failed_is_retried_by_a_further_authorisation_when_the_second_one_has_spent_the_payment(
    world: World, stripe, saved_card, sdk, unanswered: Any
) -> None:
    unanswered(1, "error_stored", 1)
    order_id = two_shipments(world, saved_card(2000))
    for number in (1, 2):
        world.steps(order_id, "ship", number=number)
    later(world, hours=6)
    assert tasks(world) == ["capture-failed: NOT_DONE"]
    assert at_provider(sdk) == [("succeeded", 2000, 1000)]

    answer(world, "capture-failed: NOT_DONE", "retry")

    assert tasks(world) == []
    assert at_provider(sdk) == [("succeeded", 1000, 1000), ("succeeded", 2000, 1000)]
    assert standing(orders.load(order_id)).get(Account.RECEIVABLE, 0) == 0
    assert broken(world.tables()) == []


ENDED = "capture-failed: AUTHORISATION_ENDED"


def closed_without_its_money(world: World, door: Any, reference: str) -> str:
    """Ship an order after the end of its only authorisation, so that it is closed and its capture is declined."""
    world.stocked("TEA-001", dc_1=2)
    order_id = ordered(world, reference)
    door("POST", "/_clock", advance=8 * 86_400)
    world.pass_time(8 * 86_400)
    world.steps(order_id, "ship")
    world.settle()
    assert (tasks(world), world.order(order_id)["status"]) == ([ENDED], "SHIPPED")
    assert standing(orders.load(order_id))[Account.RECEIVABLE] == 2000
    return order_id


def test_another_try_of_a_capture_whose_authorisation_has_ended_authorises_the_card_again(
    world: World, stripe, saved_card, sdk, door
) -> None:
    order_id = closed_without_its_money(world, door, saved_card(2000))

    answer(world, ENDED, "retry")

    assert tasks(world) == []
    assert payments(world, order_id) == [("VOIDED", 2000, 0), ("CAPTURED", 2000, 2000)]
    assert at_provider(sdk) == [("canceled", 2000, 0), ("succeeded", 2000, 2000)]
    assert standing(orders.load(order_id)).get(Account.RECEIVABLE, 0) == 0
    assert held(world, order_id) == []
    assert broken(world.tables()) == []


@pytest.mark.parametrize("given", ["paid", "write-off"])
def test_a_card_that_is_declined_then_leaves_the_capture_to_a_person(
    world: World, stripe, saved_card, sdk, door, given: str
) -> None:
    order_id = closed_without_its_money(world, door, saved_card(2000))
    door("POST", "/_faults", faults=[{"kind": "decline", "code": "generic_decline", "count": 2}])

    answer(world, ENDED, "retry")
    assert sorted(tasks(world)) == [DECLINED, ENDED]
    answer(world, ENDED, "retry")  # once more under a new id
    assert sorted(tasks(world)) == [DECLINED, ENDED]
    answer(world, DECLINED, "done")
    assert tasks(world) == [ENDED]
    assert broken(world.tables()) == []
    answer(world, ENDED, given)

    assert tasks(world) == []
    assert standing(orders.load(order_id)).get(Account.RECEIVABLE, 0) == (0 if given == "paid" else 2000)
    assert [one for one in at_provider(sdk) if one[2]] == []
    assert broken(world.tables()) == []


def test_another_try_after_a_person_went_on_without_the_card_asks_for_it_again(
    world: World, stripe, saved_card, sdk, door
) -> None:
    order_id = closed_without_its_money(world, door, saved_card(2000))
    door("POST", "/_faults", faults=[{"kind": "decline", "code": "generic_decline", "count": 1}])
    answer(world, ENDED, "retry")
    answer(world, DECLINED, "done")

    answer(world, ENDED, "retry")

    assert tasks(world) == []
    assert standing(orders.load(order_id)).get(Account.RECEIVABLE, 0) == 0
    assert broken(world.tables()) == []


def test_a_card_that_was_not_saved_is_not_charged_by_another_try(world: World, stripe, authorized, sdk, door) -> None:
    closed_without_its_money(world, door, authorized(2000, metadata={"order": NAME}).id)

    answer(world, ENDED, "retry")

    assert sorted(tasks(world)) == ["authorize-failed: NOT_SAVED", ENDED]
    assert len(at_provider(sdk)) == 1
    assert broken(world.tables()) == []


def test_a_capture_waits_while_its_card_is_being_authorised_again(world: World, stripe, saved_card, sdk, door) -> None:
    order_id = closed_without_its_money(world, door, saved_card(2000))
    door("POST", "/_faults", faults=[{"kind": "error_before", "path": "/v1/payment_intents", "count": 1}])
    answer(world, ENDED, "retry")
    assert payments(world, order_id)[1] == ("AUTHORIZING", 0, 0)
    (item,) = world.call("GET", "/v1/queues/payments", who="office").body["items"]

    path = f"/v1/queues/payments/items/{item['item_id']}/resolve"
    again = world.call("POST", path, {"answer": "retry"}, who="office")

    assert (again.status, again.problem) == (409, "not-allowed")
    later(world, hours=1)
    assert tasks(world) == []
    assert [one for one in at_provider(sdk) if one[2]] == [("succeeded", 2000, 2000)]
    assert broken(world.tables()) == []
