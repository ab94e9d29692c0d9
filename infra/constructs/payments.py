"""
Make the hop of money: an event that says `to_move` on the bus -> a rule -> a queue -> the room pay.

Called by   infra/flow_stack.py
"""

from aws_cdk import Duration
from aws_cdk import aws_events as events
from constructs import Construct

from infra import names
from infra.constructs.work_queue import Alarms, Told, work_queue
from infra.room_function import RoomFunction
from infra.shared import Shared

ANCHOR = "money-is-not-moved"
TO_MOVE = {"data": {"to_move": [True]}}


class MoneyToMove(Construct):
    """A batch fails as a whole; after four tries it is a dead letter, and the sweeper has the operations tried again."""

    def __init__(self, scope: Construct, construct_id: str, shared: Shared, *, room: RoomFunction) -> None:
        super().__init__(scope, construct_id)
        alarms = Alarms(
            undelivered=Told(
                anchor=ANCHOR, because="An event with money to move could not be put into the queue of payments."
            ),
            dead=Told(anchor=ANCHOR, because="The room pay could not work on an order, after four tries."),
            waiting=Told(
                anchor=ANCHOR, because="The oldest order has waited for ten minutes for its money to be moved."
            ),
        )
        hidden = Duration.minutes(30)
        target = work_queue(self, shared, room, name="payments", hidden=hidden, together=5, alarms=alarms)
        events.Rule(
            self,
            "Rule",
            rule_name=f"{names.prefix(shared.stage)}-payments",
            description="Orders for which a payment provider has money to move",
            event_bus=shared.bus,
            event_pattern=events.EventPattern(detail=TO_MOVE),
            targets=[target],
        )
