"""
Render the pages of a link in the language of the order, and send the style sheets that they load.

Called by   functions/selfservice/pages.py, functions/selfservice/handler.py
Returns     HTML; texts of files
Raises      jinja2.UndefinedError when a template reads a fact that its page did not give

The look is the console's: its style sheet and its macros are packaged into this room, too (infra/package.py). Templates are
English, and `locales` translates them. Jinja and Babel are imported when the first page is made.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

from comanda.domain import money

LANGUAGES = {"en": "en-US", "pt": "pt-BR", "es": "es"}  # by the two letters with which a locale begins
_ROOM = Path(__file__).parent
_KIT = _ROOM.parent / "console"
_FILES = {"app.css": _KIT / "static" / "app.css", "link.css": _ROOM / "static" / "link.css"}


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file as it is sent."""

    text: str
    media_type: str = "text/css; charset=utf-8"


def language(locale: str, locales: Iterable[str]) -> str:
    """Return the language of a page: the order's if the channel writes in it, else the channel's first, else English."""
    offered = [LANGUAGES[name[:2].lower()] for name in locales if name[:2].lower() in LANGUAGES]
    wanted = LANGUAGES.get(locale[:2].lower(), "")
    return wanted if wanted and (wanted in offered or not offered) else next(iter(offered), "en-US")


def language_of_browser(headers: Mapping[str, Any]) -> str:
    """Return the first language of the browser that the pages have, else English."""
    sent = next((str(value) for name, value in headers.items() if name.lower() == "accept-language"), "")
    wanted = (part.strip()[:2].lower() for part in sent[:500].split(","))
    return next((LANGUAGES[name] for name in wanted if name in LANGUAGES), "en-US")


def page(template: str, language: str, **facts: Any) -> str:
    """Return a page. `facts` are what its template reads."""
    html: str = _environment(language).get_template(template).render(facts)
    return html


@cache
def file(name: str) -> File | None:
    """Return a file by the name in its address, which begins with the hash of its content; None for another name."""
    digest, _, plain = name.partition(".")
    if plain not in _FILES or digest != _digest(plain):
        return None
    return File(text=_FILES[plain].read_text(encoding="utf-8"))


@cache
def _digest(name: str) -> str:
    return sha256(_FILES[name].read_bytes()).hexdigest()[:16]


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
    environment.globals["file"] = lambda name: f"files?file={_digest(name)}.{name}"
    environment.globals["language"] = language
    environment.filters["money"] = lambda minor, currency: _money(minor, currency, locale)
    environment.filters["day"] = lambda day: _day(day, locale)
    environment.filters["words"] = str
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

    source = _ROOM / "locales" / language.replace("-", "_") / "LC_MESSAGES" / "selfservice.po"
    if not source.exists():
        return NullTranslations()
    compiled = BytesIO()
    with source.open("rb") as lines:
        write_mo(compiled, read_po(lines, locale=language.replace("-", "_"), abort_invalid=True))
    compiled.seek(0)
    return Translations(compiled)
