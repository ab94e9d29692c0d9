"""
Check who may give an answer that gives money of the shop up. Such an answer needs what the route of credit notes needs.

Called by   functions/intake/queues/answers.py, lost_items.py
Returns     nothing
Raises      Forbidden
"""

from comanda.aws.api.callers import Caller
from comanda.domain.billing import disputes
from comanda.domain.errors import Forbidden
from comanda.domain.orders.queues import Queue

_SCOPE = "payments/write"  # of POST /v1/orders/{order_id}/credit-notes
_FINANCE = "finance"


def require(who: Caller, queue: str, item: str, answer: str) -> None:
    """Raise Forbidden without the scope of money that is given up, and about a lost dispute for a person of another desk."""
    if queue != Queue.PAYMENTS:
        return
    of_dispute = disputes.is_of_dispute(item)
    if of_dispute or answer == disputes.WRITE_OFF:
        require_scope(who, answer)
    if of_dispute and who.person and _FINANCE not in who.desks:
        raise Forbidden("what becomes of a lost dispute is decided by people of the desk finance")


def require_scope(who: Caller, answer: str) -> None:
    """Raise Forbidden for an application that may issue no credit note."""
    if _SCOPE not in who.scopes:
        raise Forbidden(f"the answer {answer} gives up money of the shop, so it needs the scope {_SCOPE}")
