"""
Fold what a customer is found by: e-mail, phone and name are spelt in many ways, and each has one key.

Called by   comanda.aws.customers, comanda.aws.drafts.draft_contacts, functions/customers, functions/drafts, functions/cases
Returns     folded texts, "" for a text that nothing is found by
Raises      Invalid for a search by too little
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache

from comanda.domain import search_words, text
from comanda.domain.errors import Invalid, Problem

LEAST_OF_NAME = 2  # letters of a name that is asked for; one sign of a script in which a sign is a word is enough
MOST_OF_NAMES = 8  # words by which a name is found, which are as many rows of each order
_LEAST_OF_PHONE = 6
_MOST_OF_PHONE = 9  # its last digits: people leave out the country's code, or write a zero in its place
_MOST_OF_NAME = 40


def folded_search(by: str, asked: str) -> str:
    """Return the folded text of a search by `email`, `phone` or `name`. Raises Invalid for a text that is too little."""
    if by == "email":
        if "@" not in (folded := email(asked)):
            raise _too_little(by, "not-an-email", "a whole e-mail address, as ada@example.org")
        return folded
    if by == "phone":
        if not (folded := phone(asked)):
            raise _too_little(by, "too-few-signs", "a phone number of six digits or more")
        return folded
    folded = name(asked)
    if len(folded.replace(" ", "")) < LEAST_OF_NAME and not _signs().search(folded):
        raise _too_little(by, "too-few-signs", f"{LEAST_OF_NAME} letters of a name, or more")
    return folded


def _too_little(field: str, code: str, message: str) -> Invalid:
    return Invalid(Problem(pointer=f"/{field}", code=code, message=message))


def email(written: str) -> str:
    """Return an address in small letters, an international domain in punycode: mails that come from it have it so."""
    stripped = written.strip()
    if stripped.isascii():
        return stripped.casefold()
    try:
        return text.mailable(stripped).casefold()
    except text.WrongText:
        return stripped.casefold()


def phone(written: str) -> str:
    """Return the last nine digits of a phone number, which are the same with and without the country's code."""
    digits = re.sub(r"\D", "", written)[-_MOST_OF_PHONE:]
    return digits if len(digits) >= _LEAST_OF_PHONE else ""


# Scripts that write no blanks, of which one or two signs are a whole name: Han, Kana and Hangul.
_SIGNS = (
    "[\u2e80-\u2fff\u3005-\u3007\u3041-\u30ff\u31f0-\u31ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff]"
)
_INSIDE = re.compile(r"(?<=\w)['\u2019\u02bc\u2018`\u00b4-](?=\w)")  # signs within a word: O'Neil, Al-Hassan


@cache
def _signs() -> re.Pattern[str]:
    """Return the pattern of these signs. It is compiled for the first name that needs it, because that takes milliseconds."""
    return re.compile(_SIGNS)


def name(written: str) -> str:
    """Return a name in small letters without accents, with one blank between its words."""
    return _joined(_words(written))


def names(written: str) -> tuple[str, ...]:
    """Return the spellings under which a name is stored, one beginning with each of its words: at most eight.

    `Ana de Lima` is `ana de lima`, `lima ana de` and `de lima ana`. `O'Neil` is also `oneil`.
    """
    return tuple(dict.fromkeys((*_turns(_words(written)), *_turns(_words(_INSIDE.sub("", written))))))[:MOST_OF_NAMES]


def asked_names(folded: str) -> tuple[str, ...]:
    """Return the beginnings of names to look for: the words as typed, and with the last word first, which may be the family's."""
    words = folded.split(" ")
    return tuple(dict.fromkeys((folded, _joined((*words[-1:], *words[:-1])))))


def led_by(folded: str) -> tuple[str, ...]:
    """Return the words of a search under which names are read whose words stand apart: the last, which may be the family's, and
    the first. A search of one word has none."""
    words = folded.split(" ")
    return tuple(dict.fromkeys((words[-1], words[0]))) if len(words) > 1 else ()


def has_words(stored: str, folded: str) -> bool:
    """Return True if each word of the search is the beginning of a word of the stored name, wherever it stands."""
    return search_words.has_all(folded.split(" "), stored.split(" "))


def former_names(written: str) -> tuple[str, ...]:
    """Return the spellings of a name in rows of the past: one begins with its first word, one with its last."""
    words = search_words.words(written)
    orders = (words, (*words[-1:], *words[:-1]))
    return tuple(dict.fromkeys(filter(None, map(_joined, orders))))


def _words(written: str) -> tuple[str, ...]:
    """Return the words of a name. Each sign of a script without blanks is one."""
    composed = unicodedata.normalize("NFC", search_words.folded(written))
    return search_words.words(composed if composed.isascii() else _signs().sub(r" \g<0> ", composed))


def _turns(words: Sequence[str]) -> Iterator[str]:
    """Yield the words from each of them on: from the first, from the last, then from those between."""
    places = range(len(words))
    for first in (*places[:1], *places[:0:-1][:1], *places[1:-1]):
        yield _joined((*words[first:], *words[:first]))


def _joined(words: Sequence[str]) -> str:
    return " ".join(words)[:_MOST_OF_NAME].rstrip()
