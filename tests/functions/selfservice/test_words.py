"""Every page of a link is in the customer's language alone, and writes amounts and days as the mails of the order do."""

from typing import Any

import pytest

from comanda.aws.directory import directory
from tests.functions.selfservice.holder import Holder, holder
from tests.functions.untranslated import english_on
from tests.functions.world import World

LANGUAGES = [("pt-BR", "pt-BR"), ("es", "es"), ("es-MX", "es")]
CHANNEL = {"name": "Tienda", "currencies": ["USD", "EUR"], "countries": ["US"], "locales": ["pt-BR", "es"]}


@pytest.fixture(autouse=True)
def _channel(world: World) -> None:
    world.entry(directory.CHANNEL, "web", CHANNEL)
    directory.forget()


@pytest.mark.parametrize(("locale", "language"), LANGUAGES)
def test_no_page_of_a_link_has_english_words(world: World, locale: str, language: str) -> None:
    order_id = world.placed(("TEA-001", 3), ("CUP-001", 1), locale=locale)
    one = holder(world, order_id)
    pages = [one.get()]
    for do, typed in (
        ("cancel-all", {"proof": " "}),
        ("cancel-all", {"proof": "1"}),
        ("cancel-some", {"proof": "60601"}),
        ("reveal", {"proof": "60601"}),
        ("cancel-some", {"proof": "60601", "line-0": "1"}),
        ("nothing", {}),
        ("cancel-all", {"proof": "60601"}),
    ):
        pages.append(one.press(one.get(), do, **typed))
    old = pages[0]
    pages += [one.press(old, "cancel-all", proof="60601"), one.get(), Holder("/v1/s/x", language=locale).get()]

    for page in pages:
        assert f'lang="{language}"' in page.text
        assert english_on(page.text, locale) == set()


@pytest.mark.parametrize(("locale", "language"), LANGUAGES)
def test_no_page_of_an_order_that_is_sent_has_english_words(world: World, locale: str, language: str) -> None:
    world.stocked("TEA-001", dc_1=5)
    order_id = world.placed(("TEA-001", 2), ("CUP-001", 1), locale=locale)
    world.settle()
    one = holder(world, order_id)
    pages = [one.get()]
    world.steps(order_id, "accept", "pick", "pack")
    pages.append(one.get())
    package = {"package_id": "P1", "contents": [{"line_id": "1", "quantity": 2}], "carrier": "UPS"}
    body = {"shipment_id": "S1", "packages": [{**package, "tracking_number": "1Z9"}]}
    assert world.step(order_id, "ship", body=body).status == 200
    world.settle()
    pages.append(one.get())
    assert world.step(order_id, "lose", body={"reason": "CARRIER_LOST"}).status == 200
    pages.append(one.get())

    for page in pages:
        assert f'lang="{language}"' in page.text
        assert english_on(page.text, locale) == set()


def test_a_field_that_every_act_needs_is_not_called_optional(world: World) -> None:
    page = holder(world, world.placed(locale="pt-BR")).get()

    assert "CEP do endereço de entrega" in page.words
    assert 'class="optional"' not in page.text


@pytest.mark.parametrize(
    ("locale", "amount"), [("es", "1.500,00\xa0US$"), ("es-MX", "USD\xa01,500.00"), ("pt-BR", "US$\xa01.500,00")]
)
def test_the_page_writes_amounts_as_the_mail_of_the_order_does(world: World, locale: str, amount: str) -> None:
    order_id = world.placed(("TEA-001", 150), locale=locale)
    world.settle()
    mail: Any = world.hops.sent[0]

    assert amount in mail["Content"]["Simple"]["Body"]["Text"]["Data"]
    assert amount in holder(world, order_id).get().text
