"""
Find the fact that time alone has made about an open order. Pure.

Called by   functions/sweep/handler.py, for each order whose time has come
Returns     the decision, or None if no fact is due
"""

from datetime import datetime

from comanda.domain.lifecycle.backorders import preorders
from comanda.domain.lifecycle.backorders.overdue_backorders import cancel_overdue_backorders
from comanda.domain.lifecycle.changes import pending_changes
from comanda.domain.lifecycle.holds import authorisations, hold_expiry, renewals
from comanda.domain.lifecycle.node_work import decline, recall_requests
from comanda.domain.orders import wave_wait
from comanda.domain.orders.decision import Decision
from comanda.domain.orders.order import Order


def decide_due_fact(
    order: Order, accept_minutes: dict[str, int], resolves: frozenset[str], now: datetime
) -> Decision | None:
    """Decide the first fact that time alone has made, or return None if no fact is due.

    Such facts are: a hold that expired, a missed deadline, a recall that was not answered, an authorisation that ends, a pending change without money, stock or
    a wave that did not come in time, and a day that came. `accept_minutes` are the minutes by node in which the node answers;
    `resolves` are the types of holds that end by themselves.
    """
    if (expired := hold_expiry.end_expired_hold(order, resolves, now)) is not None:
        return expired
    for fulfillment in order.fulfillments:
        if (
            fulfillment.recall
            and (silent := recall_requests.end_unanswered_recall(order, fulfillment.number, now)) is not None
        ):
            return silent
        missed = decline.miss_deadline(order, fulfillment.number, now, accept_minutes.get(fulfillment.node, 120))
        if missed is not None:
            return missed
    if (dropped := pending_changes.drop_expired(order, now)) is not None:
        return dropped
    return (
        renewals.begin(order, now)
        or authorisations.hold_if_ended(order, now)
        or cancel_overdue_backorders(order, now)
        or wave_wait.release_overdue(order, now)
        or preorders.release_from_lanes(order, now)
    )
