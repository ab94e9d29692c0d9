"""Test that gift cards are bought by no gift card and no store credit, and on account where the channel says so: at every door."""

from typing import Any

import pytest

from comanda.aws.directory import directory
from tests.functions.channels import set_channel
from tests.functions.drafts.acts import a_row, create
from tests.functions.intake.changes.test_changes import change_order
from tests.functions.intake.test_bought_cards import CARDS, VALUE
from tests.functions.intake.test_own_payments import by_card, by_credit, card, credit
from tests.functions.world import Reply, World, usd
from tests.invariants import broken

AT = "/payments/0/method"
CODE = "buys-no-gift-cards"
CUSTOMER = {"id": "c-17", "name": "Ada Byron", "email": "ada@example.org"}
ADDED = {"modification": "add_line", "lines": [{**CARDS, "line_id": "9", "quantity": 1}]}
ON_ACCOUNT = {"method": "ON_ACCOUNT", "reference": "erp-1", "authorized": usd(2 * VALUE)}


@pytest.fixture
def world(world: World) -> World:
    set_channel(world, payment_providers={"GIFT_CARD": "comanda", "STORE_CREDIT": "comanda"})
    product = {"title": "Gift card", "weight_g": 0, "class": "goods", "gift_card": True}
    world.entry(directory.PRODUCT, "GIFT-1", product)
    world.stocked("TEA-001", dc_1=9)
    directory.forget()
    return world


def bought(world: World, *payments: dict[str, Any], **changes: Any) -> Reply:
    return world.place_order(CARDS, payments=[*payments], **({"ship_to": None, "customer": CUSTOMER} | changes))


def money(amount: int, reference: str = "c-1") -> dict[str, Any]:
    return {"method": "CARD", "reference": reference, "authorized": usd(amount)}


def test_no_gift_card_and_no_store_credit_buys_a_gift_card(world: World) -> None:
    gift = card(world, 2 * VALUE)
    credit(world, 2 * VALUE)

    whole = bought(world, by_card(gift["code"], 2 * VALUE))
    beside = bought(world, money(VALUE), by_credit(VALUE))

    assert (whole.status, whole.errors) == (422, [(AT, CODE)])
    assert beside.errors == [("/payments/1/method", CODE)]
    assert [row for row in world.tables()["Orders"] if row["sk"].startswith("E#")] == []
    assert bought(world, money(2 * VALUE)).status == 201


@pytest.mark.parametrize("says", [False, True])
def test_a_channel_says_whether_they_are_bought_on_account(world: World, says: bool) -> None:
    set_channel(world, gift_cards_on_account=says)
    directory.forget()

    reply = bought(world, ON_ACCOUNT)

    assert (reply.status, reply.errors if not says else []) == ((201, []) if says else (422, [(AT, CODE)]))


def test_a_draft_with_cards_is_confirmed_with_other_money(world: World) -> None:
    gift = card(world)
    draft = create(world, lines=[{**a_row("1", 1, VALUE), "sku": "GIFT-1", "kind": "DIGITAL"}], ship_to=None)
    price = draft["totals"]["total"]["amount"]
    path = f"/v1/drafts/{draft['draft_id']}"

    def confirm(payment: dict[str, Any]) -> Reply:
        etag = world.call("GET", path).etag
        return world.call("POST", f"{path}/confirm", {"payments": [payment]}, if_match=etag)

    assert confirm(by_card(gift["code"], price)).errors == [(AT, CODE)]
    assert confirm(money(price)).status == 201


def test_a_change_adds_no_cards_that_a_gift_card_would_buy(world: World) -> None:
    gift = card(world)
    by_gift = world.placed(("TEA-001", 1), payments=[by_card(gift["code"], 1_000)])
    by_money = world.placed(("TEA-001", 1), payments=[money(1_000)])

    assert change_order(world, by_gift, ADDED, payments=[money(VALUE, "c-2")]).errors == [("/changes", CODE)]
    assert change_order(world, by_gift, ADDED, preview=True).errors == [("/changes", CODE)]
    assert change_order(world, by_money, ADDED, payments=[by_card(gift["code"], VALUE)]).errors == [(AT, CODE)]
    assert change_order(world, by_money, ADDED, payments=[money(VALUE, "c-3")]).status == 200
    world.settle()
    assert broken(world.tables()) == []


def test_a_pending_change_with_cards_waits_for_other_money(world: World) -> None:
    gift = card(world)
    order_id = world.placed(("TEA-001", 1), payments=[money(1_000)])
    assert change_order(world, order_id, ADDED, pending=True).status == 202
    path = f"/v1/orders/{order_id}/payments"

    refused = world.call("POST", path, {"payments": [by_card(gift["code"], VALUE)]})

    assert refused.errors == [(AT, CODE)]
    assert world.order(order_id)["pending_change"] is not None
    assert world.call("POST", path, {"payments": [money(VALUE, "c-2")]}).body["pending_change"] is None
    late = world.call("POST", path, {"payments": [by_card(gift["code"], 100)]})
    assert late.errors == [(AT, CODE)] or late.status == 409
    world.settle()
    assert broken(world.tables()) == []
