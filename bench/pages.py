"""
Measure `pages:`: the bytes of a first visit, as the gateway sends them compressed: a page with all that it loads.

The page is the one that shows every component of the kit, which is as large as the page of an order.
"""

import re
import sys
import zlib
from datetime import UTC, datetime
from urllib.parse import unquote

from bench.figures import Figure
from infra import package

_LEVEL = 6  # of gzip, as servers usually have it


def figures() -> list[Figure]:
    folder = package.room("console")  # a room that is packaged has the scripts that npm brings
    sys.path.insert(0, str(folder))
    from functions.console import assets, kit, render
    from functions.console.view import Person, View

    person = Person(id="ana", name="Ana", roles=frozenset({"staff"}))
    facts = kit.facts(datetime.now(UTC))
    html = render.page("kit.html", view=View(title="Page kit", path="kit", person=person), **facts)
    names = {unquote(name) for name in re.findall(r"assets/[0-9a-f]+/([^\"]+)", html)}
    files = sum(_sent(found.text) for name in names if (found := assets.find(name)))
    return [
        Figure(figure="pages: scripts and styles, loaded once", value=round(files / 1000, 1), unit="kB"),
        Figure(
            figure="pages: the largest page with its scripts and styles",
            value=round((files + _sent(html)) / 1000, 1),
            unit="kB",
            bar=30.0,
        ),
    ]


def _sent(text: str) -> int:
    """Return the bytes of a text as gzip sends it."""
    return len(zlib.compress(text.encode(), _LEVEL)) + 12  # gzip's own header is longer than zlib's
