"""
Conduct: start machines and answer waiting states. The only caller of Step Functions.

Called by   the Orders stream (events only), at least once and after a crash again;
            sweep, with {"look": [order ids]}: what is open and was not woken
Returns     nothing
Raises      an error, after everything else in the batch was done: the stream delivers the batch again
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
from functions.conduct.rules import starts_fulfillments, starts_order, wakes

logger = Logger()
metrics = Metrics()


@room
@metrics.log_metrics
def handler(event: dict[str, Any], _context: object) -> None:
    if "look" in event:
        do_all(partial(look, order_id) for order_id in event["look"])
    else:
        do_all(partial(follow, order_id, events) for order_id, events in streams.events_by_order(event).items())


def follow(order_id: str, events: list[OrderEvent]) -> None:
    """What the events of one order make happen."""
    if starts_order(events):
        order = orders.load(order_id)
        if not order.draft:
            machines.start_order(order_id)
    for number in starts_fulfillments(events):
        machines.start_fulfillment(order_id, number)
    if wakes(events):
        answer(orders.load(order_id))


def answer(order: Order) -> None:
    """Tell every waiting state of the order what it may hear now."""
    for wait in task_tokens.tokens(order.order_id):
        heard = verdict(wait["state"], wait["wait"], order)
        if heard is not None:
            if not machines.answer(wait["token"], heard):
                # Answered before, timed out and entered again ... or its machine is lost, and nobody hears the fact.
                restart(order, [wait["wait"]])
            task_tokens.forget(order.order_id, wait["wait"], wait["token"])


def look(order_id: str) -> None:
    """Do for an open order what its stream may have missed: restart lost machines, answer what waits."""
    order = orders.load(order_id)
    if order.draft:
        return
    restart(order, [*(f"{f.number:03d}" for f in order.fulfillments), "order"])
    answer(order)


def restart(order: Order, whose: Iterable[str]) -> None:
    """Start those of these machines again whose executions are lost. `whose`: "order", or fulfillments' numbers."""
    restarted = [wait for wait in whose if _ensure(order, wait)]
    if restarted:
        logger.warning("restarted lost machines", extra={"order_id": order.order_id, "machines": restarted})
        metrics.add_metric("MachinesRestarted", MetricUnit.Count, len(restarted))


def _ensure(order: Order, wait: str) -> bool:
    if wait == "order":
        # A closed order's machine too: it may have been lost between the last money operation and its provider.
        return machines.ensure_order(order.order_id)
    return machines.ensure_fulfillment(order.order_id, int(wait))
