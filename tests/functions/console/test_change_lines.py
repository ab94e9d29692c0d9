"""The page that changes an order adds articles, puts others instead, and gives something for what went wrong."""

import re
from dataclasses import replace

import pytest

from comanda.aws.directory import directory
from comanda.aws.orders import orders
from comanda.domain.orders.decision import Decision, Event, EventType
from functions.console import changed_lines
from tests.functions.channels import set_channel
from tests.functions.console.test_change_page import limits, make, preview, typed
from tests.functions.credit_accounts.credit import CUSTOMER, opened, standing, taken_by_us
from tests.functions.world import usd

__all__ = ["limits"]
PAID = {"pay_reference": "terminal 4711", "pay_amount": "100"}


@pytest.fixture
def order_id(world):
    """Give an order of three taxed teas at a node that has not begun."""
    for sku in ("TEA-001", "POT-001", "CUP-001"):
        world.stocked(sku, dc_1=9)
    tax = {"rate": "0.0825", "amount": usd(248)}
    placed = world.placed({"sku": "TEA-001", "quantity": 3, "tax": tax})
    world.settle()
    return placed


def listed(world, **amounts):
    """Store the usual prices of articles, without which no person gives them one."""
    prices = [{"sku": sku.replace("_", "-"), "unit_price": usd(amount)} for sku, amount in amounts.items()]
    doc = {"name": "Usual", "channels": ["web"], "currency": "USD", "valid_from": "2026-01-01", "prices": prices}
    assert world.call("PUT", "/v1/price-lists/usual", doc, who="office").status == 201
    directory.forget()


def test_further_articles_join_with_their_tax_each_preview_makes_room_for_one_more(sales, world, order_id):
    listed(world, POT_001=500, CUP_001=200)
    first = preview(sales, order_id, add_sku__0="POT-001", add_units__0="2", add_price__0="5.00")
    page = preview(sales, order_id, first, add_sku__1="CUP-001", add_price__1="2", add_rate__1="0", **PAID)

    assert 'name="add_sku.1"' in first.text
    assert "$43.31" in first.text  # 30 + 2.48 + 10 + 0.83
    assert "The order was changed." in make(sales, order_id, page).text
    rows = [(line["line_id"], line["sku"], line["quantity"], line["tax"]) for line in world.order(order_id)["lines"]]
    assert rows[1:] == [
        ("2", "POT-001", 2, {"rate": "0.0825", "amount": usd(83)}),
        ("3", "CUP-001", 1, {"rate": "0", "amount": usd(0)}),
    ]


def test_an_article_without_a_price_costs_what_the_price_list_says(sales, world, order_id):
    row = {"sku": "POT-001", "unit_price": usd(1250), "tax_rate": "0.05"}
    price_list = {"name": "Web", "channels": ["web"], "currency": "USD", "valid_from": "2026-01-01", "prices": [row]}
    reply = world.call("PUT", "/v1/price-lists/web", price_list | {"includes_tax": False}, who="office")
    assert reply.status == 201, reply.body

    page = preview(sales, order_id, add_sku__0="POT-001")
    unknown = preview(sales, order_id, add_sku__0="CUP-001")

    assert 'name="add_price.0" type="text" value="12.50"' in page.text
    assert 'name="add_rate.0" type="text" value="5"' in page.text
    assert unknown.status == 422
    assert 'id="error-add_price.0"' in unknown.text


def test_units_become_units_of_another_article(sales, world, order_id):
    listed(world, CUP_001=1_000)
    page = preview(sales, order_id, instead_of="1", instead_units="2", instead_sku="CUP-001")

    assert "2 \u00d7 CUP-001" in page.text
    assert "The order was changed." in make(sales, order_id, page).text
    order = world.order(order_id)
    assert [(line["sku"], line["quantity"]) for line in order["lines"]] == [("TEA-001", 3), ("CUP-001", 2)]
    assert order["lines"][1]["replaces_line"] == "1"
    assert order["totals"]["total"]["amount"] == 3248


def test_an_appeasement_has_a_reason_and_the_persons_limit(sales, world, order_id):
    above = preview(sales, order_id, appease_amount="5.01", appease_why="LATE")
    page = preview(sales, order_id, appease_amount="5", appease_why="DAMAGED")

    assert above.status == 403
    assert 'id="error-appease_amount"' in above.text
    assert "The order was changed." in make(sales, order_id, page).text
    assert world.order(order_id)["discounts"][0]["code"] == "DAMAGED"


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"add_sku__0": "NOT-A-SKU", "add_price__0": "5"}, "add_sku.0"),
        ({"add_sku__0": "POT-001", "add_price__0": "x"}, "add_price.0"),
        ({"add_sku__0": "POT-001", "add_price__0": "5", "add_units__0": "0"}, "add_units.0"),
        ({"add_sku__0": "POT-001", "add_price__0": "5", "add_rate__0": "x"}, "add_rate.0"),
        ({"instead_sku": "POT-001"}, "instead_of"),
        ({"instead_of": "1", "instead_sku": "NOT-A-SKU"}, "instead_sku"),
        ({"instead_of": "1", "instead_sku": "POT-001", "instead_units": "9"}, "instead_units"),
    ],
)
def test_what_cannot_be_sent_is_refused_at_its_field(sales, world, order_id, fields, wrong):
    before = world.order(order_id)

    page = preview(sales, order_id, **fields)

    denied = "Take out what the order does not take" in page.text
    assert f'id="error-{wrong}"' in page.text or (wrong == "instead_units" and denied), page.status
    assert world.order(order_id) == before


@pytest.mark.parametrize(("percent", "rate"), [("8.25", "0.0825"), ("8,25", "0.0825"), ("10", "0.1"), ("0", "0")])
def test_a_rate_is_read_as_it_is_written(percent, rate):
    assert changed_lines.rate_of(percent) == rate
    assert changed_lines.rate_of(changed_lines.percent_of(rate)) == rate


def pressed(sales, order_id, do, **more):
    page = sales.get(f"orders/{order_id}")
    (form,) = re.findall(rf'<form class="form" method="post"[^>]*id="{do}".*?</form>', page.text, re.DOTALL)
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
    fields = {name: value.replace("&#34;", '"') for name, value in hidden.items()}
    return sales.post(f"orders/{order_id}", fields | {"do": do} | more)


def test_a_change_waits_for_its_payment_which_is_noted_later(sales, world, order_id):
    page = preview(sales, order_id, charge_amount="7.25", charge_kind="GIFT_WRAP")
    waits = sales.post(f"orders/{order_id}/change", typed(page, do="wait"))

    assert "The change waits for its payment." in waits.text
    assert "A change waits for its payment" in waits.text
    assert world.order(order_id)["charges"] == []
    again = preview(sales, order_id, charge_amount="1", charge_kind="GIFT_WRAP")
    assert "Another change waits for its payment already." in again.text

    card = {"pay_method": "CARD", "pay_reference": "terminal 1"}
    wrong = pressed(sales, order_id, "pay", pay_amount="x", **card)
    part = pressed(sales, order_id, "pay", pay_amount="4", **card)
    rest = pressed(sales, order_id, "pay", pay_amount="3.25", **card | {"pay_reference": "terminal 2"})

    assert 'id="error-pay-pay_amount"' in wrong.text
    assert "More is needed." in part.text
    assert "The payment was noted." in rest.text
    assert world.order(order_id)["charges"][0]["amount"] == usd(725)


def test_what_a_change_adds_is_paid_on_delivery_without_a_number(sales, world, order_id):
    page = preview(sales, order_id, charge_amount="7.25", charge_kind="GIFT_WRAP")
    assert 'value="CASH_ON_DELIVERY"' in page.text

    done = make(sales, order_id, preview(sales, order_id, page, pay_method="CASH_ON_DELIVERY"))

    assert "The order was changed." in done.text
    assert world.order(order_id)["charges"][0]["amount"] == usd(725)
    assert [one["provider"] for one in world.order(order_id)["payments"]][-1] == "hand-over"


def test_what_a_change_adds_is_paid_on_account_without_a_number(sales, world):
    taken_by_us(world)
    account_id = opened(world)
    order_id = world.placed(("TEA-001", 1), customer=CUSTOMER)
    page = preview(sales, order_id, charge_amount="7.25", charge_kind="GIFT_WRAP")

    done = make(sales, order_id, preview(sales, order_id, page, pay_method="ON_ACCOUNT"))

    assert "The order was changed." in done.text
    assert standing(world, account_id) == (5_000 - 725, 725, 0)


def gift_card(world):
    """Let the channel take gift cards and store credit of ours, and issue a card of 10.00."""
    set_channel(world, payment_providers={"GIFT_CARD": "comanda", "STORE_CREDIT": "comanda"})
    body = {"channel": "web", "amount": usd(1_000), "reason": "sold"}
    return dict(world.call("POST", "/v1/gift-cards", body).body)


def test_a_waiting_change_is_paid_by_the_code_of_a_gift_card(sales, world, order_id):
    card = gift_card(world)
    page = preview(sales, order_id, charge_amount="7.25", charge_kind="GIFT_WRAP")
    sales.post(f"orders/{order_id}/change", typed(page, do="wait"))
    by_card = {"pay_amount": "7.25", "pay_method": "GIFT_CARD", "pay_reference": ""}

    wrong = pressed(sales, order_id, "pay", **by_card, pay_code="0" * 20)
    nothing = pressed(sales, order_id, "pay", **by_card)
    done = pressed(sales, order_id, "pay", **by_card, pay_code=card["code"])

    assert all('id="error-pay-pay_code"' in page.text for page in (wrong, nothing))
    assert "The payment was noted." in done.text
    assert card["code"] not in done.text
    assert world.order(order_id)["payments"][-1]["last4"] == card["last4"]


def test_a_change_is_paid_by_a_gift_card_and_store_credit_needs_no_code(sales, world, order_id):
    card = gift_card(world)
    page = preview(sales, order_id, charge_amount="7.25", charge_kind="GIFT_WRAP")
    assert 'id="error-pay_method"' in preview(sales, order_id, page, pay_method="STORE_CREDIT").text

    page = preview(sales, order_id, page, pay_method="GIFT_CARD", pay_code=card["code"].lower())
    done = make(sales, order_id, page)

    assert "The order was changed." in done.text
    paid = world.order(order_id)["payments"][-1]
    assert (paid["method"], paid["reference"], paid["authorized"]) == ("GIFT_CARD", card["account_id"], usd(725))


def test_a_waiting_change_is_withdrawn(sales, world, order_id):
    page = preview(sales, order_id, charge_amount="7.25", charge_kind="GIFT_WRAP")
    sales.post(f"orders/{order_id}/change", typed(page, do="wait"))

    blank = pressed(sales, order_id, "withdraw", reason=" ")
    done = pressed(sales, order_id, "withdraw", reason="she does not want it")

    assert 'id="error-withdraw-reason"' in blank.text
    assert "The waiting change was withdrawn." in done.text
    assert world.order(order_id)["pending_change"] is None


@pytest.mark.parametrize("providers", [None, {"CARD": "stripe"}])
def test_nobody_is_asked_to_pay_by_a_link_that_the_channel_does_not_offer(sales, world, order_id, providers):
    set_channel(world, currencies=["USD"], payment_providers=providers)
    page = preview(sales, order_id, charge_amount="7.25", charge_kind="GIFT_WRAP")
    sales.post(f"orders/{order_id}/change", typed(page, do="wait"))
    assert world.order(order_id)["pending_change"]

    assert "Send a payment link" not in sales.get(f"orders/{order_id}").text


def test_a_customer_is_asked_to_pay_a_waiting_change_by_link(sales, world, order_id):
    set_channel(world, currencies=["USD"], payment_providers={"LINK": "stripe"})
    assert "Send a payment link" not in sales.get(f"orders/{order_id}").text
    page = preview(sales, order_id, charge_amount="7.25", charge_kind="GIFT_WRAP")
    sales.post(f"orders/{order_id}/change", typed(page, do="wait"))
    before = sales.get(f"orders/{order_id}").text
    assert "Send a payment link" in before
    assert "Send a Pix code" not in before  # the order is in dollars
    (form,) = re.findall(r'<form class="form" method="post"[^>]*id="ask-to-pay-link".*?</form>', before, re.DOTALL)
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
    sent = {name: value.replace("&#34;", '"') for name, value in hidden.items()} | {"do": "ask-to-pay"}

    done = sales.post(f"orders/{order_id}", sent)

    assert "The customer is asked to pay." in done.text
    assert "To be paid by the customer" in done.text
    paid = world.order(order_id)["payments"][-1]
    assert (paid["method"], paid["state"], paid["asked"]) == ("LINK", "TO_PAY", usd(725))


@pytest.mark.parametrize(("offered", "captured"), [(None, 0), ({"CARD": "stripe"}, 1), ({"CARD": "stripe"}, 0)])
def test_a_waiting_change_is_authorised_on_the_card_as_its_customer_agrees(sales, world, order_id, offered, captured):
    set_channel(world, currencies=["USD"], payment_providers=offered)
    page = preview(sales, order_id, charge_amount="7.25", charge_kind="GIFT_WRAP")
    sales.post(f"orders/{order_id}/change", typed(page, do="wait"))
    order = orders.load(order_id)
    (card,) = order.payments
    card = replace(card, provider="stripe", captured=captured)
    event = Event(type=EventType.PAYMENT_CHECKED, actor="payments", at=world.now, data={})
    orders.decide(order_id, lambda _: Decision(order=replace(order, payments=(card,)), event=event))
    shown = sales.get(f"orders/{order_id}").text
    button = "Authorise it on the card, as the customer agrees"
    assert (button in shown) == (bool(offered) and not captured)
    if button not in shown:
        return
    (form,) = re.findall(r'<form class="form" method="post"[^>]*id="ask-to-pay-card".*?</form>', shown, re.DOTALL)
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))

    done = sales.post(
        f"orders/{order_id}",
        {name: value.replace("&#34;", '"') for name, value in hidden.items()} | {"do": "ask-to-pay"},
    )

    assert "The card is asked for more." in done.text
    assert "$7.25 is being authorised besides" in done.text
    assert orders.load(order_id).payments[0].increasing == 725
