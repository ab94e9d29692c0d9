"""Each page, for a person of each role and in each language, over the real doors. The table of screens says who is offered it."""

import re
from urllib.parse import quote

import pytest

from comanda.aws.dynamodb import keys
from functions.console import render
from functions.console.screens import SCREENS
from functions.console.view import Person
from tests.functions.console.examples import EXAMPLES
from tests.functions.people.desk import call_as
from tests.functions.untranslated import english_on

LOCALES = ("en-US", "pt-BR", "es")
PEOPLE = {
    "sales": {"roles": ["staff"], "desks": ["sales"]},
    "boss": {"roles": ["admin"]},
    "picker": {"roles": ["worker"], "nodes": ["dc-1"], "desks": ["lead"]},
    "supplier": {"roles": ["partner"], "partner": "acme"},
}
NO_HOUSE_OF_MINE = {404}  # a node, an order or a person that is not the reader's is as if it did not exist


def is_offered(screen, row):
    roles, desks = frozenset(row["roles"]), frozenset(row.get("desks", ()))
    return screen.is_for(Person(id="x", name="X", roles=roles, desks=desks))


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.path or "home")
def test_a_page_renders_for_whom_it_is_in_each_language_and_for_nobody_else(world, new_browser, screen):
    path = EXAMPLES[screen.path](world) if screen.path in EXAMPLES else screen.path
    for who, row in PEOPLE.items():
        world.aws.put("Directory", **keys.user(who), name=f"{who.title()} Jones", **row)
    shown = set()

    for who, row in PEOPLE.items():
        for locale in LOCALES:
            assert call_as(who, "PUT", "/v1/me/settings", {"locale": locale}).status == 200
            page = new_browser().sign_in(who, quote(path))

            assert page.status in ({200} | NO_HOUSE_OF_MINE if is_offered(screen, row) else {403}), (who, page.text)
            if page.status == 200:
                shown.add((who, locale))
                assert f'<html lang="{locale}"' in page.text
                assert f">{render.translate('Skip to the content', locale)}<" in page.text
                assert not re.search(r"\{%|Undefined", page.text)
                assert locale == "en-US" or english_on(page.text, locale) == set()
            world.pass_time(61)  # a person may ask for sixty pages a minute

    assert {locale for _, locale in shown} == set(LOCALES)
    assert new_browser().get(path).status == 401
