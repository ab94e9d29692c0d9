"""
Follow a fulfillment while its node works on it: release, remind, stand down, hand back.

Called by   statemachines/fulfillment.asl.json: Release (with a task token), Escalate, StandDown, HandedBack.
            Takes {"order_id", "fulfillment", "state"}; Release takes {"order_id", "wait", "state", "token"}
Returns     nothing: the state Route has put the work into the node's list, together with the reservation
Raises      the edge to take at once (Shipped, Declined, Cancelled, Silent, HeldNow), StaleOrder, Throttled (-> retried)
"""

from typing import Any

from aws_lambda_powertools import Logger

from comanda.aws.orders import orders, task_tokens
from comanda.aws.runtime import clock
from comanda.aws.runtime.room import room
from functions.release.rules import remind

logger = Logger()


class UnknownState(ValueError):
    """The machine names a state that this room does not have."""


@room
def handler(event: dict[str, Any], _context: object) -> None:
    now = clock.now()
    match event["state"]:
        case "Release":
            task_tokens.write_token(event, now)
            order = orders.load(event["order_id"])
            task_tokens.raise_known_edge("Release", event["wait"], order)
        case "Escalate":
            orders.decide(event["order_id"], lambda order: remind(order, event["fulfillment"], now))
        case "StandDown" | "HandedBack":
            # The order and the bus have the fact, and the node's list has no more work of it: nothing is left to write.
            logger.info(
                "fulfillment ended",
                extra={"order_id": event["order_id"], "fulfillment": event["fulfillment"], "how": event["state"]},
            )
        case other:
            raise UnknownState(f"unknown state {other}")
