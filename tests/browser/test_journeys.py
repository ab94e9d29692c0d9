"""
Test whole jobs of people in a browser: from home to the end of the job, by keyboard alone.

No test here uses a mouse: what a person cannot do with keys, no test can do either.
"""

from threading import Event

import pytest
from playwright.sync_api import Page, expect

from tests.browser.keyboard import arrived, choose, press_one_by_one, reach, tab_to, type_into


@pytest.fixture
def held(world):
    """Give three large orders that wait for sales. The first one is the most urgent."""
    world.hold_type()
    world.stocked("TEA-001", dc_1=900)
    made = []
    for number in range(3):
        made.append(world.placed(("TEA-001", 100 + number)))
        world.pass_time(60)
    world.settle()
    return made


@pytest.fixture
def waiting(world):
    """Give an order of three units at a node that has not begun, and a kind of hold that people set."""
    world.hold_type("CHECK")
    world.stocked("TEA-001", dc_1=9)
    order_id = world.placed(("TEA-001", 3), external_id="WEB-7001")
    world.settle()
    return order_id


def holds(world, order_id):
    return world.order(order_id)["holds"]


def active(world, order_id):
    return any(hold["active"] for hold in holds(world, order_id))


def expect_done(page: Page, words: str) -> None:
    """Check that the page says what was done, and that the region for screen readers says the same."""
    expect(page.locator("[data-done]")).to_contain_text(words)
    page.wait_for_load_state()
    expect(page.get_by_role("status")).to_contain_text(words)


def expected(complaints: list[str], words: str) -> None:
    """Check that the browser spoke of nothing but this, which the test made happen."""
    assert complaints
    assert all(words in one for one in complaints), complaints
    complaints.clear()


def signed_in_by_keys(page: Page, who: str) -> None:
    tab_to(page, page.get_by_role("textbox", name="Name"))
    page.keyboard.type(who)
    page.keyboard.press("Enter")


# Sales


def test_a_person_signs_in_takes_an_order_confirms_it_and_is_back_at_the_queue(
    world, held, console, complaints, keep_shot
):
    with console("") as page:
        reach(page, page.get_by_role("link", name="Sign in"))
        signed_in_by_keys(page, "sales")
        arrived(page, "Home")
        keep_shot(page, "journey-home")
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        arrived(page, "Sales review")
        page.keyboard.press("n")
        expect(page.get_by_role("heading", name="Your answer")).to_be_visible()
        page.wait_for_load_state()
        keep_shot(page, "journey-review")
        assert held[0] in page.url
        page.keyboard.press("c")

        expect_done(page, "The order was confirmed.")
        arrived(page, "Sales review")
        expect(page.locator("tr[data-row]")).to_have_count(2)
        assert [active(world, order_id) for order_id in held] == [False, True, True]
    expected(complaints, "401")


def test_the_next_order_is_taken_from_home_and_rejected_with_a_reason(world, held, console, keep_shot):
    with console("sales") as page:
        page.keyboard.press("n")
        expect(page.get_by_role("heading", name="Your answer")).to_be_visible()
        page.wait_for_load_state()
        page.keyboard.press("r")
        page.keyboard.type("the address is a locker")
        keep_shot(page, "journey-reject")
        page.keyboard.press("Enter")

        expect_done(page, "The order was rejected.")
        assert world.order(held[0])["quantities"] == {"CANCELLED": 100}
        assert active(world, held[1])


def test_marked_orders_are_confirmed_together_and_the_others_stay(world, held, console, keep_shot):
    with console("sales", "queues/sales-review") as page:
        for key in "jxjx":
            page.keyboard.press(key)
        expect(page.locator("[data-marked]")).to_have_text("2")
        keep_shot(page, "journey-marked")
        page.keyboard.press("c")

        expect(page.get_by_role("group", name="What became of the marked rows").get_by_text("Done")).to_have_count(2)
        keep_shot(page, "journey-results")
        assert [active(world, order_id) for order_id in held] == [False, False, True]


def test_enter_opens_a_marked_row_and_answers_none(world, held, console):
    with console("sales", "queues/sales-review") as page:
        page.keyboard.press("j")
        page.keyboard.press("x")
        page.keyboard.press("Enter")

        expect(page.get_by_role("heading", name="Your answer")).to_be_visible()
        assert all(active(world, order_id) for order_id in held)


def test_enter_on_a_mark_itself_opens_its_row_and_answers_none(world, held, console):
    with console("sales", "queues/sales-review") as page:
        tab_to(page, page.locator("input[name=chosen]").first)
        page.keyboard.press("Space")
        page.keyboard.press("Enter")

        expect(page.get_by_role("heading", name="Your answer")).to_be_visible()
        assert all(active(world, order_id) for order_id in held)


def test_enter_after_a_reason_rejects_the_marked_order_and_confirms_none(world, held, console):
    with console("sales", "queues/sales-review") as page:
        page.keyboard.press("j")
        page.keyboard.press("x")
        page.keyboard.press("r")
        page.keyboard.type("the card was stolen")
        page.keyboard.press("Enter")

        expect(page.get_by_role("group", name="What became of the marked rows").get_by_text("Done")).to_have_count(1)
        assert world.order(held[0])["quantities"] == {"CANCELLED": 100}
        assert [active(world, order_id) for order_id in held[1:]] == [True, True]


def test_an_order_that_another_person_has_is_offered_again_when_the_lease_is_over(world, held, console, keep_shot):
    (first, *_) = world.call("GET", "/v1/queues/sales-review", who="office").body["items"]
    assert world.call("POST", f"/v1/queues/sales-review/items/{first['item_id']}/claim", {}, who="office").status == 200
    with console("sales", "queues/sales-review") as page:
        row = page.locator("tr[data-row]").first
        expect(row).to_contain_text("Somebody else")
        expect(row.get_by_role("button")).to_have_count(0)
        keep_shot(page, "journey-claimed")
        page.keyboard.press("n")
        page.wait_for_url(f"**/{held[1]}/review*")

        press_one_by_one(page, "gh")
        expect(page.get_by_role("group", name="Yours now").get_by_role("row")).to_have_count(2)
        keep_shot(page, "journey-mine")
        world.pass_time(601)
        page.keyboard.press("n")

        page.wait_for_url(f"**/{held[0]}/review*")


def test_an_order_is_found_held_resolved_and_cancelled_in_part(world, waiting, console, keep_shot):
    with console("sales") as page:
        page.keyboard.press("/")
        page.keyboard.type("WEB-7001")
        page.keyboard.press("Enter")
        arrived(page, "WEB-7001")
        expect(page.get_by_role("heading", name="Why here").locator("..")).to_contain_text("as the cheapest plan")
        keep_shot(page, "journey-order")
        hold(page, "ask the customer")
        expect_done(page, "The order is held.")
        keep_shot(page, "journey-held")
        type_into(page, page.get_by_label("Answer"), "she is known")
        page.keyboard.press("Enter")
        expect_done(page, "The hold was resolved.")
        cancel_one(page, "one too many")

        expect_done(page, "The units were cancelled.")
        keep_shot(page, "journey-cancelled")
        assert world.order(waiting)["quantities"]["CANCELLED"] == 1
        assert [(one["reason"], one["active"]) for one in holds(world, waiting)] == [("ask the customer", False)]


def hold(page: Page, reason: str, send: bool = True) -> None:
    page.keyboard.press("h")
    choose(page, page.get_by_label("Kind of hold"), "C")
    type_into(page, page.locator("#field-hold-reason"), reason)
    if send:
        page.keyboard.press("Enter")


def cancel_one(page: Page, reason: str) -> None:
    type_into(page, page.locator("[id='field-cancel-quantity.0']"), "1")
    type_into(page, page.locator("#field-cancel-reason"), reason)
    page.keyboard.press("Enter")


# Nothing is done twice, and nothing typed is lost


def test_two_enters_send_a_form_once(world, waiting, gateway, console):
    sent, slow = [], f"/v1/orders/{waiting}/holds"
    gateway.slow[slow] = Event()
    with console("sales", f"orders/{waiting}") as page:
        page.on("request", lambda request: sent.append(request) if request.method == "POST" else None)
        hold(page, "ask the customer")
        page.keyboard.press("Enter")
        gateway.slow[slow].set()

        expect_done(page, "The order is held.")
        assert len(sent) == len(holds(world, waiting)) == 1


def test_the_back_button_after_an_answer_shows_what_is_true_and_offers_no_second_answer(world, held, console):
    with console("sales", f"orders/{held[0]}/review") as page:
        page.keyboard.press("c")
        expect_done(page, "The order was confirmed.")
        page.go_back()

        expect(page.locator("#main").get_by_text("This order does not wait for an answer.")).to_be_visible()
        page.keyboard.press("c")
        assert len(confirmations(world, held[0])) == 1


def confirmations(world, order_id):
    events = world.call("GET", f"/v1/orders/{order_id}/events", who="office").body["items"]
    return [event for event in events if event["actor"] == "sales"]


def test_the_same_form_in_two_tabs_is_done_once_and_the_second_keeps_its_text(
    world, waiting, console, complaints, keep_shot
):
    with console("sales", f"orders/{waiting}") as first:
        second = first.context.new_page()
        second.goto(first.url)
        cancel_one(first, "one too many")
        expect_done(first, "The units were cancelled.")
        cancel_one(second, "she wants two")

        expect(second.get_by_role("alert")).to_contain_text("Somebody changed this since you opened it.")
        expect(second.get_by_role("alert")).to_be_focused()
        expect(second.locator("#field-cancel-reason")).to_have_value("she wants two")
        keep_shot(second, "journey-changed")
        assert world.order(waiting)["quantities"]["CANCELLED"] == 1
    expected(complaints, "412")


def test_a_form_that_met_a_change_is_sent_again_with_what_was_typed(world, waiting, console, complaints):
    with console("sales", f"orders/{waiting}") as page:
        hold(page, "ask \u0641\u0627\u0637\u0645\u0629 first", send=False)
        world.steps(waiting, "accept")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("Nothing of yours was done.")
        tab_to(page, page.locator("#field-hold-reason"))
        page.keyboard.press("Enter")

        expect_done(page, "The order is held.")
        assert [one["reason"] for one in holds(world, waiting)] == ["ask \u0641\u0627\u0637\u0645\u0629 first"]
    expected(complaints, "412")


def test_a_form_whose_answer_is_lost_is_sent_again_and_done_once(world, waiting, gateway, console, keep_shot):
    with console("sales", f"orders/{waiting}") as page:
        gateway.lost.add(f"/live/console/orders/{waiting}")
        with page.expect_event("requestfailed"):
            hold(page, "ask the customer")
        expect(page.locator("#hold")).to_have_count(0)  # the browser's own page is there
        gateway.lost.clear()
        assert len(holds(world, waiting)) == 1
        page.go_back()
        expect(page.locator("#main").get_by_text("no page confirmed that it was done")).to_be_visible()
        keep_shot(page, "journey-lost")
        reach(page, page.get_by_role("button", name="Put it back"))
        send_again(page, "Hold")

        expect_done(page, "The order is held.")
        assert [one["reason"] for one in holds(world, waiting)] == ["ask the customer"]
        assert page.get_by_role("button", name="Put it back").count() == 0


def send_again(page: Page, name: str) -> None:
    reach(page, page.get_by_role("button", name=name, exact=True))


def test_text_typed_into_a_form_of_a_session_that_ends_is_sent_after_the_next_sign_in(
    world, waiting, console, complaints, keep_shot
):
    with console("sales", f"orders/{waiting}") as page:
        hold(page, "ask the customer \U0001f375", send=False)
        world.pass_time(31 * 60)
        page.keyboard.press("Enter")
        expect(page.locator("#main").get_by_text("Your session ended before the form was sent.")).to_be_visible()
        keep_shot(page, "journey-session")
        with page.context.expect_page() as opened:
            reach(page, page.get_by_role("link", name="Sign in"))
        signed_in_by_keys(opened.value, "sales")
        arrived(opened.value, "WEB-7001")
        page.go_back()
        reach(page, page.get_by_role("button", name="Put it back"))
        send_again(page, "Hold")

        expect_done(page, "The order is held.")
        assert [one["reason"] for one in holds(world, waiting)] == ["ask the customer \U0001f375"]
    expected(complaints, "401")


def test_without_scripts_enter_after_a_reason_answers_nothing_and_says_so(world, held, console, complaints):
    with console("sales", "queues/sales-review", java_script_enabled=False) as page:
        tab_to(page, page.locator("input[name=chosen]").first)
        page.keyboard.press("Space")
        type_into(page, page.get_by_label("Reason, to reject"), "the card was stolen")
        page.keyboard.press("Enter")

        expect(page.get_by_role("alert")).to_contain_text("Press the button of your answer.")
        expect(page.get_by_label("Reason, to reject")).to_have_value("the card was stolen")
        expect(page.locator("input[name=chosen]:checked")).to_have_count(1)
        assert all(active(world, order_id) for order_id in held)
    expected(complaints, "422")
