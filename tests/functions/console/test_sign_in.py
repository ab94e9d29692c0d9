"""People sign in by authorization code with PKCE, see what is theirs, and sign out."""

from datetime import timedelta

import pytest

from comanda.domain.labels.labels import label
from tests.faults import Crash, Crashed, conflicts
from tests.functions.console.gateway import Browser

COOKIE = "__Host-comanda-us1"


def test_a_person_signs_in_sees_home_and_signs_out(browser, gateway, aws):
    assert browser.get().status == 401

    home = browser.sign_in("sales")

    assert home.status == 200
    assert label("QueueName", "sales-review", "en-US") in home.text
    assert COOKIE in browser.cookies
    out = browser.post("sign-out", {}, follow=False)
    assert out.headers["Location"].startswith(f"{gateway.address}/logout?client_id=console-client")
    assert browser.get().status == 401
    assert aws.items("Sessions") == []
    assert gateway.refresh_tokens == {}


def test_a_person_of_one_node_begins_at_its_day(browser, aws):
    assert browser.sign_in("picker").address.endswith("/console/nodes/dc-1")
    assert browser.sign_in("picker", "me").address.endswith("/console/me")


def test_the_person_comes_back_to_the_page_that_was_asked_for(browser):
    page = browser.get("find?q=x")
    assert page.status == 401

    assert browser.sign_in("sales", "find").address.endswith("/console/find")


@pytest.mark.parametrize(
    "to",
    [
        "https://evil.test", "//evil.test", "/\\evil.test", "\\\\evil.test", "https:evil.test", "javascript:alert(1)",
        "%2F%2Fevil.test", "..%2F..%2Fevil", "../../evil", "find/../../x", "find%0d%0aSet-Cookie:a", "sign-out", "a@evil.test",
        "\u2215\u2215evil.test", "%5Cevil.test", "x" * 3_000, "assets/x",
    ],
)  # fmt: skip
def test_a_sign_in_leads_nowhere_but_to_pages_of_the_console(browser, to):
    from urllib.parse import quote

    start = browser.get(f"sign-in?to={quote(to)}", follow=False)
    back = browser.gateway.log_in(start.location, "sales")
    last = browser.get(back.removeprefix(browser.console).lstrip("/"), follow=False)

    assert last.location == browser.console


def test_a_code_that_was_used_opens_no_second_session(browser, new_browser):
    start = browser.get("sign-in", follow=False)
    back = browser.gateway.log_in(start.location, "sales").removeprefix(browser.console).lstrip("/")
    thief = new_browser()
    thief.cookies = dict(browser.cookies)
    assert browser.get(back).status == 200

    assert thief.get(back).status == 403
    assert COOKIE not in thief.cookies


@pytest.mark.parametrize("change", ["no cookie", "other state", "forged cookie", "late"])
def test_a_sign_in_that_another_browser_began_is_refused(browser, world, change):
    start = browser.get("sign-in", follow=False)
    back = browser.gateway.log_in(start.location, "sales").removeprefix(browser.console).lstrip("/")
    match change:
        case "no cookie":
            browser.cookies.clear()
        case "other state":
            back = back.replace("state=", "state=x")
        case "forged cookie":
            name, value = next(iter(browser.cookies.items()))
            browser.cookies[name] = "e30" + value[3:]
        case "late":
            world.pass_time(601)

    page = browser.get(back)

    assert page.status == 400
    assert COOKIE not in browser.cookies


def test_a_sign_in_that_the_person_cancelled_says_so(browser):
    start = browser.get("sign-in", follow=False)
    state = dict(part.split("=") for part in start.location.partition("?")[2].split("&"))["state"]

    assert browser.get(f"signed-in?error=access_denied&state={state}").status == 403


def test_another_nonce_in_the_id_token_is_refused(browser, gateway):
    start = browser.get("sign-in", follow=False)
    back = gateway.log_in(start.location, "sales").removeprefix(browser.console).lstrip("/")
    next(iter(gateway.codes.values()))["nonce"] = "of another sign-in"

    assert browser.get(back).status == 403
    assert COOKIE not in browser.cookies


def test_an_id_token_for_another_client_is_refused(browser, gateway, monkeypatch):
    start = browser.get("sign-in", follow=False)
    back = gateway.log_in(start.location, "sales").removeprefix(browser.console).lstrip("/")
    monkeypatch.setattr(gateway, "audience", "another-client")

    assert browser.get(back).status == 403
    assert COOKIE not in browser.cookies


def test_a_person_without_rights_is_told_whom_to_ask(browser, gateway):
    page = browser.sign_in("stranger")

    assert page.status == 403
    assert "administrator" in page.text
    assert COOKIE not in browser.cookies
    assert gateway.refresh_tokens == {}


def test_the_id_of_the_session_changes_at_each_sign_in(browser, aws):
    browser.sign_in("sales")
    before = browser.cookies[COOKIE]

    browser.sign_in("sales")

    assert browser.cookies[COOKIE] != before
    assert len(aws.items("Sessions")) == 2  # one session with its row


def test_a_session_id_that_an_attacker_chose_is_not_taken_over(browser):
    browser.cookies[COOKIE] = chosen = "A" * 43

    browser.sign_in("sales")

    assert browser.cookies[COOKIE] != chosen


@pytest.mark.parametrize(("who", "minutes"), [("sales", 30), ("picker", 12 * 60)])
def test_an_idle_session_ends(browser, world, who, minutes):
    browser.sign_in(who)
    world.now += timedelta(minutes=minutes, seconds=-1)
    assert browser.get().status == 200
    world.now += timedelta(minutes=minutes)

    assert browser.get().status == 401


def test_no_session_lives_longer_than_twelve_hours(browser, world):
    browser.sign_in("sales")
    for _ in range(12 * 4 - 1):
        world.pass_time(15 * 60)
        assert browser.get("find").status == 200
    world.pass_time(15 * 60)

    assert browser.get().status == 401


def test_signing_out_leaves_the_sessions_of_other_devices(browser, new_browser):
    other = new_browser()
    browser.sign_in("sales")
    other.sign_in("sales")

    browser.post("sign-out", {}, follow=False)

    assert other.get().status == 200


def test_a_signed_out_cookie_that_somebody_kept_opens_nothing(browser, new_browser, gateway):
    browser.sign_in("sales")
    thief: Browser = new_browser()
    thief.cookies = dict(browser.cookies)
    browser.post("sign-out", {}, follow=False)
    gateway.calls.clear()

    page = thief.get()

    assert page.status == 401
    assert gateway.calls == []


def test_a_person_who_is_signed_out_everywhere_signs_in_again_on_every_device(browser, new_browser, gateway, world):
    other = new_browser()
    browser.sign_in("sales")
    other.sign_in("sales")
    world.pass_time(2)

    assert world.call("POST", "/v1/people/sales/sign-out", {}, who="sales").status == 200

    assert (browser.get().status, other.get().status) == (401, 401)
    world.pass_time(2)
    assert browser.sign_in("sales").status == 200


def test_a_sign_out_that_dies_halfway_leaves_no_session(sales, aws):
    with Crash(2, after=True) as crash, pytest.raises(Crashed):
        sales.post("sign-out", {})
    assert crash.happened

    assert sales.get().status == 401
    assert [row for row in aws.items("Sessions") if "sealed" in row] == []


def test_a_table_that_asks_for_fewer_requests_is_a_page_that_says_so(sales):
    with conflicts(1, throttled=1.0):
        page = sales.get()

    assert page.status == 503
    assert page.headers["Retry-After"] == "5"
    assert sales.get().status == 200
