"""
Give invoices and credit notes their numbers, in batches of a series without a gap, and publish which number each has.

Called by   a queue that the bus feeds with the CloudEvents of orders that were invoiced or credited;
            the sweeper, with {"documents": [ids]}: their events were lost
Returns     nothing; the rows `I#` and `CN#` have the numbers, the rows `IN#` find them
Raises      the last error, after all series were tried; a queue's batch comes again as a whole. StaleOrder, StockConflict when
            another writer of the series was first every time

A document whose number is stored is published again when it comes again: its process may have ended in between.
"""

import json
import random
import time
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from comanda.aws.directory import directory
from comanda.aws.events import bus
from comanda.aws.orders import document_numbers
from comanda.aws.runtime import clock
from comanda.aws.runtime.batch import do_all
from comanda.aws.runtime.room import room
from comanda.aws.runtime.settings import settings
from comanda.domain.billing.document_numbers import IssuedDocument, by_series, numbered
from comanda.domain.errors import StaleOrder, StockConflict

logger = Logger()
metrics = Metrics()

_TRIES = 20  # of a batch: two writers of a series meet at most, and each that loses sees the other one go on
_PAUSE_SECONDS = 0.1


@room
@metrics.log_metrics
def handler(event: dict[str, Any], _context: object) -> None:
    now = clock.now()
    documents = document_numbers.load(_named(event), settings.cell)
    do_all([partial(_serve, of_one, now) for of_one in by_series(documents)])


def _named(event: dict[str, Any]) -> Iterator[str]:
    """Yield the ids of the documents that an event is about."""
    yield from event.get("documents", ())
    for record in event.get("Records", ()):
        data = json.loads(record["body"])["detail"]["data"]
        yield data.get("credit_note") or data["invoice"]


def _serve(documents: list[IssuedDocument], now: datetime) -> None:
    """Number the documents of one series that have no number, then publish the numbers of all."""
    having = [one for one in documents if one.serial is not None]
    recorded = {one.document_id for one in documents if _is_recorded(one.channel)}
    given = _number([one for one in documents if one.serial is None], recorded, now)
    bus.send([bus.numbered_event(one, now, to_record=one.document_id in recorded) for one in (*having, *given)])
    logger.info("numbered", extra={"series": documents[0].series, "kind": documents[0].kind, "documents": len(given)})


def _is_recorded(channel: str) -> bool:
    """Return True for a channel whose tax service keeps its documents."""
    return bool((directory.find(directory.CHANNEL, channel) or {}).get("tax_service")) if channel else False


def _number(waiting: list[IssuedDocument], recorded: set[str], now: datetime) -> list[IssuedDocument]:
    """Return documents of one series with the numbers that they were given, batch by batch. Tax services have the `recorded` ones."""
    given: list[IssuedDocument] = []
    tries = 0
    while waiting:
        first = waiting[0]
        batch = numbered(waiting, document_numbers.last(first.kind, first.series))
        try:
            document_numbers.give(batch, recorded, now)
        except (StaleOrder, StockConflict):
            tries += 1
            if tries == _TRIES:
                raise
            metrics.add_metric("NumbersDrawnAgain", MetricUnit.Count, 1)
            time.sleep(random.uniform(0, _PAUSE_SECONDS))  # the other writer's batch is over in milliseconds
            found = document_numbers.load([one.document_id for one in waiting], settings.cell)
            given += [one for one in found if one.serial is not None]
            waiting = next(iter(by_series(one for one in found if one.serial is None)), [])
        else:
            metrics.add_metric("DocumentsNumbered", MetricUnit.Count, len(batch))
            given, waiting, tries = given + batch, waiting[len(batch) :], 0
    return given
