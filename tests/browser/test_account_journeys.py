"""Test in a browser, by keys alone: a person of finance stops a stolen card, and books what a customer paid."""

from playwright.sync_api import expect

from comanda.aws.dynamodb import keys
from tests.browser.keyboard import arrived, reach, type_into
from tests.functions.console.account_examples import a_credit_account, own_money
from tests.functions.world import usd

PHONE = {"width": 360, "height": 740}


def test_a_stolen_card_is_found_by_its_code_and_frozen(world, console, faults, keep_shot):
    own_money(world)
    world.aws.put("Directory", **keys.user("sales"), name="Ana", roles=["staff"], desks=["care"])
    card = world.call("POST", "/v1/gift-cards", {"channel": "web", "amount": usd(5_000), "reason": "sold"}).body

    with console("sales", "", viewport=PHONE) as page:
        arrived(page, "Home")
        page.keyboard.press("g")
        page.keyboard.press("t")
        arrived(page, "Gift cards")
        type_into(page, page.locator("#field-find-code"), card["code"])
        page.keyboard.press("Enter")
        arrived(page, f"Gift card …{card['last4']}")
        type_into(page, page.locator("#field-freeze-reason"), "stolen with the bag")
        keep_shot(page, "journey-freeze-phone")
        reach(page, page.get_by_role("button", name="Freeze"))
        expect(page.locator("#main").get_by_text("It pays nothing from here on.")).to_be_visible()
        page.wait_for_load_state()
        keep_shot(page, "journey-frozen-phone")
        assert faults(page) == []

    shown = world.call("GET", f"/v1/gift-cards/{card['account_id']}", who="office").body
    assert (shown["frozen"], shown["entries"][0]["reason"]) == (True, "stolen with the bag")


def test_what_a_customer_paid_is_booked(world, console, keep_shot):
    path = a_credit_account(world)
    world.aws.put("Directory", **keys.user("sales"), name="Ana", roles=["staff"], desks=["finance"])

    with console("sales", path) as page:
        arrived(page, "c-17")
        type_into(page, page.locator("#field-pay-amount"), "15")
        type_into(page, page.locator("#field-pay-reference"), "SEPA-2")
        page.keyboard.press("Enter")
        expect(page.locator("#main").get_by_text("The payment is booked.")).to_be_visible()
        page.wait_for_load_state()

    assert world.call("GET", f"/v1/{path}", who="office").body["owed"] == usd(0)
