"""More is authorised on the card of an order that costs more, where its account and its card allow that."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from comanda.aws.orders import orders
from comanda.aws.runtime import json_secret
from comanda.aws.runtime.clients import client
from comanda.domain.books.accounts import Account, standing
from tests.functions.crashes import Crashes
from tests.functions.pay.test_crashes import provider_crash, sent_by_two_processes
from tests.functions.pay.test_pay import later, operations
from tests.functions.pay.test_payment_links import noticed, payments
from tests.functions.world import World, usd
from tests.invariants import broken

MORE = {"reason": "gift", "changes": [{"modification": "charge", "kind": "WRAPPING", "amount": usd(500)}]}
CARD = {"method": "CARD"}


@pytest.fixture
def card_order(world: World, stripe: Any, shop: Any) -> Callable[..., str]:
    """Place an order of 10.00 whose card can be charged more, by an account that may. Nothing has left its node."""
    world.stocked("TEA-001", dc_1=99)

    def placed(*, may: bool = True, asks: bool = True, quantity: int = 1) -> str:
        stripe.account.change_terms({"incremental": may})
        secret = json.loads(client("secretsmanager").get_secret_value(SecretId="comanda-test-payments")["SecretString"])
        secret["stripe"]["incremental"] = may
        client("secretsmanager").put_secret_value(SecretId="comanda-test-payments", SecretString=json.dumps(secret))
        json_secret.forget()
        wanted = {"payment_method_options": {"card": {"request_incremental_authorization": "if_available"}}}
        order_id = shop(quantity, intent=wanted if asks else {})
        world.settle()
        return order_id

    return placed


def wait_for(world: World, order_id: str) -> None:
    """Let a change of 5.00 wait for its payment."""
    assert world.change(order_id, "changes", {**MORE, "pending": True}).status == 202


def increased(world: World, order_id: str) -> None:
    wait_for(world, order_id)
    assert world.change(order_id, "payment-links", CARD).status == 202


def intent_of(world: World, sdk: Any, order_id: str) -> Any:
    return sdk.payment_intents.retrieve(world.order(order_id)["payments"][0]["reference"])


def total(world: World, order_id: str) -> int:
    return int(world.order(order_id)["totals"]["total"]["amount"])


def test_a_card_pays_for_a_pending_change_and_is_captured_once(world: World, card_order, sdk) -> None:
    order_id = card_order()
    wait_for(world, order_id)

    asked = world.change(order_id, "payment-links", CARD)

    assert asked.status == 202
    (paid,) = asked.body["payments"]
    assert (paid["state"], paid["asked"], paid["authorized"]) == ("AUTHORIZING", usd(500), usd(1000))
    world.settle()
    assert (total(world, order_id), world.order(order_id)["pending_change"]) == (1500, None)
    assert payments(world, order_id) == [("AUTHORIZED", 0, 1500)]
    assert standing(orders.load(order_id))[Account.AUTHORISED] == 1500
    world.steps(order_id, "ship")
    world.settle()
    assert (intent_of(world, sdk, order_id).amount_received, payments(world, order_id)[0][0]) == (1500, "CAPTURED")
    assert operations(world, order_id) == [("increase", "DONE"), ("capture", "DONE")]
    assert broken(world.tables()) == []


@pytest.mark.parametrize(("may", "asks"), [(False, True), (True, False)])
def test_a_card_that_cannot_be_charged_more_leaves_the_change_to_a_link(
    world: World, card_order, sdk, may: bool, asks: bool
) -> None:
    order_id = card_order(may=may, asks=asks)
    increased(world, order_id)
    world.settle()

    (event,) = [
        json.loads(row["data"]) for row in world.order_items(order_id, "E#") if row["type"] == "payment_not_made"
    ]
    assert (event["method"], event["reason"], event["amount"]) == ("CARD", "NO_INCREASE", 500)
    assert payments(world, order_id) == [("AUTHORIZED", 0, 1000)]
    assert world.order(order_id)["pending_change"]["to_pay"] == usd(500)
    assert intent_of(world, sdk, order_id).amount == 1000
    assert world.change(order_id, "payment-links", {"method": "LINK"}).status == 202
    assert broken(world.tables()) == []


def test_a_declined_increase_leaves_the_authorisation_as_it_is(world: World, card_order, sdk, door) -> None:
    order_id = card_order()
    door("POST", "/_faults", kind="decline", path="increment", count=1)
    increased(world, order_id)
    world.settle()
    assert operations(world, order_id) == [("increase", "DECLINED")]
    assert intent_of(world, sdk, order_id).amount == 1000

    assert world.change(order_id, "payment-links", CARD).status == 202  # the customer's bank may agree now
    world.settle()

    assert (total(world, order_id), intent_of(world, sdk, order_id).amount) == (1500, 1500)
    assert broken(world.tables()) == []


@pytest.mark.parametrize("fault", ["timeout_before", "timeout_after", "error_before", "error_after", "error_stored"])
def test_an_increase_whose_answer_is_lost_is_made_once(world: World, card_order, sdk, door, fault: str) -> None:
    order_id = card_order()
    door("POST", "/_faults", kind=fault, path="increment", count=2)
    increased(world, order_id)
    world.settle()
    later(world, hours=2)

    states = [state for _, state in operations(world, order_id)]
    amount = intent_of(world, sdk, order_id).amount
    assert (states, amount, total(world, order_id)) in ((["DONE"], 1500, 1500), (["DECLINED"], 1000, 1000))
    assert broken(world.tables()) == []


def test_goods_that_leave_meanwhile_are_captured_with_what_is_authorised_by_then(
    world: World, card_order, sdk, door
) -> None:
    order_id = card_order()
    door("POST", "/_faults", kind="timeout_before", path="increment", count=9)
    increased(world, order_id)
    world.settle()
    world.steps(order_id, "ship")
    world.settle()
    door("DELETE", "/_faults")
    later(world, hours=3)

    paid = intent_of(world, sdk, order_id)
    assert (paid.status, paid.amount_received) == ("succeeded", 1000)
    assert standing(orders.load(order_id)).get(Account.RECEIVABLE, 0) == 0
    assert broken(world.tables()) == []


def test_a_cancelled_order_keeps_nothing_of_an_increase(world: World, card_order, sdk, door) -> None:
    order_id = card_order()
    door("POST", "/_faults", kind="timeout_after", path="increment", count=1)
    increased(world, order_id)
    world.settle()
    assert world.change(order_id, "cancel", {"reason": "no"}).status == 200
    world.settle()
    later(world, hours=2)

    assert intent_of(world, sdk, order_id).status == "canceled"
    assert payments(world, order_id)[0][0] == "VOIDED"
    assert broken(world.tables()) == []


def test_a_link_for_the_same_money_is_void_while_the_card_is_asked(world: World, card_order, sdk) -> None:
    order_id = card_order()
    wait_for(world, order_id)
    assert world.change(order_id, "payment-links", {"method": "LINK"}).status == 202
    world.settle()

    assert world.change(order_id, "payment-links", CARD).status == 202
    assert world.change(order_id, "payment-links", CARD).status == 202  # it is being asked
    world.settle()
    noticed(world, order_id)

    assert [state for state, _, _ in payments(world, order_id)] == ["AUTHORIZED", "NOT_PAID"]
    assert (total(world, order_id), intent_of(world, sdk, order_id).amount) == (1500, 1500)
    assert broken(world.tables()) == []


def test_what_cannot_be_increased_is_refused(world: World, card_order, sdk) -> None:
    order_id = card_order()
    nothing = world.change(order_id, "payment-links", CARD)
    assert (nothing.status, nothing.body["detail"]) == (409, "nothing of the order is to be paid")
    again = world.change(order_id, "payment-links", {**CARD, "again": True})
    assert (again.status, again.body["errors"][0]["pointer"]) == (422, "/again")

    in_parts = card_order(quantity=2)
    assert world.step(in_parts, "ship", body={"lines": [{"line_id": "1", "quantity": 1}]}).status == 200
    world.settle()
    wait_for(world, in_parts)
    captured = world.change(in_parts, "payment-links", CARD)
    assert (captured.status, captured.body["errors"][0]["pointer"]) == (409, "/method")
    assert broken(world.tables()) == []


def test_a_process_that_ends_at_any_call_of_aws_increases_once(world: World, card_order, sdk) -> None:
    def begun() -> str:
        order_id = card_order()
        increased(world, order_id)
        return str(order_id)

    for crash, order_id, _ in Crashes(world, begun, lambda *_: world.settle(), room="pay", least=3):
        later(world, hours=2)
        assert operations(world, order_id) == [("increase", "DONE")], crash.happened
        assert (intent_of(world, sdk, order_id).amount, total(world, order_id)) == (1500, 1500), crash.happened
        assert broken(world.tables()) == [], crash.happened


@pytest.mark.parametrize("at", [1, 2])
@pytest.mark.parametrize("after", [False, True])
def test_a_process_that_ends_at_any_call_of_the_provider_increases_once(
    world: World, card_order, sdk, monkeypatch: pytest.MonkeyPatch, at: int, after: bool
) -> None:
    order_id = card_order()
    increased(world, order_id)
    with provider_crash(monkeypatch, at, after=after):
        world.settle()
    later(world, hours=2)

    assert operations(world, order_id) == [("increase", "DONE")]
    assert (intent_of(world, sdk, order_id).amount, total(world, order_id)) == (1500, 1500)
    assert broken(world.tables()) == []


def test_two_processes_at_once_increase_once(world: World, card_order, sdk) -> None:
    def written() -> str:
        world.hops.stopped.discard("relay")
        order_id = card_order()
        world.hops.stopped.add("relay")
        increased(world, order_id)
        return order_id

    for order_id in sent_by_two_processes(world, written):
        assert operations(world, order_id) == [("increase", "DONE")]
        assert intent_of(world, sdk, order_id).amount == 1500


def test_whatever_fails_at_random_each_increase_is_made_once_or_not_at_all(world: World, card_order, sdk, door) -> None:
    ids = [card_order() for _ in range(10)]
    faults = ("timeout_before", "timeout_after", "error_before", "error_stored", "error_after", "decline")
    door("POST", "/_faults", faults=[{"kind": kind, "chance": 0.12} for kind in faults], seed=7)
    for order_id in ids:
        increased(world, order_id)
        world.settle()
    for order_id in ids[:5]:
        world.steps(order_id, "ship")
    for order_id in ids[5:7]:
        assert world.change(order_id, "cancel", {"reason": "no"}).status == 200
    world.settle()
    later(world, hours=3)
    door("DELETE", "/_faults")
    later(world, hours=24)

    asked = {item["order_id"] for item in world.call("GET", "/v1/queues/payments", who="office").body["items"]}
    for order_id in ids:
        order = orders.load(order_id)
        assert not any(tender.asked for tender in order.payments), "nobody is being asked any more"
        assert order_id in asked or not standing(order).get(Account.RECEIVABLE, 0)
        paid, (tender,) = intent_of(world, sdk, order_id), order.payments
        if order_id not in asked:
            assert (paid.amount_received, paid.amount_capturable) == (tender.captured, tender.open)
    assert broken(world.tables()) == []
