"""
Render a page of the console in its reader's language, with one template and the frame around it.

Called by   the pages of the console, through functions/console/handler.py
Returns     the HTML of a whole page, or only its main part when htmx asked for it
Raises      jinja2.UndefinedError when a template reads a fact that its page did not give

Templates are English, and `locales` translates them. There is one environment for all languages, so a template is compiled
once. The reader of the page that is rendered now stands in `_reader`: macros and filters ask it, so pages need not pass it.
Jinja and Babel are imported when the first page is made.

`_("...")` is for messages that stand in a template: Jinja takes them for HTML. A text that comes from Python, such as a
title, is translated by the filter `words`, and escaped.
"""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from comanda.aws.runtime import clock
from comanda.domain.labels import labels
from comanda.domain.labels.problem_text import ProblemText
from functions.console.formats import ENGLISH, Formats
from functions.console.tones import tone
from functions.console.view import View

_ROOM = Path(__file__).parent
COMPILED = _ROOM / "compiled"  # in a packaged room
_SIGNED_OUT = "en-US"  # the language of pages before sign-in


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """The person who reads a page: the view of the request, and how the person's language writes things."""

    view: View
    formats: Formats
    now: datetime
    words: Any  # Babel's Translations


_reader: ContextVar[Reader] = ContextVar("reader")


def page(template: str, *, view: View, **facts: Any) -> str:
    """Return the page. `facts` are what its template reads; `layout` is the frame that it extends."""
    locale = view.person.locale if view.person else view.locale or _SIGNED_OUT
    ways = Formats.for_locale(locale)
    token = _reader.set(Reader(view=view, formats=ways, now=clock.now(), words=translations(ways.language)))
    try:
        layout = "_fragment.html" if view.fragment else "base.html"
        html: str = environment().get_template(template).render(facts, view=view, layout=layout)
        return html
    finally:
        _reader.reset(token)


def translate(message: str, locale: str) -> str:
    """Return a message of the catalog in the language of a locale. A message without a translation stays as it is."""
    words: str = translations(Formats.for_locale(locale).language).gettext(message) if message else ""
    return words


@cache
def translations(language: str) -> Any:
    """Return the translations of a language. English is the language of the templates, so it has none."""
    from babel.support import NullTranslations, Translations

    if language == ENGLISH:
        return NullTranslations()
    ready = COMPILED / f"{language}.mo"
    return Translations(BytesIO(ready.read_bytes() if ready.is_file() else catalog(language)))


def catalog(language: str) -> bytes:
    """
    Return the messages of a language with their translations, in gettext's binary form.

    Each page has a source of its own; a message that several pages use stands in one of them.
    """
    from babel.messages.catalog import Catalog
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    whole = Catalog(locale=language)
    for source in sorted((_ROOM / "locales" / language).glob("*.po")):
        with source.open("rb") as file:
            for message in read_po(file, locale=language, abort_invalid=True):
                if message.id:
                    whole[message.id] = message
    binary = BytesIO()
    write_mo(binary, whole)
    return binary.getvalue()


@cache
def environment() -> Any:
    """Return Jinja's environment. A packaged room has its templates compiled, and their sources are not read."""
    from jinja2 import Environment, FileSystemLoader, ModuleLoader, StrictUndefined

    made = Environment(
        loader=ModuleLoader(COMPILED) if COMPILED.is_dir() else FileSystemLoader(_ROOM / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.install_gettext_callables(_one, _many, newstyle=True)  # type: ignore[attr-defined]  # the i18n extension adds it
    made.globals |= {"url": _url, "asset": _asset, "language": _language}
    for name in ("money", "amount", "number", "day", "moment", "clock", "age", "until", "zone_name"):
        made.filters[name] = _for_reader(_filter(name))
    of_reader: dict[str, Callable[..., Any]] = {
        "ago": _ago,
        "when": _when,
        "words": _one,
        "label": _label,
        "reason": _reason,
        "nfe_item": _nfe_item,
    }
    made.filters |= {name: _for_reader(write) for name, write in of_reader.items()}
    made.filters["tone"] = tone
    return made


def _for_reader(write: Callable[..., Any]) -> Any:
    """Return a filter that is asked each time. Of a constant, Jinja would keep the words of the reader for whom it compiled."""
    from jinja2 import pass_context

    @pass_context
    def write_for_reader(_: Any, *arguments: Any, **named: Any) -> Any:
        return write(*arguments, **named)

    return write_for_reader


def _one(message: str) -> str:
    """Return a message of a catalog, or what the API said, in the reader's language."""
    if isinstance(message, ProblemText):
        return message.words(_reader.get().formats.tag)
    if hasattr(message, "__html__"):  # a text of a template, which is translated and escaped already
        return message
    # Of an empty message gettext returns the head of the catalog.
    words: str = _reader.get().words.ugettext(message) if message else ""
    return words


def _many(one: str, many: str, n: int) -> str:
    words: str = _reader.get().words.ungettext(one, many, n)
    return words


def _url(path: str = "") -> str:
    return _reader.get().view.url(path)


def _asset(name: str) -> str:
    return _reader.get().view.asset(name)


def _language() -> str:
    return _reader.get().formats.tag


def _filter(name: str) -> Any:
    """Return the filter that writes a value as the reader's language does."""

    def write(value: Any, *arguments: Any, **named: Any) -> Any:
        return getattr(_reader.get().formats, name)(value, *arguments, **named)

    return write


def _ago(value: str | datetime, zone: str = "UTC") -> Any:
    reader = _reader.get()
    return reader.formats.ago(value, reader.now, zone)


def _when(value: str | datetime, zone: str = "UTC") -> Any:
    reader = _reader.get()
    return reader.formats.when(value, reader.now, zone)


def _label(value: str, kind: str) -> str:
    """Return the word for a value of an enumeration, whose name is that of the published API."""
    return labels.label(kind, value, _reader.get().formats.tag)


def _reason(stored: str) -> str:
    """Return the reason of an event, a line or a task in words."""
    formats = _reader.get().formats
    return labels.reason(stored, formats.tag, formats.date)


def _nfe_item(data: dict[str, str]) -> str:
    """Return what an item about an NF-e tells beside its reason."""
    from comanda.domain.labels import nfe_words  # of companies in Brazil

    return nfe_words.of_item(data, _reader.get().formats.tag)
