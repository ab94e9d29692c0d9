"""
Read the reasons for which nodes decline units: those of the retailer, and the built-in ones.

Called by   functions/fulfill, functions/directory
Returns     DeclineReason of the domain; None for a code that names no reason that a node may give
"""

from typing import Any

from comanda.aws.directory import reasons
from comanda.aws.directory.directory import DECLINE_REASON
from comanda.domain.orders.decline_reasons import BUILT_IN, FIXED, DeclineReason
from comanda.domain.orders.reasons import UnitsGo


def find_reason(code: str) -> DeclineReason | None:
    """Return the reason of a code, at most a minute old. A reason of the retailer's replaces the built-in one of its code."""
    if code in FIXED:
        return None
    return reasons.find_reason(DECLINE_REASON, code, BUILT_IN, reason)


def reason(code: str, doc: dict[str, Any]) -> DeclineReason:
    """Return the reason of a document."""
    return DeclineReason(
        code=code,
        words=reasons.words(doc),
        blame=reasons.blame(doc),
        units_go=UnitsGo(doc["units_go"]),
        ask_again=doc["ask_again"],
    )


def document(one: DeclineReason) -> dict[str, Any]:
    """Return a built-in reason as the directory shows it."""
    return reasons.document(one, units_go=one.units_go.value, ask_again=one.ask_again)
