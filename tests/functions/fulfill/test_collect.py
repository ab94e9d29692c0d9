"""Test that money is collected at the hand-over: by a carrier or a counter, once, and that differences wait for a person."""

from functools import partial
from typing import Any

import pytest

from comanda.aws.orders import invoices, orders
from comanda.domain.books.accounts import Account, standing
from comanda.domain.documents import sale_document
from tests.faults import Between
from tests.functions.credit.test_credit import credit
from tests.functions.world import World, at_counter, usd
from tests.invariants import broken

CASH = {"method": "CASH_ON_DELIVERY", "authorized": usd(2000)}


def shipped(world: World) -> str:
    world.stocked("TEA-001", dc_1=2)
    order_id: str = world.placed(("TEA-001", 2), payments=[CASH])
    world.settle()
    world.steps(order_id, "ship")
    world.settle()
    return order_id


def tell_of_money(world: World, order_id: str, amount: int, reference: str = "COD-1", **more: Any) -> Any:
    reply = world.step(order_id, "collect", body={"amount": usd(amount), "reference": reference}, **more)
    world.settle()
    return reply


def items(world: World) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = world.call("GET", "/v1/queues/payments", who="office").body["items"]
    return found


def receivable(order_id: str) -> int:
    return standing(orders.load(order_id)).get(Account.RECEIVABLE, 0)


def test_a_shipment_is_paid_when_its_carrier_has_collected_the_money(world: World) -> None:
    order_id = shipped(world)
    assert world.order(order_id)["payments"][0]["state"] == "TO_COLLECT"
    assert [(item["reason"], receivable(order_id)) for item in items(world)] == [("capture-failed: TO_COLLECT", 2000)]
    assert world.order(order_id)["fulfillments"][0]["to_collect"] == usd(2000)
    assert broken(world.tables()) == []

    reply = tell_of_money(world, order_id, 2000)

    assert (reply.status, reply.body["to_collect"]) == (200, usd(0))
    assert (items(world), receivable(order_id)) == ([], 0)
    order = world.order(order_id)
    assert (order["status"], order["payments"][0]["state"]) == ("SHIPPED", "CAPTURED")
    assert broken(world.tables()) == []


def test_money_that_is_told_twice_is_taken_once(world: World) -> None:
    order_id = shipped(world)

    assert [tell_of_money(world, order_id, 2000, who=who).status for who in ("office", "dc-1-system")] == [200, 200]
    other = tell_of_money(world, order_id, 2000, "COD-2")

    assert (other.status, other.problem) == (409, "not-allowed")
    assert orders.load(order_id).captured == 2000
    assert broken(world.tables()) == []


def test_two_who_tell_at_once_are_taken_once(world: World) -> None:
    order_id = shipped(world)
    again = partial(world.step, order_id, "collect", body={"amount": usd(2000), "reference": "COD-1"})

    with Between(3, again):
        tell_of_money(world, order_id, 2000, who="dc-1-system")

    assert orders.load(order_id).captured == 2000
    assert broken(world.tables()) == []


@pytest.mark.parametrize(
    ("amount", "reason"), [(0, "capture-failed: NOT_COLLECTED"), (1200, "capture-failed: COLLECTED_LESS")]
)
@pytest.mark.parametrize(("answer", "owed"), [("paid", 0), ("write-off", None)])
def test_what_the_customer_does_not_pay_at_the_door_waits_for_a_person(
    world: World, amount: int, reason: str, answer: str, owed: int | None
) -> None:
    order_id = shipped(world)
    assert tell_of_money(world, order_id, amount).status == 200

    (item,) = items(world)
    assert (item["reason"], receivable(order_id)) == (reason, 2000 - amount)
    assert broken(world.tables()) == []

    path = f"/v1/queues/payments/items/{item['item_id']}/resolve"
    assert world.call("POST", path, {"answer": answer}, who="office").status == 200
    world.settle()

    assert items(world) == []
    assert receivable(order_id) == (2000 - amount if owed is None else owed)
    assert broken(world.tables()) == []


@pytest.mark.parametrize(("first", "reason"), [(0, "NOT_COLLECTED"), (1200, "COLLECTED_LESS")])
def test_further_visits_without_money_leave_the_order_as_it_is(world: World, first: int, reason: str) -> None:
    order_id = shipped(world)
    assert tell_of_money(world, order_id, first, "visit-1").status == 200
    known = orders.load(order_id)

    assert [tell_of_money(world, order_id, 0, f"visit-{n}").status for n in (2, 3)] == [200, 200]

    assert orders.load(order_id) == known
    assert [item["reason"] for item in items(world)] == [f"capture-failed: {reason}"]
    assert tell_of_money(world, order_id, 2000 - first, "visit-4").status == 200
    assert (items(world), receivable(order_id)) == ([], 0)
    assert broken(world.tables()) == []


def test_more_than_was_due_waits_for_a_person(world: World) -> None:
    order_id = shipped(world)
    assert tell_of_money(world, order_id, 2050).status == 200

    (item,) = items(world)
    assert (item["reason"], orders.load(order_id).captured) == ("collected-more", 2000)
    assert broken(world.tables()) == []

    path = f"/v1/queues/payments/items/{item['item_id']}/resolve"
    assert world.call("POST", path, {"answer": "paid"}, who="office").status == 422
    assert world.call("POST", path, {"answer": "done"}, who="office").status == 200
    assert items(world) == []
    assert broken(world.tables()) == []


def test_a_counter_collects_before_it_hands_over(world: World) -> None:
    world.stocked("TEA-001", store_1=2)
    paid = {"method": "PAY_IN_STORE", "authorized": usd(2000), "reference": "till-7"}
    order_id = world.placed(at_counter("TEA-001", 2), payments=[paid])
    world.settle()
    world.steps(order_id, "accept", "pick", "pack", "ready")
    assert world.order(order_id)["fulfillments"][0]["to_collect"] == usd(2000)

    assert tell_of_money(world, order_id, 2000, "receipt-9").status == 200
    world.steps(order_id, "hand-over")
    world.settle()

    assert (items(world), receivable(order_id)) == ([], 0)
    assert broken(world.tables()) == []


def test_the_second_parcel_pays_its_own_invoice_while_the_first_is_on_its_way(world: World) -> None:
    world.stocked("TEA-001", dc_1=1, dc_2=1)
    order_id = world.placed(("TEA-001", 2), payments=[CASH])
    world.settle()
    for parcel in (1, 2):
        world.steps(order_id, "ship", number=parcel)
        world.settle()

    body = {"amount": usd(1000), "reference": "COD-2"}
    assert world.step(order_id, "collect", 2, body).status == 200
    world.settle()

    first, second = (
        sale_document.of_invoice(
            orders.load(order_id), invoices.view(order_id, n), n, invoices.total_before(orders.load(order_id), n)
        )
        for n in (1, 2)
    )
    assert (first.paid, first.due, first.at_hand_over) == ((), 1000, 1000)
    assert (second.paid, second.due) == ((sale_document.Paid(method="CASH_ON_DELIVERY", amount=1000),), 0)
    assert broken(world.tables()) == []


def test_what_was_not_handed_over_is_released(world: World) -> None:
    world.stocked("TEA-001", dc_1=2)
    order_id = world.placed(("TEA-001", 2), payments=[CASH])
    world.settle()
    assert world.change(order_id, "cancel", {"reason": "no"}).status == 200
    world.settle()

    assert world.order(order_id)["payments"][0]["state"] == "VOIDED"
    assert tell_of_money(world, order_id, 2000).status == 409
    assert broken(world.tables()) == []


def test_a_credit_note_lowers_what_is_to_be_collected(world: World) -> None:
    order_id = shipped(world)
    assert credit(world, order_id).status == 201
    world.settle()

    assert (items(world), receivable(order_id)) == ([], 0)
    assert orders.load(order_id).captured == 0
    assert broken(world.tables()) == []


def test_money_for_a_parcel_that_was_credited_on_its_way_waits_for_a_person(world: World) -> None:
    order_id = shipped(world)
    assert credit(world, order_id).status == 201
    world.settle()

    told = [tell_of_money(world, order_id, 2000, reference).status for reference in ("COD-1", "COD-1", "COD-2")]

    assert told == [200, 200, 409]
    (item,) = items(world)
    assert (item["reason"], item["data"]["amount"], orders.load(order_id).captured) == ("collected-more", "2000", 0)
    assert broken(world.tables()) == []


@pytest.mark.parametrize(
    ("more", "pointer"),
    [
        ({"captured": usd(2000)}, "/payments/0/captured"),
        ({"expires_at": "2026-12-24T00:00:00Z"}, "/payments/0/expires_at"),
        ({"code": "7K3M-Q9ZT-0XWB-4RHD-2N8E"}, "/payments/0/code"),
    ],
)
def test_a_payment_at_the_hand_over_takes_nothing_that_comes_later(world: World, more: Any, pointer: str) -> None:
    refused = world.place_order(("TEA-001", 2), payments=[CASH | more])

    assert refused.status == 422
    assert [error["pointer"] for error in refused.body["errors"]] == [pointer]


def test_money_in_another_currency_is_refused(world: World) -> None:
    order_id = shipped(world)
    body = {"amount": {"amount": 2000, "currency": "EUR"}, "reference": "COD-1"}

    reply = world.step(order_id, "collect", body=body)

    assert (reply.status, reply.body["errors"][0]["pointer"]) == (422, "/amount/currency")
    assert world.step(order_id, "collect", body={"amount": usd(-1), "reference": "x"}).status == 422
    assert orders.load(order_id).captured == 0
