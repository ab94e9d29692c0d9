"""
Define what an order keeps of a credit note: the sums that its books and the limits of persons need.

Called by   comanda.domain.orders.order; comanda.domain.billing.credit_notes decides credit notes
Returns     frozen values, in minor units of the order's currency
Raises      nothing
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """A credit note of the order. Its number within the order is its place, from 1.

    `total` is what the customer does not owe, or gets back; `tax` is its part for the tax office. `refunded` is what was to be
    given back when it was issued. `by_person`: a person decided it, so it counts against the limits of persons.
    """

    invoice: int
    total: int
    tax: int
    refunded: int = 0
    by_person: bool = False
