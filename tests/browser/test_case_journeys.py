"""Test in a browser, by keys alone: an agent opens a case at an order, finds it in the list, answers and closes it."""

from playwright.sync_api import expect

from tests.browser.keyboard import arrived, choose, reach, type_into
from tests.functions.cases.desk import case, listed

PHONE = {"width": 360, "height": 740}


def test_a_case_is_opened_at_an_order_and_closed_with_an_outcome(world, console, faults, keep_shot):
    order_id = world.placed(external_id="WEB-10236")

    with console("sales", f"orders/{order_id}") as page:
        arrived(page, "WEB-10236")
        reach(page, page.get_by_text("Open a case"))
        choose(page, page.get_by_label("Kind", exact=True), "Dam")
        type_into(page, page.get_by_label("What is the question?"), "The spout is broken")
        reach(page, page.get_by_role("button", name="Open the case"))
        expect(page.locator("#main").get_by_text("The case was opened.")).to_be_visible()
    (case_id,) = listed(world, order_id=order_id)

    with console("sales", "cases?owner=care", viewport=PHONE) as page:
        arrived(page, "Cases")
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        arrived(page, "Damaged goods")
        page.keyboard.press("c")
        expect(page.locator("#main").get_by_text("The case has its owner.")).to_be_visible()
        page.wait_for_load_state()
        type_into(page, page.get_by_label("Text", exact=True), "A new one is on its way.")
        choose(page, page.get_by_label("Outcome"), "Rep")
        keep_shot(page, "journey-case-phone")
        assert faults(page) == []
        reach(page, page.get_by_role("button", name="Close the case"))
        expect(page.locator("#main").get_by_text("The case was closed.")).to_be_visible()

    found = case(world, case_id)
    assert (found["owner"], found["status"], found["outcome"]) == ("sales", "CLOSED", "REPLACED")
    assert found["items"][-1]["text"] == "A new one is on its way."
