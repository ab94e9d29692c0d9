"""Test in a browser that a pick counts every scan once, keeps its counts in the tab, and that a scan opens its work."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.calls import Posts

# A scanner is faster than this machine presses keys for a test, so the page gets all keys of a code at once.
SCAN = """codes => { for (const code of codes) for (const key of [...code, 'Enter'])
  document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true })); }"""


@pytest.fixture
def order_id(world):
    """Give an order of three units that dc-1 picks."""
    world.stocked("TEA-001", dc_1=9)
    world.stocked("POT-001", dc_1=9)
    order_id = world.placed(("TEA-001", 2), ("POT-001", 1), external_id="WEB-10231")
    world.settle()
    world.steps(order_id, "accept", "start-pick")
    return order_id


@pytest.fixture
def fulfillment(order_id):
    return f"ful_{order_id[4:]}-001"


def status(world, fulfillment):
    return world.call("GET", f"/v1/fulfillments/{fulfillment}", who="office").body["status"]


def counts(page):
    return [page.locator(f"[name='quantity.{i}']") for i in range(2)]


def test_scans_that_come_faster_than_their_answers_count_once_each_and_survive_a_reload(world, console, fulfillment):
    with console("picker", f"nodes/dc-1/pick/{fulfillment}") as page:
        page.evaluate(SCAN, ["TEA-001", "POT-001", "TEA-001"])
        expect(page.locator("#main").get_by_text("All units are counted.")).to_be_visible()
        tea, pot = counts(page)
        expect(tea).to_have_value("2")
        expect(pot).to_have_value("1")

        page.reload()
        expect(tea).to_have_value("2")
        expect(page.locator("#main").get_by_text("All units are counted.")).to_be_visible()
        pick = page.url
        page.get_by_role("button", name="Send the pick").click()

        expect(page.locator("#main").get_by_text("The counted units are picked.")).to_be_visible()
        assert status(world, fulfillment) == "PICKED"
        expect(page.locator("#main").get_by_text("What goes into the parcel")).to_be_visible()
        page.goto(pick)
        expect(page.locator("#main").get_by_text("Nothing is left to pick here")).to_be_visible()


def test_a_wrong_scan_counts_nothing_and_says_what_is_expected(console, fulfillment):
    with console("picker", f"nodes/dc-1/pick/{fulfillment}") as page:
        page.get_by_role("button", name="One picked").click()
        expect(counts(page)[0]).to_have_value("1")
        page.evaluate(SCAN, ["CUP-001"])

        expect(page.locator("[data-scan-answer=no]")).to_contain_text("A TEA-001")
        expect(counts(page)[0]).to_have_value("1")
        page.get_by_role("button", name="Undo").click()
        expect(counts(page)[0]).to_have_value("0")


def test_scans_of_a_pick_wait_for_the_network_and_for_their_page(console, complaints, fulfillment):
    with console("picker", f"nodes/dc-1/pick/{fulfillment}") as page:
        posts = Posts(page, "**/pick/*")
        posts.lost = True
        page.evaluate(SCAN, ["TEA-001", "POT-001"])
        expect(page.locator("[data-count]")).to_have_text("2")
        posts.lost = False

        expect(page.locator("[data-unsent]")).to_be_hidden()
        expect(counts(page)[0]).to_have_value("1")
        expect(counts(page)[1]).to_have_value("1")
        assert {one.rpartition(": ")[2] for one in complaints} == {"net::ERR_FAILED"}
        complaints.clear()


def test_a_scan_without_an_answer_waits_until_its_page_is_open_again_and_counts_there(console, complaints, fulfillment):
    with console("picker", f"nodes/dc-1/pick/{fulfillment}") as page:
        page.on("dialog", lambda dialog: dialog.accept())
        posts = Posts(page, "**/pick/*")
        page.evaluate(SCAN, ["TEA-001"])
        expect(counts(page)[0]).to_have_value("1")
        posts.lost = True
        page.evaluate(SCAN, ["POT-001"])
        expect(page.locator("[data-count]")).to_have_text("1")
        pick = page.url
        page.goto(pick.partition("/pick/")[0])
        posts.lost = False
        page.evaluate(SCAN, ["WEB-9999"])
        expect(page.locator("#main").get_by_text("Nothing of this node has this code.")).to_be_visible()
        expect(page.locator("[data-unsent]")).to_be_hidden()

        page.goto(pick)
        expect(counts(page)[1]).to_have_value("1")
        expect(counts(page)[0]).to_have_value("1")
        complaints.clear()  # the browser says that requests failed, and that this test has no hand and no ears


def test_a_scan_on_the_day_opens_the_page_of_its_work(console, fulfillment):
    with console("picker", "nodes/dc-1") as page:
        page.evaluate(SCAN, ["WEB-9999"])
        expect(page.locator("#main").get_by_text("Nothing of this node has this code.")).to_be_visible()

        # Playwright follows a redirect for the page, so here the answer says where it led.
        answer = (
            "{ status: 200, redirected: true, url: location.href + '/pick/" + fulfillment + "', text: async () => '' }"
        )
        page.evaluate("() => { window.fetch = async () => (" + answer + "); }")
        page.evaluate(SCAN, ["WEB-10231"])
        expect(page).to_have_url(re.compile(f"/nodes/dc-1/pick/{fulfillment}$"))


def test_the_slip_prints_without_the_frame(console, keep_shot, fulfillment):
    with console("picker", f"nodes/dc-1/slip/{fulfillment}", viewport={"width": 800, "height": 1100}) as page:
        expect(page.get_by_role("button", name="Print")).to_be_visible()
        page.emulate_media(media="print")
        keep_shot(page, "slip-print")

        expect(page.get_by_role("button", name="Print")).to_be_hidden()
        expect(page.locator("header.bar")).to_be_hidden()
        expect(page.locator("#main").get_by_text("12 Main St")).to_be_visible()
