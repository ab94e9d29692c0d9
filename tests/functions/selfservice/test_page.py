"""Test what the page of a customer's link shows, and that a link which opens nothing says nothing."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from jinja2.ext import babel_extract

from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys
from comanda.aws.orders import order_links
from comanda.aws.runtime.clients import client
from comanda.domain.orders import order_link
from functions.selfservice import render
from tests.functions.erase.test_erase import closed, customer_of, erase
from tests.functions.mailroom import logged_text
from tests.functions.selfservice.holder import LINK, Holder, holder, link_of
from tests.functions.world import World, a_set


def test_the_page_shows_status_and_first_name_and_nothing_else_of_the_customer(world: World) -> None:
    page = holder(world, world.placed(("TEA-001", 2))).get()

    assert page.status == 200
    assert "Hello Ada, this is your order of" in page.words
    assert "2 x Received" in page.words
    assert "2 x A TEA-001" in page.words
    assert "$20.00" in page.words
    for secret in ("Byron", "ada@example.org", "12 Main St", "60601"):
        assert secret not in page.text


def test_the_parts_of_a_set_stand_with_it_and_have_no_price(world: World) -> None:
    page = holder(world, world.placed(*a_set(2), ("TEA-001", 1))).get()

    assert "2 x A TEA-002" in page.words
    assert "A POT-001, A CUP-001" in page.words
    assert "x A POT-001" not in page.words
    assert page.words.count("$0.00") == 1  # the tax
    assert [name for name, _ in page.fields if name.startswith("line-")] == ["line-0", "line-3"]


def test_parts_that_are_sold_singly_are_lines_without_a_price(world: World) -> None:
    web = {"name": "web", "currencies": ["USD"], "countries": ["US"], "locales": ["en-US"], "breakable": True}
    world.entry(directory.CHANNEL, "web", web)
    page = holder(world, world.placed(*a_set(2))).get()

    assert "4 x A CUP-001" in page.words
    assert page.words.count("$0.00") == 1  # the tax


def test_no_cache_keeps_the_page_and_no_other_site_gets_its_address(world: World) -> None:
    headers = holder(world, world.placed()).get().headers

    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Robots-Tag"] == "noindex, nofollow"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


def test_looking_changes_nothing_however_often(world: World) -> None:
    one = holder(world, world.placed())
    before = world.tables()

    for _ in range(3):
        assert one.get().status == 200

    assert world.tables() == before


def test_the_page_follows_the_parcels_of_the_order(world: World) -> None:
    world.stocked("TEA-001", dc_1=5)
    order_id = world.placed(("TEA-001", 2))
    world.settle()
    one = holder(world, order_id)
    world.steps(order_id, "accept", "pick", "pack")
    assert "2 x Being prepared" in one.get().words

    package = {
        "package_id": "P1",
        "contents": [{"line_id": "1", "quantity": 2}],
        "carrier": "UPS",
        "tracking_number": "1Z9",
    }
    shipped = world.step(order_id, "ship", body={"shipment_id": "S1", "packages": [package]})
    assert shipped.status == 200, shipped.body
    world.settle()

    words = one.get().words
    assert "2 x On its way" in words
    assert "UPS 1Z9 No news from the carrier yet" in words


@pytest.mark.parametrize(("locale", "word"), [("pt-BR", "Recebido"), ("es", "Received"), ("en-US", "Received")])
def test_the_page_is_in_the_orders_language_if_the_channel_writes_in_it(world: World, locale: str, word: str) -> None:
    page = holder(world, world.placed(locale=locale)).get()

    assert word in page.words
    assert f'lang="{"pt-BR" if locale == "pt-BR" else "en-US"}"' in page.text


def test_every_link_that_opens_nothing_has_the_same_answer(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    order_id, draft = world.placed(), world.placed()
    path = link_of(world, order_id)
    never = order_link.link("ord_test1_01M81EP1ENTG1NKE5JV2A73WMW", 1, world.now.date())
    old = order_link.link(order_id, 1, world.now.date() - timedelta(days=order_link.DAYS + 1))
    erased = link_of(world, draft)
    client("dynamodb").delete_item(
        TableName="Customers", Key={name: {"S": value} for name, value in keys.contact(draft, 1).items()}
    )

    def made(link: order_link.Link) -> str:
        found = LINK.fullmatch(order_links.address_of(link, world.now))
        assert found is not None
        return found[1]

    forged = f"{path[:-1]}{'A' if path[-1] != 'A' else 'B'}"
    paths = [forged, "/v1/s/x", "/v1/s/%F0%9F%98%80", f"/v1/s/{'A' * 5000}", made(never), made(old), erased]
    answers = [Holder(one).get() for one in paths]
    link_of(world, order_id, revoke=True)
    answers += [Holder(path).get(), Holder(path).post({"do": "cancel-all"}), Holder("/v1/s/files?file=x").get()]

    assert {page.status for page in answers} == {404}
    assert len({(page.text, json.dumps(page.headers)) for page in answers}) == 1
    assert "This link opens nothing" in answers[0].words


def test_the_link_of_an_erased_order_opens_nothing_and_does_nothing(world: World) -> None:
    order_id = closed(world)
    holder = Holder(link_of(world, order_id))
    page = holder.get()
    assert (page.status, "Ada" in page.words) == (200, True)
    assert erase(world, customer_of(order_id)).status == 200
    before = world.tables()

    answers = [holder.get(), *(holder.press(page, do) for do in ("cancel-all", "reveal")), holder.post({"do": "x"})]

    assert [(answer.status, "Ada" in answer.text) for answer in answers] == [(404, False)] * 4
    assert "This link opens nothing" in answers[0].words
    assert world.tables() == before


def test_a_change_of_the_key_breaks_no_link_and_two_do(world: World) -> None:
    one = holder(world, world.placed())
    arn = "link-key"
    for status in (200, 404):
        client("secretsmanager").put_secret_value(SecretId=arn, SecretString=f"{status}" * 22)
        order_links.forget()
        assert one.get().status == status


def test_a_link_of_a_newer_key_is_read_by_a_room_that_knows_the_older_one(world: World) -> None:
    order_id = world.placed()
    assert holder(world, order_id).get().status == 200
    world.pass_time(60)
    client("secretsmanager").put_secret_value(SecretId="link-key", SecretString="n" * 64)
    newer = order_link.write(order_link.link(order_id, 1, world.now.date()), order_link.Key(b"n" * 64))

    assert Holder(f"/v1/s/{newer}").get().status == 200


@pytest.mark.parametrize("language", ["pt_BR", "es"])
def test_every_sentence_of_the_templates_is_translated_and_every_translation_is_used(language: str) -> None:
    room, spoken = Path(render.__file__).parent, set()
    for template in (room / "templates").glob("*.html"):
        with template.open("rb") as file:
            words = (found[2] for found in babel_extract(file, ("_",), [], {}))
            spoken |= {word[0] if isinstance(word, tuple) else word for word in words}
    with (room / "locales" / language / "LC_MESSAGES" / "selfservice.po").open("rb") as file:
        catalog = read_po(file, locale=language, abort_invalid=True)

    assert {entry.id for entry in catalog if entry.id and entry.string} == spoken
    assert [error for entry in catalog for error in entry.check(catalog)] == []


def test_style_sheets_have_no_token_in_their_address_and_are_kept_for_ever(world: World) -> None:
    one = holder(world, world.placed())
    names = [part.split('"')[0] for part in one.get().text.split('rel="stylesheet" href="')[1:]]

    assert len(names) == 2
    for name in names:
        assert name.startswith("files?file=")
        sheet = one.get(f"/v1/s/{name}")
        assert (sheet.status, sheet.headers["Content-Type"]) == (200, "text/css; charset=utf-8")
        assert "immutable" in sheet.headers["Cache-Control"]


def test_no_log_has_the_token(
    world: World, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    one = holder(world, world.placed())
    one.press(one.get(), "cancel-all", proof="60601")
    one.press(one.get(), "reveal", proof="wrong")

    logged = capsys.readouterr().out + logged_text(caplog)
    assert "'outcome': 'cancelled'" in logged
    assert one.path.removeprefix("/v1/s/")[20:] not in logged
    assert "60601" not in logged


def test_words_of_strangers_are_no_code_of_the_page(world: World) -> None:
    title = "<script>alert(1)</script> {{ 7*7 }}"
    world.entry(directory.PRODUCT, "TEA-001", {"title": title, "weight_g": 100, "class": "goods"})
    directory.forget()
    customer = {"name": "<b>Eve {{ 7*7 }}", "email": "eve@example.org"}
    page = holder(world, world.placed(customer=customer)).get()

    assert page.status == 200
    assert "<script" not in page.text
    assert "<b>Eve" not in page.text
    assert "{{ 7*7 }}" in page.text
