"""
Make tenders of the payments that come to an order after it was placed.

Called by   functions/intake/changes/asked_changes.py, pending_changes.py
Returns     tenders, each with the provider that moves its money for the channel
Raises      nothing
"""

from collections.abc import Sequence

from comanda.aws.directory import directory
from comanda.domain.orders.order import Order
from comanda.domain.orders.tender import Tender
from functions.intake import rules
from functions.intake.contract import PaymentIn


def tenders(order: Order, payments: Sequence[PaymentIn]) -> tuple[Tender, ...]:
    """Return payments as the order keeps them."""
    if not payments:
        return ()
    providers = rules.payment_providers(directory.find(directory.CHANNEL, order.channel))
    return tuple(rules.tender(payment, providers) for payment in payments)
