"""Requests of strangers to the console are refused with a clear answer, and do nothing."""

import re

import pytest

from comanda.aws.console import seal, sessions
from functions.console import assets
from tests.functions.console.gateway import Browser

COOKIE = "__Host-comanda-us1"


def test_each_page_carries_the_headers_that_keep_other_sites_and_scripts_out(sales, gateway):
    headers = sales.get().headers

    assert headers["Content-Security-Policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        f"form-action 'self' {gateway.address}; frame-ancestors 'none'; base-uri 'none'"
    )
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"


def test_no_page_has_a_script_or_a_style_of_its_own(sales):
    for page in (sales.get(), sales.get("find?q=x"), sales.get("kit"), sales.get("nothing")):
        assert not re.search(r"<script(?![^>]*\bsrc=)|\bon[a-z]+=|<style|\bstyle=|javascript:", page.text)


def test_the_files_of_pages_are_kept_for_ever_under_the_hash_of_their_content(browser):
    file = browser.get(assets.path("app.css"))

    assert file.status == 200
    assert file.headers["Content-Type"] == "text/css; charset=utf-8"
    assert file.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert browser.get("assets/0123456789abcdef/app.css").headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "name",
    ["handler.py", "../handler.py", "..%2Fhandler.py", "", "x/../app.css", "app.css/", "/etc/passwd", "app.css%00"],
)
def test_no_other_file_is_sent(browser, name):
    page = browser.get(f"assets/0123456789abcdef/{name}")

    assert page.status in (200, 404) if name == "app.css/" else page.status == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": ""},
        {"Origin": ""},
        {"Origin": "null"},
        {"Origin": "https://evil.test"},
        {"Origin": "http://127.0.0.1:1"},
    ],
)
def test_a_form_of_another_site_changes_nothing(sales, gateway, trial, headers):
    gateway.calls.clear()

    page = sales.post("trial/ord_us1_01ARZ3NDEKTSV4RRFFQ69G5FAV", {"key": "x"}, headers=headers)
    out = sales.post("sign-out", {}, headers=headers)

    assert (page.status, out.status) == (403, 403)
    assert gateway.calls == []
    assert sales.get().status == 200


def test_the_cookie_of_another_cell_opens_nothing(sales):
    sales.cookies = {"__Host-comanda-br1": sales.cookies[COOKIE]}

    assert sales.get().status == 401


def test_two_cookies_of_one_name_open_nothing(sales):
    sales.cookies = {COOKIE: sales.cookies[COOKIE], f"x=1; {COOKIE}": "A" * 43}

    assert sales.get().status == 401


@pytest.mark.parametrize(
    "value", ["", "x", "A" * 43, "A" * 44, "=" * 43, "\u00e9" * 43, "../" * 14 + "x", "A" * 100_000]
)
def test_a_guessed_cookie_opens_nothing(browser, value):
    browser.cookies[COOKIE] = value

    assert browser.get().status == 401


def test_the_61st_page_of_a_minute_waits_for_the_next(sales, gateway, world):
    world.pass_time(60)
    assert {sales.get("find").status for _ in range(60)} == {200}
    gateway.calls.clear()

    refused = sales.get()

    assert (refused.status, refused.headers["Retry-After"]) == (429, "60")
    assert sales.get(assets.path("app.css")).status == 200
    assert gateway.calls == []
    world.pass_time(60)
    assert sales.get().status == 200


def test_a_picker_may_scan_four_times_a_second(browser, world):
    browser.enter("picker")
    world.pass_time(60)

    statuses = [browser.get("find").status for _ in range(241)]

    assert statuses == [200] * 240 + [429]


def test_a_thousand_forms_in_a_minute_reach_the_api_sixty_times_at_most(sales, gateway, trial, world):
    world.pass_time(60)
    gateway.calls.clear()

    statuses = [sales.post("find", {"key": "x"}).status for _ in range(1_000)]

    assert statuses.count(429) == 940
    assert gateway.calls == []


@pytest.mark.parametrize(
    "text", ["{{ 7919 * 7907 }}", "<script>alert(1)</script>", '"><img src=x>', "{% raw %}", "${7919*7907}"]
)
def test_what_a_person_types_is_shown_and_never_run(sales, text):
    from html import escape
    from urllib.parse import quote

    page = sales.get(f"find?q={quote(text)}")

    assert page.status == 200
    assert escape(text) in page.text.replace("&#34;", "&quot;")
    assert "62615533" not in page.text  # the product
    assert "<script>alert" not in page.text
    assert "<img" not in page.text


@pytest.mark.parametrize(
    "text", ["\u0641\u0627\u0637\u0645\u0629", "\U0001f375", "%ED%A0%80", "%00", "%FF", "x" * 10_000]
)
def test_no_text_breaks_a_page(sales, text):
    assert sales.get(f"find?q={text}").status == 200


@pytest.mark.parametrize(
    "path", ["nothing", "trial/x%2F..%2Fy", "trial/%ED%A0%80", "trial/" + "x" * 3_000, "trial/{{7*7}}"]
)
def test_a_page_that_there_is_not_says_so(sales, trial, path):
    assert sales.get(path).status == 404


def test_a_screen_of_other_roles_says_so_and_asks_the_api_for_nothing(browser, gateway, trial):
    browser.enter("picker")
    gateway.calls.clear()

    page = browser.get("trial/ord_us1_01ARZ3NDEKTSV4RRFFQ69G5FAV")

    assert page.status == 403
    assert gateway.calls == []


def test_an_error_that_was_not_expected_shows_a_page_without_its_text(sales, monkeypatch, caplog):
    def fails(*_: object) -> None:
        raise RuntimeError("Ada Byron, 12 Main St")

    monkeypatch.setattr("functions.console.screens.find", fails)

    page = sales.get()

    assert page.status == 500
    assert "Ada" not in page.text
    assert "Ada" not in caplog.text


# Sealed


def test_the_table_holds_no_token_no_cookie_and_no_name(sales, gateway, aws):
    secrets = [sales.cookies[COOKIE], *gateway.tokens, *gateway.refresh_tokens, "Sales"]

    stored = repr(aws.items("Sessions"))

    assert not [secret for secret in secrets if secret in stored]


def test_the_room_with_its_table_but_without_a_living_request_opens_nothing(sales, aws):
    """All that a stolen room can read is the table. Nothing in it gives the key of the tokens."""
    item = next(row for row in aws.items("Sessions") if "sealed" in row)
    known = [value for row in aws.items("Sessions") for value in map(str, row.values())]
    known += [value.rpartition("#")[2] for value in known]

    for guess in [*known, seal.new_cookie()]:
        cookie = (guess + "A" * seal.COOKIE_LENGTH)[: seal.COOKIE_LENGTH]
        try:
            seal.unseal(cookie, item["pk"], item["sealed"])
        except (seal.SealBroken, ValueError, UnicodeEncodeError):
            continue
        pytest.fail(f"{guess} opens the tokens")


def test_tokens_that_are_copied_into_another_session_do_not_open(browser, new_browser, aws, world):
    thief: Browser = new_browser()
    browser.enter("sales")
    thief.enter("picker")
    mine, his = (row for row in aws.items("Sessions") if "sealed" in row)
    aws.put("Sessions", **{**mine, "sealed": his["sealed"]})
    aws.put("Sessions", **{**his, "sealed": mine["sealed"]})

    assert browser.get().status == 401
    assert thief.get().status == 401


def test_a_sealed_text_opens_with_its_cookie_at_its_place_only():
    cookie = seal.new_cookie()
    sealed = seal.seal(cookie, "S#1", b"tokens")

    assert seal.unseal(cookie, "S#1", sealed) == b"tokens"
    for wrong in (
        (cookie, "S#2", sealed),
        (seal.new_cookie(), "S#1", sealed),
        (cookie, "S#1", sealed[:-1]),
        (cookie, "S#1", b""),
    ):
        with pytest.raises(seal.SealBroken):
            seal.unseal(*wrong)
    assert sessions.LONGEST_SECONDS == 43_200
