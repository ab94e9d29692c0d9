"""
Release a wave: choose plans for the waiting orders together, move the orders that save by it, and release all of them.

Called by   a schedule, every hour, with {}; people by hand (`comanda routing wave`)
Returns     {"orders": that waited, "moved": to other nodes, "released": to their machines, "saved_micros": by moved orders,
            "unsolved": orders that were released at their nodes, because no answer was found in time}
Raises      an error, after every other order was released: the run is tried again, and twice is harmless

In most hours no order waits. Only a run with orders loads the router (functions/wave/wave_run.py).
An order is moved and released in one transaction, so a run may end anywhere. The sweeper releases orders that no wave released.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from comanda.aws.orders import open_orders
from comanda.aws.runtime import clock
from comanda.aws.runtime.batch import do_all
from comanda.aws.runtime.room import room
from comanda.domain.orders.queues import Queue

logger = Logger()
metrics = Metrics()

_PAGE = 200  # orders that are solved and saved together
_NOTHING = {"moved": 0, "released": 0, "saved_micros": 0, "unsolved": 0}


@room
@metrics.log_metrics
def handler(_event: dict[str, Any], context: Any) -> dict[str, int]:
    waiting = open_orders.in_queue(Queue.WAVE)
    done = {"orders": len(waiting), **(_release(waiting, context) if waiting else _NOTHING)}
    logger.info("a wave left", extra=done)
    metrics.add_metric("OrdersOfWaves", MetricUnit.Count, done["released"])
    metrics.add_metric("OrdersMovedByWaves", MetricUnit.Count, done["moved"])
    return done


def _release(waiting: Sequence[str], context: Any) -> dict[str, int]:
    """Release the orders page by page, and return the counts of the run."""
    from functions.wave.wave_run import WaveRun

    now, run = clock.now(), WaveRun()
    pages = [waiting[first : first + _PAGE] for first in range(0, len(waiting), _PAGE)]
    do_all([partial(run.release_page, page, now, context.get_remaining_time_in_millis) for page in pages])
    return run.done()
