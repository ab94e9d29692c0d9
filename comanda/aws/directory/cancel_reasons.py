"""
Read the reasons for which units are cancelled: those of the retailer, and the built-in ones.

Called by   functions/intake, functions/directory
Returns     CancelReason of the domain; None for a code that names no reason in use
"""

from typing import Any

from comanda.aws.directory import reasons
from comanda.aws.directory.directory import CANCEL_REASON
from comanda.domain.orders.cancel_reasons import BUILT_IN, FIXED, CancelReason
from comanda.domain.orders.reasons import UnitsGo


def find_reason(code: str) -> CancelReason | None:
    """Return the reason of a code, at most a minute old. A reason of the retailer's replaces the built-in one of its code."""
    if code in FIXED:
        return BUILT_IN.get(code)
    return reasons.find_reason(CANCEL_REASON, code, BUILT_IN, reason)


def reason(code: str, doc: dict[str, Any]) -> CancelReason:
    """Return the reason of a document."""
    quarantine = doc["units_go"] == UnitsGo.QUARANTINE
    return CancelReason(code=code, words=reasons.words(doc), blame=reasons.blame(doc), quarantine=quarantine)


def document(one: CancelReason) -> dict[str, Any]:
    """Return a built-in reason as the directory shows it."""
    return reasons.document(one, units_go=(UnitsGo.QUARANTINE if one.quarantine else UnitsGo.SALE).value)
