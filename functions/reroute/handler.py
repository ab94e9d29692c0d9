"""
Reroute work that nodes cannot do any more, because they are closed or have less capacity on a day. What nodes can do
since a moment ago is offered to the lines that wait.

Called by   the Directory table's stream (outages, nodes, and what says which node may serve whom);
            itself and sweep, with {"nodes": [ids]}: have their work looked at; sweep, with {"waiting": true}: have all
            lines looked at that wait for stock
Returns     nothing to the stream; {"taken_back", "asked", "called"} of the nodes' work
Raises      StaleEntry, StalePack (Busy). An order that cannot be saved does not stop the others; its error is raised after
            them, and the call comes again: twice is harmless

The stream first packs the network anew, so that no router offers anything there, and then has the work taken back. A
later call for a node's work does the same: what the stream gave up is not lost.
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
        # which comes back as an outage
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
    """Rebuild the packs, and ask replenish to look at all lines that wait for a sku that these nodes keep. None is any
    node. The packs are rebuilt first: an order that is routed from then on is routed with the change."""
    packs.rebuild_all(changed)
    look = NodeWork(clock.now())
    look.call(nodes)
    if look.done["called"]:
        logger.info("called", extra={"nodes": nodes, **look.done})
    return look.done


def _check_nodes(nodes: list[str]) -> dict[str, int]:
    packs.rebuild()  # writes nothing where the stream was here first: its batch may have been given up
    directory.renew()
    there = {node.node_id: node for node in directory.nodes()}
    look = NodeWork(clock.now())
    look.at([there[name] for name in nodes if name in there])
    logger.info("looked", extra={"nodes": nodes, **look.done})
    metrics.add_metric("FulfillmentsTakenBack", MetricUnit.Count, look.done["taken_back"])
    return look.done
