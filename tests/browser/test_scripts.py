"""Test what the console's scripts do: keys, dialogs, countdowns, text that was not sent, and forms that are sent once."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.calls import NOTE_CALLS
from tests.browser.keyboard import press_one_by_one

HERE = "document.activeElement.closest('tr')?.querySelector('.id')?.textContent"


@pytest.fixture
def page(kit, opened):
    with opened(kit.address()) as page:
        yield page


def test_a_slash_leads_to_the_find_box_and_is_text_inside_of_it(page):
    page.keyboard.press("/")
    page.keyboard.type("a/b?")

    assert page.locator("#find").input_value() == "a/b?"
    assert not page.locator("dialog#keys").is_visible()


def test_rows_are_moved_through_and_marked_by_keys(page):
    page.keyboard.press("j")
    first = page.evaluate(HERE)
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("x")

    assert first == "WEB-10231"
    assert page.locator("input[name=chosen]:checked").input_value() == "WEB-10232"
    assert page.locator("[data-marked]").inner_text() == "1"


def test_all_rows_are_marked_and_unmarked_by_one_key_or_button(page):
    marks = page.locator("input[name=chosen]")
    page.keyboard.press("m")
    assert page.locator("input[name=chosen]:checked").count() == marks.count() > 1
    assert page.locator("[data-marked]").inner_text() == str(marks.count())

    page.get_by_role("button", name="Mark all rows", pressed=True).click()

    assert page.locator("input[name=chosen]:checked").count() == 0
    assert page.get_by_role("button", name="Mark all rows", pressed=False).is_visible()


def test_a_question_mark_opens_the_help_and_keys_can_be_switched_off_for_good(page):
    page.keyboard.press("?")
    page.get_by_label("Keys work on this device, outside of fields").uncheck()
    page.keyboard.press("Escape")
    page.reload()
    page.keyboard.press("?")

    assert not page.locator("dialog#keys").is_visible()


def test_g_and_a_letter_open_a_page_of_the_menu(page):
    press_one_by_one(page, "gh")

    expect(page).to_have_url(re.compile(r"/live/console$"))


def test_a_key_with_ctrl_is_the_browsers(page):
    page.keyboard.press("Control+j")

    assert page.locator("tr[aria-current]").count() == 0


def test_a_countdown_runs_and_says_when_it_is_over(page):
    running, over = page.locator("[data-countdown] [data-left]").nth(0), page.locator("[data-left]").nth(1)
    before = running.inner_text()

    expect(running).not_to_have_text(before)
    assert re.fullmatch(r"9:5\d", before)
    assert over.inner_text() == "over"


def test_a_question_opens_on_the_page_and_can_be_left(page):
    page.get_by_role("link", name="Cancel the order").first.click()
    dialog = page.locator("dialog#ask")
    seen = dialog.is_visible()
    dialog.get_by_role("link", name="Go back").click()

    assert seen
    assert not dialog.is_visible()


def test_without_scripts_the_same_link_leads_to_a_page(kit, opened):
    with opened(kit.address(), java_script_enabled=False) as page:
        page.get_by_role("link", name="Cancel the order").first.click()

        expect(page).to_have_url(re.compile("asked=yes"))


def test_a_double_click_sends_a_form_once(kit, page):
    kit.seconds = 0.5
    save = page.get_by_role("button", name="Save")
    page.get_by_label("Postal code").fill("80010000")
    page.get_by_label("Reason").select_option("price")
    save.dblclick()
    page.wait_for_url("**flash**")

    assert len(kit.sent) == 1


def type_a_note(page, text):
    page.get_by_label("Note").fill(text)


def offered(page):
    return page.locator("#example .offer")


def test_typed_text_is_offered_again_after_the_page_was_left(page):
    type_a_note(page, "Leave it with \u0641\u0627\u0637\u0645\u0629 \U0001f375")
    page.reload()
    offered(page).get_by_role("button", name="Put it back").click()

    assert page.get_by_label("Note").input_value() == "Leave it with \u0641\u0627\u0637\u0645\u0629 \U0001f375"
    assert offered(page).count() == 0


def send(page):
    page.get_by_label("Postal code").fill("80010000")
    page.get_by_label("Reason").select_option("price")
    page.get_by_role("button", name="Save").click()


def test_sent_text_is_not_offered_again(kit, page):
    type_a_note(page, "Call first")
    send(page)
    page.wait_for_url("**flash**")
    page.goto(kit.address())

    assert offered(page).count() == 0


def test_text_is_offered_again_when_the_session_ended_while_it_was_sent(kit, page):
    kit.refuses = True
    type_a_note(page, "Call first")
    send(page)
    page.get_by_text("Your session ended").wait_for()
    page.goto(kit.address())

    expect(offered(page)).to_be_visible()


def test_text_of_one_person_is_never_offered_to_another(kit, page):
    type_a_note(page, "Call first")
    page.goto(kit.address("id=sub-2"))
    kept = page.evaluate("JSON.stringify(sessionStorage)")

    assert offered(page).count() == 0
    assert "Call first" not in kept


def test_signing_out_forgets_what_was_typed(page):
    type_a_note(page, "Call first")
    page.locator(".account summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_load_state()

    assert page.evaluate("sessionStorage.length") == 0


def test_a_refused_form_has_the_focus_and_leads_to_its_fields(kit, opened):
    with opened(kit.address("refused=yes")) as page:
        focused = page.evaluate("document.activeElement.className")
        page.get_by_role("link", name="Postal code: write 8 digits").click()

        assert "problem" in focused
        expect(page).to_have_url(re.compile("#field-postal_code$"))


def test_filters_change_the_list_and_the_address_without_a_new_page_and_lead_to_its_heading(kit, page):
    page.get_by_label("Customer", exact=True).fill("Ana")
    page.get_by_role("button", name="Show").click()

    expect(page).to_have_url(re.compile(r"kit\?customer=Ana&status=$"))
    expect(page.locator("h1")).to_be_focused()
    assert kit.parts == 1
    assert page.locator("main main").count() == 0


def test_the_back_button_brings_back_the_list_with_its_keys(page):
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**status=")
    page.evaluate("document.querySelector('h1').dataset.old = ''")
    page.go_back()
    expect(page.locator("h1[data-old]")).to_have_count(0)
    expect(page.get_by_role("button", name="Keys")).to_be_attached()  # the script of the keys has run
    page.keyboard.press("?")

    expect(page.locator("dialog#keys")).to_be_visible()


def test_what_was_done_is_announced_once_by_the_one_region_for_it(kit, opened):
    with opened(kit.address("flash=The+order+was+confirmed.")) as page:
        expect(page.get_by_role("status")).to_have_text("The order was confirmed.")

        assert page.get_by_role("status").count() == 1


def test_a_live_page_asks_again_but_not_while_a_person_works_in_it(kit, opened):
    with opened(kit.address("live=yes")) as page:
        with page.expect_response(lambda response: response.request.headers.get("hx-request") is not None):
            pass
        page.get_by_label("Mark WEB-10231").check()
        page.evaluate(NOTE_CALLS)
        page.wait_for_timeout(2500)

        assert page.evaluate("calls") == []
        assert page.get_by_label("Mark WEB-10231").is_checked()


def test_a_live_page_leaves_the_focus_where_a_person_types_beside_it(kit, opened):
    with opened(kit.address("live=yes")) as page:
        page.locator("#find").focus()
        was = page.evaluate_handle("document.querySelector('h1')")
        page.wait_for_function("was => !was.isConnected", arg=was)  # the page has asked again
        page.keyboard.type("WEB")

        assert page.locator("#find").input_value() == "WEB"


def test_the_back_button_leads_to_a_form_that_can_be_sent(kit, page):
    send(page)
    page.wait_for_url("**flash**")
    page.go_back()
    send(page)
    page.wait_for_url("**flash**")

    assert len(kit.sent) == 2
    assert len({form["key"] for form in kit.sent}) == 1
