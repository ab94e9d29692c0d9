"""
Make tenders of the payments that come to an order after it was placed.

Called by   functions/intake/changes/asked_changes.py, pending_changes.py
Returns     tenders, each with the provider that moves its money for the channel
Raises      Invalid for fields that do not fit the provider, and for accounts of ours that do not pay; Forbidden, TooManyRequests
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from comanda.aws.directory import directory
from comanda.domain.errors import Invalid, Problem
from comanda.domain.orders.order import Order
from comanda.domain.orders.tender import OWN, Tender
from functions.intake import checks, rules
from functions.intake.contract import PaymentIn

if TYPE_CHECKING:
    from functions.intake.own_payments import OwnPayments


def tenders(order: Order, payments: Sequence[PaymentIn], own: "OwnPayments | None") -> tuple[Tender, ...]:
    """Return payments as the order keeps them. `own` finds the accounts of ours that pay; None if there is no payment."""
    if not payments:
        return ()
    channel = directory.find(directory.CHANNEL, order.channel)
    providers, accounts = rules.payment_providers(channel), rules.NO_ACCOUNTS
    wrong = [
        Problem(pointer=f"/payments/{i}/method", code="not-taken", message="a link is asked for at payment-links")
        for i, payment in enumerate(payments)
        if checks.is_by_link(payment, providers)
    ]
    wrong = wrong or list(checks.problems_of_references(payments, channel))
    if wrong := wrong or list(checks.same_payments(order.payments, payments, providers)):
        raise Invalid(*wrong)
    if own and OWN in providers.values():
        from functions.intake.own_payments import Paid  # few orders are paid from an account of ours

        paid = Paid(channel=order.channel, customer_id=order.customer_id, currency=order.currency)
        accounts = own.accounts(paid, payments, providers)
    return tuple(rules.tender(payment, providers, accounts.get(i)) for i, payment in enumerate(payments))
