"""
Cancel units that no stock came for in time.

Called by   functions/sweep
Returns     a decision with the event `cancelled`; None when no unit is overdue
Raises      nothing
"""

from datetime import UTC, datetime

from comanda.domain.lifecycle.cancels import cancel
from comanda.domain.orders.cancel_reasons import NO_STOCK_IN_TIME
from comanda.domain.orders.decision import Decision
from comanda.domain.orders.line import Units
from comanda.domain.orders.order import Order
from comanda.domain.orders.patience import cancel_on
from comanda.domain.orders.queues import backordered
from comanda.domain.orders.status import Status


def cancel_overdue_backorders(order: Order, now: datetime) -> Decision | None:
    """Cancel units that still wait for stock on the day on which their line's patience ends (`patience.cancel_on`).

    Returns None when no unit does, or a hold blocks cancelling. Units for which stock came, and which the router has not placed
    yet, are not cancelled.
    """
    today = now.astimezone(UTC).date().isoformat()
    late = [
        line
        for line in order.lines
        if (day := cancel_on(order, line)) is not None and day <= today and "cancel" not in line.held
    ]
    wanted = {line.line_id: units for line in late if (units := backordered(line))}
    if not wanted or order.blocked("cancel"):
        return None
    why = NO_STOCK_IN_TIME
    result = cancel.cancel_units(order, wanted, "cancel", now, Units(status=Status.BACKORDERED), why=why)
    return cancel.decided(result, wanted, why.code, "sweep", now, why=why)
