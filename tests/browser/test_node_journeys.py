"""Test the jobs of workers at a node in a browser, by keys and a wedge scanner alone."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.calls import NOTE_CALLS, Posts
from tests.browser.keyboard import arrived, choose, press_one_by_one, reach, scan, tab_to, type_into
from tests.functions.console import node_examples


@pytest.fixture
def offered(world):
    """Offer dc-1 an order of two articles."""
    world.stocked("TEA-001", dc_1=50)
    world.stocked("POT-001", dc_1=50)
    order_id = world.placed(("TEA-001", 2), ("POT-001", 1), external_id="WEB-10231")
    world.settle()
    return order_id


def units(world, order_id):
    return world.order(order_id)["quantities"]


def accepted(page: Page) -> None:
    """Accept the first offer of the node by keys, from home."""
    reach(page, page.get_by_role("link", name="dc-1"))
    arrived(page, "DC-1")
    page.keyboard.press("a")
    arrived(page, "Offers")
    press_one_by_one(page, "jxa")
    expect(page.locator("[data-done]")).to_contain_text("The work is accepted.")
    page.wait_for_load_state()


def counted(page: Page, code: str, words: str) -> None:
    """Scan a code, and wait for what the page says of it."""
    scan(page, code)
    expect(page.locator("[data-scan-answer]")).to_contain_text(words)


def test_a_worker_accepts_picks_by_scans_reports_a_missing_unit_packs_and_ships(world, offered, console, keep_shot):
    with console("picker") as page:
        accepted(page)
        keep_shot(page, "journey-offers")
        press_one_by_one(page, "gh")
        reach(page, page.get_by_role("link", name="dc-1"))
        arrived(page, "DC-1")
        scan(page, "WEB-10231")
        arrived(page, "WEB-10231")
        page.keyboard.press("c")
        expect(page.locator("#main").get_by_text("Picking has begun.")).to_be_visible()
        page.wait_for_load_state()
        counted(page, "TEA-001", "Counted")
        counted(page, "CUP-001", "Expected")
        keep_shot(page, "journey-wrong-article")
        expect(page.locator("[data-picked]")).to_have_text("1")
        counted(page, "TEA-001", "Counted")
        counted(page, "TEA-001", "Expected")
        keep_shot(page, "journey-too-many")
        report_missing(page)
        expect(page.locator("#main").get_by_text("The missing units were reported.")).to_be_visible()
        page.wait_for_load_state()
        keep_shot(page, "journey-counted")
        page.keyboard.press("c")
        expect(page.get_by_role("button", name="Pack")).to_be_visible()
        assert units(world, offered)["PICKED"] == 2
        type_into(page, page.get_by_label("Parcel number"), "B-1")
        keep_shot(page, "journey-pack")
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name="Ship")).to_be_visible()
        page.wait_for_load_state()
        keep_shot(page, "journey-ship")
        page.keyboard.press("c")

        expect(page.locator("[data-done]")).to_contain_text("The parcel has left.")
        keep_shot(page, "journey-shipped")
        assert units(world, offered)["SHIPPED"] == 2


def report_missing(page: Page) -> None:
    """Say with a reason that the rest cannot be found."""
    reach(page, page.locator("summary", has_text="Something is missing"))
    choose(page, page.locator("select[name=reason]"), "N")
    reach(page, page.get_by_role("button", name="Report as missing"))


def test_a_worker_accepts_one_offer_and_ships_it_in_six_presses_and_scans(world, console, keep_shot):
    world.stocked("TEA-001", dc_1=5)
    order_id = world.placed(("TEA-001", 1), external_id="WEB-10231")
    world.settle()
    with console("picker", "nodes/dc-1") as page:
        page.keyboard.press("a")
        arrived(page, "Offers")
        page.get_by_role("button", name="Accept and pick").press("Enter")
        arrived(page, "WEB-10231")
        counted(page, "TEA-001", "Counted")
        for button in ("Send the pick", "Pack", "Ship"):
            expect(page.get_by_role("button", name=button, exact=True)).to_be_visible()
            page.wait_for_load_state()
            page.keyboard.press("c")

        expect(page.locator("[data-done]")).to_contain_text("The parcel has left.")
        assert units(world, order_id) == {"SHIPPED": 1}
        page.wait_for_load_state()
        page.keyboard.press("a")
        arrived(page, "Offers")


def test_a_worker_scans_goods_back_onto_the_shelf_and_takes_the_next_of_them(world, console, keep_shot):
    world.stocked("TEA-001", dc_1=5)
    world.stocked("POT-001", dc_1=5)
    orders = [world.placed((sku, 1), external_id=f"WEB-{sku}") for sku in ("TEA-001", "POT-001")]
    world.settle()
    for order_id in orders:
        world.steps(order_id, "accept", "pick")
        assert world.change(order_id, "cancel", {"reason": "no longer wanted"}, who="shop").status == 200
    world.settle()
    with console("picker", "nodes/dc-1") as page:
        reach(page, page.get_by_role("link", name="Put back on the shelf"))
        arrived(page, "Put back on the shelf")
        scan(page, "CUP-001")
        expect(page.locator("[data-scan-answer=no]")).to_contain_text("Nothing of this node has this code.")
        scan(page, "POT-001")
        expect(page.locator("tr[data-row]")).to_have_count(1)
        expect(page.locator("tr[data-row]")).to_contain_text("WEB-POT-001")
        keep_shot(page, "journey-put-back")
        page.keyboard.press("c")
        expect(page.locator("[data-done]")).to_contain_text("It is done.")
        page.wait_for_load_state()
        assert [world.waiting(order_id) for order_id in orders] == [["put-back"], []]

        page.keyboard.press("n")
        expect(page.locator("[data-done]")).to_contain_text("It is yours for ten minutes.")
        page.wait_for_load_state()
        press_one_by_one(page, "gh")
        arrived(page, "Home")
        reach(page, page.locator("table").get_by_role("link", name="WEB-TEA-001"))
        arrived(page, "Put back on the shelf")
        page.keyboard.press("c")

        expect(page.locator("[data-done]")).to_contain_text("It is done.")
        assert world.waiting(orders[0]) == []


def test_a_worker_opens_late_work_by_scan_and_settles_the_rest(world, console, keep_shot):
    order_id = node_examples.late(world)
    name = world.order(order_id)["external_id"]
    with console("picker", "nodes/dc-1/late-work") as page:
        keep_shot(page, "journey-late-work")
        waiting = page.locator("tr[data-row]").count()
        scan(page, name)
        arrived(page, name)
        page.go_back()
        arrived(page, "Late work")
        type_into(page, page.get_by_label("Scan or type anything"), name)
        page.keyboard.press("Enter")
        arrived(page, name)
        page.go_back()
        arrived(page, "Late work")
        page.keyboard.press("n")
        expect(page.locator("[data-done]")).to_contain_text("It is yours for ten minutes.")
        page.wait_for_load_state()
        page.keyboard.press("c")

        expect(page.locator("[data-done]")).to_contain_text("It is done.")
        expect(page.locator("tr[data-row]")).to_have_count(waiting - 1)


def test_a_scan_presses_no_key_of_a_page_and_leads_from_field_to_field(world, offered, console, keep_shot):
    world.steps(offered, "accept", "pick")
    with console("picker", f"nodes/dc-1/pack/ful_{offered[4:]}-001") as page:
        scan(page, "https://shop.example.org/c/p")
        expect(page.locator("[data-said]")).to_contain_text("Nothing was done")
        keep_shot(page, "journey-no-scans")
        assert units(world, offered) == {"PICKED": 3}
        scan(page, "cccc")
        assert page.locator("[data-said]").count() == 1
        tab_to(page, page.get_by_label("Parcel number"))
        scan(page, "B-1234")
        expect(page.get_by_label("Parcel number")).to_have_value("B-1234")
        tab_to(page, page.get_by_label("Tracking number"))
        scan(page, "NW123456789")
        expect(page.get_by_label("Tracking number")).to_have_value("NW123456789")
        expect(page.get_by_label("SSCC of its label")).to_be_focused()
        scan(page, "340123450000000017")
        expect(page.get_by_role("button", name="Pack")).to_be_focused()
        assert units(world, offered) == {"PICKED": 3}
        page.keyboard.press("Enter")

        expect(page.get_by_role("button", name="Ship")).to_be_visible()
        assert units(world, offered) == {"PACKED": 3}


def test_a_worker_hands_an_order_over_at_the_counter(world, console, keep_shot):
    order_id = node_examples.pickups(world)
    with console("picker", "nodes/store-1/counter") as page:
        scan(page, node_examples.NAMES[0])
        arrived(page, node_examples.NAMES[0])
        keep_shot(page, "journey-hand-over")
        page.keyboard.press("c")

        expect(page.locator("[data-done]")).to_contain_text("The units are handed over.")
        assert units(world, order_id) == {"PICKED_UP": 3}


def test_scans_of_a_pick_wait_while_the_network_is_gone_and_count_once_each(
    world, offered, console, complaints, keep_shot
):
    world.steps(offered, "accept", "start-pick")
    with console("picker", f"nodes/dc-1/pick/ful_{offered[4:]}-001") as page:
        page.context.set_offline(True)
        for code in ("TEA-001", "CUP-001", "POT-001", "TEA-001"):
            scan(page, code)
        expect(page.locator("[data-count]")).to_have_text("4")
        keep_shot(page, "journey-offline")
        page.context.set_offline(False)
        expect(page.locator("#main").get_by_text("All units are counted.")).to_be_visible()
        expect(page.locator("[data-unsent]")).to_be_hidden()
        expect(page.locator("[data-missed]")).to_contain_text("Another article CUP-001", use_inner_text=True)
        tab_to(page, page.get_by_role("button", name="Send the pick"))
        page.keyboard.press("Enter")

        expect(page.get_by_role("button", name="Pack")).to_be_visible()
        assert units(world, offered) == {"PICKED": 3}
    complaints.clear()


def test_taps_of_a_pick_wait_for_the_network_too_and_nothing_else_is_sent(
    world, offered, console, complaints, keep_shot
):
    world.steps(offered, "accept", "start-pick")
    with console("picker", f"nodes/dc-1/pick/ful_{offered[4:]}-001") as page:
        left = []
        page.on("request", lambda request: left.append(request.url) if request.is_navigation_request() else None)
        page.evaluate(NOTE_CALLS)
        page.context.set_offline(True)
        for _ in range(2):
            page.get_by_role("button", name="One picked").press("Enter")
        expect(page.locator("[data-count]")).to_have_text("2")
        page.get_by_role("button", name="Send what is counted").press("Enter")
        expect(page.locator("[data-said]")).to_contain_text("The network is gone.")
        bar, words = (page.locator(one).bounding_box() for one in ("header.bar", "[data-said]"))
        assert words["y"] >= bar["y"] + bar["height"]
        keep_shot(page, "journey-no-network")
        for _ in range(2):
            with page.expect_request("**"):
                pass
        calls = page.evaluate("calls")
        assert len(calls) <= 2 + 1 + (calls[-1] - calls[0]) / 2_000  # one for each tap, and then one every two seconds
        assert left == []
        page.context.set_offline(False)
        expect(page.locator("[data-unsent]")).to_be_hidden()

        expect(page.locator("[name='quantity.0']")).to_have_value("2")
        assert units(world, offered) == {"PICKING": 3}
    complaints.clear()


def test_a_scan_after_the_end_of_the_session_says_so_and_counts_after_the_next_sign_in(
    world, offered, console, complaints
):
    world.steps(offered, "accept", "start-pick")
    with console("picker", f"nodes/dc-1/pick/ful_{offered[4:]}-001") as page:
        cookies = page.context.cookies()
        page.context.clear_cookies()
        scan(page, "TEA-001")
        expect(page.get_by_role("link", name="Your session has ended.")).to_be_visible()
        page.context.add_cookies(cookies)  # the person signed in again in another tab
        page.evaluate("dispatchEvent(new Event('focus'))")

        expect(page.locator("[data-scan-answer=yes]")).to_contain_text("Counted")
        expect(page.get_by_role("link", name="Your session has ended.")).to_be_hidden()
    complaints.clear()


def test_the_button_of_a_pick_and_of_a_parcel_is_seen_on_a_small_handheld(world, offered, console, keep_shot):
    world.steps(offered, "accept", "start-pick")
    size = {"width": 360, "height": 640}
    with console("picker", f"nodes/dc-1/pick/ful_{offered[4:]}-001", viewport=size) as page:
        keep_shot(page, "pick-handheld")
        picks = page.get_by_role("button", name="One picked").bounding_box()
        world.steps(offered, "pick")
        page.goto(page.url.replace("/pick/", "/pack/"))
        page.get_by_label("Parcel number").focus()
        field, packs = (
            one.bounding_box() for one in (page.get_by_label("Parcel number"), page.get_by_role("button", name="Pack"))
        )

        for button in (picks, packs):
            assert button["y"] + button["height"] <= size["height"]
        assert field["y"] + field["height"] <= packs["y"]


def test_many_offers_are_marked_and_accepted_on_a_small_handheld_without_scrolling(world, console, keep_shot):
    size = {"width": 360, "height": 640}
    path = node_examples.offers(world)
    with console("picker", path, viewport=size) as page:
        page.get_by_role("button", name="Mark all rows").first.click()
        accepts = page.locator("form.bulk").get_by_role("button", name="Accept")
        keep_shot(page, "journey-marked")
        button = accepts.bounding_box()
        assert button["y"] + button["height"] <= size["height"]
        accepts.click()

        results = page.get_by_role("group", name="What became of the marked rows")
        expect(results.get_by_text("Done", exact=True)).to_have_count(3)
        results.get_by_role("link").first.click()
        expect(page.get_by_role("button", name="Start picking")).to_be_visible()


def test_scans_that_were_not_sent_wait_for_their_person_after_a_sign_out(world, offered, console, complaints):
    world.steps(offered, "accept", "start-pick")
    with console("picker", f"nodes/dc-1/pick/ful_{offered[4:]}-001") as page:
        page.on("dialog", lambda dialog: dialog.accept())
        posts = Posts(page, "**/pick/*")
        posts.lost = True
        scan(page, "TEA-001")
        expect(page.locator("[data-count]")).to_have_text("1")
        reach(page, page.locator(".account summary"))
        reach(page, page.get_by_role("button", name="Sign out"))
        expect(page.locator("#main").get_by_text("You are signed out on this device.")).to_be_visible()
        posts.lost = False
        reach(page, page.get_by_role("link", name="Sign in"))
        tab_to(page, page.get_by_role("textbox", name="Name"))
        page.keyboard.type("picker")
        page.keyboard.press("Enter")
        arrived(page, "DC-1")
        page.goto(page.url + f"/pick/ful_{offered[4:]}-001")

        expect(page.locator("[data-scan-answer]")).to_contain_text("Counted")
        expect(page.locator("[data-picked]")).to_have_text("1")
    complaints.clear()
