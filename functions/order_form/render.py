"""
Render the pages of the form in the visitor's language, and send the files that they load.

Called by   functions/order_form/handler.py, functions/order_form/pages.py
Returns     HTML; texts of files
Raises      jinja2.UndefinedError when a template reads a fact that its page did not give

The look is the console's: its style sheet and its macros of fields are packaged into this room, too (infra/package.py). They
are files and no code. Templates are English, and `locales` translates them. Jinja and Babel are imported when the first page
is made. Everything that a visitor typed is escaped, and is never a template.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

from comanda.domain import money
from comanda.domain.labels.said import Said

LANGUAGES = {"en": "en-US", "pt": "pt-BR", "es": "es"}  # by the two letters that browsers and addresses name
_ROOM = Path(__file__).parent
_KIT = _ROOM.parent / "console"
_FILES = {
    "app.css": (_KIT / "static" / "app.css", "text/css; charset=utf-8"),
    "form.css": (_ROOM / "static" / "form.css", "text/css; charset=utf-8"),
    "form.js": (_ROOM / "static" / "form.js", "text/javascript; charset=utf-8"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file as it is sent."""

    text: str
    media_type: str


def language(wanted: Iterable[str], offered: Iterable[str]) -> str:
    """Return the first wanted language that the form is offered in, else the first that it is offered in."""
    names = [name for name in offered if name in LANGUAGES.values()]
    found = (LANGUAGES.get(name) for name in wanted)
    return next((name for name in found if name in names), next(iter(names), "en-US"))


def page(template: str, language: str, **facts: Any) -> str:
    """Return a page. `facts` are what its template reads."""
    html: str = _environment(language).get_template(template).render(facts)
    return html


def countries(codes: Iterable[str], language: str) -> list[tuple[str, str]]:
    """Return countries with their names, sorted by name."""
    from babel import Locale

    names = Locale.parse(language, sep="-").territories
    return sorted(((code, str(names.get(code, code))) for code in codes), key=lambda one: one[1])


@cache
def file(name: str) -> File | None:
    """Return a file by the name in its address, which begins with the hash of its content; None for another name."""
    digest, _, plain = name.partition(".")
    if plain not in _FILES or digest != _digest(plain):
        return None
    path, media_type = _FILES[plain]
    return File(text=path.read_text(encoding="utf-8"), media_type=media_type)


@cache
def _digest(name: str) -> str:
    return sha256(_FILES[name][0].read_bytes()).hexdigest()[:16]


@cache
def _environment(language: str) -> Any:
    from babel import Locale
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    locale = Locale.parse(language, sep="-")
    environment = Environment(
        loader=FileSystemLoader([_ROOM / "templates", _KIT / "templates"]),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.install_gettext_translations(_translations(language), newstyle=True)  # type: ignore[attr-defined]  # the i18n extension adds it
    environment.globals["file"] = lambda name: f"?file={_digest(name)}.{name}"
    environment.globals["language"] = language
    environment.filters["money"] = lambda minor, currency: _money(minor, currency, locale)
    environment.filters["day"] = lambda day: _day(day, locale)
    environment.filters["words"] = lambda said: said.words(language) if isinstance(said, Said) else said
    environment.filters["label"] = str  # the kit's lists of enumerations, which this room does not use
    return environment


def _money(minor: int, currency: str, locale: Any) -> str:
    from babel.numbers import format_currency

    return str(format_currency(Decimal(minor).scaleb(-money.digits(currency)), currency, locale=locale))


def _day(day: str, locale: Any) -> str:
    from babel.dates import format_date

    return str(format_date(date.fromisoformat(day), "full", locale=locale))


def _translations(language: str) -> Any:
    """Return the catalog of a language, compiled from its source, so that no second file can differ from it."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po
    from babel.support import NullTranslations, Translations

    source = _ROOM / "locales" / language.replace("-", "_") / "LC_MESSAGES" / "order_form.po"
    if not source.exists():
        return NullTranslations()
    compiled = BytesIO()
    with source.open("rb") as lines:
        write_mo(compiled, read_po(lines, locale=language.replace("-", "_"), abort_invalid=True))
    compiled.seek(0)
    return Translations(compiled)
