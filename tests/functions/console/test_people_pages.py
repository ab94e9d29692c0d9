"""Admins invite people, change their rights, sign them out and remove them; every refusal stands at its field."""

import re

import pytest

from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys
from functions.console import choices, people_rules, render
from functions.console.people_rules import WrongField
from tests.functions.console.test_order_page import fields
from tests.functions.people.desk import make_pool

ANA = {"email": "Ana@example.com", "name": "Ana Lima", "roles": ["staff"], "desks": ["care"]}


@pytest.fixture
def boss(world, browser, monkeypatch):
    """Give the browser of an admin who is a person, and the stage a pool of users."""
    monkeypatch.setenv("USER_POOL_ID", make_pool())
    world.aws.put("Directory", **keys.user("boss"), name="Boss", roles=["admin"])
    world.aws.put("Directory", **keys.admins(), people=1)
    return browser.enter("boss")


def invite(browser, **changes):
    return browser.post("people/new", {**fields(browser.get("people/new"), "invite"), **ANA, **changes})


def path_of(page):
    return page.address.partition("/console/")[2]


def save(browser, path, **changes):
    given = {"name": "Ana Lima", "roles": ["staff"], "desks": ["care"], **changes}
    return browser.post(path, {**fields(browser.get(path), "save"), **given})


def press(browser, path, do):
    return browser.post(path, fields(browser.get(path), do))


def test_an_invited_person_is_on_the_list_with_their_rights(boss):
    page = invite(
        boss,
        appeasement="25.00 USD\r\n100,00 eur",
        gift_cards="70.00 USD",
        override_percent="10",
        locale="pt-BR",
        channels="web",
    )
    listed = boss.get("people")

    assert page.status == 200
    assert "The invitation was mailed." in page.text
    for words in ("Ana Lima", "ana@example.com", "Office staff", "Customer care", "Invited"):
        assert words in listed.text
    shown = boss.get(path_of(page)).text
    assert "25.00 USD\n100.00 EUR" in shown
    assert "70.00 USD" in shown
    assert 'value="pt-BR" selected' in shown


@pytest.mark.parametrize("locale", ["en-US", "pt-BR", "es"])
def test_the_pages_of_people_render_in_each_language(boss, world, locale):
    path = path_of(invite(boss))
    world.aws.put("Directory", **keys.user("boss"), name="Boss", roles=["admin"], locale=locale)
    directory.forget()
    boss.enter("boss")

    for page, words in (("people", "People"), ("people/new", "Invite"), (path, "Sign out everywhere")):
        shown = boss.get(page)
        assert shown.status == 200
        assert render.translate(words, locale) in shown.text


@pytest.mark.parametrize("who", ["sales", "picker"])
@pytest.mark.parametrize("path", ["people", "people/new", "people/boss"])
def test_only_admins_see_people(browser, boss, who, path):
    browser.enter(who)

    assert browser.get(path).status == 403
    assert 'href="people"' not in browser.get().text


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "no address"}, "email"),
        ({"name": " "}, "name"),
        ({"name": "x" * 200}, "name"),
        ({"roles": []}, "roles"),
        ({"roles": ["king"]}, "roles"),
        ({"roles": ["worker"], "desks": []}, "nodes"),
        ({"roles": ["worker"], "desks": [], "nodes": "dc-1, nowhere"}, "nodes"),
        ({"desks": ["lead"]}, "desks"),
        ({"desks": ["{{ 7 * 7 }}"]}, "desks"),
        ({"channels": "web moon"}, "channels"),
        ({"partner": "acme"}, "partner"),
        ({"roles": ["partner"], "desks": []}, "partner"),
        ({"appeasement": "25.00"}, "appeasement"),
        ({"appeasement": "25.001 USD"}, "appeasement"),
        ({"appeasement": "-1 USD"}, "appeasement"),
        ({"appeasement": "1 USD\n2 USD"}, "appeasement"),
        ({"gift_cards": "25.001 USD"}, "gift_cards"),
        ({"gift_cards": "1 USD\n2 USD"}, "gift_cards"),
        ({"override_percent": "101"}, "override_percent"),
        ({"override_percent": "٣"}, "override_percent"),
        ({"locale": "klingon"}, "locale"),
    ],
)
def test_a_refusal_stands_at_its_field_and_keeps_what_was_typed(boss, changes, field):
    page = invite(boss, **changes)

    assert page.status == 422, page.text
    assert f'href="#field-{field}"' in page.text
    assert f'id="error-{field}"' in page.text
    assert "Ana Lima" in page.text or "name" in changes
    assert "Nobody" in boss.get("people").text


def test_an_address_that_a_person_has_is_said_at_the_address(boss):
    first = path_of(invite(boss))

    page = invite(boss, name="Ana Again")

    assert page.status == 409
    assert 'id="error-email"' in page.text
    assert "A person has this address" in page.text
    assert first.removeprefix("people/") in page.text


def test_a_name_in_any_script_stays_text(boss):
    page = invite(boss, name="\u0641\u0627\u0637\u0645\u0629 <b>\U0001f375")

    assert "\u0641\u0627\u0637\u0645\u0629 &lt;b&gt;\U0001f375" in page.text


def test_the_same_form_sent_twice_invites_once(boss):
    form = {**fields(boss.get("people/new"), "invite"), **ANA}

    assert path_of(boss.post("people/new", form)) == path_of(boss.post("people/new", form))


def test_nodes_channels_and_the_partner_are_chosen_by_their_names(boss, world):
    page = boss.get("people/new").text

    assert '<input type="checkbox" name="nodes" value="dc-1">' in page
    assert '<input type="checkbox" name="channels" value="web">' in page
    assert re.search('<select id="field-partner".*?<option value="" selected>No partner</option>', page, re.DOTALL)
    shown = boss.get(path_of(invite(boss, roles=["staff", "worker"], nodes=["dc-1"], channels=["web"]))).text
    assert len(re.findall('name="(?:nodes|channels)" value="(?:dc-1|web)" checked', shown)) == 2


def test_ids_are_typed_where_the_directory_cannot_be_listed_or_has_too_many(boss, gateway, monkeypatch):
    gateway.broken.add("/v1/nodes")
    monkeypatch.setattr(choices, "_MOST_PAGES", 0)

    page = invite(boss, roles=["staff", "worker"], nodes=" dc-1,", channels="web")

    assert page.status == 200
    shown = boss.get(path_of(page)).text
    assert ">dc-1</textarea>" in shown
    assert 'name="channels" type="text" value="web"' in shown


def test_rights_are_changed_whole(boss):
    path = path_of(invite(boss, override_percent="10"))

    page = save(boss, path, roles=["worker"], desks=["lead"], nodes="dc-1")

    assert "The rights were changed." in page.text
    shown = boss.get("people").text
    assert "Worker of a node" in shown
    assert "Shift lead" in shown
    assert 'name="override_percent" type="text" value=""' in boss.get(path).text


def test_a_change_on_an_old_page_is_refused_and_keeps_what_was_typed(boss):
    path = path_of(invite(boss))
    old = fields(boss.get(path), "save")
    save(boss, path, name="Ana Maria")

    page = boss.post(path, {**old, "name": "Ana Old", "roles": ["staff"], "desks": ["care"]})

    assert page.status == 412
    assert "Ana Old" in page.text
    assert "Ana Maria" in boss.get("people").text


def test_an_admin_neither_demotes_nor_removes_themself(boss, world):
    user = path_of(invite(boss, roles=["admin"], desks=[])).removeprefix("people/")
    boss.enter(user)

    page = save(boss, f"people/{user}", roles=["staff"])

    assert page.status == 409
    assert "ask another admin" in page.text
    assert "remove" not in re.findall(r'name="do" value="([^"]+)"', page.text)


def test_the_last_admin_stays(boss, world):
    user = path_of(invite(boss, roles=["admin"], desks=[]))
    world.aws.put("Directory", **keys.admins(), people=1)

    page = save(boss, user, roles=["staff"])

    assert page.status == 409
    assert "this person is the last admin" in page.text


def test_a_person_is_signed_out_everywhere(boss, new_browser):
    path = path_of(invite(boss))
    theirs = new_browser()
    assert theirs.sign_in(path.removeprefix("people/")).status == 200

    assert "The person was signed out everywhere." in press(boss, path, "sign-out").text
    assert theirs.get().status == 401


def test_the_invitation_is_mailed_again(boss):
    assert "The invitation was mailed again." in press(boss, path_of(invite(boss)), "invite").text


def test_a_person_is_removed_after_a_question_that_needs_no_script(boss):
    path = path_of(invite(boss))
    asked = boss.get(f"{path}?ask=remove")
    number = next(n for n, part in enumerate(asked.text.split("<form")[1:]) if 'value="remove"' in part)

    page = boss.post(path, asked.fields(number))

    assert "The person was removed." in page.text
    assert "ana@example.com" not in page.text
    assert boss.get(path).status == 404
    assert "The person was removed." in boss.post(path, asked.fields(number)).text


@pytest.mark.parametrize("do", ["", "save-all", "sign_out"])
def test_a_button_that_there_is_not_does_nothing(boss, do):
    path = path_of(invite(boss))

    assert boss.post(path, {**fields(boss.get(path), "save"), "do": do}).status == 404


def test_amounts_are_read_by_the_digits_of_their_currency():
    assert people_rules._amount("gift_cards", "2500 JPY") == {"amount": 2500, "currency": "JPY"}
    assert people_rules._amount("gift_cards", "2,5 KWD") == {"amount": 2500, "currency": "KWD"}
    assert people_rules._row({"amount": 2500, "currency": "JPY"}) == "2500 JPY"
    assert people_rules._row({"amount": 5, "currency": "USD"}) == "0.05 USD"
    with pytest.raises(WrongField):
        people_rules._amount("gift_cards", "1.5 JPY")
