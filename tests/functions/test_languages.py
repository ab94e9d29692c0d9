"""Test that all who keep words in the product's languages mean the same languages, in the same order."""

from typing import get_args

from babel import Locale

from comanda.aws.runtime import formats
from comanda.domain.labels import labels
from comanda.domain.orders import reasons
from functions.console import formats as console
from functions.console.pages import me
from functions.directory import order_forms
from functions.order_form import pages

LANGUAGES = ("en-US", "pt-BR", "es")


def test_every_list_of_languages_has_the_same():
    lists = (
        labels.LOCALES,
        reasons.LANGUAGES,
        formats.LANGUAGES.values(),
        get_args(order_forms.FormLanguage.__value__),
        pages._NAMES,
        dict(me.LANGUAGES),
        ("en-US", *(name.replace("_", "-") for name in console.CATALOGS.values())),
    )

    assert [tuple(one) for one in lists] == [LANGUAGES] * len(lists)


def test_a_locale_gets_the_same_language_everywhere():
    for locale in ("en-US", "en-GB", "pt-BR", "pt-PT", "es", "es-MX", "fr-FR", "PT", "es_AR"):
        tag = formats.Formats(locale).tag

        assert labels.supported(locale) == tag
        assert labels.LOCALES[labels.column(locale)] == tag
        assert console.Formats(locale).language == str(Locale.parse(tag, sep="-"))
