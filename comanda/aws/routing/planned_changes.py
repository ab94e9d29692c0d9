"""
Plan the units that a change of an order adds or moves, as the router would place them now. Nothing is reserved.

Called by   functions/intake, for previews of changes, and for changes that name one
Returns     the promise of the change, None if it leaves the router nothing new to place
Raises      Throttled
"""

from collections.abc import Sequence
from datetime import datetime

from comanda.aws.routing import inputs
from comanda.aws.runtime import clock
from comanda.domain.orders.decision import Decision
from comanda.domain.orders.order import Order
from comanda.domain.promise.change_promise import ChangePromise, lines_to_promise, promised
from comanda.domain.routing.route import route
from comanda.domain.stock.changes import ReservedUnits

_MOST_SECONDS = 5.0  # of search; the API has twenty seconds


def promise_of_change(
    before: Order, decision: Decision, own: Sequence[ReservedUnits], now: datetime
) -> ChangePromise | None:
    """Return the promise of a change that is not saved. Stock that the change gives back is free for it, and so are the `own`
    units of the order's reservation."""
    after = decision.order
    line_ids = lines_to_promise(before, after)
    if not line_ids:
        return None
    wanted = inputs.wanted_methods(after)
    _, seen = inputs.for_order(after.channel, wanted, own, now, at=after.ready_at(), freed=decision.stock)
    return promised(route(after, seen, now, own, clock.time_limit(_MOST_SECONDS)), line_ids)
