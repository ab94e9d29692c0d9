"""Amounts, numbers and days of each locale, and the locale in which a customer is written to."""

import pytest

from comanda.aws.runtime import formats
from comanda.domain.labels import labels


@pytest.mark.parametrize(
    ("locale", "amount", "number", "day"),
    [
        ("en-US", "$1,234.50", "12,345", "Dec 4, 2026"),
        ("en-GB", "US$1,234.50", "12,345", "4 Dec 2026"),
        ("pt-BR", "US$\xa01.234,50", "12.345", "4 de dez. de 2026"),
        ("es", "1.234,50\xa0US$", "12.345", "4 dic 2026"),
        ("es-MX", "USD\xa01,234.50", "12,345", "4 dic 2026"),
        ("es_MX", "USD\xa01,234.50", "12,345", "4 dic 2026"),
        ("fr-FR", "$1,234.50", "12,345", "Dec 4, 2026"),
        ("x", "$1,234.50", "12,345", "Dec 4, 2026"),
        ("", "$1,234.50", "12,345", "Dec 4, 2026"),
    ],
)
def test_a_locale_writes_amounts_numbers_and_days_as_its_region_does(locale, amount, number, day):
    ways = formats.of_locale(locale)

    assert (ways.money(123450, "USD"), ways.number(12345), ways.date("2026-12-04")) == (amount, number, day)


@pytest.mark.parametrize(
    ("currency", "shown"), [("JPY", "\xa51,234"), ("USD", "$12.34"), ("BHD", "BHD\xa01.234"), ("XAU", "XAU\xa012.34")]
)
def test_an_amount_has_the_digits_of_iso_4217(currency, shown):
    assert formats.of_locale("en-US").money(1234, currency) == shown


def test_the_languages_are_those_of_the_labels():
    assert tuple(formats.LANGUAGES.values()) == labels.LOCALES


@pytest.mark.parametrize(
    ("wanted", "offered", "written"),
    [
        ("en-US", [], "en-US"),
        ("fr-FR", [], "en-US"),
        ("en-GB", ["pt-BR", "en-US"], "en-GB"),
        ("fr-FR", ["pt-BR", "en-US"], "pt-BR"),
        ("fr-FR", ["fr-FR", "pt-BR"], "pt-BR"),
        ("fr-FR", ["fr-FR"], "en-US"),
        ("es-419", ["es-MX"], "es-419"),
        ("es_MX", ["ES"], "es_MX"),
    ],
)
def test_a_customer_is_written_to_in_a_language_of_the_channel_that_has_words(wanted, offered, written):
    assert formats.chosen(wanted, offered) == written
