"""
Watch stock: write the summaries that pages and carts read, raise and clear alerts, and tell of both.

Called by   the Stock stream (positions, what waits for a sku, alerts), at least once, at most once a second for each shard;
            ops, with {"skus": [...]}: all of these anew, for instance after a policy changed
Returns     nothing
Raises      an error, after every other sku of the batch was looked at: the stream delivers the batch again
"""

from collections.abc import Iterable
from functools import partial
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from comanda.aws.directory import directory
from comanda.aws.events import bus
from comanda.aws.runtime.batch import do_all
from comanda.aws.runtime.concurrently import run_concurrently
from comanda.aws.runtime.room import room
from comanda.aws.stock_views import alerts, refresh
from functions.watch.rules import changed

logger = Logger()
metrics = Metrics()


@room
@metrics.log_metrics
def handler(event: dict[str, Any], _context: object) -> None:
    directory.node_documents()  # once, before skus are read side by side
    told: list[dict[str, Any]] = []
    if "skus" in event:
        steps = [partial(_follow, sku, None) for sku in event["skus"]]
    else:
        told = alerts.events(event["Records"])
        steps = [partial(_follow, sku, nodes) for sku, nodes in changed(event["Records"]).items()]
    do_all([partial(bus.send, told), *run_concurrently(steps)])
    logger.info("watched", extra={"skus": len(steps), "told": len(told)})
    metrics.add_metric("SkusWatched", MetricUnit.Count, len(steps))


def _follow(sku: str, nodes: Iterable[str] | None) -> None:
    _, changes = refresh.follow(sku, nodes)
    if changes:
        logger.info("alerts", extra={"sku": sku, "changes": changes})
