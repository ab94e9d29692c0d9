"""
Render the pages that customers open without signing in, and send the files that they load.

Called by   functions/selfservice/render.py, functions/order_form/render.py
Returns     HTML; texts of files
Raises      jinja2.UndefinedError when a template reads a fact that its page did not give

The look is the console's: its style sheet and its macros are packaged into these rooms, too (infra/package.py). Templates are
English, and the room's `locales` translates them. Jinja and Babel are imported when the first page is made. Everything that
people typed is escaped, and is never a template.
"""

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from gettext import NullTranslations
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

from comanda.aws.runtime import formats
from comanda.domain.labels.problem_text import ProblemText

CSS, JAVASCRIPT = "text/css; charset=utf-8", "text/javascript; charset=utf-8"

_formats: ContextVar[formats.Formats] = ContextVar("formats")  # of the page that is made


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file as it is sent."""

    text: str
    media_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicPages:
    """The pages of one room. `address` is what stands before the name of a file in its address."""

    room: Path
    files: tuple[
        tuple[str, str], ...
    ]  # of the room's own `static`, each with its media type; the kit's style sheet comes along
    address: str

    @property
    def kit(self) -> Path:
        return self.room.parent / "console"

    def page(self, template: str, locale: str, facts: Mapping[str, Any]) -> str:
        """Return a page in the language of a locale, with amounts and days as the locale writes them. `facts` are what its
        template reads."""
        ways = formats.of_locale(locale)
        token = _formats.set(ways)
        try:
            html: str = _environment(self, ways.tag).get_template(template).render(facts)
        finally:
            _formats.reset(token)
        return html

    def file(self, name: str) -> File | None:
        """Return a file by the name in its address, which begins with the hash of its content; None for another name."""
        digest, _, plain = name.partition(".")
        found = _file(self, plain)
        return found[1] if found and digest == found[0] else None


@cache
def _file(pages: PublicPages, name: str) -> tuple[str, File] | None:
    """Return a file with the hash of its content."""
    if name == "app.css":
        path, media_type = pages.kit / "static" / name, CSS
    elif name in dict(pages.files):
        path, media_type = pages.room / "static" / name, dict(pages.files)[name]
    else:
        return None
    content = path.read_bytes()
    return sha256(content).hexdigest()[:16], File(text=content.decode(), media_type=media_type)


@cache
def _environment(pages: PublicPages, language: str) -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    def address(name: str) -> str:
        found = _file(pages, name)
        return f"{pages.address}{found[0] if found else ''}.{name}"

    environment = Environment(
        loader=FileSystemLoader([pages.room / "templates", pages.kit / "templates"]),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    words = _translations(pages.room, language)
    environment.install_gettext_translations(words, newstyle=True)  # type: ignore[attr-defined]  # the i18n extension adds it
    environment.globals |= {"file": address, "language": language}
    environment.filters["money"] = lambda minor, currency: _formats.get().money(minor, currency)
    environment.filters["day"] = lambda day: _formats.get().date(day, "full")
    environment.filters["words"] = lambda text: text.words(language) if isinstance(text, ProblemText) else text
    environment.filters["label"] = str  # the kit's lists of enumerations, which these rooms do not use
    return environment


def _translations(room: Path, language: str) -> Any:
    """Return the room's catalog of a language, compiled from its source, so that no second file can differ from it."""
    source = room / "locales" / language.replace("-", "_") / "LC_MESSAGES" / f"{room.name}.po"
    if not source.exists():
        return NullTranslations()
    from babel.messages.mofile import write_mo  # the templates' own language needs no catalog
    from babel.messages.pofile import read_po
    from babel.support import Translations

    compiled = BytesIO()
    with source.open("rb") as lines:
        write_mo(compiled, read_po(lines, locale=language.replace("-", "_"), abort_invalid=True))
    compiled.seek(0)
    return Translations(compiled)
