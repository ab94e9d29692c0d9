"""
Read the reasons for which units are cancelled and invoices credited: those of the retailer, and the built-in ones.

Called by   functions/intake, credit, directory
Returns     CancelReason of the domain; None for a code that names no reason in use
Raises      Invalid for a request without a reason, or with a code that is not known, not in use, or given by the system alone
"""

from dataclasses import replace
from typing import Any

from comanda.aws.directory import reasons
from comanda.aws.directory.directory import CANCEL_REASON
from comanda.domain.errors import Invalid, Problem
from comanda.domain.orders.cancel_reasons import BUILT_IN, FIXED, OF_STEPS, CancelReason
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


def reason_of(reason: str | None, code: str | None, *, office: bool) -> tuple[str, CancelReason | None]:
    """Return the words of a request, else its code, and the entry of the code as `office` or a shop gives it. Without a code
    nobody is blamed."""
    if code is None:
        if reason is None:
            message = "a reason is required: its words here, or its code in reason_code"
            raise Invalid(Problem(pointer="/reason", code="missing", message=message))
        return reason, None
    found = None if code in OF_STEPS else find_reason(code)
    if found is None:
        message = f"there is no reason {code} that people give: GET /v1/cancel-reasons lists them"
        raise Invalid(Problem(pointer="/reason_code", code="unknown-cancel-reason", message=message))
    return reason or code, replace(found, of_office=office)
