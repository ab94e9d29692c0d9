"""The page that tries a scanner names the characters that arrived as others."""

import pytest

from functions.console.pages.scanner import TEST_CODE
from tests.functions.console.test_order_page import fields


def scan(browser, code):
    return browser.post("scanner", {**fields(browser.get("scanner"), "scan"), "code": code})


def test_a_scanner_whose_characters_all_arrive_works(sales):
    page = scan(sales, TEST_CODE)

    assert page.status == 200
    assert "Every character arrived." in page.text
    assert 'data-scan-answer="yes"' in page.text


def test_a_scanner_with_another_keyboard_layout_is_told_what_it_exchanges(sales):
    page = scan(sales, TEST_CODE.replace("Z", "?").replace("Y", "Z").replace("?", "Y").replace("-", "ß"))

    assert 'data-scan-answer="no"' in page.text
    assert "<code>ß</code>" in page.text


@pytest.mark.parametrize("code", ["{{ 7919 * 7907 }}", "<script>alert(1)</script>", "ب🙂", "x" * 400, "\u0000"])
def test_any_code_is_shown_as_text(sales, code):
    page = scan(sales, code)

    assert page.status == 200
    assert "<script>alert" not in page.text
    assert "62615533" not in page.text  # the product; two of its digits alone can be in an id
