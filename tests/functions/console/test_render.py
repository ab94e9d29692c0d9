"""Test how a page of the console is rendered: its language, its money and times, and that the text of strangers stays text."""

import re
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from jinja2 import UndefinedError

from comanda.domain.labels import labels
from functions.console import kit, render, tones
from functions.console.formats import Formats
from functions.console.view import MenuItem, Person, View

NOW = datetime(2026, 11, 29, 17, 32, tzinfo=UTC)


def a_person(**changes):
    return Person(**{"id": "sub-1", "name": "Ana", "roles": frozenset({"staff"}), **changes})


def a_view(**changes):
    menu = (MenuItem(path="", label_key="Home", key="h"), MenuItem(path="kit", label_key="Components", current=True))
    return View(**{"title": "Components", "path": "kit", "person": a_person(), "menu": menu, **changes})


def the_kit(**changes):
    return render.page("kit.html", view=a_view(**changes), **kit.facts(NOW))


class Seen(HTMLParser):
    """Collect the ids of a page, what its labels and descriptions point to, and its tags."""

    def __init__(self, html):
        super().__init__()
        self.ids, self.pointed, self.tags = [], set(), []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.tags.append((tag, values))
        self.ids += [values["id"]] if "id" in values else []
        for name in ("for", "aria-describedby", "aria-labelledby", "form", "popovertarget", "data-dialog"):
            self.pointed |= set((values.get(name) or "").split())


@pytest.mark.parametrize(
    ("locale", "tag", "words", "total", "at"),
    [
        ("en-US", "en-US", "Orders that wait", "R$1,304.99", "Nov 29, 2026"),
        ("pt-BR", "pt-BR", "Pedidos em espera", "R$\xa01.304,99", "29 de nov. de 2026"),
        ("es", "es", "Pedidos en espera", "1.304,99\xa0BRL", "29 nov 2026"),
        ("es-MX", "es", "Pedidos en espera", "BRL\xa01,304.99", "29 nov 2026"),
        ("fr-FR", "en-US", "Orders that wait", "R$1,304.99", "Nov 29, 2026"),
        ("../../etc", "en-US", "Orders that wait", "R$1,304.99", "Nov 29, 2026"),
    ],
)
def test_a_page_is_in_the_persons_language_with_money_and_times_as_the_person_writes_them(
    locale, tag, words, total, at
):
    html = the_kit(person=a_person(locale=locale))

    assert f'<html lang="{tag}"' in html
    assert words in html
    assert total in html
    assert at in html


@pytest.mark.parametrize("locale", ["en-US", "pt-BR", "es"])
@pytest.mark.parametrize("fragment", [False, True])
def test_every_label_and_description_points_to_one_element_of_the_page(locale, fragment):
    seen = Seen(the_kit(person=a_person(locale=locale), fragment=fragment))

    assert len(seen.ids) == len(set(seen.ids))
    assert seen.pointed - set(seen.ids) == set()


def test_the_text_of_a_stranger_stays_text():
    html = the_kit(person=a_person(name='"><script>alert(1)</script>{{ 7 * 7 }}'))

    assert "<wholesale>" not in html
    assert "&lt;wholesale&gt;" in html
    assert "<script>alert" not in html
    assert "{{ 7 * 7 }}" in html


@pytest.mark.parametrize("locale", ["en-US", "pt-BR", "es"])
def test_no_message_has_no_words_and_not_the_head_of_the_catalog(locale):
    assert render.translate("", locale) == ""


def test_a_title_and_a_message_of_a_stranger_stay_text():
    html = the_kit(title="<b>100 %</b>", flash="<i>50 %(n)s</i>")

    assert "&lt;b&gt;100 %&lt;/b&gt;" in html
    assert "&lt;i&gt;50 %(n)s&lt;/i&gt;" in html


def test_a_part_that_htmx_asked_for_has_no_frame():
    html = the_kit(fragment=True)

    assert "<html" not in html
    assert "<nav id" not in html
    assert "<h1" in html


def test_a_page_without_a_signed_in_person_has_no_menu_and_no_find_box():
    html = the_kit(person=None, menu=())

    assert 'id="menu"' not in html
    assert 'role="search"' not in html


def test_theme_and_density_are_the_persons():
    html = the_kit(person=a_person(theme="dark", density="dense"))

    assert 'data-theme="dark" data-density="dense"' in html


def test_a_page_that_gives_too_few_facts_fails_instead_of_showing_gaps():
    with pytest.raises(UndefinedError):
        render.page("kit.html", view=a_view())


def test_a_time_names_its_zone_in_the_readers_language():
    at = "2026-11-29T17:32:00Z"

    shown = {locale: Formats.for_locale(locale).moment(at, "America/New_York") for locale in ("en-US", "pt-BR", "es")}

    assert 'datetime="2026-11-29T17:32:00Z"' in shown["en-US"]
    assert "12:32\u202fPM" in shown["en-US"]
    assert "New York" in shown["en-US"]
    assert "12:32" in shown["pt-BR"]
    assert "Nova York" in shown["pt-BR"]
    assert "Nueva York" in shown["es"]


def test_a_time_without_a_zone_is_in_utc_and_says_so():
    assert "UTC" in Formats.for_locale("es").clock("2026-11-29T17:32:00+05:00")


@pytest.mark.parametrize(
    ("currency", "minor", "shown"),
    [("USD", 5, "$0.05"), ("USD", -1299, "-$12.99"), ("JPY", 1299, "\xa51,299"), ("BHD", 12990, "BHD\xa012.990")],
)
def test_minor_units_have_the_digits_of_iso_4217(currency, minor, shown):
    assert Formats.for_locale("en-US").money(minor, currency) == shown


def test_a_duration_is_said_in_its_largest_unit():
    ways = Formats.for_locale("en-US")

    assert [ways.age(seconds) for seconds in (0, 59, 600, 7200, 200_000)] == [
        "0 min", "1 min", "10 min", "2 hr", "2 days",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "kind", ["OrderStatus", "WorkStatus", "SupplyStatus", "RowStatus", "ReservationStatus", "RuleSetState"]
)
def test_every_status_has_a_tone_of_its_own_choice(kind):
    listed = {status for statuses in tones.BY_TONE.values() for status in statuses}

    assert {value.upper().removeprefix("PARTIALLY_") for value in labels.KINDS[kind]} - listed == set()


def test_no_tone_is_listed_for_a_status_that_does_not_exist():
    there = {value.upper() for values in labels.KINDS.values() for value in values}

    assert {status for statuses in tones.BY_TONE.values() for status in statuses} - there == set()


def test_an_order_that_is_partly_shipped_is_still_busy():
    assert [tones.tone(status) for status in ("SHIPPED", "PARTIALLY_SHIPPED", "CANCELLED", "unheard-of")] == [
        "good", "busy", "bad", "idle",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("locale", "before", "ahead"),
    [
        ("en-US", "3 hr. ago", "in 2 days"),
        ("pt-BR", "h\u00e1 3 h", "em 2 dias"),
        ("es", "hace 3 h", "dentro de 2 d"),
    ],
)
def test_a_moment_says_how_far_away_it_is_and_its_title_says_when(locale, before, ahead):
    now, ways = datetime(2026, 11, 30, 12, tzinfo=UTC), Formats.for_locale(locale)

    shown = str(ways.when("2026-11-30T09:00:00Z", now, "America/New_York"))

    assert before in shown
    absolute = str(ways.moment("2026-11-30T09:00:00Z", "America/New_York"))
    assert absolute in shown
    plain = re.sub("<[^>]*>", "", absolute)
    assert f'title="{plain}"' in shown
    assert ahead in str(ways.ago("2026-12-02T12:00:00Z", now))
    assert "0" not in re.sub("<[^>]*>", "", str(ways.ago(now, now)))


def test_how_far_away_a_moment_is_is_said_in_the_words_of_the_language():
    """The words of es-MX for 24 hours are "en 24 n", a mistake of the library's data."""
    now, at = datetime(2026, 11, 30, 12, tzinfo=UTC), datetime(2026, 12, 1, 12, tzinfo=UTC)

    assert ">dentro de 24 h<" in Formats.for_locale("es-MX").ago(at, now)
