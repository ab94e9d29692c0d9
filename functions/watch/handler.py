"""
Watch stock: write the summaries that pages and carts read, raise and clear alerts, and tell of both.

Called by   the Stock stream (positions, what waits for a sku, alerts), at least once, at most once a second for each shard;
            ops, with {"skus": [...]}: all of these anew, for instance after a policy changed
Returns     nothing
Raises      an error, after every other sku of the batch was looked at: the stream delivers the batch again
"""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from comanda.aws import alerts, bus, clock, directory, shelves, summaries
from comanda.aws.batches import do_all
from comanda.domain import availability
from functions.watch.rules import changed

logger = Logger()
metrics = Metrics()

_TOGETHER = 8  # skus at once: each waits for DynamoDB nearly all of its time


@metrics.log_metrics
def handler(event: dict[str, Any], _context: object) -> None:
    directory.node_documents()  # once, before skus are read side by side
    told: list[dict[str, Any]] = []
    if "skus" in event:
        steps = [partial(follow, sku, None) for sku in event["skus"]]
    else:
        told = alerts.events(event["Records"])
        steps = [partial(follow, sku, nodes) for sku, nodes in changed(event["Records"]).items()]
    do_all([partial(bus.send, told), *_side_by_side(steps)])
    logger.info("watched", extra={"skus": len(steps), "told": len(told)})
    metrics.add_metric("SkusWatched", MetricUnit.Count, len(steps))


def follow(sku: str, nodes: Iterable[str] | None) -> None:
    """What follows from a change of a sku: at these nodes, or at any when they are not named."""
    now = clock.now()
    found = shelves.read(sku)
    summaries.write(sku, availability.summaries(found.shelves, found.unassigned, now, at_nodes=nodes), now)
    raised = sum(alerts.settle(watched, now) for watched in found.watched)
    if raised:
        logger.info("alerts", extra={"sku": sku, "changes": raised})


def _side_by_side(steps: Iterable[Callable[[], None]]) -> list[Callable[[], object]]:
    """The same steps, begun together; each raises where it is asked for."""
    with ThreadPoolExecutor(max_workers=_TOGETHER) as pool:
        return [future.result for future in [pool.submit(step) for step in steps]]
