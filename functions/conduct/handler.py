"""
Start the machines of orders, and answer their waiting states. No other room calls Step Functions.

Called by   the Orders stream (events only), at least once and after a crash again;
            sweep, with {"look": [order ids]}: open orders whose events may have been missed
Returns     nothing
Raises      the last error, after all other orders of the batch were done; the stream delivers the batch again
"""

from collections.abc import Iterable
from functools import partial
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from comanda.aws.events import machines, streams
from comanda.aws.events.streams import OrderEvent
from comanda.aws.orders import orders, task_tokens
from comanda.aws.runtime.batch import do_all
from comanda.aws.runtime.room import room
from comanda.domain.orders.order import Order
from comanda.domain.orders.verdict import verdict
from functions.conduct.rules import may_answer_waits, starts_fulfillments, starts_order

logger = Logger()
metrics = Metrics()


@room
@metrics.log_metrics
def handler(event: dict[str, Any], _context: object) -> None:
    if "look" in event:
        do_all(partial(repeat_missed, order_id) for order_id in event["look"])
    else:
        do_all(partial(follow, order_id, events) for order_id, events in streams.events_by_order(event).items())


def follow(order_id: str, events: list[OrderEvent]) -> None:
    """Start the machines that the events of an order start, and answer its waiting states."""
    if starts_order(events):
        order = orders.load(order_id)
        if not order.draft:
            machines.start_order(order_id)
    for number in starts_fulfillments(events):
        machines.start_fulfillment(order_id, number)
    if may_answer_waits(events):
        answer_waits(orders.load(order_id))


def answer_waits(order: Order) -> None:
    """Answer every waiting state of the order for which there is a verdict now."""
    for wait in task_tokens.tokens(order.order_id):
        found = verdict(wait["state"], wait["wait"], order)
        if found is not None:
            if not machines.answer(wait["token"], found):
                # It was answered before, or timed out and was entered again, or its machine is lost.
                restart(order, [wait["wait"]])
            task_tokens.delete_token(order.order_id, wait["wait"], wait["token"])


def repeat_missed(order_id: str) -> None:
    """Do the work that the stream may have missed for an open order: restart lost machines, answer waiting states."""
    order = orders.load(order_id)
    if order.draft:
        return
    restart(order, [*(f"{f.number:03d}" for f in order.fulfillments), "order"])
    answer_waits(order)


def restart(order: Order, waits: Iterable[str]) -> None:
    """Start the machines again whose executions are lost. `waits` has "order", or the numbers of fulfillments."""
    restarted = [wait for wait in waits if _ensure(order, wait)]
    if restarted:
        logger.warning("restarted lost machines", extra={"order_id": order.order_id, "machines": restarted})
        metrics.add_metric("MachinesRestarted", MetricUnit.Count, len(restarted))


def _ensure(order: Order, wait: str) -> bool:
    """Start one machine again if its execution is lost. Return True if it was lost."""
    if wait == "order":
        # The machine of a closed order too, because it may be lost before the provider got the last money operation.
        return machines.ensure_order(order.order_id)
    return machines.ensure_fulfillment(order.order_id, int(wait))
