"""
Publish every event of orders, drafts and cases on the bus, and the scans of parcels that customers hear of, at least once.

Called by   the Orders stream (events, and these scans only); sweep, with {"look": [order ids]}, {"drafts": [draft ids]} or
            {"case_events": [keys]}: publishes events that are not on the bus yet
Returns     nothing
Raises      Throttled; the stream then delivers the batch again
"""

from typing import Any

from aws_lambda_powertools import Logger

from comanda.aws.cases import case_events
from comanda.aws.drafts import draft_looks
from comanda.aws.dynamodb import keys
from comanda.aws.events import bus, streams
from comanda.aws.events.streams import DraftEvent, OrderEvent
from comanda.aws.orders import orders, task_tokens
from comanda.aws.runtime import clock
from comanda.aws.runtime.room import room
from comanda.domain.lifecycle import closing
from functions.relay.rules import unbroken_runs

logger = Logger()


@room
def handler(event: dict[str, Any], _context: object) -> None:
    if "drafts" in event:
        _publish_drafts(_unpublished_of_drafts(event["drafts"]))
        return
    if "case_events" in event:
        _publish_cases(case_events.unsent(event["case_events"]))
        return
    batch = _unpublished(event["look"]) if "look" in event else streams.events_by_order(event)
    scans = [] if "look" in event else streams.announced_scans(event)
    bus.publish([found for events in batch.values() for found in events])
    bus.send([bus.scan_event(scan) for scan in scans])
    _publish_cases([] if "look" in event else streams.case_events(event))
    for order_id, events in batch.items():
        for first, last in unbroken_runs([event.version for event in events]):
            task_tokens.mark_relayed(order_id, first, last)
        for found in [found for found in events if closing.SHIPMENTS in found.data][-1:]:
            task_tokens.forget_if_done(order_id, found.version, found.data[closing.SHIPMENTS], clock.now())
    if "look" not in event:
        _publish_drafts(streams.events_by_draft(event))
    published = sum(len(events) for events in batch.values())
    logger.info("relayed", extra={"orders": len(batch), "events": published, "scans": len(scans)})


def _publish_cases(rows: list[dict[str, Any]]) -> None:
    """Publish events of cases, and note that they are published."""
    bus.send([bus.case_event(row) for row in rows])
    case_events.sent(rows)
    if rows:
        logger.info("relayed cases", extra={"events": len(rows)})


def _publish_drafts(batch: dict[str, list[DraftEvent]]) -> None:
    """Publish events of drafts, and note how far those of each draft are on the bus."""
    bus.send([bus.draft_event(found) for events in batch.values() for found in events])
    for draft_id, events in batch.items():
        for first, last in unbroken_runs([event.version for event in events]):
            draft_looks.mark_relayed(draft_id, first, last)


def _unpublished_of_drafts(draft_ids: list[str]) -> dict[str, list[DraftEvent]]:
    """Return the events of drafts that are not on the bus yet, by draft id."""
    found: dict[str, list[DraftEvent]] = {}
    for draft_id in draft_ids:
        relayed = draft_looks.relayed(draft_id)
        if relayed is not None:
            found[draft_id] = [streams.draft_event(row) for row in draft_looks.events_after(draft_id, relayed)]
    return {draft_id: events for draft_id, events in found.items() if events}


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
