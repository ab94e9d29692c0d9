"""
How well stock serves orders, in figures that stand beside a decision: was safety stock released without loss, what was sent
faster than it was bought, and why?

    fill rate = shipped / (shipped + not found at the shelf + waiting for stock)

Shipped and not found are those of one sku at one node in a span of days, from its ledger. Waiting are the units of the sku
that no node has, at the moment of the measurement: they have no node, so a want anywhere counts against the release.
"""

from dataclasses import dataclass
from datetime import timedelta

from comanda.domain.orders.order import Order

SPAN = timedelta(days=28)  # before a release, and after it


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceLevel:
    """What was asked of a shelf, and what became of it."""

    shipped: int = 0
    not_found: int = 0
    waiting: int = 0

    @property
    def fill_permille(self) -> int | None:
        """In thousandths, rounded down; None when nothing was asked, which says nothing."""
        asked = self.shipped + self.not_found + self.waiting
        return self.shipped * 1000 // asked if asked else None


def is_worse(before: ServiceLevel, after: ServiceLevel) -> bool | None:
    """Whether the shelf serves worse than before; None while one of the two says nothing."""
    if before.fill_permille is None or after.fill_permille is None:
        return None
    return after.fill_permille < before.fill_permille


STANDARD, EXPRESS = "STANDARD", "EXPRESS"
LATE, GIVEN_BACK, OTHER = "LATE", "GIVEN_BACK", "OTHER"


def why_upgraded(order: Order, number: int) -> str | None:
    """Why a shipment left EXPRESS with units that were bought STANDARD; None when it did not.

    LATE: it left after its ship-by; GIVEN_BACK: another node had its units before; OTHER: nobody said.
    """
    shipment = order.fulfillment(number)
    fast = any(package.service.strip().upper() == EXPRESS for package in shipment.packages)
    lines = [line for line, _ in order.units_of(number) if line.service == STANDARD]
    if shipment.shipped_at is None or not fast or not lines:
        return None
    if shipment.shipped_at > shipment.ship_by:
        return LATE
    return GIVEN_BACK if any(line.attempts for line in lines) else OTHER
