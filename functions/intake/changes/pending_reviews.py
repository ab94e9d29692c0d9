"""
Review the pending changes of orders: make one that is covered by now, tell anew what another one costs, and drop one that the
order does not take any more.

An order goes on while a change waits. What is cancelled or given meanwhile may leave enough of its payments for the change. A
change that a hold keeps back waits on.

Called by   functions/intake, after its own decisions; functions/intake/handler.py, for the sweeper and pay, after those of other rooms
Returns     savings, or nothing
Raises      Busy in `review_all`, so that Lambda tries again
"""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from functools import partial

from comanda.aws.orders import orders
from comanda.aws.orders.orders import Saving
from comanda.aws.reservations import of_order
from comanda.aws.runtime import clock
from comanda.aws.runtime.batch import do_all
from comanda.domain.errors import Busy
from comanda.domain.lifecycle.changes import pending_changes
from comanda.domain.orders.decision import Decision, changed_by_decision
from comanda.domain.orders.order import Order
from comanda.domain.orders.surplus import is_held_back
from functions.intake.changes import pending_outcomes


def review_all(order_ids: Iterable[str]) -> None:
    """Review these orders, each by itself."""
    now = clock.now()
    do_all([partial(_review, order_id, now) for order_id in order_ids])


def review_after(order_id: str, now: datetime) -> None:
    """Review an order that was just saved. When other processes save it all the time, the sweeper has it reviewed later."""
    with suppress(Busy):
        _review(order_id, now)


def _review(order_id: str, now: datetime) -> None:
    orders.decide(order_id, lambda order: _reviewed(order, now))


def _reviewed(order: Order, now: datetime) -> Saving | Decision | None:
    if (dropped := pending_changes.drop_expired(order, now)) is not None:
        return dropped
    decided = pending_outcomes.decided(order, (), now)
    if decided is None or (outcome := decided.outcome).decision is None:
        return None if is_held_back(order) else pending_changes.drop_not_possible(order, now)
    if outcome.to_pay:
        return pending_changes.told_anew(order, outcome.decision.event.data["changes"], outcome.to_pay, now)
    made = pending_changes.made(outcome.decision)
    decision, of_reservation = of_order.settle(order, changed_by_decision(made), now)
    return Saving(decision=decision, also=[*of_reservation, *decided.contact_writes()])
