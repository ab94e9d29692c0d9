"""
Read a reason of a list of the retailer, and show one as the directory does. Cancels and declines have each a list of their own.

Called by   comanda.aws.directory.cancel_reasons and decline_reasons
Returns     reasons, and parts of them and of their documents
"""

from collections.abc import Callable, Mapping
from typing import Any

from comanda.aws.directory.directory import find
from comanda.domain.orders.reasons import LANGUAGES, Blame, Reason


def find_reason[R: Reason](
    kind: str, code: str, built_in: Mapping[str, R], made: Callable[[str, dict[str, Any]], R]
) -> R | None:
    """Return the reason of a code, at most a minute old; None if none is in use. One of the retailer's replaces a built-in one.

    `made` makes a reason of its document.
    """
    doc = find(kind, code)
    if doc is None:
        return built_in.get(code)
    return made(code, doc) if doc["active"] else None


def words(doc: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return the words of a document in English, Portuguese and Spanish."""
    english, portuguese, spanish = (doc["titles"][locale] for locale in LANGUAGES)
    return english, portuguese, spanish


def blame(doc: Mapping[str, Any]) -> Blame:
    return Blame(doc["blame"])


def document(one: Reason, **more: Any) -> dict[str, Any]:
    """Return a built-in reason as the directory shows it. `more` are the fields of its list."""
    return {"titles": dict(zip(LANGUAGES, one.words, strict=True)), "blame": one.blame.value, **more, "active": True}
