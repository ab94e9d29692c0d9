"""
Say on which day units of a line that still wait for stock are cancelled.

It is the day that a rule of the router gave the line, or that on which the day by which the order is wanted has passed, if that
comes first: what comes after it is of no use to the customer.

Called by   comanda.domain.lifecycle (overdue_backorders, next_look), comanda.domain.views
Returns     a UTC day, None for never
Raises      nothing
"""

from comanda.domain.days import days_later
from comanda.domain.orders.line import Line
from comanda.domain.orders.order import Order
from comanda.domain.orders.queues import backordered

_PASSED = 2  # days after which a local day has passed everywhere


def cancel_on(order: Order, line: Line) -> str | None:
    """Return the UTC day from which units of the line that still wait for stock are cancelled."""
    wanted_by = dict(order.requested).get("deliver_by") if order.requested and backordered(line) else None
    days = (line.cancel_on, days_later(wanted_by, _PASSED) if wanted_by else None)
    return min((day for day in days if day is not None), default=None)
