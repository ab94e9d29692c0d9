"""Test the order form in a browser: products and ways of delivery while typing, the proof of work, and no script at all."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.room_server import serving
from tests.functions.doors import doors
from tests.functions.order_form.conftest import site
from tests.functions.order_form.site import ADDRESS, Site
from tests.functions.world import world
from tests.moto_aws import aws

__all__ = ["aws", "doors", "site", "world"]


@pytest.fixture
def address(site: Site) -> Iterator[str]:
    with serving("order_form", "/o/{channel}") as found:
        yield f"{found}/o/web"


def typed(page: Page) -> None:
    for name, value in ADDRESS.items():
        if name != "country":
            page.fill(f"#field-{name}", value)


def added(page: Page) -> None:
    page.fill("#field-q", "green")
    page.get_by_role("button", name="Add Green tea").click()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_order_is_placed_while_every_page_is_accessible(
    opened: Any, faults: Any, site: Site, address: str, scheme: str
) -> None:
    with opened(address, color_scheme=scheme, viewport={"width": 320, "height": 800}) as page:
        added(page)
        typed(page)
        expect(page.locator("#options")).to_contain_text("$20.54")  # no button was pressed
        found = faults(page)
        page.get_by_role("button", name="Look at the order").click()
        expect(page.get_by_role("heading", name="Your order")).to_be_visible()
        found += faults(page)
        page.get_by_role("button", name="Send the order").dblclick()
        expect(page.get_by_role("heading", name="Thank you. We have your order.")).to_be_visible()
        found += faults(page)
        wide = page.evaluate("document.documentElement.scrollWidth")

    assert found == []
    assert wide <= 320
    (order,) = site.orders()
    assert order["totals"]["total"]["amount"] == 2054


def test_the_amount_of_a_line_follows_its_quantity_and_the_focus_stays(opened: Any, address: str) -> None:
    with opened(address) as page:
        added(page)
        page.fill("#field-quantity-0", "3")
        page.keyboard.press("Tab")
        expect(page.locator("#basket")).to_contain_text("$38.97")
        assert page.evaluate("document.activeElement.id") == "remove-0"


def test_the_form_works_without_a_script(opened: Any, address: str) -> None:
    with opened(address, java_script_enabled=False) as page:
        page.fill("#field-q", "green")
        page.get_by_role("button", name="Search").click()
        page.get_by_role("button", name="Add Green tea").click()
        typed(page)
        page.get_by_role("button", name="Show ways of delivery").click()
        expect(page.locator("#options")).to_contain_text("$20.54")
        page.get_by_role("button", name="Look at the order").click()
        expect(page.get_by_role("heading", name="Your order")).to_be_visible()
