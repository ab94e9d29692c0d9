"""The page that changes an order sends it, or a line of it, elsewhere; the node that has begun is asked."""

import pytest

from tests.functions.console.test_change_page import limits, make, preview

__all__ = ["limits"]


@pytest.fixture
def order_id(world):
    """Give an order of three teas and a pot at a node that has not begun."""
    world.stocked("TEA-001", dc_1=9)
    world.stocked("POT-001", dc_1=9)
    placed = world.placed(("TEA-001", 3), ("POT-001", 1))
    world.settle()
    return placed


def contact(world, order_id):
    return world.call("GET", f"/v1/orders/{order_id}/contact", who="office").body


def test_an_order_goes_to_another_address(sales, world, order_id):
    page = preview(sales, order_id, to_line1="7 Elm <St>", to_postal_code="60602")

    for words in ("7 Elm &lt;St&gt;", "4 units come back.", "The new address was located by:"):
        assert words in page.text, words
    assert "The order was changed." in make(sales, order_id, page).text
    to = contact(world, order_id)["ship_to"]
    assert (to["line1"], to["postal_code"], to["city"]) == ("7 Elm <St>", "60602", "Chicago")


def test_one_line_goes_to_another_address(sales, world, order_id):
    page = preview(sales, order_id, to_lines="2", to_name="Bea", to_line1="9 Oak St")

    assert "The order was changed." in make(sales, order_id, page).text
    found = contact(world, order_id)
    assert found["ship_to"]["line1"] == "12 Main St"
    ((line_ids, address),) = [(row["line_ids"], row["ship_to"]) for row in found["ship_tos"]]
    assert (line_ids, address["name"], address["line1"]) == (["2"], "Bea", "9 Oak St")


def test_a_node_that_has_begun_is_asked(sales, world, order_id):
    world.steps(order_id, "accept", "pick")

    page = preview(sales, order_id, to_line1="7 Elm St")

    assert "the node is asked for 4 units." in page.text


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"to_city": " "}, "to_city"),
        ({"to_country": "USA"}, "to_country"),
        ({"to_postal_code": "9" * 17}, "to_postal_code"),
        ({"to_line1": " "}, "to_line1"),
        ({"to_lines": "no-line"}, "to_lines"),
    ],
)
def test_a_wrong_address_is_refused_at_its_field_and_stays(sales, world, order_id, fields, wrong):
    page = preview(sales, order_id, to_name="Bea <b>", **fields)

    assert page.status == 422
    assert f'id="error-{wrong}"' in page.text
    assert "Bea &lt;b&gt;" in page.text
    assert contact(world, order_id)["ship_to"]["name"] == "Ada Byron"
