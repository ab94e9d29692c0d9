"""Test in a browser, by keys alone: an agent on the phone changes an order, with a preview first."""

from playwright.sync_api import expect

from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys
from tests.browser.keyboard import arrived, reach, type_into
from tests.browser.test_journeys import expected
from tests.functions.world import usd

DESK, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}


def test_an_agent_changes_an_order_while_the_customer_is_on_the_phone(world, console, faults, keep_shot):
    rights = {"roles": ["staff"], "limits": {"override_percent": 20, "appeasement": [usd(1000)]}}
    world.aws.put("Directory", **keys.user("sales"), **rights)
    for sku in ("TEA-001", "POT-001"):
        world.stocked(sku, dc_1=9)
    order_id = world.placed(("TEA-001", 3), ("POT-001", 2), external_id="WEB-10234", note="Ring twice")
    world.settle()

    with console("sales", f"orders/{order_id}", viewport=DESK) as page:
        arrived(page, "WEB-10234")
        page.keyboard.press("e")
        arrived(page, "Change the order")
        type_into(page, page.get_by_label("Units").first, "2")
        type_into(page, page.locator("[id='field-price.1']"), "9.00")
        type_into(page, page.locator("#field-discount_amount"), "3")
        type_into(page, page.locator("#field-discount_code"), "late")
        type_into(page, page.locator("#field-reason"), "the pot was late")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Preview")).to_be_focused()
        expect(page.get_by_text("1 unit of line 1 is cancelled.")).to_be_visible()
        page.wait_for_load_state()
        page.evaluate("scrollTo(0, 0)")  # the bar stands over what is scrolled under it
        keep_shot(page, "journey-change")
        assert faults(page) == []
        page.set_viewport_size(PHONE)
        keep_shot(page, "journey-change-phone")

        reach(page, page.get_by_role("button", name="Make this change"))
        arrived(page, "WEB-10234")
        expect(page.locator("#main").get_by_text("The order was changed.")).to_be_visible()
    order = world.order(order_id)
    assert (order["quantities"]["CANCELLED"], order["totals"]["total"]["amount"]) == (1, 2 * 1000 + 2 * 900 - 300)


def test_a_change_that_met_another_one_keeps_what_was_typed_and_sets_nothing_back(world, console, complaints):
    """The page says that nothing was done, so it does not ask whether it was, and offers no older fields."""
    world.stocked("TEA-001", dc_1=9)
    order_id = world.placed(("TEA-001", 3), external_id="WEB-10236")
    world.settle()

    with console("sales", f"orders/{order_id}/change", viewport=DESK) as page:
        page.locator("[id='field-quantity.0']").fill("2")
        page.locator("#field-reason").fill("one less")
        page.get_by_role("button", name="Preview").click()
        expect(page.get_by_text("1 unit of line 1 is cancelled.")).to_be_visible()
        tags = {"reason": "first", "changes": [{"modification": "tags", "tags": ["hot"]}]}
        assert world.change(order_id, "changes", tags).status == 200
        page.get_by_role("button", name="Make this change").click()
        expect(page.get_by_role("alert")).to_contain_text("Nothing of yours was done.")
        expect(page.locator("[id='field-quantity.0']")).to_have_value("2")
        assert page.get_by_role("button", name="Put it back").count() == 0

        page.get_by_role("button", name="Make this change").click()
        expect(page.locator("#main").get_by_text("The order was changed.")).to_be_visible()
    order = world.order(order_id)
    assert (order["tags"], order["quantities"]["CANCELLED"]) == (["hot"], 1)
    expected(complaints, "412")


def test_a_preview_is_made_and_sent_without_scripts(world, console, keep_shot):
    world.stocked("TEA-001", dc_1=9)
    order_id = world.placed(("TEA-001", 3), external_id="WEB-10235")
    world.settle()

    with console("sales", f"orders/{order_id}/change", java_script_enabled=False, viewport=PHONE) as page:
        page.locator("[id='field-quantity.0']").fill("5")
        page.locator("#field-reason").fill("two more")
        page.get_by_role("button", name="Preview").click()
        expect(page.get_by_text("$20.00 is to be paid")).to_be_visible()
        page.locator("#field-pay_reference").fill("terminal 4711")
        page.get_by_role("button", name="Preview").click()
        keep_shot(page, "journey-change-paid-phone")
        page.get_by_role("button", name="Make this change").click()
        expect(page.get_by_text("The order was changed.")).to_be_visible()
    assert world.order(order_id)["lines"][0]["quantity"] == 5


def test_a_customer_on_the_phone_is_sent_a_link_for_what_a_change_costs(world, console, faults, keep_shot):
    shop = {"name": "Web", "currencies": ["USD"], "countries": ["US"], "locales": ["en-US"]}
    world.entry(directory.CHANNEL, "web", {**shop, "payment_providers": {"LINK": "stripe"}})
    order_id = world.placed(("TEA-001", 3), external_id="WEB-10237")
    charge = {"modification": "charge", "kind": "GIFT_WRAP", "amount": usd(725)}
    changed = world.change(order_id, "changes", {"reason": "a gift", "changes": [charge], "pending": True})
    assert changed.status == 202, changed.body

    with console("sales", f"orders/{order_id}", viewport=PHONE) as page:
        arrived(page, "WEB-10237")
        reach(page, page.get_by_role("button", name="Send a payment link"))
        expect(page.locator("#main").get_by_text("The customer is asked to pay.")).to_be_visible()
        expect(page.get_by_text("$7.25 is asked of the customer")).to_be_visible()
        page.wait_for_load_state()
        keep_shot(page, "journey-payment-link-phone")
        assert faults(page) == []

    paid = world.order(order_id)["payments"][-1]
    assert (paid["method"], paid["state"], paid["asked"]) == ("LINK", "TO_PAY", usd(725))
