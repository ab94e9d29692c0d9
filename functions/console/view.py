"""
Describe what each page shows beside its own facts: the signed-in person, the menu, a message, and relative links.

Called by   functions/console/handler.py, which makes the view of a request; functions/console/render.py and all templates
Returns     plain values, which templates read

All links are relative, because a request does not know what stands before `/console` in the browser's address: a stage's
name, a base path of a domain, or nothing.
"""

from dataclasses import dataclass
from functools import lru_cache
from posixpath import dirname, relpath, split

from functions.console import assets

ROOT = "console"  # the last fixed part of every page's address; the home page is `/console` itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A signed-in person. `roles` are the kinds that the API knows; desks, locale, theme and density only shape pages."""

    id: str
    name: str
    roles: frozenset[str]
    desks: frozenset[str] = frozenset()
    nodes: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()  # those that lists begin with; none stands for all
    locale: str = "en-US"
    theme: str = "auto"  # auto, light, dark
    density: str = "roomy"  # roomy, dense
    keys: bool = True  # False: the person switched the key commands off


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuItem:
    """A link of the menu. `path` is below `/console`, `label_key` the message that templates translate."""

    path: str
    label_key: str
    current: bool = False
    key: str = ""  # the letter that opens the page after `g`


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """All that the frame of a page needs. `path` is the page's own path below `/console`, "" for the home page."""

    title: str
    path: str = ""
    person: Person | None = None  # None: nobody is signed in
    menu: tuple[MenuItem, ...] = ()
    fragment: bool = False  # htmx asked: only the block `main` is sent
    flash: str = ""  # the key of one message about what the person just did
    base: str | None = (
        None  # the path of the page in the browser when it is another than `path`: htmx loaded a part of it
    )
    locale: str = ""  # the language of a page that nobody is signed in to
    shared: bool = False  # the browser is that of a device that people share

    def url(self, path: str) -> str:
        """Return the link to another page, relative to the page in the browser. `path` may have a query after `?`."""
        here = self.path if self.base is None else self.base
        bare, mark, query = path.partition("?")
        return _link(bare, here) + mark + query

    def asset(self, name: str) -> str:
        """Return the link to a file of `functions/console/static`, which holds the hash of its content."""
        return self.url(assets.path(name))


def spoken(message: str) -> str:
    """Return an English message as it is. A template translates it by the filter `words`; a test finds it by this call."""
    return message


@lru_cache(maxsize=2_000)
def _link(path: str, here: str) -> str:
    """Return the link from one page to another. A list has hundreds of links, most of them to a few pages."""
    folder, name = split(_full(path))  # a link to a folder alone would end with a slash, and so be another address
    # From the root, because a relative path would ask for the folder in which this process runs.
    steps = relpath(f"/{folder}", f"/{dirname(_full(here))}")
    return name if steps == "." else f"{steps}/{name}"


def _full(path: str) -> str:
    return f"{ROOT}/{path}" if path else ROOT
