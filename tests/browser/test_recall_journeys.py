"""Test in a browser, by keys alone: the office recalls work, its node answers, and a lost parcel is sent again."""

from playwright.sync_api import expect

from tests.browser.keyboard import arrived, choose, reach, type_into

PHONE = {"width": 360, "height": 740}


def test_the_office_asks_for_begun_work_and_a_worker_gives_it_back(world, console, faults, keep_shot):
    world.stocked("TEA-001", dc_1=5)
    order_id = world.placed(("TEA-001", 2), external_id="WEB-10231")
    world.settle()
    world.steps(order_id, "accept", "pick")

    with console("sales", f"orders/{order_id}") as page:
        type_into(page, page.locator("#field-recall-reason"), "the address is wrong")
        keep_shot(page, "journey-recall")
        assert faults(page) == []
        reach(page, page.get_by_role("button", name="Recall", exact=True))
        expect(page.locator("#main").get_by_text("For the rest the node is asked.")).to_be_visible()
    assert world.order(order_id)["fulfillments"][0]["recall"]["reason"] == "the address is wrong"

    with console("picker", "nodes/dc-1", viewport=PHONE) as page:
        expect(page.locator("#main").get_by_text("the address is wrong")).to_be_visible()
        keep_shot(page, "journey-asked-back")
        assert faults(page) == []
        reach(page, page.get_by_role("link", name="Answer"))
        arrived(page, "WEB-10231")
        page.keyboard.press("c")
        expect(page.locator("#main").get_by_text("Picked goods wait in put back.")).to_be_visible()
    assert world.order(order_id)["fulfillments"][0]["status"] == "RECALLED"
    assert "put-back" in world.waiting(order_id)


def test_a_lost_parcel_is_reported_and_sent_again(world, console, faults, keep_shot):
    world.stocked("TEA-001", dc_1=5)
    order_id = world.placed(("TEA-001", 2), external_id="WEB-10232")
    world.settle()
    world.steps(order_id, "ship")
    world.settle()

    with console("sales", f"orders/{order_id}") as page:
        choose(page, page.locator("#field-sent-reason"), "The carrier lost it")
        reach(page, page.get_by_role("button", name="Lost", exact=True))
        expect(page.locator("#main").get_by_text("The loss was noted.")).to_be_visible()
        page.wait_for_load_state()
        keep_shot(page, "journey-lost")
        assert faults(page) == []
        reach(page, page.get_by_role("button", name="Send it again"))
        expect(page.locator("#main").get_by_text("The decision about the lost units was noted.")).to_be_visible()
    (loss,) = world.order(order_id)["losses"]
    assert (loss["reason"], loss["answer"]) == ("CARRIER_LOST", "resend")
    assert world.order(loss["replacement_order_id"])["replaces"][0]["order_id"] == order_id
