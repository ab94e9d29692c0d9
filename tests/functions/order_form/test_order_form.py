"""Test that a stranger orders by the form of a channel: once, to the cent, for the prices and the stock of now."""

import re

import pytest

from tests.functions.order_form.site import FORM, Site, Visitor
from tests.functions.untranslated import english_on


def test_an_order_of_the_form_is_placed_with_the_total_that_was_shown(site: Site, visitor: Visitor):
    review = visitor.press(visitor.basket("TEA-001", "CUP-001", "TEA-001"), "review")
    done = visitor.send(review)

    assert (review.status, done.status) == (200, 200)
    # 2 x 12.99 + 4.50 = 30.48, tax 2.51; delivery 5.99, tax 0.49
    assert "$39.47" in review.words
    assert "$39.47" in done.words
    (order,) = site.orders()
    assert order["order_id"] in done.words
    assert {name: amount["amount"] for name, amount in order["totals"].items()} == {
        "goods": 3048,
        "discounts": 0,
        "charges": 599,
        "tax": 300,
        "total": 3947,
    }
    assert [(line["sku"], line["quantity"]) for line in order["lines"]] == [("TEA-001", 2), ("CUP-001", 1)]
    assert order["promised"]["deliver_on"]
    site.world.settle()
    assert site.world.order(order["order_id"])["status"] == "RELEASED"


def test_the_form_shows_stock_ways_of_delivery_and_the_total_while_it_is_filled(visitor: Visitor):
    page = visitor.basket("CUP-001")

    assert page.status == 200
    assert "In stock" in page.words
    assert "Standard delivery" in page.words
    assert "Pick up at STORE-1, Chicago" in page.words
    assert "$11.35" in page.words  # 4.50 + 0.37 + 5.99 + 0.49: tax is rounded once for goods, and once for delivery


def test_the_script_gets_the_part_that_it_asks_for(visitor: Visitor):
    page = visitor.basket("TEA-001")

    part = visitor.press(page, "update", {"Sec-Fetch-Site": "same-origin", "X-Comanda-Part": "options"}, quantity="2")

    assert "<html" not in part.text
    assert "$34.60" in part.words  # 25.98 + 2.14 + 5.99 + 0.49


def test_another_way_of_delivery_costs_its_own_price(site: Site, visitor: Visitor):
    page = visitor.basket("TEA-001", "CUP-001", option="SHIP.EXPRESS")
    done = visitor.send(visitor.press(page, "review"))

    (order,) = site.orders()
    assert done.status == 200
    assert order["totals"]["charges"]["amount"] == 1499
    assert order["lines"][0]["fulfillment"]["service"] == "EXPRESS"


def test_a_pickup_needs_no_street_and_costs_nothing(site: Site, visitor: Visitor):
    page = visitor.basket("CUP-001", line1="", option="PICKUP.store-1")
    done = visitor.send(visitor.press(page, "review"))

    (order,) = site.orders()
    assert done.status == 200, done.words
    assert (order["totals"]["charges"]["amount"], order["lines"][0]["fulfillment"]["node_id"]) == (0, "store-1")


def test_prices_that_include_tax_are_not_taxed_again(site: Site, visitor: Visitor):
    site.channel("web", {**FORM, "prices_include_tax": True})

    done = visitor.send(visitor.review("TEA-001"))

    (order,) = site.orders()
    assert done.status == 200
    assert order["totals"]["total"]["amount"] == 1299 + 599
    assert order["totals"]["tax"]["amount"] == 99 + 46


def test_a_changed_price_is_shown_before_anything_is_sent(site: Site, visitor: Visitor):
    review = visitor.review("TEA-001")
    site.price("TEA-001", 1399, "Green tea")

    again = visitor.send(review)

    assert again.status == 409
    assert "The total has changed" in again.words
    assert site.orders() == []
    assert visitor.send(again).status == 200
    assert site.orders()[0]["totals"]["goods"]["amount"] == 1399


def test_a_double_click_the_back_button_and_a_lost_answer_place_one_order(site: Site, visitor: Visitor):
    review = visitor.review("TEA-001")
    site.lost.add("/v1/orders")
    lost = visitor.send(review)
    site.lost.clear()

    first, second = visitor.send(lost), visitor.send(review)

    assert (lost.status, first.status, second.status) == (503, 200, 200)
    assert "it is placed once" in lost.words
    assert len(site.orders()) == 1


def test_a_form_that_was_sent_with_other_content_is_no_second_order(site: Site, visitor: Visitor):
    review = visitor.review("TEA-001")
    visitor.send(review)

    other = visitor.send(visitor.press(review, "review", note="and a bow"))

    assert other.status == 409
    assert "begin a new form" in other.words
    assert other.value("note") == "and a bow"
    assert len(site.orders()) == 1


def test_units_that_are_not_in_stock_are_said_before_the_order_and_wait_after_it(site: Site, visitor: Visitor):
    page = visitor.press(visitor.basket("CUP-001"), "update", quantity="9")

    assert "3 in stock" in page.words
    assert "No date yet" in page.words
    assert visitor.send(visitor.press(page, "review")).status == 200
    site.world.settle()
    assert site.world.order(site.orders()[0]["order_id"])["quantities"]["BACKORDERED"] == 6


def test_a_wrong_field_is_named_and_everything_typed_stays(site: Site, visitor: Visitor):
    page = visitor.basket("TEA-001", email="ada at home", postal_code="ABC", note="by the door")

    answer = visitor.press(page, "review")

    assert answer.status == 422
    assert 'id="error-email"' in answer.text
    assert 'id="error-postal_code"' in answer.text
    kept = dict(answer.fields)
    assert (kept["email"], kept["note"], kept["sku"]) == ("ada at home", "by the door", "TEA-001")
    assert site.orders() == []


def test_the_api_that_does_not_answer_costs_no_typed_word(site: Site, visitor: Visitor):
    review = visitor.review("TEA-001", note="by the door")
    site.broken.add("/v1/orders")

    answer = visitor.send(review)

    assert answer.status == 503
    assert answer.value("note") == "by the door"
    site.broken.clear()
    assert visitor.send(answer).status == 200


@pytest.mark.parametrize("button", ["search", "update"])  # `update` is what Enter presses without a script
def test_a_product_is_found_by_its_name_and_only_if_the_form_sells_it(visitor: Visitor, button: str):
    page = visitor.press(visitor.get(), button, q="green")

    assert "Green tea" in page.words
    assert "$12.99" in page.words
    assert "TEA-002" not in page.text


@pytest.mark.parametrize(
    ("accepts", "title", "words"),
    [
        ("pt-BR,pt;q=0.9", "Loja de chá", "Seu nome"),
        ("es-MX", "Tienda de té", "Su nombre"),
        ("fr-FR,de;q=0.3", "Tea shop", "Your name"),
        ("de, pt;q=0.2, es;q=0.7", "Tienda de té", "Su nombre"),
    ],
)
def test_the_form_is_read_in_the_visitors_language(visitor: Visitor, accepts: str, title: str, words: str):
    visitor.language = accepts

    page = visitor.get()

    assert title in page.words
    assert words in page.words
    assert title in visitor.press(page, "update").words


def test_a_language_in_the_address_goes_before_the_browsers(visitor: Visitor):
    assert "Seu nome" in visitor.get(lang="pt").words


def test_another_language_loses_no_typed_word(visitor: Visitor):
    page = visitor.basket("TEA-001", note="by the door")

    for other in (page, visitor.press(page, "review")):
        action = re.search(r'formaction="[?]lang=pt" name="do" value="([a-z]+)"', other.text)
        assert action
        portuguese = visitor.post([*other.fields, ("do", action[1])], lang="pt")
        assert portuguese.value("note") == "by the door"
        assert "Impostos" in portuguese.words


@pytest.mark.parametrize("language", ["pt-BR", "es"])
def test_no_page_of_the_form_has_english_words(visitor: Visitor, language: str):
    visitor.language = language
    pages = [visitor.get(), visitor.press(visitor.get(), "search", q="tea"), visitor.press(visitor.get(), "review")]
    pages += [visitor.basket("TEA-001"), visitor.basket("TEA-001", email="x", phone="x", postal_code="")]
    review = visitor.review("TEA-001")
    pages += [review, visitor.send(review)]

    for page in pages:
        assert f'lang="{language}"' in page.text
        assert english_on(page.text, language) == set()
