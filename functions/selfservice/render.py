"""
Render the pages of a link in the language of the order, and send the style sheets that they load.

Called by   functions/selfservice/pages.py, functions/selfservice/handler.py
Returns     HTML; texts of files
Raises      jinja2.UndefinedError when a template reads a fact that its page did not give
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from comanda.aws.api.public_pages import CSS, LANGUAGES, File, PublicPages

_PAGES = PublicPages(room=Path(__file__).parent, files=(("link.css", CSS),), address="files?file=")


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
    return _PAGES.page(template, language, facts)


def file(name: str) -> File | None:
    """Return a file by the name in its address; None for another name."""
    return _PAGES.file(name)
