"""
Give arrived stock to the lines that wait for it, in order of priority, then of time. Pre-orders are released when their
supply is on the shelf, move with its day, and lose it when it does not come. Backorders are released to the router as
far as it could place them now, and no further. All that arrived for one order is one decision.

Called by   the Stock stream (positions only), at least once; functions/daily and functions/reroute, with {"skus": [...]}:
            what it may have missed
Returns     nothing: what changed is on the orders, whose own stream wakes their machines
Raises      an error, after every other order of the batch was looked at: the stream delivers the batch again
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
from functions.replenish.calling import Calling
from functions.replenish.following import Following

logger = Logger()
metrics = Metrics()


@room
@metrics.log_metrics
def handler(event: dict[str, Any], _context: object) -> None:
    replenish(event["skus"] if "skus" in event else streams.changed_skus(event["Records"]))


def replenish(skus: Iterable[str]) -> None:
    """Look at all lines that wait for any of these skus."""
    now, found = clock.now(), backorder_queue.for_skus(skus)
    if not found:
        return
    directory.renew_all()  # what is new may be why somebody is called
    following, calling = Following(now), Calling(now)
    preorders = {sku: queue.preorders for sku, queue in found.items() if queue.preorders}
    backorders = {sku: queue.backorders for sku, queue in found.items() if queue.backorders}
    steps = [partial(following.follow, preorders)] if preorders else []
    do_all([*steps, *([partial(calling.call, backorders)] if backorders else [])])
    if following.moved or calling.units:
        done = {"skus": len(found), "preorders": following.moved, "backordered_units": calling.units}
        logger.info("replenished", extra=done)
        metrics.add_metric("OrdersReplenished", MetricUnit.Count, following.moved)
        metrics.add_metric("UnitsCalled", MetricUnit.Count, calling.units)
