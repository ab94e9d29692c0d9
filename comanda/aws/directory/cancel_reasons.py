"""
Read the reasons for which units are cancelled: those of the retailer, and the built-in ones.

Called by   functions/intake, functions/directory
Returns     CancelReason of the domain; None for a code that names no reason in use
"""

from typing import Any

from comanda.aws.directory.directory import CANCEL_REASON, find
from comanda.domain.orders.cancel_reasons import BUILT_IN, FIXED, CancelReason
from comanda.domain.orders.reasons import LANGUAGES, Blame, UnitsGo


def find_reason(code: str) -> CancelReason | None:
    """Return the reason of a code, at most a minute old. A reason of the retailer's replaces the built-in one of its code."""
    doc = None if code in FIXED else find(CANCEL_REASON, code)
    if doc is None:
        return BUILT_IN.get(code)
    return reason(code, doc) if doc["active"] else None


def reason(code: str, doc: dict[str, Any]) -> CancelReason:
    """Return the reason of a document."""
    english, portuguese, spanish = (doc["titles"][locale] for locale in LANGUAGES)
    return CancelReason(
        code=code,
        words=(english, portuguese, spanish),
        blame=Blame(doc["blame"]),
        quarantine=doc["units_go"] == UnitsGo.QUARANTINE,
    )


def document(one: CancelReason) -> dict[str, Any]:
    """Return a built-in reason as the directory shows it."""
    return {
        "titles": dict(zip(LANGUAGES, one.words, strict=True)),
        "blame": one.blame.value,
        "units_go": (UnitsGo.QUARANTINE if one.quarantine else UnitsGo.SALE).value,
        "active": True,
    }
