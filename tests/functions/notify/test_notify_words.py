"""Test the look of a mail: its language, its money to the cent, and that the text of strangers stays text."""

import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from jinja2.ext import babel_extract

import functions.notify.render as rendering
from functions.notify import rules
from functions.notify.render import one_line, render
from tests.builders import a_bundle, a_line, a_package, an_order
from tests.functions.mailroom import ANA, PAGE, amounts, deliver, events, notify, placed, shipped


@pytest.mark.parametrize(
    ("locale", "currency", "language", "subject", "total"),
    [
        ("pt-BR", "BRL", "pt-BR", "Recebemos o seu pedido WEB-1", "R$\xa01.304,99"),
        ("pt-PT", "EUR", "pt-BR", "Recebemos o seu pedido WEB-1", "1\xa0304,99\xa0€"),
        ("es-MX", "MXN", "es", "Recibimos su pedido WEB-1", "$1,304.99"),
        ("es-US", "USD", "es", "Recibimos su pedido WEB-1", "$1,304.99"),
        ("es-ES", "EUR", "es", "Recibimos su pedido WEB-1", "1.304,99\xa0€"),
        ("en-US", "USD", "en", "We have received your order WEB-1", "$1,304.99"),
        ("en-GB", "GBP", "en", "We have received your order WEB-1", "£1,304.99"),
        ("de-DE", "EUR", "en", "We have received your order WEB-1", "€1,304.99"),
        ("../../etc", "USD", "en", "We have received your order WEB-1", "$1,304.99"),
    ],
)
def test_a_mail_is_in_the_customers_language_and_writes_money_as_the_customer_does(
    outbox, locale, currency, language, subject, total
):
    order = placed(
        an_order(a_line("TEA", 1, 130000), shipping=499, locale=locale, currency=currency, external_id="WEB-1")
    )

    deliver(*events(order.order_id))

    title, html, text = outbox.one()
    assert title == subject
    assert f'<html lang="{language}"' in html
    assert total in html
    assert total in text


@pytest.mark.parametrize(
    ("currency", "minor", "shown"),
    [("USD", 5, "$0.05"), ("JPY", 1299, "¥1,299"), ("BHD", 12990, "BHD\xa012.990"), ("AFN", 12990, "AFN\xa0129.90")],
)
def test_minor_units_have_the_digits_of_iso_4217(currency, minor, shown):
    order = an_order(a_line("TEA", 1, minor), currency=currency)

    text = render(rules.received_letter(order), order, ANA, shop="Tea", places={}, links={}, page=PAGE)

    assert f"1 x TEA: {shown}\n" in text.plain


@pytest.mark.parametrize("include_tax", [False, True])
def test_the_items_and_sums_of_a_received_order_add_up_to_its_total_to_the_cent(outbox, include_tax):
    lines = [a_line(f"SKU-{n}", n % 4 + 1, 333 + 271 * n, tax=19 * n, discount=7 * n) for n in range(12)]
    order = placed(an_order(*lines, shipping=799, shipping_tax=67, discount=1001, prices_include_tax=include_tax))

    deliver(*events(order.order_id))

    cents = [int(re.sub(r"[^\d-]", "", shown)) for shown in amounts(outbox.one()[1])]
    goods, *parts, total = cents[12:]
    assert sum(cents[:12]) == goods == order.totals.goods
    assert goods + sum(parts) == total == order.totals.total
    assert len(parts) == (2 if include_tax else 3)


def test_the_mail_about_an_order_of_a_thousand_lines_is_short_enough_for_mail_programs(outbox):
    order = placed(an_order(*(a_line(f"SKU-{n}", 1, 100, title="A title " * 12) for n in range(1000))))

    deliver(*events(order.order_id))

    _, html, text = outbox.one()
    assert len(html.encode()) < 100_000
    assert "and 950 more items" in html
    assert "and 950 more items" in text
    assert "Total: $1,000.00" in text


@pytest.mark.parametrize("language", ["pt_BR", "es"])
def test_every_sentence_of_the_templates_is_translated_and_every_translation_is_used(language):
    room = Path(rendering.__file__).parent
    of_total = {"Tax", "Tax (an estimate)", "Total", "Total, taxes included"}
    spoken = {"Items", "Discounts", "Shipping and handling"} | of_total  # by render.py
    for template in (room / "templates").rglob("*.*"):
        with template.open("rb") as file:
            for _line, _function, message, _comments in babel_extract(file, ("_", "gettext", "ngettext"), [], {}):
                spoken.add(message[0] if isinstance(message, tuple) else message)
    with (room / "locales" / language / "LC_MESSAGES" / "notify.po").open("rb") as file:
        catalog = read_po(file, locale=language, abort_invalid=True)

    translated = {
        entry.id[0] if isinstance(entry.id, tuple) else entry.id
        for entry in catalog
        if entry.id and all(entry.string if isinstance(entry.string, tuple) else (entry.string,))
    }

    assert translated == spoken
    assert [error for entry in catalog for error in entry.check(catalog)] == []


def test_a_screen_reader_finds_a_title_one_heading_and_a_table_with_named_columns(outbox):
    order = placed(an_order(a_line("TEA", 1, title="Tea"), locale="pt-BR"))

    deliver(*events(order.order_id))

    seen = _Seen(outbox.one()[1]).tags
    by_tag = Counter(tag for tag, _ in seen)
    assert by_tag["h1"] == by_tag["title"] == 1
    assert [attributes["scope"] for tag, attributes in seen if tag == "th"].count("col") == 3
    assert all(
        attributes.get("role") == "presentation" for tag, attributes in seen if tag == "table" and "role" in attributes
    )
    assert "fonts.googleapis.com" not in outbox.one()[1]  # a mail loads nothing from anywhere


def test_a_strangers_text_is_one_line_of_bounded_length():
    assert one_line(" a\r\nb\x00\tc ") == "a b c"
    assert one_line(None) == ""
    assert len(one_line("x" * 1000)) == 300


HOSTILE = "<script>alert('x')</script><img src=x onerror=alert(1)>\"'&{{ 7919*7907 }}{% raw %}\r\n\r\nBcc: e@vil\x00"


def test_a_mail_shows_markup_and_template_code_of_strangers_as_text(outbox):
    order = placed(
        an_order(
            a_line("TEA", 1, title=HOSTILE),
            external_id=HOSTILE,
        ),
        contact={
            "customer": {"name": HOSTILE, "email": "ana@example.com"},
            "ship_to": dict.fromkeys(("name", "line1", "line2", "city", "region", "country"), HOSTILE),
        },
    )
    order = shipped(order, a_package("P1", carrier=HOSTILE, tracking_number=HOSTILE), invoice=False)

    deliver(*events(order.order_id, "placed"))
    notify(order)

    for mail in outbox.mails:
        simple = mail["Content"]["Simple"]
        html, text, subject = (
            simple["Body"]["Html"]["Data"],
            simple["Body"]["Text"]["Data"],
            simple["Subject"]["Data"],
        )
        assert _tags(html) <= SAFE_TAGS
        assert "onerror" not in {name for name, _ in _attributes(html)}
        assert "{{ 7919*7907 }}" in text
        assert "62615533" not in text
        assert "&lt;script&gt;" in html
        assert not [line for line in text.splitlines() if line.startswith("Bcc:")]
        assert "\n" not in subject
        assert "\x00" not in html + text + subject


SAFE_TAGS = {
    "html",
    "head",
    "title",
    "meta",
    "style",
    "body",
    "div",
    "table",
    "tbody",
    "tr",
    "td",
    "th",
    "h1",
    "h2",
    "p",
    "a",
    "address",
    "br",
    "span",
    "strong",
}


class _Seen(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[tuple[str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def _tags(html: str) -> set[str]:
    return {tag for tag, _ in _Seen(html).tags}


def _attributes(html: str) -> set[tuple[str, str | None]]:
    return {pair for _, attributes in _Seen(html).tags for pair in attributes.items()}


def test_a_mail_shows_sets_of_a_bundle_with_their_parts_below_them_and_adds_up():
    order = an_order(a_line("TEA", 1, 450), *a_bundle("TEA-SET", 2, 4900), external_id="WEB-1")

    text = render(rules.received_letter(order), order, ANA, shop="Tea", places={}, links={}, page=PAGE)

    assert "1 x TEA: $4.50\n2 x Tea-Set: $98.00\n  2 x POT\n  4 x CUP\n" in text.plain
    cents = [int(re.sub(r"[^\d]", "", shown)) for shown in amounts(text.html) if shown]
    assert cents[0] + cents[1] == cents[2] == order.totals.goods
    assert 'class="item of"' in text.html


def test_a_part_of_a_set_is_named_with_its_bundle():
    order = an_order(*a_bundle("TEA-SET", 2, 4900, together=False), locale="pt-BR", draft=True)
    cancelled = {"status": "CREATED", "lines": [{"line_id": "b2", "quantity": 3}], "total": 1}

    text = render(rules.cancelled_letter(order, 2, cancelled), order, ANA, shop="Tea", places={}, links={}, page=PAGE)

    assert "3 x CUP (Parte de: Tea-Set)\n" in text.plain
    assert "Parte de: Tea-Set" in text.html
