"""A customer pays by a link or by Pix: the order waits, is paid once, and gives back what comes too late."""

import json
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from comanda.aws.books import our_money
from comanda.aws.directory import directory
from comanda.aws.orders import orders, payment_movements
from comanda.domain.books.accounts import Account, standing
from comanda.domain.errors import Throttled
from tests.functions.pay.test_pay import later, operations
from tests.functions.world import World, a_body, usd
from tests.invariants import broken

LINK = {"method": "LINK", "authorized": usd(1000)}


def in_reais(*lines: Any) -> dict[str, Any]:
    """Return an order in reais that is paid by Pix."""
    body = json.loads(json.dumps(a_body(*lines)).replace('"USD"', '"BRL"'))
    return {**body, "payments": [{"method": "PIX", "authorized": body["totals"]["total"]}]}


def placed(world: World, method: str = "LINK", quantity: int = 1, **more: Any) -> str:
    world.stocked("TEA-001", dc_1=9)
    if method == "PIX":
        order_id = world.placed(**{**in_reais(("TEA-001", quantity)), **more})
    else:
        paid = {"method": "LINK", "authorized": usd(1000 * quantity)}
        order_id = world.placed(("TEA-001", quantity), payments=[paid], **more)
    world.settle()
    return order_id


def payments(world: World, order_id: str) -> list[tuple[str, int, int]]:
    found = world.order(order_id)["payments"]
    return [(one["state"], one["asked"]["amount"], one["authorized"]["amount"]) for one in found]


def session(sdk: Any, at: int = 0) -> Any:
    """Return a page of the provider, the newest first."""
    return sdk.checkout.sessions.list().data[at]


def pay(door: Any, sdk: Any, method: str = "LINK", at: int = 0) -> None:
    """Do what the customer does at the page, or with the code."""
    if method == "PIX":
        door("POST", "/_pay", payment_intent=sdk.payment_intents.list().data[at].id)
    else:
        door("POST", "/_pay", session=session(sdk, at).id, payment_method="pm_card_visa")


def noticed(world: World, order_id: str) -> None:
    """Let the room pay look, because the provider has told that something happened."""
    world.hops.invoke("pay", {"orders": [order_id], "noticed": True})
    world.settle()


def held(world: World, order_id: str) -> list[tuple[str, str]]:
    return [(one["by"], one["reason"]) for one in world.order(order_id)["holds"] if one["resolved_at"] is None]


def released(world: World, order_id: str) -> bool:
    return bool(world.order(order_id)["fulfillments"])


def is_sound(world: World) -> bool:
    assert broken(world.tables()) == []
    return True


@pytest.mark.parametrize("method", ["LINK", "PIX"])
def test_an_order_waits_until_its_customer_has_paid(world: World, stripe, sdk, door, method: str) -> None:
    order_id = placed(world, method)
    (paid,) = world.order(order_id)["payments"]
    assert (paid["state"], paid["reference"]) == ("TO_PAY", None)
    assert paid["pay"]["until"] is not None
    assert bool(paid["pay"]["url"]) == (method == "LINK")
    assert bool(paid["pay"]["code"]) == (method == "PIX")
    assert held(world, order_id) == [("payment-link", "the customer has not paid yet")]
    assert not released(world, order_id)
    assert is_sound(world)

    pay(door, sdk, method)
    noticed(world, order_id)

    assert held(world, order_id) == []
    assert payments(world, order_id) == [("CAPTURED" if method == "PIX" else "AUTHORIZED", 0, 1000)]
    world.steps(order_id, "ship")
    world.settle()
    assert standing(orders.load(order_id)).get(Account.RECEIVABLE, 0) == 0
    assert sdk.payment_intents.list().data[0].amount_received == 1000
    assert is_sound(world)


def test_a_link_asks_for_no_digit_that_its_provider_cannot_move(world: World, stripe, sdk, door) -> None:
    """Stripe moves Bahraini dinars by 10 fils: the customer authorises the next 10, and a person is asked about the rest."""

    def bhd(amount: int) -> dict[str, object]:
        return {"amount": amount, "currency": "BHD"}

    world.stocked("TEA-001", dc_1=9)
    order_id = world.placed(
        {"sku": "TEA-001", "quantity": 1, "unit_price": bhd(1005)},
        currency="BHD",
        payments=[{"method": "LINK", "authorized": bhd(1005)}],
        totals={"goods": bhd(1005), "discounts": bhd(0), "charges": bhd(0), "tax": bhd(0), "total": bhd(1005)},
    )
    world.settle()
    assert payments(world, order_id) == [("TO_PAY", 1005, 0)]
    assert session(sdk).amount_total == 1010

    pay(door, sdk)
    noticed(world, order_id)
    assert payments(world, order_id) == [("AUTHORIZED", 0, 1010)]
    world.steps(order_id, "ship")
    world.settle()

    assert [one.amount_received for one in sdk.payment_intents.list().data] == [1000]
    assert world.waiting(order_id) == ["payments"]
    assert is_sound(world)


@pytest.mark.parametrize("method", ["LINK", "PIX"])
def test_a_payment_is_found_within_an_hour_without_a_notice(world: World, stripe, sdk, door, method: str) -> None:
    order_id = placed(world, method)
    pay(door, sdk, method)

    later(world, hours=2)

    assert released(world, order_id)
    assert is_sound(world)


@pytest.mark.parametrize("method", ["LINK", "PIX"])
def test_nobody_pays_in_time_and_a_person_is_asked(world: World, stripe, sdk, door, method: str) -> None:
    order_id = placed(world, method)
    door("POST", "/_clock", advance=90_000)
    later(world, hours=26)

    assert payments(world, order_id) == [("NOT_PAID", 0, 0)]
    assert held(world, order_id) == [("payment-link", "link-failed: PAYMENT_EXPIRED")]
    (item,) = world.call("GET", "/v1/queues/holds", who="office").body["items"]
    assert item["order_id"] == order_id
    assert world.change(order_id, "holds/h1/resolve", {"resolution": "ok"}).status == 409
    assert is_sound(world)

    reply = world.change(order_id, "payment-links", {"method": method})
    assert reply.status == 202, reply.body
    world.settle()
    assert payments(world, order_id) == [("NOT_PAID", 0, 0), ("TO_PAY", 1000, 0)]
    assert world.call("GET", "/v1/queues/holds", who="office").body["items"] == []
    pay(door, sdk, method)
    noticed(world, order_id)
    assert released(world, order_id)
    assert is_sound(world)


@pytest.mark.parametrize("method", ["LINK", "PIX"])
def test_a_link_of_a_cancelled_order_takes_no_payment(world: World, stripe, sdk, door, method: str) -> None:
    order_id = placed(world, method)
    assert world.change(order_id, "cancel", {"reason": "no"}).status == 200
    world.settle()

    assert payments(world, order_id) == [("NOT_PAID", 0, 0)]
    assert operations(world, order_id) == [("authorize", "DECLINED")]
    if method == "LINK":
        assert session(sdk).status == "expired"
    else:
        assert sdk.payment_intents.list().data[0].status == "canceled"
    assert is_sound(world)


@pytest.mark.parametrize(("method", "back"), [("LINK", "release"), ("PIX", "refund")])
def test_money_that_comes_after_a_cancel_goes_back(world: World, stripe, sdk, door, method: str, back: str) -> None:
    order_id = placed(world, method)
    pay(door, sdk, method)
    assert world.change(order_id, "cancel", {"reason": "no"}).status == 200
    world.settle()
    door("POST", "/_clock", advance=90_000)  # the bank has sent a refund of Pix
    later(world, hours=3)

    assert operations(world, order_id) == [("authorize", "DONE"), (back, "DONE")]
    intent = sdk.payment_intents.list().data[0]
    if method == "LINK":
        assert intent.status == "canceled"
    else:
        assert [one.amount for one in sdk.refunds.list().data] == [1000]
    assert standing(orders.load(order_id)).get(Account.RECEIVABLE, 0) == 0
    assert is_sound(world)


def test_a_cheaper_order_asks_for_less_by_a_new_link(world: World, stripe, sdk, door) -> None:
    order_id = placed(world, quantity=3)
    cancel = {"reason": "one", "lines": [{"line_id": "1", "quantity": 1}]}
    assert world.change(order_id, "cancel", cancel).status == 200
    world.settle()

    assert payments(world, order_id) == [("NOT_PAID", 0, 0), ("TO_PAY", 2000, 0)]
    assert [(one.status, one.amount_total) for one in sdk.checkout.sessions.list().data] == [
        ("open", 2000),
        ("expired", 3000),
    ]
    pay(door, sdk)
    noticed(world, order_id)
    assert released(world, order_id)
    assert is_sound(world)


def test_a_customer_who_pays_twice_gets_one_payment_back(world: World, stripe, sdk, door) -> None:
    order_id = placed(world, quantity=3)
    pay(door, sdk)  # the first page, before anybody knows
    cancel = {"reason": "one", "lines": [{"line_id": "1", "quantity": 1}]}
    assert world.change(order_id, "cancel", cancel).status == 200
    world.settle()
    later(world, hours=3)

    assert payments(world, order_id)[0] == ("AUTHORIZED", 0, 3000)
    assert payments(world, order_id)[1] == ("NOT_PAID", 0, 0)
    assert sum(one.status == "requires_capture" for one in sdk.payment_intents.list().data) == 1
    assert is_sound(world)


def test_a_link_pays_a_pending_change(world: World, stripe, sdk, door, shop) -> None:
    world.stocked("TEA-001", dc_1=9)
    order_id = shop()
    world.settle()
    more = {"reason": "more", "changes": [{"modification": "charge", "kind": "SHIPPING", "amount": usd(500)}]}
    reply = world.change(order_id, "changes", {**more, "pending": True})
    assert reply.status == 202, reply.body
    assert world.change(order_id, "payment-links", {"method": "LINK"}).status == 202
    world.settle()
    assert payments(world, order_id)[1] == ("TO_PAY", 500, 0)

    pay(door, sdk)
    noticed(world, order_id)

    order = world.order(order_id)  # no sweeper has looked, and the change is made
    assert (order["pending_change"], order["totals"]["total"]["amount"]) == (None, 1500)
    assert is_sound(world)


def test_a_paid_change_whose_review_was_lost_is_made_when_the_sweeper_looks(
    world: World, stripe, sdk, door, shop, monkeypatch
) -> None:
    world.stocked("TEA-001", dc_1=9)
    order_id = shop()
    world.settle()
    more = {"reason": "more", "changes": [{"modification": "charge", "kind": "SHIPPING", "amount": usd(500)}]}
    assert world.change(order_id, "changes", {**more, "pending": True}).status == 202
    assert world.change(order_id, "payment-links", {"method": "LINK"}).status == 202
    world.settle()
    pay(door, sdk)

    lose_reviews(monkeypatch)
    noticed(world, order_id)
    assert payments(world, order_id)[1] == ("AUTHORIZED", 0, 500)
    assert world.order(order_id)["pending_change"] is not None
    assert world.change(order_id, "payment-links", {"method": "LINK"}).status == 409  # nothing is to be paid

    assert reviewed(world, order_id)["totals"]["total"] == usd(1500)
    assert is_sound(world)


def lose_reviews(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the room pay reach intake no more. The sweeper still does."""

    def throttled(*_: object) -> None:
        raise Throttled

    monkeypatch.setattr(payment_movements, "pending_changes", SimpleNamespace(have_reviewed=throttled))


def test_a_link_that_is_paid_twice_for_a_pending_change_asks_for_no_more(world: World, stripe, sdk, door) -> None:
    order_id = placed(world)
    before = stripe.account.get("checkout.session", session(sdk).id)
    more = {"reason": "more", "changes": [{"modification": "charge", "kind": "SHIPPING", "amount": usd(500)}]}
    assert world.change(order_id, "changes", {**more, "pending": True}).status == 202
    world.settle()
    with stripe.account.store.transaction():
        stripe.account.put(before)  # the customer pays the first page before it is void
    for one in (before["id"], session(sdk).id):
        door("POST", "/_pay", session=one, payment_method="pm_card_visa")
    noticed(world, order_id)

    found = payments(world, order_id)
    assert found[:2] == [("AUTHORIZED", 0, 1000), ("AUTHORIZED", 0, 1500)]
    assert all(state == "NOT_PAID" for state, _, _ in found[2:])
    assert is_sound(world)

    assert reviewed(world, order_id)["totals"]["total"] == usd(1500)
    assert sum(tender.open for tender in orders.load(order_id).payments) == 1500
    assert given_back(world, order_id, "changed") == 1000
    assert is_sound(world)


def reviewed(world: World, order_id: str) -> dict[str, Any]:
    """Let the sweeper have intake review the pending change, and return the order without one."""
    world.pass_time(400)
    world.sweep(everything=True)
    world.settle()
    order = world.order(order_id)
    assert order["pending_change"] is None
    return order


def given_back(world: World, order_id: str, kind: str) -> int | None:
    (found,) = [json.loads(row["data"]) for row in world.order_items(order_id, "E#") if row["type"] == kind]
    return found.get("given_back")


def paid_before_it_was_void(world: World, stripe, sdk, door) -> str:
    """Return an order of 3 units of which one was cancelled, while a change waits, and the page of all three was paid."""
    order_id = placed(world, quantity=3)
    first = stripe.account.get("checkout.session", session(sdk).id)
    more = {"reason": "more", "changes": [{"modification": "charge", "kind": "SHIPPING", "amount": usd(500)}]}
    assert world.change(order_id, "changes", {**more, "pending": True}).status == 202
    cancel = {"reason": "two", "lines": [{"line_id": "1", "quantity": 2}]}
    assert world.change(order_id, "cancel", cancel).status == 200
    world.settle()
    with stripe.account.store.transaction():
        stripe.account.put(first)
    door("POST", "/_pay", session=first["id"], payment_method="pm_card_visa")
    noticed(world, order_id)
    return order_id


def test_what_a_link_brought_beyond_a_change_goes_back_when_that_is_made(world: World, stripe, sdk, door) -> None:
    order_id = paid_before_it_was_void(world, stripe, sdk, door)

    assert reviewed(world, order_id)["totals"]["total"] == usd(1500)
    assert sum(tender.open for tender in orders.load(order_id).payments) == 1500
    assert given_back(world, order_id, "changed") == 1500
    assert is_sound(world)


def test_what_a_link_brought_before_a_change_goes_back_when_that_is_dropped(
    world: World, stripe, sdk, door, monkeypatch
) -> None:
    lose_reviews(monkeypatch)  # else the change is made at once
    order_id = paid_before_it_was_void(world, stripe, sdk, door)
    assert world.change(order_id, "pending-change/withdraw", {"reason": "no"}).status == 200
    world.settle()

    assert sum(tender.open for tender in orders.load(order_id).payments) == 1000
    assert given_back(world, order_id, "change_dropped") == 2000
    assert is_sound(world)


def test_a_dropped_change_gives_back_what_its_link_brought(world: World, stripe, sdk, door, shop) -> None:
    world.stocked("TEA-001", dc_1=9)
    order_id = shop()
    world.settle()
    more = {"reason": "more", "changes": [{"modification": "charge", "kind": "SHIPPING", "amount": usd(500)}]}
    assert world.change(order_id, "changes", {**more, "pending": True}).status == 202
    assert world.change(order_id, "payment-links", {"method": "LINK"}).status == 202
    world.settle()
    assert world.change(order_id, "pending-change/withdraw", {"reason": "no"}).status == 200
    world.settle()

    assert payments(world, order_id)[1] == ("NOT_PAID", 0, 0)
    assert session(sdk).status == "expired"
    assert is_sound(world)


def test_the_same_link_is_mailed_again_when_it_is_asked_for(world: World, stripe, sdk) -> None:
    order_id = placed(world)
    assert world.change(order_id, "payment-links", {"method": "LINK", "again": True}).status == 202
    world.settle()

    assert payments(world, order_id) == [("TO_PAY", 1000, 0)]
    asked = [row for row in world.order_items(order_id, "E#") if row["type"] == "payment_asked"]
    assert len(asked) == 2
    assert len(sdk.checkout.sessions.list().data) == 1


def test_what_cannot_be_asked_for_is_refused(world: World, stripe, shop) -> None:
    world.stocked("TEA-001", dc_1=9)
    order_id = shop()
    world.settle()
    assert world.change(order_id, "payment-links", {"method": "LINK"}).status == 409
    asked = placed(world)
    assert world.change(asked, "payment-links", {"method": "PIX"}).errors == [("/method", "another-currency")]
    assert world.change(order_id, "payment-links", {"method": "CASH"}).status == 422
    taken = world.call("POST", f"/v1/orders/{order_id}/payments", {"payments": [LINK]}, who="office")
    assert taken.errors == [("/payments/0/method", "not-taken")]
    named = world.place_order(("TEA-001", 1), payments=[{**LINK, "captured": usd(0)}])
    assert named.errors == [("/payments/0/captured", "not-taken")]
    more = world.place_order(("TEA-001", 1), payments=[{**LINK, "authorized": usd(1001)}])
    assert more.errors == [("/payments", "too-large")]
    pix = world.place_order(("TEA-001", 1), payments=[{"method": "PIX", "authorized": usd(1000)}])
    assert pix.errors == [("/payments/0/method", "another-currency")]
    world.entry(directory.CHANNEL, "web", {"name": "web", "currencies": ["USD"], "countries": ["US"]})
    directory.forget()
    assert world.change(asked, "payment-links", {"method": "LINK"}).errors == [("/method", "no-provider")]


def test_an_order_is_cancelled_when_its_type_of_hold_says_so(world: World, stripe, sdk) -> None:
    world.hold_type("PAYMENT", "holds", blocks=["release"], expires_hours=2, on_expiry="CANCEL", applies_when=None)
    order_id = placed(world)
    later(world, hours=4)

    assert world.order(order_id)["status"] == "CANCELLED"
    assert session(sdk).status == "expired"
    assert is_sound(world)


@pytest.mark.parametrize("meaning", ["CANCEL", "ASK"])
def test_a_hold_that_begins_while_a_link_is_open_expires_as_its_type_says(
    world: World, stripe, sdk, door, meaning: str
) -> None:
    """An authorisation of the shop ends while a link for a pending change is open: from then on a link asks for both."""
    world.hold_type("PAYMENT", "holds", blocks=["release"], expires_hours=4, on_expiry=meaning, applies_when=None)
    world.stocked("TEA-001", dc_1=9)
    ends = (world.now + timedelta(hours=2)).isoformat()
    paid = {"method": "OTHER", "reference": "a-1", "authorized": usd(1000), "expires_at": ends}
    order_id = world.placed(("TEA-001", 1), payments=[paid])
    world.settle()
    more = {"reason": "more", "changes": [{"modification": "charge", "kind": "SHIPPING", "amount": usd(500)}]}
    assert world.change(order_id, "changes", {**more, "pending": True}).status == 202
    assert world.change(order_id, "payment-links", {"method": "LINK"}).status == 202
    world.settle()
    assert payments(world, order_id)[1:] == [("TO_PAY", 500, 0)]
    assert held(world, order_id) == []

    later(world, hours=2)
    assert payments(world, order_id)[1:] == [("NOT_PAID", 0, 0), ("TO_PAY", 1500, 0)]
    (hold,) = world.order(order_id)["holds"]
    assert hold["expires"] == (world.now + timedelta(hours=4)).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    later(world, hours=4)
    assert (world.order(order_id)["status"] == "CANCELLED") == (meaning == "CANCEL")
    assert world.waiting(order_id) == ([] if meaning == "CANCEL" else ["holds"])
    assert is_sound(world)
    if meaning == "ASK":  # the task ends when the customer pays
        pay(door, sdk)
        noticed(world, order_id)
        assert held(world, order_id) == []
        assert "holds" not in world.waiting(order_id)


def test_what_was_paid_by_pix_is_reconciled_like_a_capture(world: World, stripe, sdk, door) -> None:
    order_id = placed(world, "PIX")
    pay(door, sdk, "PIX")
    noticed(world, order_id)
    name = world.order(order_id)["payments"][0]["reference"]

    found = our_money.of_payments("stripe", [name])[name]

    assert [(one.is_refund, one.amount) for one in found.money.movements] == [(False, 1000)]
    assert len(found.unsettled) == 1  # the sweeper waits for the provider's report
