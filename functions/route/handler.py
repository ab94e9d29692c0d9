"""
Route an order: choose the node for every unit that has nobody, and reserve it in the same transaction.

Called by   statemachines/order.asl.json, state "Route"; takes {"order_id"}
Returns     nothing: the order is the truth
Raises      Held (-> Held), StaleOrder, StockConflict, Throttled (-> retried), NotFound
"""

from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from comanda.aws import clock, directory, orders, plans, stock
from comanda.domain.queues import BACKORDER
from comanda.domain.resume import retry
from comanda.domain.routing import Costs, Limits, Rules, route
from comanda.domain.schedule import schedule

logger = Logger()
metrics = Metrics()

_FEW_SKUS = 25  # receipt checks that fit beside an order in its transaction


@metrics.log_metrics
def handler(event: dict[str, Any], _context: object) -> None:
    now = clock.now()
    order = orders.load(event["order_id"])
    if not any(line.unplaced() for line in order.lines):
        return
    order.require_unheld("schedule")
    plans.take_over(order.order_id)  # what a run before this one had reserved when it ended is free again
    skus = {line.sku for line in order.lines if line.unplaced()}
    receipts = stock.receipts(skus)  # before the positions: a receipt in between must refuse the backorder
    positions = stock.positions(skus)
    plan = route(order, positions, directory.nodes(), Rules(), Costs(), now, Limits())
    starved = {left.sku: receipts[left.sku] for left in plan.leftovers if left.queue == BACKORDER}
    checks = stock.no_receipt_since(starved) if len(starved) <= _FEW_SKUS else []
    orders.save(
        order,
        schedule(order, plan, positions, now),
        also=lambda saved: [orders.decision_write(saved, plan.decision), *checks],
    )
    if starved and not checks and stock.receipts(starved) != starved:
        # Too many skus to check in one transaction: act, then look. What arrived meanwhile is tried again.
        orders.decide(order.order_id, lambda seen: retry(seen, "receipt", now))
    logger.info(
        "routed",
        extra={"order_id": order.order_id, "fulfillments": len(plan.fulfillments), "leftovers": len(plan.leftovers)},
    )
    metrics.add_metric("FulfillmentsOffered", MetricUnit.Count, len(plan.fulfillments))
    metrics.add_metric("UnitsLeftOver", MetricUnit.Count, sum(left.quantity for left in plan.leftovers))
