"""
Say what a notice of a payment provider is a reason for: to ask the provider about an order, to ask a person, or nothing.

Called by   comanda.aws.orders.payment_notices
Returns     a question for a person, or whether to look
Raises      nothing

A shop authorises before it places the order, and many carts are never placed. So what is only authorised, declined or ended
for an unknown payment asks nobody; money that moved does.
"""

from comanda.domain.payments.answer import Happening, Notice

ANOTHER_ACCOUNT = "another-account"  # the endpoint gets the events of an account that is not the shop's
NO_ORDER = "no-order"  # money of a payment moved that pays no order
DISPUTED = "disputed-payment"  # a customer's bank takes money of an order's payment back: the shop answers it in time
OTHER_CURRENCY = (
    "disputed-in-another-currency"  # such a dispute stands on no order: the order's books have one currency
)
NOT_ASKED = "not-asked"  # a refund of an order's payment that Comanda did not ask for

_MOVED = (Happening.CAPTURED, Happening.REFUNDED, Happening.REFUND_FAILED, Happening.DISPUTED)
_OF_REFUNDS = (Happening.REFUNDED, Happening.REFUND_FAILED)


def question(notice: Notice, order_id: str | None) -> str:
    """Return the reason for which a person is asked about the notice, empty: nobody is asked. `order_id` is the order that the payment pays."""
    if notice.account:
        return ANOTHER_ACCOUNT
    if order_id is None:
        return NO_ORDER if notice.happening in _MOVED else ""
    if notice.happening is Happening.DISPUTED:
        return DISPUTED
    return NOT_ASKED if notice.happening in _OF_REFUNDS and not notice.operation_id else ""


def is_reason_to_look(notice: Notice) -> bool:
    """Return True if an order may wait for what the notice is about."""
    return notice.happening is not Happening.OTHER


def subject(notice: Notice, order_id: str | None) -> str:
    """Return the id of the account, payment or refund that a question is about. All notices about it are one question."""
    return notice.account or (notice.reference if order_id is None else notice.movement) or notice.notice_id
