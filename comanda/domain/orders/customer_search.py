"""
Fold what a customer is found by: e-mail, phone and name are spelt in many ways, and each has one key.

Called by   comanda.aws.customers, comanda.aws.drafts.draft_contacts, functions/customers, functions/drafts, functions/cases
Returns     folded texts, "" for a text that nothing is found by
Raises      Invalid for a search by too little
"""

import re
from collections.abc import Sequence

from comanda.domain import search_words
from comanda.domain.errors import Invalid, Problem

LEAST_OF_NAME = search_words.LEAST  # letters of a name that is asked for
_LEAST_OF_PHONE = 6
_MOST_OF_PHONE = 9  # its last digits: people leave out the country's code, or write a zero in its place
_MOST_OF_NAME = 40


def folded_search(by: str, text: str) -> str:
    """Return the folded text of a search by `email`, `phone` or `name`. Raises Invalid for a text that is too little."""
    if by == "email":
        if "@" not in (folded := email(text)):
            raise _too_little(by, "not-an-email", "a whole e-mail address, as ada@example.org")
        return folded
    if by == "phone":
        if not (folded := phone(text)):
            raise _too_little(by, "too-few-signs", "a phone number of six digits or more")
        return folded
    if len((folded := name(text)).replace(" ", "")) < LEAST_OF_NAME:
        raise _too_little(by, "too-few-signs", f"the first {LEAST_OF_NAME} letters of a name, or more")
    return folded


def _too_little(field: str, code: str, message: str) -> Invalid:
    return Invalid(Problem(pointer=f"/{field}", code=code, message=message))


def email(text: str) -> str:
    return text.strip().casefold()


def phone(text: str) -> str:
    """Return the last nine digits of a phone number, which are the same with and without the country's code."""
    digits = re.sub(r"\D", "", text)[-_MOST_OF_PHONE:]
    return digits if len(digits) >= _LEAST_OF_PHONE else ""


def name(text: str) -> str:
    """Return a name in small letters without accents, with one blank between its words."""
    return _joined(search_words.words(text))


def names(text: str) -> tuple[str, ...]:
    """Return a name by its first word and by its last: `Ana Lima` is found as `ana lima` and as `lima ana`."""
    words = search_words.words(text)
    orders = (words, (*words[-1:], *words[:-1]))
    return tuple(dict.fromkeys(filter(None, map(_joined, orders))))


def _joined(words: Sequence[str]) -> str:
    return " ".join(words)[:_MOST_OF_NAME].rstrip()
