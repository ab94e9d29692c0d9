"""The pages of cases: opened at an order, worked on by texts, waits and owners, and closed with an outcome."""

import re

import pytest

from comanda.aws.dynamodb import keys
from functions.console import render
from tests.functions.cases.desk import case, listed, opened, send_mail, step
from tests.functions.console.test_order_page import fields
from tests.functions.people.desk import call_as


@pytest.fixture(autouse=True)
def desk(world):
    """Put the sales person at the desk of customer care."""
    world.aws.put("Directory", **keys.user("sales"), name="Sales", roles=["staff"], desks=["care"])


@pytest.fixture
def order_id(world):
    world.stocked("TEA-001", dc_1=9)
    return world.placed(("TEA-001", 2), ("POT-001", 1))


def press(browser, path, do, **typed):
    return browser.post(path, fields(browser.get(path), do) | typed)


def test_a_case_is_opened_at_an_order_and_stands_there(sales, world, order_id):
    typed = {"kind": "DAMAGED", "author": "CUSTOMER", "line_id": "2", "text": "The <spout> is broken"}
    done = press(sales, f"orders/{order_id}", "case", **typed)

    assert "The case was opened." in done.text
    assert "Damaged goods" in done.text
    (case_id,) = listed(world, order_id=order_id)
    found = case(world, case_id)
    assert (found["line_ids"], found["items"][0]["author"], found["owner"]) == (["2"], "CUSTOMER", "care")
    assert "The &lt;spout&gt; is broken" in sales.get(f"cases/{case_id}").text


def test_a_case_without_words_is_refused_at_its_field(sales, order_id):
    page = press(sales, f"orders/{order_id}", "case", kind="LATE", author="CUSTOMER", line_id="", text=" ")

    assert page.status == 422
    assert 'id="error-case-text"' in page.text
    assert '<details class="short-form" open>' in page.text


def test_a_case_is_taken_answered_and_closed(sales, world, order_id):
    case_id = opened(world, order_id)
    path = f"cases/{case_id}"

    assert "The case has its owner." in press(sales, path, "take").text
    text = {"author": "STAFF", "internal": "yes", "outcome": "ANSWERED", "text": "It is in Reno."}
    assert "The text was added." in press(sales, path, "note", **text).text
    assert "The case waits." in press(sales, path, "wait-customer", **text | {"text": ""}).text
    assert "The case is open again." in press(sales, path, "resume").text
    closed = press(sales, path, "close", author="STAFF", outcome="ANSWERED", text="It comes today.")

    assert "The case was closed." in closed.text
    found = case(world, case_id)
    assert (found["owner"], found["status"], found["outcome"]) == ("sales", "CLOSED", "ANSWERED")
    assert [(one["text"], one["internal"]) for one in found["items"][1:]] == [
        ("It is in Reno.", True),
        ("It comes today.", False),
    ]
    assert "The case is open again." in press(sales, path, "reopen", text="").text


def test_a_case_is_given_to_a_team_with_another_due_time(sales, world, order_id):
    path = f"cases/{opened(world, order_id)}"

    done = press(sales, path, "assign", owner="finance", due="2026-11-25T15:30")
    wrong = press(sales, path, "assign", owner="finance", due="tomorrow")

    assert "The case has its owner." in done.text
    assert (case(world, path[6:])["owner"], case(world, path[6:])["due"]) == ("finance", "2026-11-25T15:30:00.000Z")
    assert wrong.status == 422
    assert 'id="error-due"' in wrong.text


def test_a_step_of_somebody_else_is_seen_first_and_the_text_stays(sales, world, order_id):
    path = f"cases/{opened(world, order_id)}"
    form = fields(sales.get(path), "close") | {"author": "STAFF", "outcome": "ANSWERED", "text": "done & said"}
    assert step(world, path[6:], "note", text="wait, she called again").status == 200

    page = sales.post(path, form)

    assert page.status == 412
    assert "done &amp; said" in page.text
    assert "she called again" in page.text
    assert case(world, path[6:])["status"] == "OPEN"


def test_a_text_is_sent_once(sales, world, order_id):
    path = f"cases/{opened(world, order_id)}"
    form = fields(sales.get(path), "note") | {"author": "CUSTOMER", "text": "and the lid"}

    pages = [sales.post(path, form) for _ in range(2)]

    assert ["The text was added." in page.text for page in pages] == [True, True]
    assert len(case(world, path[6:])["items"]) == 2


def test_the_home_page_counts_them_and_the_list_has_the_first_due_one_first(browser, world, order_id):
    opened(world, order_id, kind="COMPLAINT", text="rude")
    opened(world, order_id)
    opened(world, owner="sales", kind="OTHER")
    world.pass_time(9 * 3600)

    sales = browser.enter("sales")
    home, team, mine = sales.get(), sales.get("cases?owner=care"), sales.get("cases")

    counted = {
        one: re.search(rf'cases\?owner={one}">.*?<td[^>]*>\s*<div>\s*(\d+)', home.text, re.DOTALL)
        for one in ("care", "me")
    }
    assert {one: found and found[1] for one, found in counted.items()} == {"care": "2", "me": "1"}
    assert team.text.index(">Late<") < team.text.index(">Complaint<")
    assert 'data-tone="bad"' in team.text
    assert ">Other<" in mine.text
    assert ">Late<" not in mine.text


def test_the_page_of_a_customer_lists_their_cases(sales, world, order_id):
    case_id = opened(world, order_id)
    customer = world.call("GET", f"/v1/orders/{order_id}/contact", who="office").body["customer_id"]

    assert f"cases/{case_id}" in sales.get(f"customers/{customer}").text


def test_a_colleague_is_named(sales, world, order_id):
    world.aws.put("Directory", **keys.user("bo"), name="Bo <Tell>", roles=["staff"])
    case_id = opened(world, order_id, owner="bo")
    assert call_as("bo", "POST", f"/v1/cases/{case_id}/note", {"text": "I ask the carrier."}).status == 200

    page = sales.get(f"cases/{case_id}")

    assert page.text.count("Bo &lt;Tell&gt;") >= 3  # owner, author of a text, actor of an event
    assert '<option value="bo" selected>' in page.text


def test_a_mail_shows_whether_its_sender_is_proven(sales, world):
    case_id = send_mail(world, subject="<Help>").body["case_id"]

    page = sales.get(f"cases/{case_id}")

    for words in ("&lt;Help&gt;", "Sender not proven", "Where is my order?"):
        assert words in page.text


def test_a_failed_list_leaves_the_page_of_the_order_and_home(sales, gateway, order_id):
    gateway.broken.add("/v1/cases")

    page = sales.get(f"orders/{order_id}")

    assert page.status == 200
    assert "Cases could not be loaded" in page.text
    assert sales.get().status == 200


@pytest.mark.parametrize("path", ["cases/cas_us1_01J0000000000000000000000A", "cases/x", "cases?owner=me&cursor=x"])
def test_what_is_not_there_is_said_to_be_missing(sales, path):
    assert sales.get(path).status in (400, 404, 422)


def test_an_unknown_button_does_nothing(sales, world, order_id):
    path = f"cases/{opened(world, order_id)}"

    assert sales.post(path, fields(sales.get(path), "note") | {"do": "erase"}).status == 404


@pytest.mark.parametrize("locale", ["pt-BR", "es-MX"])
def test_a_case_is_in_the_readers_language(sales_in, world, order_id, locale):
    page = sales_in(locale).get(f"cases/{opened(world, order_id)}")

    for words in ("Close the case", "Whose words"):
        assert render.translate(words, locale) in page.text
