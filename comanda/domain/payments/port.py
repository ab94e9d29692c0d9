"""
Define what a payment provider can do for us: six calls, and the looks at a payment and its disputes.

Called by   comanda.aws.payments, comanda.aws.orders.payment_movements, functions/pay
Returns     answers; a provider never raises because of what it was asked
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from comanda.domain.payments.answer import Answer, Payment
from comanda.domain.payments.dispute import ProviderDispute
from comanda.domain.payments.operation import Operation


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """
    Say what an account at a provider may do.

    multi_capture   several captures of one authorisation, where its card allows them; else the first one releases the rest
    incremental     a larger amount for an authorisation
    """

    multi_capture: bool = False
    incremental: bool = False


def movable(amount: int, unit: int) -> int:
    """Return the part of an amount that a provider can move. The rest stays to be paid; without a unit that is all of it."""
    return amount - amount % unit if unit else 0


def rounded_up(amount: int, unit: int) -> int:
    """Return the least amount that a provider can authorise for an amount; without a unit it is the amount itself."""
    return -(-amount // unit) * unit if unit else amount


class Provider(Protocol):
    """
    Moves money once for each operation id, however often it is asked.

    `status` says what became of an operation whose answer was lost (UNKNOWN), or whose end comes later (PENDING).
    """

    capabilities: Capabilities

    def authorize(self, operation: Operation) -> Answer: ...

    def increase(self, operation: Operation) -> Answer: ...

    def capture(self, operation: Operation) -> Answer: ...

    def void(self, operation: Operation) -> Answer: ...

    def refund(self, operation: Operation) -> Answer: ...

    def status(self, operation: Operation, now: datetime) -> Answer: ...

    def unit(self, currency: str) -> int:
        """Return the smallest amount that the provider moves, in minor units; 0: it moves none in this currency."""

    def disputes(self, reference: str) -> tuple[ProviderDispute, ...] | Answer:
        """Return the disputes of a payment as they are now, or why they are not known."""

    def payment(self, reference: str) -> Payment | Answer:
        """Return a payment as it is now, or why it is not known: DECLINED when there is none, UNKNOWN without an answer."""
