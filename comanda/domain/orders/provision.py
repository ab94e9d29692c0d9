"""
Define a provision: units of a digital line or of a service that were provided at once.

Called by   comanda.domain.orders.order, which keeps the provisions of an order; comanda.domain.lifecycle.provide;
            functions/console, which says what blocks providing
Returns     values
"""

from dataclasses import dataclass
from datetime import datetime

BLOCKED_BY = ("provide", "release", "schedule")  # a hold of any of these steps keeps units from being provided


@dataclass(frozen=True, slots=True, kw_only=True)
class Provision:
    """Units of a digital line or of a service that the customer got at once. The text of its proof is in Customers."""

    number: int
    line_id: str
    quantity: int
    proof: str  # the kind of the proof
    by: str
    at: datetime
    invoice: int | None = None  # number of the invoice of its units
