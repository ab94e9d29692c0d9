"""Make orders that wait: for stock, and for customer care."""

from dataclasses import replace

from comanda.domain.lifecycle.node_work.decline import decline
from comanda.domain.orders.methods import PICKUP
from comanda.domain.orders.status import Status
from tests.builders import a_line, a_line_in, a_step, an_allocation, an_order, offered, placed, saved
from tests.domain.declines import OTHER


def backordered(*units, **changes):
    """An order with one backordered line for each of these numbers of units."""
    lines = [
        a_line_in(an_allocation(n, Status.BACKORDERED), line_id=str(i), because="no-stock")
        for i, n in enumerate(units, 1)
    ]
    return replace(placed(an_order(*lines)), lines=tuple(lines), **changes)


def a_declined_pickup():
    """An order of one pickup line that its store declined."""
    order = placed(an_order(a_line("TEA", 2, method=PICKUP, node="store-7")))
    return saved(decline(offered(order), a_step(), OTHER))
