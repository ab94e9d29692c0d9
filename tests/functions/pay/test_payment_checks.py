"""An order is released when its provider says that the payment is for it, and a payment that differs is asked about."""

from datetime import timedelta
from typing import Any

import pytest

from comanda.aws.orders import orders, payment_owners
from comanda.domain.orders.order import Order
from tests.functions.pay.test_pay import intents, later, operations
from tests.functions.pay.test_renewals import held
from tests.functions.world import World, usd
from tests.invariants import broken

NAME = "WEB-1"


def ordered(world: World, reference: str, **more: Any) -> str:
    world.stocked("TEA-001", dc_1=9)
    paid = {"method": "CARD", "reference": reference, "authorized": usd(1000), **more}
    order_id = world.placed(("TEA-001", 1), payments=[paid], external_id=NAME)
    world.settle()
    return order_id


def released(world: World, order_id: str) -> bool:
    return bool(world.order(order_id)["fulfillments"])


def test_an_order_is_released_when_its_payment_is_as_it_says(world: World, stripe, authorized) -> None:
    order_id = ordered(world, authorized(1000, metadata={"order": NAME}).id)

    assert held(world, order_id) == []
    assert released(world, order_id)
    assert "payment_checked" in [row["type"] for row in world.order_items(order_id, "E#")]
    assert not [row for row in world.tables()["Orders"] if "payments-open" in str(row.get("gsi3pk"))]
    assert broken(world.tables()) == []


def test_the_release_waits_while_the_provider_does_not_answer(world: World, stripe, authorized, door) -> None:
    reference = authorized(1000, metadata={"order": NAME}).id
    door("POST", "/_faults", faults=[{"kind": "timeout_before"}])
    order_id = ordered(world, reference)
    later(world, hours=1)
    assert held(world, order_id) == ["the payment is being checked"]
    assert not released(world, order_id)

    door("DELETE", "/_faults")
    later(world, hours=1)

    assert released(world, order_id)
    assert broken(world.tables()) == []


@pytest.mark.parametrize(
    ("difference", "amount", "currency", "order", "card"),
    [
        ("amount", 999, "usd", NAME, "pm_card_visa"),
        ("currency", 1000, "eur", NAME, "pm_card_visa"),
        ("order", 1000, "usd", "WEB-2", "pm_card_visa"),
        ("order", 1000, "usd", "", "pm_card_visa"),
        ("unknown", 0, "", "", ""),
    ],
)
def test_a_payment_that_differs_waits_for_a_person(
    world: World, stripe, authorized, difference: str, amount: int, currency: str, order: str, card: str
) -> None:
    known = authorized(amount, currency, card, metadata={"order": order}).id if amount else "pi_nobody_knows"
    order_id = ordered(world, known)

    (item,) = world.call("GET", "/v1/queues/holds", who="office").body["items"]
    assert item["reason"] == f"payment-differs: {difference}"
    assert not released(world, order_id)
    assert broken(world.tables()) == []

    (hold,) = world.order(order_id)["holds"]
    path = f"holds/{hold['hold_id']}/resolve"
    assert world.change(order_id, path, {"resolution": "it is right"}).status == 200
    world.settle()

    assert released(world, order_id)
    assert broken(world.tables()) == []


def test_a_payment_that_is_captured_already_differs_unless_the_order_says_so(
    world: World, stripe, authorized, sdk
) -> None:
    intent = authorized(1000, metadata={"order": NAME})
    sdk.payment_intents.capture(intent.id)

    order_id = ordered(world, intent.id)

    assert held(world, order_id) == ["payment-differs: standing"]


def test_what_is_authorised_for_another_order_is_not_released_with_a_cancelled_one(
    world: World, stripe, authorized, sdk
) -> None:
    order_id = ordered(world, authorized(1000, metadata={"order": "WEB-2"}).id)

    assert world.change(order_id, "cancel", {"reason": "no"}).status == 200
    world.settle()

    assert operations(world, order_id) == [("release", "DONE")]
    assert intents(sdk) == [("requires_capture", 0)]
    assert broken(world.tables()) == []


def both(world: World, reference: str, **more: Any) -> tuple[str, str]:
    """Tell of one payment with the order WEB-1 by mistake, then with the order that its provider names, and return both."""
    wrong = ordered(world, reference, **more)
    assert held(world, wrong) == ["payment-differs: order"]
    paid = {"method": "CARD", "reference": reference, "authorized": usd(1000), **more}
    other = world.place_order(("TEA-001", 1), payments=[paid], external_id="WEB-3")
    assert other.errors == [("/payments/0/reference", "duplicate")]
    right = world.placed(("TEA-001", 1), payments=[paid], external_id="WEB-2")
    world.settle()
    return wrong, right


def test_a_payment_that_its_provider_names_for_another_order_pays_that_one(
    world: World, stripe, authorized, sdk
) -> None:
    intent = authorized(1000, metadata={"order": "WEB-2"})
    wrong, right = both(world, intent.id)
    assert (held(world, right), released(world, wrong), released(world, right)) == ([], False, True)

    (hold,) = world.order(wrong)["holds"]
    refused = world.change(wrong, f"holds/{hold['hold_id']}/resolve", {"resolution": "it is right"})
    assert (refused.status, refused.problem) == (409, "not-allowed")
    assert world.change(wrong, "cancel", {"reason": "no"}).status == 200
    world.steps(right, "ship")
    world.settle()

    assert operations(world, wrong) == [("release", "DONE")]
    assert operations(world, right) == [("capture", "DONE")]
    assert intents(sdk) == [("succeeded", 1000)]
    assert broken(world.tables()) == []


@pytest.mark.parametrize("known", [True, False])
def test_a_payment_that_its_provider_names_for_no_order_pays_the_next_that_comes_with_it(
    world: World, stripe, authorized, sdk, known: bool
) -> None:
    reference = authorized(1000, metadata={}).id if known else "pi_not_yet"
    paid = {"method": "CARD", "reference": reference, "authorized": usd(1000)}
    wrong = ordered(world, reference)
    assert held(world, wrong) == [f"payment-differs: {'order' if known else 'unknown'}"]
    if known:  # the shop names the order after we had asked
        sdk.payment_intents.update(reference, {"metadata": {"order": "WEB-2"}})
    right = world.placed(("TEA-001", 1), payments=[paid], external_id="WEB-2")
    world.settle()

    assert (released(world, wrong), released(world, right)) == (False, known)
    (hold,) = world.order(wrong)["holds"]
    refused = world.change(wrong, f"holds/{hold['hold_id']}/resolve", {"resolution": "it is right"})
    assert (refused.status, refused.problem) == (409, "not-allowed")
    if not known:  # nobody is named still: a person decides for the second order
        (hold,) = world.order(right)["holds"]
        assert world.change(right, f"holds/{hold['hold_id']}/resolve", {"resolution": "it is right"}).status == 200
        world.settle()
        assert released(world, right)
    third = world.place_order(("TEA-001", 1), payments=[paid], external_id="WEB-3")
    assert third.errors == [("/payments/0/reference", "duplicate")]
    assert broken(world.tables()) == []


@pytest.mark.parametrize("captured", [False, True])
def test_an_order_whose_payment_pays_another_one_goes_on_with_one_of_its_own(
    world: World, stripe, authorized, sdk, captured: bool
) -> None:
    intent = authorized(1000, metadata={"order": "WEB-2"})
    if captured:
        sdk.payment_intents.capture(intent.id)
    wrong, right = both(world, intent.id, **({"captured": usd(1000)} if captured else {}))
    own = {"method": "CARD", "reference": authorized(1000, metadata={"order": NAME}).id, "authorized": usd(1000)}
    assert world.change(wrong, "payments", {"payments": [own]}).status == 200
    world.settle()

    (hold,) = (one for one in world.order(wrong)["holds"] if one["active"])
    assert world.change(wrong, f"holds/{hold['hold_id']}/resolve", {"resolution": "it has its own"}).status == 200
    world.settle()
    for order_id in (wrong, right):
        world.steps(order_id, "ship")
        world.settle()

    assert [one for one in operations(world, wrong) if one[0] == "capture"] == [("capture", "DONE")]
    assert intents(sdk) == [("succeeded", 1000), ("succeeded", 1000)]
    assert world.order(wrong)["payments"][0]["state"] == "DIFFERS"
    assert world.waiting(wrong) == world.waiting(right) == []
    assert broken(world.tables()) == []


def test_a_payment_that_is_taken_over_while_a_person_takes_it_as_it_is_pays_one_order(
    world: World, stripe, authorized, sdk, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = authorized(1000, metadata={"order": "WEB-2"}).id
    wrong = ordered(world, reference)
    paid = {"method": "CARD", "reference": reference, "authorized": usd(1000)}
    real, right = payment_owners.elsewhere, list[str]()

    def elsewhere(order: Order) -> frozenset[int]:
        found = real(order)
        if not right:
            right.append(world.placed(("TEA-001", 1), payments=[paid], external_id="WEB-2"))
        return found

    monkeypatch.setattr(payment_owners, "elsewhere", elsewhere)
    (hold,) = world.order(wrong)["holds"]
    refused = world.change(wrong, f"holds/{hold['hold_id']}/resolve", {"resolution": "it is right"})
    world.settle()

    assert (refused.status, refused.problem) == (409, "not-allowed")
    assert (released(world, wrong), released(world, right[0])) == (False, True)
    assert broken(world.tables()) == []


def test_a_payment_that_a_person_takes_as_it_is_stays_with_its_order(world: World, stripe, authorized) -> None:
    reference = authorized(1000, metadata={"order": "WEB-2"}).id
    first = ordered(world, reference)
    (hold,) = world.order(first)["holds"]
    assert world.change(first, f"holds/{hold['hold_id']}/resolve", {"resolution": "it is right"}).status == 200

    paid = {"method": "CARD", "reference": reference, "authorized": usd(1000)}
    refused = world.place_order(("TEA-001", 1), payments=[paid], external_id="WEB-2")

    assert refused.errors == [("/payments/0/reference", "duplicate")]


def test_an_order_that_is_cancelled_before_its_payment_is_checked_releases_it(
    world: World, stripe, authorized, sdk
) -> None:
    world.stocked("TEA-001", dc_1=9)
    paid = {"method": "CARD", "reference": authorized(1000, metadata={"order": NAME}).id, "authorized": usd(1000)}
    order_id = world.placed(("TEA-001", 1), payments=[paid], external_id=NAME)
    assert world.change(order_id, "cancel", {"reason": "no"}).status == 200
    world.settle()

    assert operations(world, order_id) == [("release", "DONE")]
    assert intents(sdk) == [("canceled", 0)]
    assert broken(world.tables()) == []


def test_a_payment_that_is_added_is_checked_too_and_its_difference_holds_what_is_left(
    world: World, stripe, authorized, sdk
) -> None:
    order_id = ordered(world, authorized(1000, metadata={"order": NAME}).id)
    more = {"method": "CARD", "reference": authorized(500).id, "authorized": usd(500)}
    assert world.change(order_id, "payments", {"payments": [more]}).status == 200
    world.settle()

    assert held(world, order_id) == ["payment-differs: order"]
    world.steps(order_id, "ship")
    world.settle()
    assert operations(world, order_id)[0] == ("capture", "DONE")
    assert ("requires_capture", 0) in intents(sdk)


def backordered(world: World, reference: str, **more: Any) -> str:
    """Place an order for which there is no stock yet, so that it is released later."""
    paid = {"method": "CARD", "reference": reference, "authorized": usd(1000), **more}
    order_id = world.placed(("TEA-001", 1), payments=[paid], external_id=NAME)
    world.settle()
    return order_id


NOT_SAVED = "authorize-failed: NOT_SAVED"  # the card of these payments may not be charged again


def test_the_release_is_held_a_day_before_the_end_that_the_provider_names(world: World, stripe, authorized) -> None:
    order_id = backordered(world, authorized(1000, metadata={"order": NAME}).id)
    (tender,) = orders.load(order_id).payments
    assert tender.expires_at is not None
    assert timedelta(days=6.9) < tender.expires_at - world.now < timedelta(days=7.1)

    world.pass_time(5.9 * 86_400)
    world.sweep()
    assert held(world, order_id) == []
    world.pass_time(0.2 * 86_400)
    world.sweep()
    world.settle()

    assert held(world, order_id) == [NOT_SAVED]
    assert broken(world.tables()) == []


def test_an_authorisation_that_is_voided_at_the_provider_holds_the_release_until_another_pays(
    world: World, stripe, authorized, sdk
) -> None:
    first = authorized(1000, metadata={"order": NAME})
    order_id = backordered(world, first.id)
    sdk.payment_intents.cancel(first.id)
    for _ in range(2):  # the notice comes twice
        world.hops.invoke("pay", {"orders": [order_id], "noticed": True})
    world.settle()

    assert held(world, order_id) == [NOT_SAVED]
    again = {"method": "CARD", "reference": authorized(1000, metadata={"order": NAME}).id, "authorized": usd(1000)}
    assert world.change(order_id, "payments", {"payments": [again]}).status == 200
    world.settle()
    assert held(world, order_id) == []
    world.stocked("TEA-001", dc_1=1)
    world.settle()
    assert released(world, order_id)
    world.steps(order_id, "ship")
    world.settle()

    assert operations(world, order_id) == [("authorize", "DECLINED"), ("capture", "DONE"), ("release", "DONE")]
    assert sorted(intents(sdk)) == [("canceled", 0), ("succeeded", 1000)]
    assert broken(world.tables()) == []


def test_a_notice_while_the_authorisation_stands_changes_nothing(world: World, stripe, authorized) -> None:
    order_id = backordered(world, authorized(1000, metadata={"order": NAME}).id)
    before = orders.load(order_id)

    world.hops.invoke("pay", {"orders": [order_id], "noticed": True})

    assert orders.load(order_id) == before


def test_what_leaves_after_the_end_is_receivable_and_holds_up_no_mail(
    world: World, stripe, authorized, door, sdk
) -> None:
    order_id = ordered(world, authorized(1000, metadata={"order": NAME}).id)
    door("POST", "/_clock", advance=8 * 86_400)
    world.pass_time(8 * 86_400)
    mails = len(world.hops.sent)

    world.steps(order_id, "ship")
    world.settle()

    assert operations(world, order_id) == [("capture", "DECLINED")]
    assert intents(sdk) == [("canceled", 0)]
    assert world.waiting(order_id) == ["payments"]
    assert len(world.hops.sent) > mails
    assert broken(world.tables()) == []
