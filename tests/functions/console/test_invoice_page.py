"""The page of an invoice shows its lines and sums, and leads to its order."""

import pytest

from functions.console import render


@pytest.fixture
def invoiced(world):
    """Give an order whose one shipment is invoiced."""
    world.stocked("TEA-001", dc_1=5)
    order_id = world.placed(("TEA-001", 2))
    world.settle()
    world.steps(order_id, "accept", "pick", "pack", "ship")
    world.settle()
    return world.order(order_id)


@pytest.mark.parametrize("locale", ["en-US", "pt-BR", "es"])
def test_an_invoice_is_shown_in_each_language(sales_in, invoiced, locale):
    page = sales_in(locale).get(f"invoices/{invoiced['invoices'][0]}")

    assert page.status == 200
    for words in ("dc-1-000001", "A TEA-001", "DC-1", invoiced["external_id"], render.translate("Tax", locale)):
        assert words in page.text


def test_an_invoice_is_shown_without_its_order_when_that_cannot_be_read(sales, gateway, invoiced):
    gateway.broken.add(f"/v1/orders/{invoiced['order_id']}")

    assert sales.get(f"invoices/{invoiced['invoices'][0]}").status == 200


def test_an_invoice_that_does_not_exist_is_not_found(sales):
    assert sales.get("invoices/inv_us1_01ARZ3NDEKTSV4RRFFQ69G5FAV-001").status == 404


def test_people_of_nodes_are_not_offered_invoices(new_browser, invoiced):
    browser = new_browser()
    browser.enter("picker")

    assert browser.get(f"invoices/{invoiced['invoices'][0]}").status == 403
