"""
Write the summaries of stock that pages and carts read, raise and clear alerts, and publish the changes of alerts.

Called by   the Stock stream (positions, lines that wait for a sku, alerts), at least once, at most once a second for each
            shard; people with {"skus": [...]}: writes all of these again, for instance after a policy changed
Returns     nothing
Raises      the last error, after all other skus of the batch were done; the stream delivers the batch again
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
from functions.watch.rules import changed_nodes

logger = Logger()
metrics = Metrics()


@room
@metrics.log_metrics
def handler(event: dict[str, Any], _context: object) -> None:
    directory.node_documents()  # once, before threads read the skus
    published: list[dict[str, Any]] = []
    if "skus" in event:
        steps = [partial(_renew_views, sku, None) for sku in event["skus"]]
    else:
        published = alerts.events(event["Records"])
        steps = [partial(_renew_views, sku, nodes) for sku, nodes in changed_nodes(event["Records"]).items()]
    do_all([partial(bus.send, published), *run_concurrently(steps)])
    logger.info("watched", extra={"skus": len(steps), "told": len(published)})
    metrics.add_metric("SkusWatched", MetricUnit.Count, len(steps))


def _renew_views(sku: str, nodes: Iterable[str] | None) -> None:
    """Renew the summaries and alerts of a sku. `nodes` are the nodes that changed; None renews all of them."""
    _, changes = refresh.update_views(sku, nodes)
    if changes:
        logger.info("alerts", extra={"sku": sku, "changes": changes})
