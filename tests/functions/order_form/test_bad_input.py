"""Test that the form refuses what programs and ill-meaning pages send, with a clear page, and never loses or leaks anything."""

import json
import re
from datetime import timedelta

import pytest

from comanda.aws.api import form_clients
from comanda.aws.dynamodb import keys
from functions.order_form import shop, visits
from functions.order_form.entry import KINDS
from tests.functions.order_form.site import ADDRESS, Site, Visitor, solve
from tests.functions.world import a_body

CARD = "4111 1111 1111 1111"


@pytest.mark.parametrize("channel", ["moon", "outlet", "..%2F", "x" * 65, "%20"])
def test_a_channel_without_a_form_is_not_found(site: Site, visitor: Visitor, channel: str):
    visitor.channel = channel

    assert visitor.get().status == 404


def test_a_form_that_is_switched_off_or_whose_client_is_gone_is_not_found(site: Site, visitor: Visitor):
    site.channel("web", None)
    assert visitor.get().status == 404
    form_clients.forget("web", "form")
    site.reload()
    assert visitor.get().status == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.test"},
        {"Sec-Fetch-Site": "same-site", "Origin": "https://other.shop.test"},
        {"Origin": "https://evil.test"},
        {"Origin": "null"},
        {},
    ],
)
def test_a_form_that_another_page_sends_is_refused(site: Site, visitor: Visitor, headers: dict[str, str]):
    review = visitor.review("TEA-001")

    refused = visitor.press(review, "send", headers, nonce=solve(review.value("challenge")))

    assert refused.status == 403
    assert site.orders() == []


def test_an_old_browser_that_sends_its_origin_only_is_taken(visitor: Visitor):
    assert visitor.press(visitor.get(), "update", {"Origin": "https://shop.test"}).status == 200


def test_no_page_frames_the_form_runs_a_script_in_it_or_keeps_it(visitor: Visitor):
    for page in (visitor.get(), visitor.review("TEA-001"), visitor.post("x=1", {})):
        policy = page.headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in policy
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert page.headers["X-Content-Type-Options"] == "nosniff"
        assert page.headers["Referrer-Policy"] == "same-origin"  # no-referrer: `Origin: null`
        assert page.headers["Cache-Control"] == "no-store"
        assert not re.search(r"<script(?![^>]* src=)|style=|\son\w+=", page.text)


@pytest.mark.parametrize(
    "name", [*KINDS, "q", "sku", "quantity", "option", "promise", "challenge", "key", "total", "do"]
)
def test_template_code_and_markup_in_a_field_are_shown_as_they_were_typed(visitor: Visitor, name: str):
    typed = "{{ 7919*7907 }}{% raw %}<script>alert(1)</script>\"'><b onload=x>"
    fields = {**ADDRESS, "sku": "TEA-001", "quantity": "1", "do": "review", name: typed}

    page = visitor.post(fields.items())

    assert page.status in (200, 422)
    assert "62615533" not in page.text
    assert "<script>alert" not in page.text
    assert "<b onload" not in page.text


@pytest.mark.parametrize(
    "name", [*KINDS, "q", "sku", "quantity", "option", "promise", "challenge", "key", "total", "do"]
)
def test_bytes_that_are_no_text_are_refused_at_their_field(site: Site, visitor: Visitor, name: str):
    fields = {**ADDRESS, "sku": "TEA-001", "quantity": "1", "do": "review", name: "x"}
    body = "&".join(f"{field}={'%ED%A0%80' if field == name else value}" for field, value in fields.items())

    for verb in ("review", "search", "send", "update"):
        page = visitor.post(body.replace("do=review", f"do={verb}").replace(" ", "+").replace("@", "%40"))
        assert page.status in (200, 409, 422), page.words
        page.text.encode()
    assert site.orders() == []


@pytest.mark.parametrize(
    ("quantity", "status"), [("0", 422), ("-1", 422), ("1.5", 422), ("1000", 422), ("٣", 422), ("", 422), (" 2 ", 200)]
)
def test_a_quantity_is_a_whole_number_within_reason(visitor: Visitor, quantity: str, status: int):
    page = visitor.press(visitor.basket("TEA-001"), "review", quantity=quantity)

    assert page.status == status
    assert ("whole number from 1 to 999" in page.words) == (status == 422)


def test_ten_thousand_lines_are_refused_and_forty_are_named(site: Site, visitor: Visitor):
    many = [("sku", "TEA-001"), ("quantity", "1")] * 10_000
    assert visitor.post([*many, ("do", "review")]).status == 413

    calls = len(site.calls)
    some = visitor.post([*many[:80], *ADDRESS.items(), ("do", "review")])
    assert some.status == 422
    assert "at most 30 products" in some.words
    assert len(site.calls) == calls


def test_a_name_in_arabic_and_an_emoji_are_kept_as_they_are(site: Site, visitor: Visitor):
    review = visitor.review("TEA-001", name="أدا لوفلايس", note="🎁 gift")

    done = visitor.send(review)

    (order,) = site.orders()
    contact = site.world.call("GET", f"/v1/orders/{order['order_id']}/contact", who="office").body
    assert done.status == 200
    assert (contact["customer"]["name"], contact["note"]) == ("أدا لوفلايس", "🎁 gift")


def test_a_card_number_is_refused_where_it_was_typed_and_logged_nowhere(
    visitor: Visitor, capsys: pytest.CaptureFixture[str]
):
    page = visitor.review("TEA-001", note=f"pay with {CARD}")

    assert page.status == 422
    assert 'id="error-note"' in page.text
    assert CARD not in capsys.readouterr().out


def test_nothing_personal_is_logged_or_kept_by_the_room(
    site: Site, visitor: Visitor, capsys: pytest.CaptureFixture[str]
):
    assert visitor.send(visitor.review("TEA-001", phone="+1 555 0100")).status == 200

    kept = json.dumps(site.world.aws.items("Forms"), default=str) + capsys.readouterr().out
    for private in (*ADDRESS.values(), visitor.address, "+1 555 0100"):
        if private not in ("US", "IL"):
            assert private not in kept


# The proof of work


def test_a_wrong_forged_foreign_or_old_proof_is_refused(site: Site, visitor: Visitor):
    review = visitor.review("TEA-001")
    challenge = review.value("challenge")
    nonce = solve(challenge)
    parts = challenge.split("~")
    easier = "~".join([*parts[:3], "0", *parts[4:]])
    foreign = "~".join([parts[0], "outlet", *parts[2:]])

    for bad in (easier, foreign, "", "x", "1~2", "~" * 5, challenge[:-1]):
        assert visitor.press(review, "send", challenge=bad, nonce=nonce).status == 422
    for wrong in ("-1", "x", "²", "9" * 30, f"{nonce} "):
        assert visitor.press(review, "send", nonce=wrong).status == 422
    site.world.now += timedelta(minutes=31)
    assert visitor.press(review, "send", nonce=nonce).status == 422
    assert site.orders() == []


def test_a_proof_places_one_order_only(site: Site, visitor: Visitor):
    first, second = visitor.review("TEA-001"), visitor.review("CUP-001")
    challenge, nonce = first.value("challenge"), solve(first.value("challenge"))
    assert visitor.send(first).status == 200

    replayed = visitor.press(second, "send", challenge=challenge, nonce=nonce)

    assert replayed.status == 422
    assert len(site.orders()) == 1
    assert visitor.send(replayed).status == 200


# The limits of an address


def test_an_address_places_five_orders_in_ten_minutes_and_another_address_goes_on(site: Site, visitor: Visitor):
    for _ in range(visits.MOST_ORDERS):
        review = visitor.review("TEA-001")
        assert visitor.send(review).status == visitor.send(review).status == 200

    sixth = visitor.send(visitor.review("TEA-001"))

    assert sixth.status == 429
    assert int(sixth.headers["Retry-After"]) <= visits.WINDOW_SECONDS
    assert sixth.value("name") == ADDRESS["name"]
    assert len(site.orders()) == visits.MOST_ORDERS
    other = Visitor(site, address="203.0.113.8")
    assert other.send(other.review("TEA-001")).status == 200
    site.world.now += timedelta(seconds=visits.WINDOW_SECONDS)
    assert visitor.send(sixth).status == 200


def test_an_address_loads_so_many_pages_in_ten_minutes(site: Site, visitor: Visitor, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(visits, "MOST_LOOKUPS", 3)
    pages = [visitor.get().status for _ in range(5)]

    assert pages == [200, 200, 200, 429, 429]
    assert Visitor(site, address="2001:db8:1:2::1").get().status == 200


def test_a_form_beyond_the_limit_of_pages_is_kept_and_sent_again_later(site: Site, visitor: Visitor, monkeypatch):
    review = visitor.review("TEA-001", note="by the <b>door</b>")
    proof = solve(review.value("challenge"))
    monkeypatch.setattr(visits, "MOST_LOOKUPS", 0)

    kept = visitor.press(review, "send", nonce=proof)

    assert kept.status == 429
    assert kept.value("note") == "by the <b>door</b>"
    assert 'name="do" value="send"' in kept.text
    monkeypatch.setattr(visits, "MOST_LOOKUPS", 120)
    assert visitor.press(kept, "send").status == 200
    assert len(site.orders()) == 1


def test_a_form_of_another_page_or_beyond_all_size_is_not_shown_again(visitor: Visitor, monkeypatch):
    monkeypatch.setattr(visits, "MOST_LOOKUPS", 0)

    assert visitor.post([("name", "Ada")], {"Sec-Fetch-Site": "cross-site"}).fields == []
    assert visitor.post([("name", "x" * 70_000)]).fields == []


def test_all_addresses_of_one_house_count_together(site: Site, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(visits, "MOST_LOOKUPS", 1)

    assert [Visitor(site, address=f"2001:db8:1:2::{n}").get().status for n in (1, 2)] == [200, 429]
    assert Visitor(site, address="2001:db8:1:3::1").get().status == 200


def test_a_new_client_takes_over_at_once_from_one_that_was_removed(site: Site, visitor: Visitor):
    assert visitor.get().status == 200
    site.clients = {"form-2": "another-secret"}
    site.world.aws.put("Directory", **keys.client("form-2"), kind="form", channels=["web"])
    form_clients.keep("web", "form-2", "another-secret")
    del shop._values["terms", "web"]
    shop._client("form", "secret-of-the-form")._until = None

    assert visitor.get().status == 200


def test_a_client_that_was_removed_closes_the_form(site: Site, visitor: Visitor):
    assert visitor.get().status == 200
    site.clients = {}
    site.world.now += timedelta(minutes=61)

    assert visitor.get().status == 404


def test_the_client_of_a_form_reads_no_order_and_sells_through_its_own_channel_only(site: Site, visitor: Visitor):
    visitor.send(visitor.review("TEA-001"))
    (order,) = site.orders()
    path = f"/v1/orders/{order['order_id']}"

    for asked in (path, f"{path}/contact", f"{path}/events"):
        assert site.world.call("GET", asked, who="form").status == 403
    assert site.world.call("POST", f"{path}/cancel", {"reason": "x"}, who="form", if_match='"v1"').status == 403
    assert site.world.call("POST", "/v1/orders", a_body(channel="outlet"), who="form").errors == [
        ("/channel", "unknown-channel")
    ]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en-US", "the region is US-CA, and the postal code lies in US-IL"),
        ("pt-BR", "Contradiz o código postal"),
        ("es", "Contradice el código postal"),
    ],
)
def test_what_the_api_refuses_is_said_in_the_visitors_language(visitor: Visitor, language: str, words: str):
    visitor.language = language

    page = visitor.review("TEA-001", region="CA")

    assert page.status == 422
    assert words in page.words
