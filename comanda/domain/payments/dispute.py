"""
Define a dispute as a payment provider has it: the customer's bank took money of a payment back, or wants to.

Called by   comanda.domain.payments.port, openapi; adapters of providers (comanda.aws.payments)
Returns     frozen values, in minor units of the currency
Raises      nothing
"""

from dataclasses import dataclass
from enum import StrEnum


class DisputeState(StrEnum):
    """Say where a dispute stands. The values are part of the API."""

    OPEN = "OPEN"  # the bank has the money until it is decided
    WON = "WON"  # the shop has the money, or has it again
    LOST = "LOST"  # the customer keeps the money


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderDispute:
    """A dispute of a payment. `dispute_id` is the provider's own name of it."""

    dispute_id: str
    amount: int
    currency: str
    state: DisputeState
