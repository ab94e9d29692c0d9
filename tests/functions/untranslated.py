"""
Find English words of the catalogs on a page in another language: texts that reached it without being translated.

A text counts when it is, as a whole, a message or a label of the system whose words in the page's language are others.
"""

import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

from babel.messages.pofile import read_po

from comanda.domain.labels import labels

_FUNCTIONS = Path(labels.__file__).parents[3] / "functions"
_SPOKEN = ("alt", "aria-label", "placeholder", "title")  # attributes that people read or hear
_HEAD = "Project-Id-Version"  # of a catalog: its words for an empty message
_VOID = frozenset(("br", "hr", "img", "input", "link", "meta"))
_LITERAL = re.compile(r"%\(\w+\)[sd]|%[sd]")
_LEAST_LETTERS = 3
_KEPT = frozenset(("English",))  # a language is listed by its own name


def english_on(html: str, locale: str) -> set[str]:
    """Return the English texts of a page in another language. None is of what people or shops typed."""
    reader = _Texts()
    reader.feed(html)
    plain, patterns = _english(labels.supported(locale))
    return {
        text for text in reader.found if _HEAD in text or text in plain or any(one.fullmatch(text) for one in patterns)
    }


class _Texts(HTMLParser):
    """Collect the texts of a page, and those of attributes. Codes and what was typed into fields are left out."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _VOID:
            self.inside.append(tag)
        self.found |= {" ".join(value.split()) for name, value in attrs if name in _SPOKEN and value}

    def handle_endtag(self, tag: str) -> None:
        if tag in self.inside:
            del self.inside[len(self.inside) - 1 - self.inside[::-1].index(tag) :]

    def handle_data(self, data: str) -> None:
        if not {"script", "style", "code", "textarea"} & set(self.inside):
            self.found.add(" ".join(data.split()))


@cache
def _english(locale: str) -> tuple[frozenset[str], tuple[re.Pattern[str], ...]]:
    """Return the English texts that this language says in other words: whole ones, and patterns of those with facts."""
    plain, patterns = set[str](), list[re.Pattern[str]]()
    folder = locale.replace("-", "_")
    known = set(_KEPT)  # and words of the language itself, which may be English too
    for source in _FUNCTIONS.glob(f"*/locales/{folder}/**/*.po"):
        with source.open("rb") as file:
            for entry in read_po(file, locale=folder):
                ids = entry.id if isinstance(entry.id, tuple) else (entry.id,)
                strings = entry.string if isinstance(entry.string, tuple) else (entry.string,)
                known |= set(strings)
                plain |= {text for text in ids if text} - set(strings)
    at = labels.column(locale)
    for values in labels.KINDS.values():
        known |= {words[at] for words in values.values()}
        plain |= {words[0] for words in values.values() if words[0] != words[at]}
    for text in plain:
        parts = _LITERAL.split(text)
        if len(parts) > 1 and sum(char.isalpha() for part in parts for char in part) >= 2 * _LEAST_LETTERS:
            patterns.append(re.compile(".+?".join(re.escape(re.sub(r"\s+", " ", part)) for part in parts)))
    whole = {text for text in plain - known if len(text) >= _LEAST_LETTERS and not _LITERAL.search(text)}
    return frozenset(whole), tuple(patterns)
