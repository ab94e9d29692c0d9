"""Test that a visitor without scripts orders by a mailed link: nothing before its button, one order after it."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest

from functions.order_form import confirmation, visits
from tests.functions.order_form.site import ADDRESS, Page, Site, Visitor


@pytest.fixture
def mailed(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Return the mails that the form sends."""
    mails: list[dict[str, Any]] = []
    real = confirmation.client

    class Mailer:
        def send_email(self, **mail: Any) -> None:
            mails.append(mail)

    monkeypatch.setattr(confirmation, "client", lambda service: Mailer() if service == "sesv2" else real(service))
    return mails


def token_of(mail: dict[str, Any]) -> str:
    found = re.search(r"confirm=([A-Za-z0-9_-]{43})\b", mail["Content"]["Simple"]["Body"]["Text"]["Data"])
    assert found
    return found[1]


def ask_for_a_link(visitor: Visitor, **typed: str) -> Page:
    return visitor.press(visitor.review("TEA-001", **typed), "send")


def test_the_link_places_the_order_once_and_opening_it_changes_nothing(
    site: Site, visitor: Visitor, mailed: list[dict[str, Any]]
):
    page = ask_for_a_link(visitor)
    (mail,) = mailed
    token = token_of(mail)

    assert (page.status, site.orders()) == (200, [])
    assert "24 hours" in page.words
    assert mail["Destination"] == {"ToAddresses": [ADDRESS["email"]]}
    for _ in range(3):  # as programs that scan mails do
        assert "Place the order" in visitor.get(confirm=token).words
    assert site.orders() == []
    site.world.now += timedelta(hours=23)
    site.reload()
    first, second = (visitor.press(visitor.get(confirm=token), "confirm", confirm=token) for _ in range(2))
    (order,) = site.orders()
    assert (first.status, second.status) == (200, 200)
    assert order["order_id"] in first.words
    assert order["order_id"] in second.words
    assert order["totals"]["total"]["amount"] == 2054


def test_a_link_ends_after_a_day(site: Site, visitor: Visitor, mailed: list[dict[str, Any]]):
    ask_for_a_link(visitor)
    site.world.now += timedelta(hours=24)

    for page in (
        visitor.get(confirm=token_of(mailed[0])),
        visitor.post([("confirm", token_of(mailed[0])), ("do", "confirm")]),
    ):
        assert page.status == 410
    assert site.orders() == []


@pytest.mark.parametrize("token", ["x", "A" * 43, "\u00e9" * 43, "{{7*7}}", "A" * 5000])
def test_a_forged_link_is_over(site: Site, visitor: Visitor, token: str):
    assert visitor.get(confirm=token).status == 410
    assert visitor.post([("confirm", token), ("do", "confirm")]).status == 410


def test_a_link_whose_price_changed_shows_the_new_total_and_orders_nothing(
    site: Site, visitor: Visitor, mailed: list[dict[str, Any]]
):
    ask_for_a_link(visitor)
    site.price("TEA-001", 1399, "Green tea")

    page = visitor.post([("confirm", token_of(mailed[0])), ("do", "confirm")])

    assert page.status == 409
    assert "The total has changed" in page.words
    assert site.orders() == []


def test_the_waiting_form_is_sealed_and_its_mail_has_no_word_of_the_visitor(
    site: Site, visitor: Visitor, mailed: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]
):
    ask_for_a_link(visitor, name="Buy at evil.test", note="click https://evil.test")

    kept = json.dumps(site.world.aws.items("Forms"), default=str) + capsys.readouterr().out
    assert "evil.test" not in kept
    assert ADDRESS["email"] not in kept
    assert token_of(mailed[0]) not in kept
    assert "evil.test" not in json.dumps(mailed)


def test_three_mails_a_day_go_to_one_address(site: Site, visitor: Visitor, mailed: list[dict[str, Any]]):
    pages = [ask_for_a_link(Visitor(site, address=f"203.0.113.{n}")) for n in range(confirmation.MOST_MAILS + 1)]

    assert [page.status for page in pages] == [200, 200, 200, 429]
    assert len(mailed) == confirmation.MOST_MAILS
    assert "Several links" in pages[-1].words


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en-US", "we mail no more now"),
        ("pt-BR", "não enviamos mais por enquanto"),
        ("es", "por ahora no enviamos más"),
    ],
)
def test_all_forms_together_mail_so_many_links_an_hour(
    site: Site, mailed: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch, language: str, words: str
):
    monkeypatch.setenv("FORM_MAILS_AN_HOUR", "2")

    def ask(n: int) -> Page:
        visitor = Visitor(site, address=f"203.0.113.{n}")
        visitor.language = language
        return ask_for_a_link(visitor, email=f"stranger-{n}@example.org")

    pages = [ask(n) for n in range(4)]

    assert [page.status for page in pages] == [200, 200, 429, 429]
    assert words in pages[-1].words
    assert "12 Main St" in pages[-1].words
    assert len(mailed) == 2
    again = Visitor(site, address="203.0.113.3")
    assert again.send(again.review("TEA-001")).status == 200  # with scripts, no mail is needed
    site.world.now += timedelta(hours=1)
    site.reload()
    assert [ask(3).status for _ in range(2)] == [200, 200]  # a refused mail was not counted for its address


def test_one_form_mails_no_more_strangers_than_an_address_may_order(
    site: Site, visitor: Visitor, mailed: list[dict[str, Any]]
):
    review = visitor.review("TEA-001")
    sent = [visitor.press(review, "send", email=f"stranger-{n}@example.org").status for n in range(7)]

    assert sent == [200] * visits.MOST_ORDERS + [429] * 2
    assert len(mailed) == visits.MOST_ORDERS
    assert "stranger" not in json.dumps(site.world.aws.items("Forms"), default=str)


@pytest.mark.parametrize(("language", "subject"), [("pt-BR", "Confirme seu pedido"), ("es", "Confirme su pedido")])
def test_the_mail_is_in_the_visitors_language(
    visitor: Visitor, mailed: list[dict[str, Any]], language: str, subject: str
):
    visitor.language = language

    ask_for_a_link(visitor)

    assert mailed[0]["Content"]["Simple"]["Subject"]["Data"].startswith(subject)
