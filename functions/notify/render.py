"""
Render a letter in its reader's language: subject, HTML and text.

Called by   functions/notify/handler.py
Returns     the mail as it is read

`templates/words` has the words of each kind of mail, once for HTML and text: subject, heading and paragraphs, separated by
blank lines. `templates/layout.*` have the layout. The texts are English there, and `locales` translates them. A text that a
stranger wrote is made one line here and escaped by the layout. Jinja, Babel and MJML are imported when the first mail is
made.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, Protocol

from comanda.aws.runtime import formats
from comanda.domain.orders.fulfillment import Package
from functions.notify.item_rows import ItemRow
from functions.notify.rules import Letter

_ROOM = Path(__file__).parent
_ENGLISH = "en_US"
_MOST_ROWS = 50  # mail programs cut off a mail of more than 100 KB
_MOST_TEXT = 300  # characters of a title or a line of an address


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A mail as its reader sees it."""

    subject: str
    html: str
    plain: str


class Sale(Protocol):
    """An order, or the quote of a draft, as far as a mail reads it."""

    @property
    def order_id(self) -> str:
        """Return its id, for a sale without a number of the shop's."""

    @property
    def external_id(self) -> str:
        """Return the number that its customer knows."""

    @property
    def locale(self) -> str: ...

    @property
    def currency(self) -> str: ...

    @property
    def prices_include_tax(self) -> bool: ...


def render(
    letter: Letter,
    order: Sale,
    contact: Mapping[str, Any],
    *,
    shop: str,
    places: Mapping[str, str],
    links: Mapping[str, str],
    proof: Mapping[str, str] | None = None,
    page: str,
) -> Text:
    """Return the letter as a mail.

    `places` has the names of its nodes by id; `links` the carriers' pages by package id; `proof` the kind and the text of the
    proof of what was provided; `page` is the address at which the customer sees the order.
    """
    style = _Format(order.locale, order.currency)
    environment = _environment(style.language)
    facts = _facts(letter, order, contact, style)
    facts |= {"shop": one_line(shop), "place": places.get(letter.node or "", letter.node), "proven": proof is not None}
    words = environment.get_template(f"words/{letter.kind}.txt").render(facts)
    subject, heading, *paragraphs = (" ".join(part.split()) for part in re.split(r"\n\s*\n", words.strip()))
    layout = {
        **facts,
        "subject": subject,
        "heading": heading,
        "paragraphs": paragraphs,
        "packages": [_package(package, links) for package in letter.packages if package.tracking_number],
        "rows": [_row(row, style, places, contact) for row in letter.rows[:_MOST_ROWS]],
        "more": max(0, len(letter.rows) - _MOST_ROWS),
        "sums": _sums(letter, order, style),
        "proof": _proof(proof) if proof else None,
        "page": page,
        "address": style.address(_address(contact, letter.destination)) if letter.delivered else [],
    }
    html, plain = (environment.get_template(f"layout.{kind}").render(layout) for kind in ("html", "txt"))
    return Text(subject=subject, html=html, plain=re.sub(r"\n{3,}", "\n\n", plain).strip() + "\n")


def _facts(letter: Letter, order: Sale, contact: Mapping[str, Any], style: "_Format") -> dict[str, Any]:
    """Return what the words of a letter may say of the order and its customer."""
    return {
        "language": "en" if style.language == _ENGLISH else style.language.replace("_", "-"),
        "number": one_line(order.external_id or order.order_id),
        "name": one_line((contact.get("customer") or {}).get("name")),
        "ships": letter.delivered,
        "picked_up": any(row.node for row in letter.rows),
        "rest": letter.rest,
        "whole": letter.whole,
        "prepaid": letter.prepaid,
        "uncollected": letter.uncollected,
        "total": style.money(letter.left),
        "back": style.money(letter.back) if letter.back else "",
        "owed_less": style.money(letter.left - letter.back) if letter.left > letter.back else "",
        "credit_note": letter.papers[0],
        "invoice": letter.papers[1],
        "moved": letter.moved,
        "quoted": letter.kind == "quoted",
        "asked": letter.kind == "asked",
        "code": bool(letter.code),
        "until": style.minute(letter.until) if letter.until else "",
    }


def one_line(text: object) -> str:
    """Return a stranger's text as one line: without line breaks and control characters, and with at most 300 characters."""
    line = " ".join("".join(c if c.isprintable() else " " for c in str(text or "")).split())
    return line if len(line) <= _MOST_TEXT else line[: _MOST_TEXT - 1] + "\u2026"


def _proof(proof: Mapping[str, str]) -> dict[str, Any]:
    """Return a proof with its text line by line. No line is cut, because a part of a code or of a link is worth nothing."""
    lines = ("".join(c for c in line if c.isprintable()).strip() for line in proof["text"].splitlines())
    return {"kind": proof["kind"], "lines": [line for line in lines if line]}


def _address(contact: Mapping[str, Any], destination: int | None) -> Mapping[str, Any]:
    """Return the address of a destination of the order: 0 is the order's own, None is none."""
    if not destination:
        return {} if destination is None else contact.get("ship_to") or {}
    found: Mapping[str, Any] = contact["ship_tos"][destination - 1]
    return found


def _row(row: ItemRow, style: "_Format", places: Mapping[str, str], contact: Mapping[str, Any]) -> dict[str, Any]:
    expected = row.expected
    return {
        "to": ", ".join(style.address(_address(contact, row.destination))) if row.destination else None,
        "title": one_line(row.title),
        "quantity": style.number(row.quantity),
        "amount": "" if row.amount is None else style.money(row.amount),
        "part": row.part,
        "bundle": one_line(row.bundle),
        "place": places.get(row.node, row.node) if row.node else None,
        "delayed": expected is not None,
        "date": style.date(expected.day) if expected and expected.day else None,
        "at_door": expected is not None and expected.at_door,
    }


def _package(package: Package, links: Mapping[str, str]) -> dict[str, str | None]:
    carrier, number = one_line(package.carrier), one_line(package.tracking_number)
    return {"carrier": carrier, "number": number, "link": links.get(package.package_id)}


def _sums(letter: Letter, order: Sale, style: "_Format") -> list[dict[str, str]]:
    """Return the rows under the items: the parts of the total, and the total. They add up as the contract says."""
    totals, _ = letter.totals, _translations(style.language).gettext
    if totals is None:
        return []
    parts = [
        (_("Items"), totals.goods, True),
        (_("Discounts"), -totals.discounts, bool(totals.discounts)),
        (_("Shipping and handling"), totals.charges, bool(totals.charges)),
        (_("Tax (an estimate)") if letter.tax_estimated else _("Tax"), totals.tax, not order.prices_include_tax),
        (_("Total, taxes included") if order.prices_include_tax else _("Total"), totals.total, True),
    ]
    return [{"name": name, "amount": style.money(amount)} for name, amount, wanted in parts if wanted]


class _Format:
    """Write amounts, numbers, days and addresses of a sale as its locale does, in its language or else in English."""

    def __init__(self, locale: str, currency: str) -> None:
        self.ways = formats.of_locale(locale)
        self.language = self.ways.tag.replace("-", "_")
        self.currency = currency

    def money(self, minor: int) -> str:
        return self.ways.money(minor, self.currency)

    def number(self, value: int) -> str:
        return self.ways.number(value)

    def date(self, day: str) -> str:
        return self.ways.date(day, "full")

    def minute(self, at: str) -> str:
        """Return a minute in UTC. A customer elsewhere would read the day alone as a whole day of their own."""
        day, _, clock = at.partition("T")
        return f"{self.date(day)}, {clock} UTC"

    def address(self, given: Mapping[str, Any]) -> list[str]:
        """Return the lines of a postal address, in the order in which both countries write them."""
        country = str(given.get("country") or "")
        town = (given.get("city"), given.get("region"), given.get("postal_code"))
        lines = (
            given.get("name"),
            given.get("line1"),
            given.get("line2"),
            ", ".join(one_line(part) for part in town if part),
            self.ways.locale.territories.get(country, country),
        )
        return [text for line in lines if (text := one_line(line))]


@cache
def _environment(language: str) -> Any:
    """Return Jinja's environment with one language's translations. HTML is escaped, text is not."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined, select_autoescape

    environment = Environment(
        loader=FunctionLoader(_source),
        autoescape=select_autoescape(disabled_extensions=("txt",), default=True),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(_translations(language), newstyle=True)  # type: ignore[attr-defined]  # the i18n extension adds it
    return environment


def _source(name: str) -> str:
    if name != "layout.html":
        return (_ROOM / "templates" / name).read_text(encoding="utf-8")
    from mjml import mjml2html

    html: str = mjml2html((_ROOM / "templates" / "layout.mjml").read_text(encoding="utf-8"), disable_comments=False)
    return html


@cache
def _translations(language: str) -> Any:
    """Return the catalog of translations, compiled from its source, so that no second file can differ from it."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po
    from babel.support import NullTranslations, Translations

    source = _ROOM / "locales" / language / "LC_MESSAGES" / "notify.po"
    if language == _ENGLISH:
        return NullTranslations()
    compiled = BytesIO()
    with source.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language, abort_invalid=True))
    compiled.seek(0)
    return Translations(compiled)
