"""Orders sell gift cards: each unit is a card that pays when its money is there, and that a credit note takes back while it is unspent."""

import re
from typing import Any

import pytest

from comanda.aws.directory import directory
from comanda.domain.gift_cards import codes
from tests.functions.channels import set_channel
from tests.functions.gift_cards.test_issue import balance
from tests.functions.intake.test_own_payments import books, by_card, ledger, left, shipped
from tests.functions.intake.test_provide import provide, texts_of_mails
from tests.functions.selfservice.holder import holder
from tests.functions.world import Reply, World, a_body, usd
from tests.invariants import broken

VALUE = 2_500
CARDS = {"sku": "GIFT-1", "quantity": 2, "kind": "DIGITAL", "unit_price": usd(VALUE)}
_CODE = re.compile(r"(?:[0-9A-HJKMNP-TV-Z]{4}-){4}[0-9A-HJKMNP-TV-Z]{4}")


@pytest.fixture
def world(world: World) -> World:
    set_channel(world, payment_providers={"GIFT_CARD": "comanda"})
    product = {"title": "Gift card", "weight_g": 0, "class": "goods", "gift_card": True}
    world.entry(directory.PRODUCT, "GIFT-1", product)
    world.stocked("TEA-001", dc_1=9)
    directory.forget()
    return world


def sold(world: World, *more: Any, **changes: Any) -> str:
    order_id = world.placed(CARDS, *more, **({"ship_to": None} | changes))
    world.settle()
    return order_id


def mailed(world: World) -> list[str]:
    """Return the codes in mails, each once: a mail has them as text and as HTML."""
    return list(dict.fromkeys(code for mail in texts_of_mails(world) for code in _CODE.findall(mail)))


def credited(world: World, order_id: str, quantity: int | None = None, preview: bool = False) -> Reply:
    body: dict[str, Any] = {"invoice_id": f"inv_{order_id[4:]}-001", "credit": "ALL", "reason_code": "damaged"}
    if quantity is not None:
        body |= {"credit": "LINES", "lines": [{"line_id": "1", "quantity": quantity}]}
    etag = world.call("GET", f"/v1/orders/{order_id}", who="office").etag
    path = f"/v1/orders/{order_id}/credit-notes"
    return world.call("POST", path, {**body, "preview": preview}, who="office", if_match=etag)


def spend(world: World, code: str, amount: int) -> str:
    line = {"sku": "TEA-001", "quantity": 1, "unit_price": usd(amount)}
    return world.placed(line, payments=[by_card(code, amount)])


def test_bought_cards_are_paid_mailed_and_owed_to_their_holders(world: World, capsys: pytest.CaptureFixture[str]):
    order_id = sold(world)

    order = world.order(order_id)
    assert (order["status"], world.waiting(order_id)) == ("COMPLETED", [])
    (made,) = order["provisions"]
    accounts = made["gift_cards"].pop("account_ids")
    assert (made["proof"], made["gift_cards"]) == (
        "GIFT_CARD",
        {"value": usd(VALUE), "active": True, "taken_back": 0},
    )
    assert [row["type"] for row in world.call("GET", f"/v1/orders/{order_id}/events").body["items"]] == [
        "placed", "routed", "provided", "invoiced", "completed", "cards_activated",
    ]  # fmt: skip
    assert books(world, order_id) == {"captured": 2 * VALUE, "gift_cards": -2 * VALUE}
    (line,) = world.call("GET", f"/v1/invoices/{order['invoices'][0]}").body["lines"]
    assert (line["gift_card"], line["tax"]) == (True, usd(0))
    first, second = mailed(world)
    found = balance(world, first).body
    assert (found["balance"], found["channel"], found["last4"]) == (usd(VALUE), "web", first[-4:])
    assert ledger(world, found) == [("sale", VALUE)]
    assert accounts == [balance(world, code).body["account_id"] for code in (first, second)]
    assert broken(world.tables()) == []
    stored, said = str(world.tables()), capsys.readouterr()
    contact = world.call("GET", f"/v1/orders/{order_id}/contact").body
    for code in (first, second, str(codes.read(second))):
        assert code not in stored + said.out + said.err + str(contact) + str(order)
    spend(world, second, VALUE)
    assert balance(world, second).status == 422


def test_a_discount_of_a_card_is_the_shops_and_the_card_has_its_price_on_it(world: World):
    totals = {"goods": 2 * VALUE, "discounts": 500, "charges": 0, "tax": 0, "total": 2 * VALUE - 500}
    order_id = sold(
        world,
        discounts=[{"code": "D", "amount": usd(500)}],
        totals={name: usd(amount) for name, amount in totals.items()},
        payments=[{"method": "CARD", "reference": "c", "authorized": usd(2 * VALUE - 500)}],
    )

    assert books(world, order_id) == {"captured": 2 * VALUE - 500, "gift_cards": -2 * VALUE, "revenue": 500}
    assert [balance(world, code).body["balance"] for code in mailed(world)] == [usd(VALUE)] * 2
    assert broken(world.tables()) == []


def test_goods_beside_cards_are_revenue(world: World):
    order_id = sold(world, ("TEA-001", 1), ship_to=a_body()["ship_to"])
    assert len(mailed(world)) == 2
    shipped(world, order_id)

    assert books(world, order_id) == {"captured": 2 * VALUE + 1_000, "gift_cards": -2 * VALUE, "revenue": -1_000}
    assert broken(world.tables()) == []


def test_cards_of_an_order_that_waits_for_a_person_are_not_made(world: World):
    world.hold_type("LOOK", "looks", blocks=["provide"], applies_when=None)
    order_id = world.placed(CARDS, ship_to=None)
    assert world.change(order_id, "holds", {"type": "LOOK", "reason": "looks odd"}).status in (200, 201)
    world.settle()

    assert world.order(order_id)["provisions"] == []
    assert provide(world, order_id).errors == [("/line_id", "not-provided")]
    assert world.change(order_id, "cancel", {"reason": "x"}).status == 200
    world.settle()
    assert (mailed(world), world.order(order_id)["status"]) == ([], "CANCELLED")
    assert broken(world.tables()) == []


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"kind": "PRODUCT"}, ["/lines/0/kind", "not-for-gift-cards"]),
        ({"unit_price": usd(0)}, ["/lines/0/unit_price", "too-small"]),
        ({"quantity": 31}, ["/lines/0/quantity", "too-large"]),
        ({"tax": {"rate": "0.1", "amount": usd(500)}}, ["/lines/0/tax", "not-taxed"]),
    ],
)
def test_a_line_of_gift_cards_is_digital_untaxed_and_has_a_value(world: World, changes: Any, errors: list[str]):
    reply = world.place_order({**CARDS, **changes})

    assert (reply.status, tuple(errors) in reply.errors) == (422, True)


def test_gift_cards_replace_nothing_and_nothing_replaces_them(world: World):
    world.hold_type("LOOK", "looks", blocks=["provide"], applies_when=None)
    order_id = world.placed(CARDS, ("TEA-001", 1))
    assert world.change(order_id, "holds", {"type": "LOOK", "reason": "looks odd"}).status == 200
    change = {"modification": "replace", "quantity": 1, "new_line_id": "9"}
    for line_id, sku in (("1", "TEA-001"), ("2", "GIFT-1")):
        wanted = {"reason": "x", "changes": [{**change, "line_id": line_id, "sku": sku}]}
        assert world.change(order_id, "changes", wanted).errors == [("/changes/0/sku", "not-for-gift-cards")]

    wanted = {
        "reason": "x",
        "changes": [{"modification": "add_line", "lines": [{**CARDS, "line_id": "9", "quantity": 31}]}],
    }
    assert ("/changes/0/lines/0/quantity", "too-large") in world.change(order_id, "changes", wanted).errors


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"modification": "quantity", "quantity": 31}, ("/changes/0/quantity", "too-large")),
        ({"modification": "price", "unit_price": usd(0)}, ("/changes/0/unit_price", "too-small")),
    ],
)
def test_a_change_makes_no_line_of_cards_that_could_not_be_active(world: World, change: Any, error: Any):
    world.hold_type("LOOK", "looks", blocks=["provide"], applies_when=None)
    order_id = world.placed(CARDS, ship_to=None)
    assert world.change(order_id, "holds", {"type": "LOOK", "reason": "looks odd"}).status == 200
    paid = [{"method": "CARD", "reference": "c-2", "authorized": usd(40 * VALUE)}]

    reply = world.change(
        order_id, "changes", {"reason": "x", "changes": [{**change, "line_id": "1"}], "payments": paid}
    )

    assert (reply.status, reply.errors) == (422, [error])


def test_the_most_cards_of_a_line_are_active_together_and_taken_back_line_by_line(world: World):
    most = {**CARDS, "quantity": 30}
    order_id = world.placed(most, most, ship_to=None)
    world.settle()
    assert len(mailed(world)) == 60

    reply = credited(world, order_id)
    assert (reply.status, reply.problem) == (409, "not-allowed")
    assert credited(world, order_id, 30).status == 201
    assert credited(world, order_id).status == 201
    world.settle()
    assert books(world, order_id) == {"captured": 60 * VALUE, "refunded": -60 * VALUE}
    assert broken(world.tables()) == []


def test_a_credit_note_takes_back_unspent_cards(world: World):
    order_id = sold(world)
    first, second = mailed(world)
    accounts = [balance(world, code).body for code in (first, second)]
    assert credited(world, order_id, 1, preview=True).status == 200
    assert [left(world, account) for account in accounts] == [VALUE, VALUE]

    assert credited(world, order_id, 1).status == 201
    world.settle()

    assert sorted(left(world, account) for account in accounts) == [0, VALUE]
    assert world.order(order_id)["provisions"][0]["gift_cards"]["taken_back"] == 1
    assert books(world, order_id) == {"captured": 2 * VALUE, "refunded": -VALUE, "gift_cards": -VALUE}
    assert credited(world, order_id).status == 201
    assert books(world, order_id) == {"captured": 2 * VALUE, "refunded": -2 * VALUE}
    assert [balance(world, code).status for code in (first, second)] == [422, 422]
    assert [ledger(world, account) for account in accounts] == [[("sale", VALUE), ("void", -VALUE)]] * 2
    world.settle()
    assert broken(world.tables()) == []


def test_a_card_that_is_spent_is_not_taken_back_until_its_money_is_back(world: World):
    order_id = sold(world)
    first, second = mailed(world)
    spent = [spend(world, code, amount) for code, amount in ((first, 1), (second, VALUE))]

    for quantity in (None, 2, 1):
        reply = credited(world, order_id, quantity)
        assert (reply.status, reply.problem) == (409, "not-allowed")
    assert world.change(spent[0], "cancel", {"reason": "x"}).status == 200
    world.settle()
    assert credited(world, order_id, 2).problem == "not-allowed"
    assert credited(world, order_id, 1).status == 201
    assert balance(world, first).status == 422
    world.settle()
    assert broken(world.tables()) == []


def test_a_card_that_is_spent_while_it_is_taken_back_keeps_its_invoice(world: World, monkeypatch: pytest.MonkeyPatch):
    from comanda.aws.orders import bought_cards

    order_id = sold(world)
    first, _ = mailed(world)
    unspent = bought_cards._unspent

    def spent_meanwhile(*args: Any) -> Any:
        found = unspent(*args)
        monkeypatch.setattr(bought_cards, "_unspent", unspent)
        spend(world, first, 1)
        return found

    monkeypatch.setattr(bought_cards, "_unspent", spent_meanwhile)

    assert credited(world, order_id).problem == "not-allowed"
    assert world.order(order_id)["credit_notes"] == []
    world.settle()
    assert broken(world.tables()) == []


def test_cards_are_good_for_the_days_of_their_channel_from_their_activation(world: World):
    set_channel(world, gift_card_days=30)
    sold(world)

    assert [balance(world, code).body["good_until"] for code in mailed(world)] == ["2026-12-19"] * 2


def test_the_page_of_the_order_shows_the_codes_after_the_postal_code(world: World):
    order_id = sold(world, ("TEA-001", 1), ship_to=a_body()["ship_to"])
    codes_ = mailed(world)
    one = holder(world, order_id)
    page = one.get()
    assert not any(code in page.text for code in codes_)

    page = one.press(page, "reveal", proof="60601")

    assert all(code in page.words for code in codes_)
