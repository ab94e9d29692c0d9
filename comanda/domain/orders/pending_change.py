"""
Define a change of an order that waits for money: the order goes on with what it had.

Called by   comanda.domain.orders.order; comanda.domain.lifecycle.changes, which makes the value
Returns     values
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

KEPT = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingChange:
    """A change that is made when `to_pay` is authorised before `until`, if the order still takes it then.

    `cancels` are the units that it cancels, and `surplus` is how much more was paid or authorised than the order cost when
    `to_pay` was found, below 0 if less. `given` are the minor units of discounts that it would give, `limits` those of the person
    who asks for it: percent, and minor units. An application has none. `office` is True if the retailer's own people or back
    office ask. The change itself is stored with the customer's data, because it may have an address or a message.
    """

    modifications: tuple[str, ...]
    reason: str
    to_pay: int
    until: datetime
    by: str
    at: datetime
    given: int = 0
    limits: tuple[int, int] | None = None
    surplus: int = 0
    cancels: int = 0
    office: bool = False
    first_payment: int | None = (
        None  # the index of the first tender that is told of for it; None: an older version did not say
    )
