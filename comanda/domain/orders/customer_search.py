"""
Fold what a customer is found by: e-mail, phone and name are spelt in many ways, and each has one key.

Called by   comanda.aws.orders.customer_rows
Returns     folded texts, "" for a text that nothing is found by
Raises      nothing
"""

import re
from collections.abc import Sequence

from comanda.domain import search_words

LEAST_OF_NAME = search_words.LEAST  # letters of a name that is asked for
_LEAST_OF_PHONE = 6
_MOST_OF_PHONE = 9  # its last digits: people leave out the country's code, or write a zero in its place
_MOST_OF_NAME = 40


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
