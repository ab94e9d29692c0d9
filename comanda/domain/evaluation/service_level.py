"""
Measure how well stock serves orders: the fill rate of a shelf, and the reason of a faster service than was bought.

    fill rate = shipped / (shipped + not found at the shelf + waiting for stock)

Called by   comanda.aws.stock_updates (safety stock policies and facts), functions/fulfill, functions/stock
Returns     figures for GET /v1/stock/kpis; no rule decides by them
Raises      nothing

Shipped and not-found units are those of one sku at one node in a span of days, from its ledger. Waiting units are those of the
sku that have no node at the moment of the measurement, so a want anywhere counts against a release of safety stock.
"""

from dataclasses import dataclass
from datetime import timedelta

from comanda.domain.orders.order import Order

SPAN = timedelta(days=28)  # before a release, and after it


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceLevel:
    """The wanted units of a shelf: those shipped, not found, and still waiting."""

    shipped: int = 0
    not_found: int = 0
    waiting: int = 0

    @property
    def fill_permille(self) -> int | None:
        """Return the fill rate in thousandths, rounded down. Returns None if no unit was wanted."""
        wanted = self.shipped + self.not_found + self.waiting
        return self.shipped * 1000 // wanted if wanted else None


def is_worse(before: ServiceLevel, after: ServiceLevel) -> bool | None:
    """Return True if the shelf serves worse than before. Returns None if one of the two has no fill rate."""
    if before.fill_permille is None or after.fill_permille is None:
        return None
    return after.fill_permille < before.fill_permille


STANDARD, EXPRESS = "STANDARD", "EXPRESS"
LATE, GIVEN_BACK, OTHER = "LATE", "GIVEN_BACK", "OTHER"


def why_upgraded(order: Order, number: int) -> str | None:
    """Return why a shipment left EXPRESS with units that were bought STANDARD. Returns None if it did not.

    LATE: it left after its ship-by; GIVEN_BACK: another node had its units before; OTHER: the reason is not known.
    """
    shipment = order.fulfillment(number)
    fast = any(package.service.strip().upper() == EXPRESS for package in shipment.packages)
    lines = [line for line, _ in order.units_of(number) if line.service == STANDARD]
    if shipment.shipped_at is None or not fast or not lines:
        return None
    if shipment.shipped_at > shipment.ship_by:
        return LATE
    return GIVEN_BACK if any(line.attempts for line in lines) else OTHER
