"""
Render the pages of the form in the visitor's language, and send the files that they load.

Called by   functions/order_form/handler.py, functions/order_form/pages.py
Returns     HTML; texts of files
Raises      jinja2.UndefinedError when a template reads a fact that its page did not give
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from comanda.aws.api.public_pages import CSS, JAVASCRIPT, File, PublicPages
from comanda.aws.runtime.formats import LANGUAGES

_PAGES = PublicPages(room=Path(__file__).parent, files=(("form.css", CSS), ("form.js", JAVASCRIPT)), address="?file=")


def language(wanted: Iterable[str], offered: Iterable[str]) -> str:
    """Return the first wanted language that the form is offered in, else the first that it is offered in."""
    names = [name for name in offered if name in LANGUAGES.values()]
    found = (LANGUAGES.get(name) for name in wanted)
    return next((name for name in found if name in names), next(iter(names), "en-US"))


def page(template: str, language: str, **facts: Any) -> str:
    """Return a page. `facts` are what its template reads."""
    return _PAGES.page(template, language, facts)


def countries(codes: Iterable[str], language: str) -> list[tuple[str, str]]:
    """Return countries with their names, sorted by name."""
    from babel import Locale

    names = Locale.parse(language, sep="-").territories
    return sorted(((code, str(names.get(code, code))) for code in codes), key=lambda one: one[1])


def file(name: str) -> File | None:
    """Return a file by the name in its address; None for another name."""
    return _PAGES.file(name)
