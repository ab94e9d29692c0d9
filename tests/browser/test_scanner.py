"""Test what a wedge scanner does to a page: each complaint that users of other systems made is a test here."""

import pytest
from playwright.sync_api import expect

from functions.console.pages.scanner import TEST_CODE
from tests.browser.calls import Posts
from tests.browser.keyboard import press_one_by_one, scan


@pytest.fixture
def page(console):
    with console("picker", "scanner") as page:
        yield page


@pytest.mark.parametrize("end", ["Enter", "Tab"])
def test_a_scan_counts_wherever_the_focus_is(page, end):
    page.locator("h1").focus()

    scan(page, "ABC-123", end)

    expect(page.get_by_text("Some characters arrived as others.")).to_be_visible()


def test_the_enter_of_a_scanner_presses_no_button_that_has_the_focus(page):
    page.get_by_role("button", name="Send").focus()
    page.evaluate(
        "window.pressed = 0; document.querySelector('button[name=do]').addEventListener('click', () => window.pressed++)"
    )

    scan(page, "ABC-123")

    expect(page.get_by_text("Some characters arrived as others.")).to_be_visible()
    assert page.evaluate("window.pressed") == 0


def test_a_scan_leaves_the_field_under_it_as_it_was(page):
    page.locator("#find").fill("a note ")

    scan(page, "4006381333931")

    expect(page.get_by_text("Some characters arrived as others.")).to_be_visible()
    assert page.locator("#find").input_value() == "a note "


def test_a_person_who_types_slowly_is_no_scanner(page):
    page.locator("#find").focus()

    press_one_by_one(page, "ABCD")

    assert page.locator("#find").input_value() == "ABCD"


def test_the_phones_keyboard_stays_closed_at_the_box_for_scans(page):
    assert page.locator("#field-code").get_attribute("inputmode") == "none"


def test_a_single_key_is_still_a_shortcut_and_the_first_key_of_a_scan_is_none(page):
    scan(page, "/?gh1")
    expect(page.get_by_text("Some characters arrived as others.")).to_be_visible()
    assert page.url.endswith("/scanner")

    page.keyboard.press("/")
    expect(page.locator("#find")).to_be_focused()


def test_scans_wait_in_the_tab_while_the_network_is_gone_and_are_sent_in_order(page, complaints):
    sent = []
    page.on("request", lambda request: sent.append(request.post_data) if request.method == "POST" else None)
    posts = Posts(page, "**/scanner")
    posts.lost = True

    for code in ("CODE-1", "CODE-2", "CODE-3"):
        scan(page, code)
    expect(page.locator("[data-unsent]")).to_be_visible()
    expect(page.locator("[data-count]")).to_have_text("3")
    lost = len(sent)
    posts.lost = False
    expect(page.locator("[data-unsent]")).to_be_hidden()

    codes = [one.partition("code=")[2] for one in sent[lost:]]
    assert codes == ["CODE-1", "CODE-2", "CODE-3"]
    keys = [one.partition("key=")[2].partition("&")[0] for one in sent]
    assert len(set(keys)) == 3
    assert set(keys[:lost]) == {keys[lost]}
    assert {one.rpartition(": ")[2] for one in complaints} == {"net::ERR_FAILED"}
    complaints.clear()


def test_a_typed_code_is_sent_like_a_scan(page):
    page.locator("#field-code").click()
    press_one_by_one(page, TEST_CODE)
    page.get_by_role("button", name="Send").click()

    expect(page.get_by_text("Every character arrived. This scanner works here.")).to_be_visible()
