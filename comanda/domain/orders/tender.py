"""
Define the tender: one means by which an order is paid, and what was authorised, captured, refunded and released on it.

Called by   comanda.domain.orders.order; rules that move money
Returns     frozen values, in minor units of the order's currency
Raises      nothing
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Tender:
    """One means of payment. 0 <= refunded <= captured; open authorisation = authorized - captured - released."""

    method: str
    reference: str
    authorized: int
    captured: int = 0
    captured_before: int = 0  # the part of `captured` that the shop had captured itself, before it told of the payment
    refunded: int = 0
    released: int = 0
    expires_at: datetime | None = None

    @property
    def open(self) -> int:
        """Return the amount that is authorised, and neither captured nor released."""
        return self.authorized - self.captured - self.released

    def ended(self, at: datetime) -> bool:
        """Return True if the authorisation has ended at this time, so that no more can be captured from it."""
        return self.expires_at is not None and self.expires_at <= at
