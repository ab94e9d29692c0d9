"""
Find the reason that a request gives for what it cancels.

Called by   functions/intake: cancels and changes of orders
Returns     the reason's words, and its entry if it has a code
Raises      Invalid without a reason, and for a code that is not known, not in use, or given by the system alone
"""

from dataclasses import replace

from comanda.aws.directory.cancel_reasons import find_reason
from comanda.domain.errors import Invalid, Problem
from comanda.domain.orders.cancel_reasons import OF_STEPS, CancelReason


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
