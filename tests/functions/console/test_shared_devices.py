"""A badge and its PIN open, at a shared device, the session that its person signed in with this shift, and nothing else."""

import json
import re
import time
from datetime import timedelta
from urllib.parse import unquote

import pytest

from comanda.aws.console import seal, sessions, shifts
from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys
from comanda.aws.people import badges
from functions.console import render
from tests.functions.console.test_order_page import fields
from tests.functions.people.desk import call_as, make_pool

SESSION, DEVICE = "__Host-comanda-us1", "__Host-comanda-us1-device"
PIN = "4711"
NO_BADGE = "CB-" + "0" * 32


@pytest.fixture(autouse=True)
def node(world, monkeypatch):
    """Give dc-1 a lead and two pickers. PINs are hashed quickly."""
    monkeypatch.setattr(badges, "_COST", 2)
    people = {"lena": ["lead"], "picker": [], "pia": []}
    for name, desks in people.items():
        row = {"name": name.title(), "roles": ["worker"], "nodes": ["dc-1"], "desks": desks}
        world.aws.put("Directory", **keys.user(name), **row)
    world.aws.put("Directory", **keys.user("boss"), name="Boss", roles=["admin"])
    directory.forget()


@pytest.fixture
def handheld(browser):
    """Give the browser of a device that a lead enrolled for dc-1, and that nobody is signed in to."""
    browser.enter("lena")
    page = enrol(browser)
    assert "People share this device from now on." in page.text, page.text
    browser.post("sign-out", {}, follow=False)
    return browser


def enrol(browser, node="dc-1", name="Handheld 7"):
    return browser.post("devices", {**fields(browser.get("devices"), "enrol"), "node_id": node, "name": name})


def badge_of(who, pin=PIN):
    reply = call_as(who, "POST", "/v1/badges", {"pin": pin})
    assert reply.status == 201, reply.body
    return reply.body["badge"]


def arrive(handheld, who):
    """Sign in with the password at the device. Returns the page that follows the provider's own sign-out."""
    assert handheld.sign_in(who).location.startswith(f"{handheld.gateway.address}/logout?")
    return handheld.get("signed-out")


def scan(handheld, badge, pin=PIN, follow=True):
    key = fields(handheld.get("switch"), "open")
    return handheld.post("switch", {**key, "badge": badge, "pin": pin}, follow=follow)


def kept(handheld, who):
    """Let a person sign in at the device and show their badge once. Returns the badge."""
    badge = badge_of(who)
    arrive(handheld, who)
    assert "said=kept" in scan(handheld, badge, follow=False).location
    return badge


def name_on(page):
    found = re.search(r'<summary>.*?<span dir="auto">([^<]*)</span>', page.text, re.DOTALL)
    return found and found[1]


def test_two_people_change_at_a_device_by_badge_and_pin(handheld):
    first, second = kept(handheld, "picker"), kept(handheld, "pia")

    for badge, name in ((first, "Picker"), (second, "Pia"), (first, "Picker")):
        began = time.process_time()  # of all threads: other processes of a busy machine do not count
        page = scan(handheld, badge)
        assert time.process_time() - began < 2
        assert page.address == f"{handheld.console}/nodes/dc-1"
        assert name_on(page) == name


def test_a_locked_device_shows_nobody_and_opens_by_badge(handheld):
    badge = kept(handheld, "picker")

    locked = handheld.post("switch", fields(handheld.get("switch"), "lock"))

    assert "Locked. Scan a badge to go on." in locked.text
    assert handheld.get().status == 401
    assert name_on(scan(handheld, badge)) == "Picker"


def test_a_device_that_was_left_alone_for_ten_minutes_asks_for_the_badge(handheld, world):
    badge = kept(handheld, "picker")
    world.now += timedelta(minutes=9)
    assert handheld.get().status == 200
    world.now += timedelta(minutes=10)

    resting, form, at_switch = handheld.get(), handheld.post("scanner", {}), handheld.get("switch")

    assert (resting.status, form.status) == (401, 401)
    assert 'href="console/switch"' in resting.text
    assert "Picker" not in resting.text + form.text + at_switch.text
    assert name_on(scan(handheld, badge)) == "Picker"
    assert name_on(handheld.get()) == "Picker"


def test_a_session_that_no_badge_opens_does_not_rest(handheld, world):
    arrive(handheld, "picker")
    world.now += timedelta(minutes=30)

    assert name_on(handheld.get()) == "Picker"


def test_at_a_shared_device_the_provider_forgets_who_signed_in(handheld):
    page = arrive(handheld, "picker")

    assert page.address.endswith("/switch")
    assert name_on(page) == "Picker"


def test_whatever_does_not_fit_is_answered_alike(handheld, new_browser, world):
    badge, other_node, gone = kept(handheld, "picker"), badge_of("other-picker"), badge_of("pia")
    assert call_as("pia", "DELETE", "/v1/badges/pia").status == 204
    stranger = new_browser()
    stranger.cookies[DEVICE] = "0" * 64

    said = [
        scan(handheld, NO_BADGE, follow=False),
        scan(handheld, badge, "4712", follow=False),
        scan(handheld, badge, "47110", follow=False),
        scan(handheld, badge, "\u0664\u0667\u0661\u0661", follow=False),
        scan(handheld, other_node, follow=False),
        scan(handheld, gone, follow=False),
        scan(handheld, "{{ 7 * 7 }}", follow=False),
        scan(handheld, "\U0001f375" * 20, follow=False),
        scan(stranger, badge, follow=False),
    ]
    world.now += timedelta(seconds=1)
    row = next(row for row in world.aws.items("Directory") if row["pk"].startswith("DEVICE#"))
    assert call_as("lena", "DELETE", f"/v1/devices/{row['pk'].removeprefix('DEVICE#')}").status == 204
    said.append(scan(handheld, badge, follow=False))

    assert {page.status for page in said} == {303}
    assert {page.headers["Location"] for page in said} == {"switch?said=refused"}


def test_five_wrong_pins_lock_the_badge(handheld):
    badge = kept(handheld, "picker")
    for _ in range(5):
        scan(handheld, badge, "9182")

    assert "said=refused" in scan(handheld, badge, follow=False).location


def test_a_badge_without_a_sign_in_of_this_shift_asks_for_the_password(handheld, world):
    unknown, badge = badge_of("pia"), kept(handheld, "picker")
    handheld.post("switch", fields(handheld.get("switch"), "lock"))
    assert "Sign in with your password first." in scan(handheld, unknown).text

    world.now += timedelta(hours=11, minutes=59)
    assert name_on(scan(handheld, badge)) == "Picker"
    world.now += timedelta(minutes=2)

    assert "Sign in with your password first." in scan(handheld, badge).text
    assert handheld.get().status == 401


def test_a_session_that_ended_is_opened_by_no_badge(handheld):
    badge = kept(handheld, "picker")
    handheld.post("sign-out", {}, follow=False)

    assert "said=first" in scan(handheld, badge, follow=False).location


@pytest.mark.parametrize("ended", ["sign-out", "removed"])
def test_a_person_who_was_signed_out_everywhere_or_removed_is_opened_by_no_badge(handheld, world, monkeypatch, ended):
    monkeypatch.setenv("USER_POOL_ID", make_pool())
    badge = kept(handheld, "picker")
    handheld.post("switch", fields(handheld.get("switch"), "lock"))
    if ended == "removed":
        assert world.call("DELETE", "/v1/people/picker", who="office").status == 204
    else:
        assert world.call("POST", "/v1/people/picker/sign-out", {}, who="office").status == 200

    page = scan(handheld, badge, follow=False)

    assert page.location.endswith("said=refused" if ended == "removed" else "said=first")
    assert handheld.get().status == 401


def test_a_session_that_no_badge_opens_ends_when_another_person_comes(handheld, gateway):
    badge = kept(handheld, "picker")
    arrive(handheld, "pia")
    held = handheld.cookies[SESSION]

    scan(handheld, badge)
    handheld.cookies[SESSION] = held

    assert handheld.get().status == 401


def test_a_session_of_another_device_is_not_opened(handheld, new_browser):
    badge = kept(handheld, "picker")
    second = new_browser()
    second.enter("lena")
    enrol(second, name="Handheld 8")

    assert "said=first" in scan(second, badge, follow=False).location
    assert name_on(second.get()) == "Lena"


def test_an_answer_that_does_not_come_changes_nothing(handheld, gateway):
    badge = kept(handheld, "picker")
    gateway.broken.add("/v1/badges/open")

    assert "No answer came." in scan(handheld, badge).text
    assert name_on(handheld.get()) == "Picker"


def test_no_page_with_a_pin_stays_in_the_history(handheld):
    badge = kept(handheld, "picker")

    for pin in (PIN, "1"):
        page = scan(handheld, badge, pin, follow=False)
        assert page.status == 303
        assert badge not in json.dumps([page.headers, page.text])


def test_another_site_changes_nobody(handheld):
    badge = kept(handheld, "picker")
    form = {**fields(handheld.get("switch"), "open"), "badge": badge, "pin": PIN}

    assert handheld.post("switch", form, headers={"Sec-Fetch-Site": "cross-site"}).status == 403


def test_the_table_alone_opens_no_session(handheld, world):
    badge = kept(handheld, "picker")
    cookie, device = handheld.cookies[SESSION], handheld.cookies[DEVICE]
    text = json.dumps(world.aws.items("Sessions"), default=str)
    row = next(row for row in world.aws.items("Sessions") if row["pk"].startswith("D#"))

    assert not [secret for secret in (cookie, device, badge, "picker@") if secret in text]
    place, sealed = f"{row['pk']} {row['sk']}", bytes(row["sealed"])
    assert seal.unseal_by_badge(device, badge, place, sealed).decode() == cookie
    for wrong_device, wrong_badge, at in (
        ("0" * 64, badge, place),
        (device, NO_BADGE, place),
        (device, badge, "D#another B#row"),
    ):
        with pytest.raises(seal.SealBroken):
            seal.unseal_by_badge(wrong_device, wrong_badge, at, sealed)


def test_a_row_that_was_sealed_for_another_badge_opens_nothing(handheld, world):
    badge, other = kept(handheld, "picker"), badge_of("pia")
    row = next(row for row in world.aws.items("Sessions") if row["pk"].startswith("D#"))
    moved = shifts._key(handheld.cookies[DEVICE], other)
    world.aws.put("Sessions", **{**row, **moved})

    assert badge != other
    assert "said=first" in scan(handheld, other, follow=False).location


def test_a_session_that_ends_while_its_badge_is_read_is_not_kept(handheld, world):
    badge = badge_of("picker")
    arrive(handheld, "picker")
    session = sessions.find(handheld.cookies[SESSION], int(world.now.timestamp()))
    sessions.end(session)

    assert shifts.keep(session, handheld.cookies[DEVICE], badge) is False


# Devices


def test_the_secret_of_a_device_is_in_its_cookie_and_on_no_page(handheld):
    secret = handheld.cookies[DEVICE]
    handheld.enter("lena")
    page = handheld.get("devices")

    assert re.fullmatch("[0-9a-f]{64}", secret)
    assert secret not in page.text
    for words in ("Handheld 7", "This device", "In use"):
        assert words in page.text


def test_a_revoked_device_forgets_that_it_was_one(handheld):
    handheld.enter("lena")

    page = handheld.post("devices", fields(handheld.get("devices"), "revoke"))

    assert "No badge opens at that device any more." in page.text
    assert "Revoked" in page.text
    assert DEVICE not in handheld.cookies


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"name": " "}, "new-name"), ({"name": "x" * 2000}, "new-name"), ({"node_id": "{{ 7 }}"}, "new-node_id")],
)
def test_a_refused_enrolment_is_said_at_its_field(browser, changes, field):
    browser.enter("boss")
    form = {**fields(browser.get("devices"), "enrol"), "node_id": "dc-1", "name": "Till", **changes}

    page = browser.post("devices", form)

    assert page.status == 422
    assert f'href="#field-{field}"' in page.text
    assert DEVICE not in browser.cookies


def test_a_lead_enrols_no_device_of_another_node(browser):
    browser.enter("lena")

    page = enrol(browser, "dc-2")

    assert page.status == 404
    assert DEVICE not in browser.cookies


@pytest.mark.parametrize("who", ["sales", "picker"])
def test_only_admins_and_leads_see_devices(browser, who):
    browser.enter(who)

    assert browser.get("devices").status == 403


# Badges


def test_a_person_makes_a_badge_that_is_shown_once(browser):
    browser.enter("picker")
    form = {**fields(browser.get("badge"), "make"), "pin": PIN, "again": PIN}

    page = browser.post("badge", form)
    drawn = re.search(r'src="data:image/svg\+xml;([^"]+)"', page.text)

    assert page.status == 200
    assert "Print this page now." in page.text
    assert drawn
    assert PIN not in unquote(drawn[1])
    assert "data:image/svg+xml" not in browser.get("badge").text.partition("<main")[2]


@pytest.mark.parametrize(
    ("pin", "again", "field"),
    [("1234", "1234", "pin"), ("12", "12", "pin"), ("47a1", "47a1", "pin"), ("", "", "pin"), (PIN, "4712", "again")],
)
def test_a_pin_that_is_no_good_makes_no_badge(browser, pin, again, field):
    browser.enter("picker")

    page = browser.post("badge", {**fields(browser.get("badge"), "make"), "pin": pin, "again": again})

    assert page.status == 422
    assert f'id="error-{field}"' in page.text
    assert 'value="47' not in page.text


def test_a_pin_that_was_sent_after_the_session_ended_stands_on_no_page(browser, world):
    browser.enter("picker")
    form = {**fields(browser.get("badge"), "make"), "pin": "8352", "again": "8352"}
    world.now += timedelta(hours=13)

    page = browser.post("badge", form)

    assert page.status == 401
    assert "8352" not in page.text


def test_a_person_ends_their_badge(handheld):
    badge = kept(handheld, "picker")

    for _ in range(2):
        assert "You have no badge now." in handheld.post("badge", fields(handheld.get("badge"), "end")).text
    assert "said=refused" in scan(handheld, badge, follow=False).location


@pytest.mark.parametrize("locale", ["en-US", "pt-BR", "es"])
def test_the_pages_speak_the_language_of_the_person_or_of_the_device(handheld, world, locale):
    locked = handheld.get("switch", **{"Accept-Language": f"{locale},en;q=0.5"})
    row = {"name": "Lena", "roles": ["worker"], "nodes": ["dc-1"], "desks": ["lead"], "locale": locale}
    world.aws.put("Directory", **keys.user("lena"), **row)
    directory.forget()
    arrive(handheld, "lena")

    assert render.translate("Scan your badge", locale) in locked.text
    for path, words in (("devices", "Enrol this device"), ("badge", "Make a badge"), ("switch", "Lock this device")):
        page = handheld.get(path)
        assert page.status == 200
        assert render.translate(words, locale) in page.text


def test_a_browser_that_was_not_enrolled_says_who_can_enrol_it(browser):
    page = browser.get("switch")

    assert page.status == 200
    assert "People do not share this device." in page.text


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("devices?node_id=dc-9", "There is no such node, or it is not yours to see."),
        ("devices?node_id=dc-1&cursor=abc", "the cursor is not one of ours"),
        ("devices?node_id=%C3%A9%20b", "There is no such node, or it is not yours to see."),
    ],
)
def test_a_list_of_devices_that_cannot_be_read_says_why(browser, asked, words):
    browser.enter("lena")

    assert words in browser.get(asked).text


def test_devices_that_get_no_answer_are_not_called_a_missing_node(browser, gateway):
    browser.enter("lena")
    gateway.broken.add("/v1/devices")

    page = browser.get("devices?node_id=dc-1").text

    assert "no such node" not in page
    assert "Devices could not be loaded" in page


TYPED = "fatima's words <b>"


def settings_form(browser, **typed):
    page = browser.get("me")
    parts = re.findall(r"<form\b.*?</form>", page.text, re.DOTALL)
    hidden = page.fields(next(n for n, form in enumerate(parts) if 'name="theme"' in form))
    return {**hidden, "locale": "es", "theme": "DARK", "density": "COMPACT", **typed}


def test_the_next_person_cannot_send_a_form_that_the_one_before_left_open(handheld):
    first, second = kept(handheld, "picker"), kept(handheld, "pia")
    scan(handheld, first)
    left_open = settings_form(handheld, theme=TYPED)
    scan(handheld, second)

    refused = handheld.post("me", left_open)

    assert refused.status == 403
    assert "opened by another person at this device" in refused.text
    assert "fatima" not in refused.text
    assert 'lang="es"' not in handheld.get("me").text
    assert handheld.post("me", settings_form(handheld)).status == 200
    scan(handheld, first)
    assert handheld.post("me", left_open).status == 422  # the API's own answer to what was typed


def test_a_form_that_was_sent_while_the_session_rested_waits_for_its_own_person(handheld, world):
    first, second = kept(handheld, "picker"), kept(handheld, "pia")
    scan(handheld, first)
    sent = settings_form(handheld, theme=TYPED)
    world.now += timedelta(minutes=11)

    resting = handheld.post("me", sent)

    assert resting.status == 401
    assert "fatima" not in resting.text
    again = resting.fields(-1)
    assert (again["key"], list(again)) == (sent["key"], ["key", "sealed"])
    scan(handheld, second)
    theirs = handheld.post("me", again)
    # Also one who knows how keys are made cannot open what was sealed for another.
    forged = handheld.post("me", {**again, "key": settings_form(handheld)["key"]})
    assert [page.status for page in (theirs, forged)] == [403, 403]
    assert "fatima" not in theirs.text + forged.text
    scan(handheld, first)
    assert handheld.post("me", again).status == 422  # the API's own answer to what was typed


@pytest.mark.parametrize("sealed", ["", "x", "\u0641", "A" * 400, "=" * 43])
def test_what_was_not_sealed_here_is_refused(handheld, sealed):
    arrive(handheld, "picker")

    assert handheld.post("me", settings_form(handheld, sealed=sealed)).status == 403
