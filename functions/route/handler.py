"""
Route an order: choose the node for every unit that has none, reserve it in the same transaction, and release ready units.

Ready units waited for a supply that is now on the shelf. Digital lines and services are scheduled without a node.

Called by   statemachines/order.asl.json, state "Route"; takes {"order_id"}
Returns     nothing: the order has the result
Raises      Held (-> Held), StaleOrder, StockConflict, Throttled (-> retried), NotFound
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from comanda.aws.directory import carriers, directory, rule_sets
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.orders import order_items, orders, saga
from comanda.aws.orders.orders import Saving
from comanda.aws.reservations import expiry, reservations
from comanda.aws.routing import inputs
from comanda.aws.runtime import clock
from comanda.aws.runtime.room import room
from comanda.aws.stock import receipt_counters
from comanda.domain.errors import StockConflict
from comanda.domain.evaluation import shadow
from comanda.domain.lifecycle.holds import authorisations
from comanda.domain.lifecycle.provide import schedule_provided
from comanda.domain.lifecycle.resume import retry_backorders
from comanda.domain.orders.decision import Decision
from comanda.domain.orders.order import Order
from comanda.domain.orders.queues import Queue
from comanda.domain.orders.status import UNPLACED
from comanda.domain.reservations.reservations import OwnReservation
from comanda.domain.routing.inputs import RouterInputs
from comanda.domain.routing.plan import Plan
from comanda.domain.routing.route import route
from comanda.domain.scheduling.schedule import schedule
from comanda.domain.stock.changes import ReservedUnits
from comanda.domain.time_limit import TimeLimit

logger = Logger()
metrics = Metrics()

_MOST_SECONDS = 15.0  # of search, a hundred times the longest search so far: a safety stop, which the decision records
_FEW_SKUS = 25  # receipt checks beside an order in its transaction; with more, only the check after it is made


@room
@metrics.log_metrics
def handler(event: dict[str, Any], _context: object) -> None:
    now = clock.now()
    order = orders.load(event["order_id"])
    # Units that an interrupted run had reserved are free again, also if the order ended since.
    saga.take_over(order.order_id)
    orders.repair_backorder_rows(order)
    if not order.routable:
        _release_what_can_be_placed(order, now)
        return
    if order.unpaid(now):
        order = orders.decide(order.order_id, lambda seen: authorisations.hold_if_ended(seen, now)).order
    order.require_unheld("schedule")
    order.require_unheld("release")
    if _needs_nodes(order):
        _route(order, now)
    else:
        orders.decide(order.order_id, lambda seen: schedule_provided(seen, now))


def _needs_nodes(order: Order) -> bool:
    """Return True if units are to be placed or released, or if a reservation is left over to be given back."""
    if any(line.unplaced() or line.ready() for line in order.lines):
        return True
    held_back = any(line.units(lambda a: a.status in UNPLACED) for line in order.lines if not line.is_provided)
    return order.reservation_id is not None and not held_back


def _route(order: Order, now: datetime) -> None:
    if order.fulfillments:  # units that a closed node gave back must not be offered to it again
        directory.renew()
    stored = reservations.kept_for(order.order_id, order.reservation_id, now) if order.reservation_id else None
    reservation = OwnReservation(stored, now, order.order_id) if stored else None
    own = reservation.units() if reservation else ()
    wanted = inputs.wanted_methods(order)
    receipts = receipt_counters.load(wanted)  # before the positions: a receipt in between must refuse the backorder
    positions, router_inputs = inputs.for_order(order.channel, wanted, own, now, at=order.ready_at())
    late = clock.time_limit(_MOST_SECONDS)
    plan = route(order, router_inputs, now, own, late)
    # A node or a rule may be newer than the inputs: no line waits for stock that is there.
    if plan.leftovers and _directory_changed(router_inputs):
        positions, router_inputs = inputs.for_order(order.channel, wanted, own, now, at=order.ready_at())
        plan = route(order, router_inputs, now, own, late)
    backordered = {left.sku: receipts[left.sku] for left in plan.leftovers if left.queue == Queue.BACKORDER}
    decision = schedule(order, plan, positions, now, router_inputs.nodes, reservation, router_inputs.taken)
    record = _decision_record(order, router_inputs, now, plan, own, late)
    also = [order_items.decision_write(decision.saved, one) for one in (record, *plan.others)]
    if stored:
        also.append(reservations.given_write(stored, order.order_id, now))
    saved = _save(order, decision, also, backordered, now)
    if backordered and _can_be_placed_now(saved, backordered, router_inputs):
        orders.decide(order.order_id, lambda seen: retry_backorders(seen, "receipt", now))
    _log_plan(order, plan)


def _save(order: Order, decision: Decision, also: Sequence[Write], backordered: dict[str, int], now: datetime) -> Order:
    """Save the order, unless a sku that it waits for was received since. `backordered`: the receipts read, by sku.

    Raises StockConflict. Reservations whose time is over are then given back, so that the next try finds their units free.
    """
    checks = receipt_counters.unchanged(backordered) if len(backordered) <= _FEW_SKUS else []
    try:
        return orders.save(order, Saving(decision=decision, also=also, if_room=checks))
    except StockConflict:
        expiry.take_back({(c.sku, c.node) for c in decision.stock if c.need is not None}, now)
        raise


def _decision_record(
    order: Order, router_inputs: RouterInputs, now: datetime, plan: Plan, own: Sequence[ReservedUnits], late: TimeLimit
) -> Mapping[str, Any]:
    """Return the record of the decision, with the outcomes of the rule sets that run as shadows."""
    shadows = rule_sets.book().shadows
    found = shadow.shadow_outcomes(order, router_inputs, now, plan.decision, shadows, own, late) if shadows else []
    return {**plan.decision, "shadows": found} if found else plan.decision


def _directory_changed(router_inputs: RouterInputs) -> bool:
    """Return True if the directory has changed since `router_inputs` were read. A process may keep entries that are a
    minute old."""
    directory.renew_all()
    # A pack of the same version is the very same object.
    known = (router_inputs.nodes, router_inputs.carriers, router_inputs.rules.sets)
    now = (directory.nodes(), carriers.carriers(), rule_sets.book().sets)
    return any(
        one is not other for one, other in zip(known, now, strict=True)
    ) or router_inputs.goods != directory.goods(router_inputs.goods)


def _can_be_placed_now(order: Order, skus: Iterable[str], router_inputs: RouterInputs) -> bool:
    """Return True if backordered units of these skus can be placed after all. The order is checked once its decision is
    written; `router_inputs` are those of the decision.

    Units that another order gave back in between change no receipt counter. And a process that freed stock, or changed
    the directory, checks waiting lines at once: it may have done so before this order was written.
    """
    changed = _directory_changed(router_inputs)
    again = retry_backorders(order, "receipt", clock.now())
    if again is None:
        return False
    methods = {sku: methods for sku, methods in inputs.wanted_methods(again.order).items() if sku in set(skus)}
    _, seen = inputs.for_order(order.channel, methods, (), clock.now())
    free = {(p.sku, p.node): p.free for p in router_inputs.positions}
    if any(p.free > free.get((p.sku, p.node), 0) and p.available for p in seen.positions):
        return True
    if not changed:
        return False
    waiting = tuple(line for line in again.order.lines if line.sku in methods)
    plan = route(replace(again.order, lines=waiting), seen, clock.now(), late=clock.time_limit(_MOST_SECONDS))
    return bool(plan.fulfillments)


def _release_what_can_be_placed(order: Order, now: datetime) -> None:
    """Release the backordered units that can be placed. An earlier run may have ended after it saved the order and
    before it could check."""
    again = retry_backorders(order, "receipt", now)
    if again is None or order.kept_from_router:
        return
    directory.renew_all()
    _, router_inputs = inputs.for_order(order.channel, inputs.wanted_methods(again.order), (), now)
    if route(again.order, router_inputs, now, late=clock.time_limit(_MOST_SECONDS)).fulfillments:
        orders.decide(order.order_id, lambda seen: retry_backorders(seen, "receipt", now))


def _log_plan(order: Order, plan: Plan) -> None:
    logger.info(
        "routed",
        extra={"order_id": order.order_id, "fulfillments": len(plan.fulfillments), "leftovers": len(plan.leftovers)},
    )
    metrics.add_metric("FulfillmentsOffered", MetricUnit.Count, len(plan.fulfillments))
    metrics.add_metric("UnitsLeftOver", MetricUnit.Count, sum(left.quantity for left in plan.leftovers))
