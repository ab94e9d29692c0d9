"""
Publish every event of an order on the bus, and the scans of parcels that customers hear of, at least once.

Called by   the Orders stream (events, and these scans only); sweep, with {"look": [order ids]}: publishes events that are not on the bus yet
Returns     nothing
Raises      Throttled; the stream then delivers the batch again
"""

from typing import Any

from aws_lambda_powertools import Logger

from comanda.aws.dynamodb import keys
from comanda.aws.events import bus, streams
from comanda.aws.events.streams import OrderEvent
from comanda.aws.orders import orders, task_tokens
from comanda.aws.runtime import clock
from comanda.aws.runtime.room import room
from comanda.domain.lifecycle import closing
from functions.relay.rules import unbroken_runs

logger = Logger()


@room
def handler(event: dict[str, Any], _context: object) -> None:
    batch = _unpublished(event["look"]) if "look" in event else streams.events_by_order(event)
    scans = [] if "look" in event else streams.announced_scans(event)
    bus.publish([found for events in batch.values() for found in events])
    bus.send([bus.scan_event(scan) for scan in scans])
    for order_id, events in batch.items():
        for first, last in unbroken_runs([event.version for event in events]):
            task_tokens.mark_relayed(order_id, first, last)
        for found in [found for found in events if closing.SHIPMENTS in found.data][-1:]:
            task_tokens.forget_if_done(order_id, found.version, found.data[closing.SHIPMENTS], clock.now())
    published = sum(len(events) for events in batch.values())
    logger.info("relayed", extra={"orders": len(batch), "events": published, "scans": len(scans)})


def _unpublished(order_ids: list[str]) -> dict[str, list[OrderEvent]]:
    """Return the events of open orders that are not on the bus yet, by order id."""
    found: dict[str, list[OrderEvent]] = {}
    for order_id in order_ids:
        row = task_tokens.open_row(order_id)
        if row is None:
            continue
        events = [streams.order_event(event) for event in orders.children(order_id, keys.EVENTS)]
        missed = [event for event in events if event.version > row["relayed"]]
        if missed:
            found[order_id] = missed
    return found
