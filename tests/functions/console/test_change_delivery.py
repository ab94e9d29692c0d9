"""The page that changes an order sends it, or a line of it, elsewhere; the node that has begun is asked."""

import pytest

from tests.functions.console.test_change_page import limits, make, preview
from tests.functions.world import at_counter

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


def test_an_order_comes_on_another_day_by_another_service(sales, world, order_id):
    page = preview(sales, order_id, want_not_before="2026-12-01", service="EXPRESS")

    for words in ("any day", "not before", "Express", "4 units come back."):
        assert words in page.text, words
    assert "The order was changed." in make(sales, order_id, page).text
    order = world.order(order_id)
    assert order["requested"] == {"deliver_by": None, "not_before": "2026-12-01"}
    assert {line["fulfillment"]["service"] for line in order["lines"]} == {"EXPRESS"}


def test_a_line_is_collected_elsewhere_and_another_sent_instead(sales, world, order_id):
    world.node("store-2", (41.9, -87.6), type="STORE", pickup=True, ship=False)
    world.stocked("CUP-001", store_1=3, store_2=3)
    collected = world.placed(at_counter("CUP-001", 2))
    world.settle()

    page = preview(sales, collected, way_line="1", way="store-2")
    sent = preview(sales, order_id, way_line="2", way="store-1")

    assert "STORE-2" in page.text
    assert "The order was changed." in make(sales, collected, page).text
    assert world.order(collected)["lines"][0]["fulfillment"]["node_id"] == "store-2"
    assert "The order was changed." in make(sales, order_id, sent).text
    assert world.order(order_id)["lines"][1]["fulfillment"]["method"] == "PICKUP"


def test_the_office_chooses_the_node_of_a_line(sales, world, order_id):
    world.stocked("TEA-001", dc_2=9)

    page = preview(sales, order_id, from_line="1", from_node="dc-2")

    assert "<bdi>DC-2</bdi>" in page.text
    assert "The order was changed." in make(sales, order_id, page).text
    world.settle()
    assert {a["node_id"] for a in world.order(order_id)["lines"][0]["allocations"]} == {"dc-2"}


def test_a_pickup_without_an_address_is_sent_to_the_typed_one(sales, world):
    world.stocked("CUP-001", store_1=3, dc_1=3)
    order_id = world.placed(at_counter("CUP-001", 2), ship_to=None)
    world.settle()
    address = {
        "to_name": "Bea",
        "to_line1": "9 Oak St",
        "to_city": "Chicago",
        "to_country": "US",
        "to_postal_code": "60601",
    }

    page = preview(sales, order_id, way_line="1", way="SHIP", **address)

    assert "The order was changed." in make(sales, order_id, page).text
    assert world.order(order_id)["lines"][0]["fulfillment"]["method"] == "SHIP"


def test_the_preview_says_what_no_node_has(sales, world, order_id):
    page = preview(sales, order_id, quantity__0="50")

    assert "6 units of line 1: <bdi>DC-1" in page.text
    assert "41 units of line 1 would wait: No node that may send it has any left" in page.text


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"want_by": "2020-01-01"}, "want_by"),
        ({"want_by": "soon"}, "want_by"),
        ({"service": "TELEPORT"}, "service"),
        ({"way_line": "1"}, "way"),
        ({"way": "store-1"}, "way_line"),
        ({"way_line": "1", "way": "dc-1"}, "way"),
        ({"from_line": "1"}, "from_node"),
        ({"from_line": "1", "from_node": "dc-2"}, "from_node"),  # it has no stock
    ],
)
def test_a_wrong_day_service_or_store_is_refused_at_its_field(sales, world, order_id, fields, wrong):
    before = world.order(order_id)

    page = preview(sales, order_id, **fields)

    assert page.status == 422
    assert f'id="error-{wrong}"' in page.text
    assert world.order(order_id) == before
