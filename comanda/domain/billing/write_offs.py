"""
Lower what the shop gave up of lost disputes, when its customer turns out to owe less.

Called by   comanda.domain.billing: disputes, when a bank gives money back; failed_refunds, when a refund was not made
Returns     the order
Raises      nothing
"""

from dataclasses import replace

from comanda.domain.orders.dispute import Dispute, lost
from comanda.domain.orders.fulfillment import to_capture_later
from comanda.domain.orders.order import Order


def without_needless(order: Order) -> Order:
    """Return an order of which no more is given up than its customer owes. As long as more of it may be invoiced, more may be owed
    again: a person is asked once more then."""
    more = order.totals.total > order.invoiced_total - to_capture_later(order.fulfillments)
    owed = max(order.totals.total - order.open_authorization, order.invoiced_total) - order.accounted
    left = max(0, owed + lost(order.disputes))
    kept: list[Dispute] = []
    for one in order.disputes:
        given_up = min(one.written_off, left)
        left -= given_up
        kept.append(
            replace(one, written_off=given_up, answered=one.answered and not (more and given_up < one.written_off))
        )
    return replace(order, disputes=tuple(kept))
