"""Test that sales find customers in the box of the console, and what the page of a customer shows."""

import pytest

from tests.functions.console import examples


@pytest.mark.parametrize("wanted", ["ada%40example.org", "%2B1+312+555+0100", "ada+byr", "BYRON"])
def test_a_customer_is_found_by_e_mail_phone_or_name_and_opened(sales, world, wanted):
    path = examples.a_customer(world)

    assert sales.get(f"find?q={wanted}", follow=False).location == f"{sales.console}/{path}"


def test_several_customers_of_a_name_are_a_list(sales, world):
    world.placed(customer={"name": "Ada Byron", "email": "ada@example.org"})
    world.placed(customer={"name": "Ada Wong", "email": "wong@example.org"})

    page = sales.get("find?q=ada")

    assert "Ada Byron" in page.text
    assert "wong@example.org" in page.text


def test_the_page_has_the_orders_of_every_channel_the_people_and_the_addresses(sales, world):
    page = sales.get(examples.a_customer(world))

    assert page.status == 200
    for text in ("Ada Byron", "ada@example.org", "+1 312 555 0100", "web", "outlet", "12 Main St"):
        assert text.lower() in page.text.lower(), text


def test_a_customer_that_is_not_there_is_said_to_be_missing(sales):
    assert sales.get(f"customers/cus_{'0' * 32}").status == 404


def test_a_worker_finds_no_customer(browser, world):
    examples.a_customer(world)
    browser.sign_in("picker")

    page = browser.get("find?q=ada")

    assert page.status == 200
    assert "ada@example.org" not in page.text


def test_the_order_leads_to_its_customer_once_the_contact_is_shown(sales, world):
    path = examples.a_customer(world)
    order_id = world.call("GET", f"/v1/{path}", who="office").body["items"][-1]["order_id"]

    assert path not in sales.get(f"orders/{order_id}").text
    assert path in sales.get(f"orders/{order_id}?customer=shown").text
