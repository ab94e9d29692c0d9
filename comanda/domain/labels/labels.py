"""
Name the values of enumerations in the reader's language, as screens, mails and timelines show them.

Called by   functions/directory, which publishes all labels; rooms that show words to people
Returns     text in English, Brazilian Portuguese or Spanish
Raises      KeyError for a kind that does not exist: a mistake of this code

A kind has the name that the published description of the API gives the enumeration. A value without a label, of a later
version of this code or of a shop's own, is returned as it is.
"""

from collections.abc import Mapping

from comanda.domain.labels import (
    caller_words,
    event_words,
    kind_words,
    problem_words,
    queue_words,
    status_words,
    stock_words,
)
from comanda.domain.labels.status_words import Words

LOCALES = ("en-US", "pt-BR", "es")
_COLUMN = {"en": 0, "pt": 1, "es": 2}  # in `Words`

KINDS: Mapping[str, Mapping[str, Words]] = {
    **status_words.LABELS,
    **queue_words.LABELS,
    **stock_words.LABELS,
    **kind_words.LABELS,
    **caller_words.LABELS,
    **problem_words.LABELS,
    **event_words.LABELS,
}


def column(locale: str) -> int:
    """Return the index of a locale's language in `Words`. English stands for every language that has no words."""
    return _COLUMN.get(locale.replace("_", "-").split("-", maxsplit=1)[0].lower(), 0)


def supported(locale: str) -> str:
    """Return the locale whose words a reader of this locale gets: `es` for es-MX, `pt-BR` for pt, `en-US` for fr."""
    return LOCALES[column(locale)]


def label(kind: str, value: str, locale: str) -> str:
    """Return the label of a value of a kind."""
    words = KINDS[kind].get(value)
    return value if words is None else words[column(locale)]


def reason(stored: str, locale: str) -> str:
    """Return the reason of an event, a line or a task in words.

    A reason may be several codes, separated by semicolons, and a code may have a cause of its own: `pickup-declined: CLOSED`.
    Text that a person wrote is returned as it is.
    """
    return "; ".join(_one_reason(part, locale) for part in stored.split("; "))


def _one_reason(stored: str, locale: str) -> str:
    code, colon, cause = stored.partition(": ")
    if code not in KINDS["WaitReason"]:
        return stored
    named = label("WaitReason", code, locale)
    return f"{named}: {label('WaitReason', cause, locale)}" if colon else named


def catalog(locale: str) -> dict[str, dict[str, str]]:
    """Return all labels in a language: kind -> value -> label."""
    at = column(locale)
    return {kind: {value: words[at] for value, words in values.items()} for kind, values in KINDS.items()}
