"""Test that what is left of a payment is authorised anew in time, once, and that the order waits for it."""

import json
from datetime import timedelta
from typing import Any

import pytest

from comanda.aws.orders import orders
from comanda.aws.payments.stripe_calls import Calls
from comanda.aws.runtime.clients import client
from comanda.domain.books.accounts import Account, standing
from tests.functions.crashes import Crashes
from tests.functions.pay.test_crashes import provider_crash, sent_by_two_processes
from tests.functions.pay.test_pay import days_later, later, operations
from tests.functions.world import World, usd
from tests.invariants import broken

NAME = "WEB-1"
RENEWING = "the payment is being authorised again"


@pytest.fixture
def saved_card(sdk: Any, authorized: Any) -> Any:
    """Authorise an amount on a card that may be charged again, and return the payment's id."""

    def make(amount: int, name: str = NAME, card: str = "pm_card_visa", currency: str = "usd", **wishes: Any) -> str:
        customer = sdk.customers.create({})
        more = {"customer": customer.id, "setup_future_usage": "off_session", "metadata": {"order": name}}
        reference: str = authorized(amount, currency, card, **more, **wishes).id
        return reference

    return make


def ordered(world: World, reference: str, units: int = 2, name: str = NAME, amount: int | None = None) -> str:
    paid = {"method": "CARD", "reference": reference, "authorized": usd(amount or units * 1000)}
    order_id: str = world.placed(("TEA-001", units), payments=[paid], external_id=name)
    world.settle()
    return order_id


def held(world: World, order_id: str) -> list[str]:
    return [hold["reason"] for hold in world.order(order_id)["holds"] if hold["resolved_at"] is None]


def payments(world: World, order_id: str) -> list[tuple[str, int, int]]:
    """Return the state of each payment, what was authorised, and what was captured."""
    return [(p["state"], p["authorized"]["amount"], p["captured"]["amount"]) for p in world.order(order_id)["payments"]]


def at_provider(sdk: Any) -> list[tuple[str, int, int]]:
    found = sdk.payment_intents.list({"limit": 100}).data
    return sorted((one.status, one.amount, one.amount_received) for one in found)


def tasks(world: World, queue: str = "payments") -> list[str]:
    return [item["reason"] for item in world.call("GET", f"/v1/queues/{queue}", who="office").body["items"]]


def answer(world: World, reason: str, given: str) -> None:
    items = world.call("GET", "/v1/queues/payments", who="office").body["items"]
    (item,) = (item for item in items if item["reason"] == reason)
    path = f"/v1/queues/payments/items/{item['item_id']}/resolve"
    reply = world.call("POST", path, {"answer": given}, who="office")
    assert reply.status == 200, reply.body
    world.settle()


def two_shipments(world: World, reference: str) -> str:
    world.stocked("TEA-001", dc_1=1, dc_2=1)
    return ordered(world, reference)


def test_the_second_shipment_is_paid_by_a_new_authorisation(world: World, stripe, saved_card, sdk) -> None:
    order_id = two_shipments(world, saved_card(2000))
    world.steps(order_id, "ship", number=1)
    world.settle()

    assert operations(world, order_id) == [("capture", "DONE"), ("authorize", "DONE"), ("release", "DONE")]
    assert payments(world, order_id) == [("CAPTURED", 2000, 1000), ("AUTHORIZED", 1000, 0)]
    assert held(world, order_id) == []
    assert broken(world.tables()) == []

    world.steps(order_id, "ship", number=2)
    world.settle()

    assert payments(world, order_id) == [("CAPTURED", 2000, 1000), ("CAPTURED", 1000, 1000)]
    assert at_provider(sdk) == [("succeeded", 1000, 1000), ("succeeded", 2000, 1000)]
    assert tasks(world) == []
    assert broken(world.tables()) == []


def test_two_shipments_at_once_are_both_captured(world: World, stripe, saved_card, sdk) -> None:
    order_id = two_shipments(world, saved_card(2000))
    for number in (1, 2):
        world.steps(order_id, "ship", number=number)
    world.settle()

    assert operations(world, order_id) == [
        ("capture", "DONE"), ("capture", "DECLINED"), ("authorize", "DONE"), ("capture", "DONE"), ("release", "DONE"),
    ]  # fmt: skip
    assert at_provider(sdk) == [("succeeded", 1000, 1000), ("succeeded", 2000, 1000)]
    order = orders.load(order_id)
    assert (order.captured, order.open_authorization) == (2000, 0)
    assert standing(order).get(Account.RECEIVABLE, 0) == 0
    assert tasks(world) == []
    assert broken(world.tables()) == []


def without_stock_for_all(world: World, reference: str) -> str:
    """Place an order of two units of which one leaves, and one waits for stock."""
    world.stocked("TEA-001", dc_1=1)
    order_id = ordered(world, reference)
    world.steps(order_id, "ship", number=1)
    return order_id


@pytest.fixture
def lost(monkeypatch: pytest.MonkeyPatch, door: Any) -> Any:
    """Let the first request for an authorisation meet a fault of this kind."""

    def lose(kind: str) -> None:
        write, left = Calls.write, [kind]

        def made(calls: Calls, operation: Any, path: str, *rest: Any, **more: Any) -> Any:
            if operation.purpose == "authorize" and left:
                count = 2 if left[0].startswith("timeout") else 1  # a closed connection is opened once more
                fault = {"kind": left.pop(), "count": count, "path": "/v1/payment_intents"}
                door("POST", "/_faults", faults=[fault])
            return write(calls, operation, path, *rest, **more)

        monkeypatch.setattr(Calls, "write", made)

    return lose


@pytest.mark.parametrize(
    "kind", ["timeout_before", "timeout_after", "error_before", "error_after", "error_stored", "rate_limit"]
)
def test_the_release_waits_for_an_authorisation_whose_answer_is_lost(
    world: World, stripe, saved_card, sdk, lost: Any, kind: str
) -> None:
    order_id = without_stock_for_all(world, saved_card(2000))
    lost(kind)
    world.settle()
    assert held(world, order_id) == [RENEWING]
    assert payments(world, order_id)[1] == ("AUTHORIZING", 0, 0)
    world.stocked("TEA-001", dc_1=1)
    world.settle()
    assert len(world.order(order_id)["fulfillments"]) == 1

    for _ in range(4):
        if held(world, order_id) == [RENEWING]:
            later(world, hours=1)
    if kind == "error_stored":
        # The provider repeats the failure under this id, so a person has it tried under another one.
        assert tasks(world) == ["authorize-failed: NOT_DONE"]
        answer(world, "authorize-failed: NOT_DONE", "retry")

    assert held(world, order_id) == []
    assert tasks(world) == []
    assert len(world.order(order_id)["fulfillments"]) == 2
    world.steps(order_id, "ship", number=2)
    world.settle()
    assert at_provider(sdk) == [("succeeded", 1000, 1000), ("succeeded", 2000, 1000)]
    assert broken(world.tables()) == []


def test_a_card_that_is_declined_holds_the_rest_until_a_person_answers(
    world: World, stripe, saved_card, sdk, lost: Any
) -> None:
    order_id = without_stock_for_all(world, saved_card(2000))
    lost("decline")
    world.settle()
    world.stocked("TEA-001", dc_1=1)
    world.settle()
    later(world, hours=30)

    assert held(world, order_id) == ["authorize-failed: CARD_DECLINED"]
    assert tasks(world) == ["authorize-failed: CARD_DECLINED"]
    assert tasks(world, "holds") == []
    assert payments(world, order_id) == [("AUTHORIZED", 2000, 1000), ("NOT_AUTHORIZED", 0, 0)]
    assert len(world.order(order_id)["fulfillments"]) == 1
    assert broken(world.tables()) == []

    answer(world, "authorize-failed: CARD_DECLINED", "retry")

    assert held(world, order_id) == []
    assert payments(world, order_id) == [("CAPTURED", 2000, 1000), ("AUTHORIZED", 1000, 0)]
    assert len(world.order(order_id)["fulfillments"]) == 2
    assert broken(world.tables()) == []


def test_a_shipment_that_left_before_the_card_was_declined_is_receivable_and_captured_on_the_next_try(
    world: World, stripe, saved_card, sdk, lost: Any
) -> None:
    order_id = two_shipments(world, saved_card(2000))
    lost("decline")
    for number in (1, 2):
        world.steps(order_id, "ship", number=number)
    world.settle()

    assert sorted(tasks(world)) == ["authorize-failed: CARD_DECLINED", "capture-failed: STATE"]
    assert standing(orders.load(order_id))[Account.RECEIVABLE] == 1000
    assert broken(world.tables()) == []

    answer(world, "authorize-failed: CARD_DECLINED", "retry")

    assert tasks(world) == []
    assert standing(orders.load(order_id)).get(Account.RECEIVABLE, 0) == 0
    assert at_provider(sdk)[-2:] == [("succeeded", 1000, 1000), ("succeeded", 2000, 1000)]
    assert broken(world.tables()) == []


def test_a_card_that_was_not_saved_cannot_be_charged_again(world: World, stripe, authorized, sdk) -> None:
    order_id = without_stock_for_all(world, authorized(2000, metadata={"order": NAME}).id)
    world.settle()

    assert held(world, order_id) == ["authorize-failed: NOT_SAVED"]
    assert tasks(world) == ["authorize-failed: NOT_SAVED"]
    assert len(at_provider(sdk)) == 1

    again = {"method": "CARD", "reference": authorized(1000, metadata={"order": NAME}).id, "authorized": usd(1000)}
    assert world.change(order_id, "payments", {"payments": [again]}).status == 200
    world.settle()

    assert (held(world, order_id), tasks(world)) == ([], [])
    assert broken(world.tables()) == []


def waiting(world: World, stripe: Any, reference: str, units: int = 1) -> str:
    """Place an order for which there is no stock yet, and let its authorisation come to its last day."""
    order_id = ordered(world, reference, units)
    days_pass(world, stripe, 6.1)
    return order_id


def days_pass(world: World, stripe: Any, days: float) -> None:
    """Let days pass, here and at the provider, after which the sweeper looks."""
    stripe.account.advance(int(days * 86_400))
    days_later(world, days)
    world.settle()


def test_an_authorisation_is_renewed_a_day_before_it_ends_and_the_first_one_is_released(
    world: World, stripe, saved_card, sdk
) -> None:
    order_id = waiting(world, stripe, saved_card(1000))

    assert operations(world, order_id) == [("authorize", "DONE"), ("release", "DONE")]
    assert at_provider(sdk) == [("canceled", 1000, 0), ("requires_capture", 1000, 0)]
    assert held(world, order_id) == []
    (_, tender) = orders.load(order_id).payments
    assert timedelta(days=6.9) < tender.expires_at - world.now < timedelta(days=7.1)
    assert broken(world.tables()) == []

    days_pass(world, stripe, 6.1)
    assert payments(world, order_id) == [("VOIDED", 1000, 0), ("VOIDED", 1000, 0), ("AUTHORIZED", 1000, 0)]
    world.stocked("TEA-001", dc_1=1)
    world.settle()
    world.steps(order_id, "ship")
    world.settle()

    assert at_provider(sdk) == [("canceled", 1000, 0), ("canceled", 1000, 0), ("succeeded", 1000, 1000)]
    assert tasks(world) == []
    assert broken(world.tables()) == []


def captures_several_times(stripe: Any) -> None:
    """Let the account capture several times, here and at the provider."""
    stripe.account.change_terms({"multi_capture": True})
    secret = json.loads(client("secretsmanager").get_secret_value(SecretId="comanda-test-payments")["SecretString"])
    secret["stripe"]["multi_capture"] = True
    client("secretsmanager").put_secret_value(SecretId="comanda-test-payments", SecretString=json.dumps(secret))


def test_a_card_that_captures_once_is_authorised_again_at_an_account_that_captures_several_times(
    world: World, stripe, saved_card, sdk
) -> None:
    captures_several_times(stripe)
    order_id = two_shipments(world, saved_card(2000))  # the card was not asked for it, so it cannot
    for number in (1, 2):
        world.steps(order_id, "ship", number=number)
        world.settle()

    assert at_provider(sdk) == [("succeeded", 1000, 1000), ("succeeded", 2000, 1000)]
    assert tasks(world) == []
    assert broken(world.tables()) == []


def test_what_is_left_after_a_capture_of_several_is_renewed_too(world: World, stripe, saved_card, sdk) -> None:
    captures_several_times(stripe)
    wish = {"payment_method_options": {"card": {"request_multicapture": "if_available"}}}
    order_id = without_stock_for_all(world, saved_card(2000, **wish))
    world.settle()
    assert operations(world, order_id) == [("capture", "DONE")]

    days_pass(world, stripe, 6.1)

    assert payments(world, order_id) == [("CAPTURED", 2000, 1000), ("AUTHORIZED", 1000, 0)]
    assert at_provider(sdk) == [("requires_capture", 1000, 0), ("succeeded", 2000, 1000)]
    assert held(world, order_id) == []
    assert broken(world.tables()) == []


def test_the_names_of_the_customer_and_the_card_are_kept_while_they_are_needed_alone(
    world: World, stripe, saved_card, sdk
) -> None:
    order_id = waiting(world, stripe, saved_card(1000))

    text = str([row for row in world.tables()["Orders"] if order_id in str(row["pk"])])
    assert "cus_" not in text
    assert "pm_" not in text


def test_units_that_leave_while_the_renewal_is_refused_are_captured_of_the_first_authorisation(
    world: World, stripe, saved_card, sdk, lost: Any
) -> None:
    world.stocked("TEA-001", dc_1=1)
    order_id = ordered(world, saved_card(1000), 1)
    lost("decline")
    days_pass(world, stripe, 6.1)
    assert tasks(world) == ["authorize-failed: CARD_DECLINED"]

    world.steps(order_id, "ship")
    world.settle()

    assert ("succeeded", 1000, 1000) in at_provider(sdk)
    assert payments(world, order_id)[0] == ("CAPTURED", 1000, 1000)
    assert tasks(world) == []
    assert broken(world.tables()) == []


def test_an_authorisation_that_the_provider_has_ended_is_made_again_when_its_notice_comes(
    world: World, stripe, saved_card, sdk
) -> None:
    reference = saved_card(1000)
    order_id = ordered(world, reference, 1)
    sdk.payment_intents.cancel(reference)
    for _ in range(3):  # twice, and once late
        world.hops.invoke("pay", {"orders": [order_id], "noticed": True})
        world.settle()

    assert held(world, order_id) == []
    assert at_provider(sdk) == [("canceled", 1000, 0), ("requires_capture", 1000, 0)]
    assert operations(world, order_id) == [("authorize", "DONE"), ("release", "DONE")]
    assert broken(world.tables()) == []


def test_an_order_that_is_cancelled_while_nothing_is_known_leaves_nothing_authorised(
    world: World, stripe, saved_card, sdk, lost: Any
) -> None:
    order_id = ordered(world, saved_card(1000), 1)
    lost("timeout_after")
    days_pass(world, stripe, 6.1)
    assert held(world, order_id) == [RENEWING]
    assert world.change(order_id, "cancel", {"reason": "no"}).status == 200
    world.settle()
    later(world, hours=2)

    assert {status for status, _, _ in at_provider(sdk)} == {"canceled"}
    assert orders.load(order_id).open_authorization == 0
    assert (held(world, order_id), tasks(world)) == ([], [])
    assert broken(world.tables()) == []


def test_an_order_that_is_cancelled_before_its_card_was_asked_is_not_charged(
    world: World, stripe, saved_card, sdk, door: Any
) -> None:
    order_id = ordered(world, saved_card(1000), 1)
    door("POST", "/_faults", faults=[{"kind": "timeout_before"}])
    days_pass(world, stripe, 6.1)
    assert world.change(order_id, "cancel", {"reason": "no"}).status == 200
    door("DELETE", "/_faults")
    later(world, hours=2)

    assert at_provider(sdk) == [("canceled", 1000, 0)]
    assert (held(world, order_id), tasks(world)) == ([], [])
    assert broken(world.tables()) == []


def test_money_of_the_shop_is_not_authorised_by_us(world: World, stripe, sdk) -> None:
    ends = (world.now + timedelta(hours=20)).isoformat()
    paid = {"method": "CASH", "reference": "c", "authorized": usd(1000), "expires_at": ends}
    order_id = world.placed(("TEA-001", 1), payments=[paid])
    world.settle()
    world.sweep()
    assert len(world.order(order_id)["payments"]) == 1
    world.pass_time(86_400)
    world.sweep()

    assert held(world, order_id) == ["the authorisation of the payment has ended"]


def test_an_amount_that_the_provider_cannot_move_is_authorised_a_little_higher(
    world: World, stripe, saved_card, sdk
) -> None:
    def bhd(amount: int) -> dict[str, object]:
        return {"amount": amount, "currency": "BHD"}

    order_id = world.placed(
        {"sku": "TEA-001", "quantity": 1, "unit_price": bhd(1005)},
        external_id=NAME,
        currency="BHD",
        payments=[{"method": "CARD", "reference": saved_card(1010, currency="bhd"), "authorized": bhd(1010)}],
        totals={"goods": bhd(1005), "discounts": bhd(0), "charges": bhd(0), "tax": bhd(0), "total": bhd(1005)},
    )
    world.settle()
    days_pass(world, stripe, 6.1)

    assert payments(world, order_id) == [("VOIDED", 1010, 0), ("AUTHORIZED", 1010, 0)]
    assert held(world, order_id) == []
    assert broken(world.tables()) == []


@pytest.mark.parametrize("late", [False, True])
def test_a_process_that_ends_at_any_call_of_aws_authorises_once(
    world: World, stripe, saved_card, sdk, late: bool
) -> None:
    """`late`: an authorisation that ends; else the rest after the first of two captures."""
    numbers = iter(range(100))

    def begin() -> str:
        name = f"WEB-{next(numbers)}"
        if not late:
            world.stocked("TEA-001", dc_1=1, dc_2=1)
        order_id = ordered(world, saved_card(2000, name), name=name)
        if late:
            stripe.account.advance(int(6.1 * 86_400))
            world.pass_time(6.1 * 86_400)
            world.hops.invoke("sweep", {"orders": [order_id]})
        else:
            for number in (1, 2):
                world.steps(order_id, "ship", number=number)
        return order_id

    for crash, order_id, _ in Crashes(world, begin, lambda *_: world.settle(), room="pay", least=6):
        later(world, hours=2)

        order = orders.load(order_id)
        intents = [sdk.payment_intents.retrieve(tender.reference) for tender in order.payments]
        assert len(intents) == 2, crash.happened
        assert made_for(sdk, order_id) == [intents[1].id], crash.happened
        assert sum(one.amount_received for one in intents) == (0 if late else 2000), crash.happened
        assert (order.captured, order.open_authorization) == ((0, 2000) if late else (2000, 0)), crash.happened
        assert tasks(world) == [], crash.happened
        assert broken(world.tables()) == [], crash.happened
        if late:  # else it would be authorised again with those that follow
            assert world.change(order_id, "cancel", {"reason": "no"}).status == 200


def made_for(sdk: Any, order_id: str) -> list[str]:
    """Return the payments that were made at the provider for an order of ours."""
    found = sdk.payment_intents.list({"limit": 100}).data
    return [one.id for one in found if one.metadata.to_dict().get("order") == order_id]


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("at", [1, 2, 3, 4, 5])
def test_a_process_that_ends_at_any_call_of_the_provider_authorises_once(
    world: World, stripe, saved_card, sdk, monkeypatch: pytest.MonkeyPatch, at: int, after: bool
) -> None:
    order_id = two_shipments(world, saved_card(2000))
    for number in (1, 2):
        world.steps(order_id, "ship", number=number)
    with provider_crash(monkeypatch, at, after=after):
        world.settle()
    later(world, hours=2)

    assert at_provider(sdk) == [("succeeded", 1000, 1000), ("succeeded", 2000, 1000)]
    assert orders.load(order_id).captured == 2000
    assert tasks(world) == []
    assert broken(world.tables()) == []


def test_two_processes_at_once_authorise_once(world: World, stripe, saved_card, sdk) -> None:
    numbers = iter(range(100))

    def written() -> str:
        name = f"WEB-{next(numbers)}"
        world.hops.stopped.discard("relay")
        order_id = ordered(world, saved_card(1000, name), 1, name)
        stripe.account.advance(int(6.1 * 86_400))
        world.hops.stopped.add("relay")
        world.pass_time(6.1 * 86_400)
        world.hops.invoke("sweep", {"orders": [order_id]})
        return order_id

    for order_id in sent_by_two_processes(world, written):
        assert operations(world, order_id) == [("authorize", "DONE"), ("release", "DONE")]
        order = orders.load(order_id)
        intents = [sdk.payment_intents.retrieve(tender.reference).status for tender in order.payments]
        assert intents == ["canceled", "requires_capture"]


_FAULTS = [
    {"kind": "timeout_before", "chance": 0.1},
    {"kind": "timeout_after", "chance": 0.1},
    {"kind": "error_before", "chance": 0.07},
    {"kind": "error_stored", "chance": 0.07},
    {"kind": "error_after", "chance": 0.06},
    {"kind": "decline", "chance": 0.2},
]


@pytest.mark.parametrize("seed", [1, 2])
def test_while_the_provider_fails_at_random_each_part_is_captured_once_or_asked_about(
    world: World, stripe, saved_card, sdk, door, seed: int
) -> None:
    ids = []
    for number in range(6):
        world.stocked("TEA-001", dc_1=1, dc_2=1)
        ids.append(ordered(world, saved_card(2000, f"WEB-{number}"), name=f"WEB-{number}"))
    for order_id in ids:
        for number in (1, 2):
            world.steps(order_id, "ship", number=number)
    door("POST", "/_faults", faults=_FAULTS, seed=seed)
    world.settle()
    later(world, hours=3)
    door("DELETE", "/_faults")
    later(world, hours=24)

    asked = {item["order_id"] for item in world.call("GET", "/v1/queues/payments", who="office").body["items"]}
    for order_id in ids:
        order = orders.load(order_id)
        owed = standing(order).get(Account.RECEIVABLE, 0)
        assert order_id in asked or (order.captured, owed) == (2000, 0)
        assert bool(owed) <= (order_id in asked)
    captured = sum(one.amount_received for one in sdk.payment_intents.list({"limit": 100}).data)
    assert captured == sum(orders.load(order_id).captured for order_id in ids)
    assert broken(world.tables()) == []
