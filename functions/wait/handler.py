"""
Park a state that waits: store its token, then look whether its answer is already there.

Called by   order.asl.json: UntilSettled, Held, AskAPerson; fulfillment.asl.json: Held, AskAPerson; all with a task token. Takes
            {"order_id", "wait": "order" or the fulfillment's number, "state", "token"}; AskAPerson also {"error", "asked"}
Returns     nothing; `conduct` answers the token
Raises      the edge to take at once (Settled, RouteAgain, Resolved ...); StaleOrder, Throttled (-> retried)

The order matters: a fact that is committed after the look finds the token, and `conduct` answers it.
"""

from datetime import datetime
from typing import Any

from aws_lambda_powertools import Logger

from comanda.aws.dynamodb import keys
from comanda.aws.orders import orders, task_tokens
from comanda.aws.runtime import clock
from comanda.aws.runtime.room import room
from comanda.domain.lifecycle.resume import ask_person
from comanda.domain.orders.order import Question
from comanda.domain.orders.queues import Queue

logger = Logger()


@room
def handler(event: dict[str, Any], _context: object) -> None:
    now = clock.now()
    if event["state"] == "AskAPerson":
        _ask(event, now)  # before the token, because a token without its question would be answered at once
    task_tokens.write_token(event, now)
    order = orders.load(event["order_id"])
    task_tokens.set_next_look(order, now)
    task_tokens.raise_known_edge(event["state"], event["wait"], order)


def _ask(event: dict[str, Any], now: datetime) -> None:
    """Put a question about the error of the machine in the queue `exceptions`. A retried state asks it once."""
    question = Question(
        item_id=f"q-{event['wait']}-{keys.digest(event['asked'])[:12]}",
        queue=Queue.EXCEPTIONS,
        reason=event["error"],
        wait=event["wait"],
        at=now,
    )
    order = orders.decide(event["order_id"], lambda order: ask_person(order, question)).order
    logger.error("a person is asked", extra={"order_id": order.order_id, "because": event["error"]})
