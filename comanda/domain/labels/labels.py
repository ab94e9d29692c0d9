"""
Name the values of enumerations in the reader's language, as screens, mails and timelines show them.

Called by   functions/directory, which publishes all labels; rooms that show words to people
Returns     text in English, Brazilian Portuguese or Spanish
Raises      KeyError for a kind that does not exist: a mistake of this code

A kind has the name that the published description of the API gives the enumeration. A value without a label, of a later
version of this code or of a shop's own, is returned as it is.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from comanda.domain.labels import (
    caller_words,
    case_words,
    change_words,
    document_words,
    draft_words,
    ended_words,
    event_words,
    field_words,
    kind_words,
    payment_words,
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
    **payment_words.LABELS,
    **change_words.LABELS,
    **ended_words.LABELS,
    **stock_words.LABELS,
    **kind_words.LABELS,
    **caller_words.LABELS,
    **case_words.LABELS,
    **problem_words.LABELS,
    **event_words.LABELS,
    **document_words.LABELS,
    **draft_words.LABELS,
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


def field_problem(code: str, sentence: str, locale: str) -> str:
    """Return what is wrong with a field in the reader's language.

    `sentence` is the API's own, in English. Readers of English get it, and so do all readers of a code without words.
    """
    at = column(locale)
    limit = re.search("[0-9]+", sentence)
    if at and limit and code in field_words.WITH_NUMBER:
        return field_words.WITH_NUMBER[code][at].format(n=limit[0])
    words = field_words.BY_CODE.get(code)
    return words[at] if at and words else sentence


def problem(kind: str, sentence: str, locale: str) -> str:
    """Return why a request was refused in the reader's language. `kind` is the type of the API's problem.

    Of a type that stands for many reasons, the API's own sentence follows: it is English, and says which one it is.
    """
    if not column(locale) or kind not in KINDS["ProblemType"]:
        return sentence
    words = label("ProblemType", kind, locale)
    return f"{words}: {sentence}" if kind in problem_words.OF_MANY_REASONS and sentence else words


def reason(stored: str, locale: str, day: Callable[[str], str]) -> str:
    """Return the reason of an event, a line or a task in words.

    A reason may be several codes, separated by semicolons, and a code may have a cause of its own: `pickup-declined: CLOSED`.
    Queues also write reasons with a day and a node; `day` writes a day as the reader does. Text that a person wrote is
    returned as it is.
    """
    return "; ".join(_one_reason(part, locale, day) for part in stored.split("; "))


def _one_reason(stored: str, locale: str, day: Callable[[str], str]) -> str:
    code, colon, cause = stored.partition(": ")
    if code in KINDS["WaitReason"]:
        named = label("WaitReason", code, locale)
        return f"{named}: {label('WaitReason', cause, locale)}" if colon else named
    if code in KINDS["FailedMovement"]:
        return f"{label('FailedMovement', code, locale)}: {label('PaymentReason', cause, locale)}"
    if code == "payment-differs":
        return f"{label('EventType', 'payment_checked', locale)}: {label('PaymentDifference', cause, locale)}"
    for pattern, words in queue_words.WITH_FACTS.items():
        if found := re.fullmatch(pattern, stored):
            return words[column(locale)].format_map(
                {name: text if name == "node" else _moment(text, day) for name, text in found.groupdict().items()}
            )
    return stored


def _moment(iso: str, day: Callable[[str], str]) -> str:
    """Return a day, or a moment with its time in UTC. A text that is neither is returned as it is."""
    try:
        if len(iso) == len("2026-11-28"):
            return day(iso)
        at = datetime.fromisoformat(iso).astimezone(UTC)
    except ValueError:
        return iso
    return f"{day(at.date().isoformat())} {at:%H:%M} UTC"


def catalog(locale: str) -> dict[str, dict[str, str]]:
    """Return all labels in a language: kind -> value -> label."""
    at = column(locale)
    return {kind: {value: words[at] for value, words in values.items()} for kind, values in KINDS.items()}
