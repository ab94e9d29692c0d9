"""
Fold what a customer is found by: e-mail, phone and name are spelt in many ways, and each has one key.

Called by   comanda.aws.customers, comanda.aws.drafts.draft_contacts, functions/customers, functions/drafts, functions/cases
Returns     folded texts, "" for a text that nothing is found by
Raises      Invalid for a search by too little
"""

import re
from collections.abc import Sequence

from comanda.domain import search_words, text
from comanda.domain.errors import Invalid, Problem

LEAST_OF_NAME = search_words.LEAST  # letters of a name that is asked for
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
    if len((folded := name(asked)).replace(" ", "")) < LEAST_OF_NAME:
        raise _too_little(by, "too-few-signs", f"the first {LEAST_OF_NAME} letters of a name, or more")
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


def name(written: str) -> str:
    """Return a name in small letters without accents, with one blank between its words."""
    return _joined(search_words.words(written))


def names(written: str) -> tuple[str, ...]:
    """Return a name by its first word and by its last: `Ana Lima` is found as `ana lima` and as `lima ana`."""
    words = search_words.words(written)
    orders = (words, (*words[-1:], *words[:-1]))
    return tuple(dict.fromkeys(filter(None, map(_joined, orders))))


def _joined(words: Sequence[str]) -> str:
    return " ".join(words)[:_MOST_OF_NAME].rstrip()
