"""Test the templates of the console: all their texts are translated, and nothing in them needs more than the policy allows."""

import ast
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from jinja2.ext import babel_extract

import functions.console.render as rendering
from functions.console.formats import CATALOGS

ROOM = Path(rendering.__file__).parent
TEMPLATES = sorted((ROOM / "templates").glob("*.html"))
SPOKEN_ATTRIBUTES = {"alt", "aria-label", "placeholder", "title"}
NAMES = {"Comanda", "g"}  # the product, and a key
SIGNS = re.compile(r"[^\W\d_]")  # a letter of any alphabet
KEYWORDS = ("_", "gettext", "ngettext")
# Calls in Python whose texts templates translate: the names of the arguments, and the place of one without a name.
SAYING = {
    "Screen": (("title", "menu"), None),
    "done": (("message",), 1),
    "failed": (("part",), 1),
    "spoken": ((), 0),
    "message": (("title",), 2),
    "page": (("title",), 1),
}


def singular(message):
    return message[0] if isinstance(message, tuple) else message


def called(template):
    """Return the messages that a template's calls translate; None for one that is no plain text."""
    with template.open("rb") as file:
        return {singular(found[2]) for found in babel_extract(file, KEYWORDS, [], {})}


def spoken_by_python(source):
    """Return the texts of a module that templates translate by the filter `words`."""
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        names, spot = SAYING.get(getattr(node.func, "attr", getattr(node.func, "id", "")), ((), None))
        texts = [keyword.value for keyword in node.keywords if keyword.arg in names]
        texts += node.args[spot : spot + 1] if spot is not None else []
        yield from (text.value for text in texts if isinstance(text, ast.Constant) and text.value)


def spoken():
    """Return the messages of all templates and of the pages' Python."""
    found = {message for template in TEMPLATES for message in called(template)}
    return found | {text for source in ROOM.rglob("*.py") for text in spoken_by_python(source)}


def catalog(language):
    """Return each message of a language with the files that translate it."""
    found = {}
    for source in sorted((ROOM / "locales" / language).glob("*.po")):
        with source.open("rb") as file:
            part = read_po(file, locale=language, abort_invalid=True)
        assert [error for entry in part for error in entry.check(part)] == []
        for entry in part:
            strings = entry.string if isinstance(entry.string, tuple) else (entry.string,)
            if entry.id and all(strings) and not entry.fuzzy:
                found.setdefault(singular(entry.id), []).append(source.name)
    return found


@pytest.mark.parametrize("language", CATALOGS.values())
def test_every_message_is_translated_in_one_file_and_no_translation_is_left_over(language):
    translated = catalog(language)

    assert {"not translated": spoken() - translated.keys(), "not used": translated.keys() - spoken()} == {
        "not translated": set(),
        "not used": set(),
    }
    assert {message: files for message, files in translated.items() if len(files) > 1} == {}


class Literal(HTMLParser):
    """Collect what a template says itself, outside of its expressions."""

    def __init__(self):
        super().__init__()
        self.inside = []
        self.texts = []
        self.tags = []

    def handle_starttag(self, tag, attrs):
        self.inside.append(tag)
        self.tags.append((tag, dict(attrs)))
        self.texts += [value for name, value in attrs if name in SPOKEN_ATTRIBUTES and value]

    def handle_endtag(self, tag):
        if tag in self.inside:
            del self.inside[len(self.inside) - 1 - self.inside[::-1].index(tag) :]

    def handle_data(self, data):
        self.texts.append(data)


def literal(template):
    lexed = rendering.environment().lex(template.read_text(encoding="utf-8"), template.name)
    parser = Literal()
    parser.feed("".join(value if kind == "data" else " " for _, kind, value in lexed))
    return parser


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_text_of_a_template_stands_outside_of_a_message(template):
    texts = {text.strip(" \n\u00b7") for text in literal(template).texts}

    assert {text for text in texts if SIGNS.search(text)} - NAMES == set()


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_template_needs_what_the_content_policy_forbids(template):
    """No style and no script stands in a page, and no htmx attribute that would be evaluated."""
    source = template.read_text(encoding="utf-8")
    found = literal(template)

    assert [tag for tag, _ in found.tags if tag in {"style", "iframe", "object", "base"}] == []
    assert [tag for tag, attrs in found.tags if tag == "script" and "src" not in attrs] == []
    forbidden = re.compile(r"\bon[a-z]+=|\bstyle=|javascript:|hx-on|hx-vals|hx-trigger=[\"'][^\"']*\[|\|\s*safe\b")
    assert forbidden.findall(source) == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_a_template_translates_only_its_own_texts_as_html(template):
    """Jinja takes a message for HTML. A text from elsewhere goes through the filter `words`, and is escaped."""
    assert None not in called(template)
