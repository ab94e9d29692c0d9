"""
Define a provision: units of a digital line or of a service that were provided at once.

Units of a gift card are provided as cards, each with an account of its own. The codes of the cards are stored nowhere.

Called by   comanda.domain.orders.order, which keeps the provisions of an order; comanda.domain.lifecycle.provide;
            functions/console, which says what blocks providing
Returns     values
"""

from dataclasses import dataclass
from datetime import datetime

BLOCKED_BY = ("provide", "release", "schedule")  # a hold of any of these steps keeps units from being provided


@dataclass(frozen=True, slots=True, kw_only=True)
class Cards:
    """
    The gift cards that a provision is made of, one for each unit.

    value       of each card, in minor units of the order's currency
    days        for how many days a card is good from its activation, None for ever
    active      False until their money is captured: a card that is not active has no account
    voided      the numbers of the cards that a credit note took back, from 1
    accounts    of active cards: the ids of their accounts, by their numbers
    """

    value: int
    days: int | None = None
    active: bool = False
    voided: tuple[int, ...] = ()
    accounts: tuple[str, ...] = ()


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
    cards: Cards | None = None
