"""
Take work back from nodes that cannot do it any more, and call the waiting lines that nodes may now serve.

A node is closed, or has less capacity on a day; or a node, or an entry that holds for many nodes, was put.

Called by   the Directory table's stream (outages, nodes, and entries that decide which node may serve a line);
            itself and sweep, with {"nodes": [ids]}: check the work of these nodes; sweep, with {"waiting": true}: call all
            lines that wait for stock
Returns     nothing to the stream; {"taken_back", "asked", "called"} of the nodes' work
Raises      StaleEntry, StalePack (Busy). An order that cannot be saved does not stop the others; its error is raised after
            them, and the call is repeated: twice is harmless

The stream first rebuilds the packed network, so that no router offers anything to these nodes, and then has the work taken
back. A later call for a node's work does the same, so work is taken back even if the stream gave up.
"""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from comanda.aws.directory import directory, outages, packs
from comanda.aws.runtime import clock
from comanda.aws.runtime.invoke import start_function
from comanda.aws.runtime.room import room
from comanda.aws.runtime.settings import settings
from functions.reroute import changes
from functions.reroute.work import NodeWork

logger = Logger()
metrics = Metrics()


@room
@metrics.log_metrics
def handler(event: dict[str, Any], _context: object) -> dict[str, int] | None:
    if "nodes" in event:
        return _check_nodes(event["nodes"])
    if "waiting" in event:
        return _call_waiting_lines({}, None)
    _follow(event["Records"])
    return None


def _follow(records: list[dict[str, Any]]) -> None:
    now = clock.now()
    for node in changes.slower(records):
        # This change of the node's outage comes back in the stream.
        outages.change(node, lambda doc: {**doc, "usual_at": now.isoformat()}, "reroute", now)
    changed = changes.outages(records)
    if changed:
        packs.rebuild()
    if changes.everywhere(records):
        _call_waiting_lines(changes.packed(records), None)
    elif put := changes.nodes(records):
        _call_waiting_lines(changes.packed(records), put)
    NodeWork(now).call_skus(changes.skus(records))
    for node in changed:
        start_function(settings.reroute_function, {"nodes": [node]})


def _call_waiting_lines(changed: Mapping[str, list[str]], nodes: list[str] | None) -> dict[str, int]:
    """Rebuild the packs, and ask replenish to check all lines that wait for a sku that these nodes keep. None stands
    for all nodes.

    The packs are rebuilt first: an order that is routed from then on is routed with the change.
    """
    packs.rebuild_all(changed)
    work = NodeWork(clock.now())
    work.call_waiting_lines(nodes)
    if work.done["called"]:
        logger.info("called", extra={"nodes": nodes, **work.done})
    return work.done


def _check_nodes(nodes: list[str]) -> dict[str, int]:
    """Take back the work that these nodes cannot do."""
    packs.rebuild()  # writes nothing if the stream did it; its batch may have been given up
    directory.renew()
    there = {node.node_id: node for node in directory.nodes()}
    work = NodeWork(clock.now())
    work.take_back([there[name] for name in nodes if name in there])
    logger.info("looked", extra={"nodes": nodes, **work.done})
    metrics.add_metric("FulfillmentsTakenBack", MetricUnit.Count, work.done["taken_back"])
    return work.done
