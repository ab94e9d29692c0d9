"""
Give arrived stock to the lines that wait for it, in order of priority, then of time.

Called by   the Stock stream (positions only), at least once; functions/daily, reroute and sweep, with {"skus": [...]}, for
            changes that the stream may have missed
Returns     nothing: the orders have changed, and their own stream starts their machines
Raises      an error, after every other order of the batch was served: the stream delivers the batch again

Pre-orders are released when their supply is on the shelf, move with its day, and lose it when it does not come. Backorders
are released to the router as far as it could assign them now. All that arrived for one order is one decision.
"""

from collections.abc import Iterable
from functools import partial
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from comanda.aws.directory import directory
from comanda.aws.events import streams
from comanda.aws.orders import backorder_queue
from comanda.aws.runtime import clock
from comanda.aws.runtime.batch import do_all
from comanda.aws.runtime.room import room
from functions.replenish.backorder_run import BackorderRun
from functions.replenish.preorder_run import PreorderRun

logger = Logger()
metrics = Metrics()


@room
@metrics.log_metrics
def handler(event: dict[str, Any], _context: object) -> None:
    replenish(event["skus"] if "skus" in event else streams.changed_skus(event["Records"]))


def replenish(skus: Iterable[str]) -> None:
    """Serve all lines that wait for any of these skus."""
    now, found = clock.now(), backorder_queue.for_skus(skus)
    if not found:
        return
    directory.renew_all()  # a change of the directory may be the reason of this call
    preorder_run, backorder_run = PreorderRun(now), BackorderRun(now)
    preorders = {sku: queue.preorders for sku, queue in found.items() if queue.preorders}
    backorders = {sku: queue.backorders for sku, queue in found.items() if queue.backorders}
    steps = [partial(preorder_run.serve, preorders)] if preorders else []
    do_all([*steps, *([partial(backorder_run.serve, backorders)] if backorders else [])])
    if preorder_run.moved or backorder_run.units:
        done = {"skus": len(found), "preorders": preorder_run.moved, "backordered_units": backorder_run.units}
        logger.info("replenished", extra=done)
        metrics.add_metric("OrdersReplenished", MetricUnit.Count, preorder_run.moved)
        metrics.add_metric("UnitsCalled", MetricUnit.Count, backorder_run.units)
