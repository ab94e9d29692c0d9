"""People see who they are here, and choose how the console looks to them."""

import pytest

from functions.console import render


@pytest.fixture
def form(sales):
    """Return the hidden fields of the form of settings."""
    page = sales.get("me")
    number = next(n for n, part in enumerate(page.text.split("<form")[1:]) if 'name="theme"' in part)
    return {**page.fields(number), "locale": "en-US", "theme": "SYSTEM", "density": "COMFORTABLE", "keys": "yes"}


def test_a_person_sees_their_roles_desks_and_nodes(sales):
    page = sales.get("me")

    assert page.status == 200
    for words in ("Office staff", "English", "Portugu\u00eas", "As on the device"):
        assert words in page.text


@pytest.mark.parametrize("locale", ["pt-BR", "es"])
def test_the_next_page_is_in_the_language_and_look_that_were_chosen(sales, form, locale):
    page = sales.post("me", {**form, "locale": locale, "theme": "DARK", "density": "COMPACT"})

    assert page.status == 200
    assert f'lang="{locale}" dir="ltr" data-theme="dark" data-density="dense"' in page.text
    assert render.translate("Your settings were saved.", locale) in page.text
    assert 'value="DARK" checked' in page.text


def test_keys_are_switched_off_by_a_box_that_is_not_ticked(sales, form):
    del form["keys"]

    assert "data-keys-off" in sales.post("me", form).text


@pytest.mark.parametrize(
    ("field", "value"), [("theme", "PINK"), ("density", ""), ("locale", "{{ 7 * 7 }}"), ("locale", "x" * 99)]
)
def test_a_choice_that_there_is_not_changes_nothing_and_says_which(sales, form, field, value):
    page = sales.post("me", {**form, "theme": "DARK", field: value})

    assert page.status == 422
    assert f'href="#field-{field}"' in page.text
    assert 'data-theme="auto"' in sales.get("me").text
