"""
Ask for authorisations that failed captures need, and end the questions about those that nothing needs.

Called by   comanda.aws.orders.payment_movements, when all that is due of an order is done
Returns     an order with its operations; whether more was asked for
Raises      StaleOrder, Throttled (Busy)
"""

from collections.abc import Mapping
from typing import Any

from comanda.aws.dynamodb import keys
from comanda.aws.orders import orders, payment_renewals
from comanda.aws.runtime import clock
from comanda.domain.errors import StaleOrder
from comanda.domain.lifecycle.holds import payment_holds, renewal_needs, renewals
from comanda.domain.orders.decision import Decision
from comanda.domain.orders.order import Order

Row = Mapping[str, Any]


def read(order_id: str) -> tuple[Order, list[Row]]:
    """Return an order and its operations of one moment. Raises StaleOrder while operations are written all the time."""
    for _ in range(orders.TRIES):
        order = orders.load(order_id)
        rows: list[Row] = sorted(orders.children(order_id, keys.MONEY), key=lambda row: row["number"])
        if len(rows) == order.operations:
            return order, rows
    raise StaleOrder(order_id)


def follow(order: Order) -> bool:
    """End needless questions, and ask for what failed captures need. Return True if a further operation does that."""
    if payment_holds.is_asked_again(order):
        _end_needless_questions(order.order_id)
    return bool(renewal_needs.spent(order)) and _ask_again(order.order_id)


def _end_needless_questions(order_id: str) -> None:
    """End the questions about authorisations that were needed for captures alone, if those are done."""
    captures = payment_renewals.unended(read(order_id)[1])
    orders.decide(order_id, lambda order: renewals.not_needed(order, clock.now(), captures))


def _ask_again(order_id: str) -> bool:
    """Ask for captures that came too late, because the sweeper looks at no closed order. Return True if that was done."""
    found, rows = read(order_id)
    unsent = payment_renewals.unsent(rows)

    def decided(order: Order) -> Decision | None:
        return renewals.captured_too_late(order, clock.now(), unsent) if order.operations == found.operations else None

    return orders.decide(order_id, decided).event is not None
