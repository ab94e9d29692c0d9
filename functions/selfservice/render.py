"""
Render the pages of a customer's link in the language of the order, and return the style sheets that they load.

Called by   functions/selfservice/pages.py, functions/selfservice/handler.py
Returns     HTML; texts of files
Raises      jinja2.UndefinedError when a template reads a fact that its page did not give
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from comanda.aws.api.public_pages import CSS, File, PublicPages
from comanda.aws.runtime.formats import LANGUAGES

_PAGES = PublicPages(room=Path(__file__).parent, files=(("link.css", CSS),), address="files?file=")


def language_of_browser(headers: Mapping[str, Any]) -> str:
    """Return the first language of the browser that the pages have, else English."""
    sent = next((str(value) for name, value in headers.items() if name.lower() == "accept-language"), "")
    wanted = (part.strip()[:2].lower() for part in sent[:500].split(","))
    return next((LANGUAGES[name] for name in wanted if name in LANGUAGES), "en-US")


def page(template: str, locale: str, **facts: Any) -> str:
    """Return a page. `facts` are what its template reads."""
    return _PAGES.page(template, locale, facts)


def file(name: str) -> File | None:
    """Return a file by the name in its address; None for another name."""
    return _PAGES.file(name)
