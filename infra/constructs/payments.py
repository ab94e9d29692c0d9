"""
Make the hop of money: an event that says `to_move` on the bus -> a rule -> a queue -> the room pay.

Called by   infra/flow_stack.py
"""

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra import names
from infra.alarm import Alarm
from infra.constructs.dead_letters import DeadLetters, queue
from infra.grants import DECRYPT, allow
from infra.room_function import RoomFunction
from infra.shared import Shared

ANCHOR = "money-is-not-moved"
TO_MOVE = {"data": {"to_move": [True]}}


class MoneyToMove(Construct):
    """A batch fails as a whole; after four tries it is a dead letter, and the sweeper has the operations tried again."""

    def __init__(self, scope: Construct, construct_id: str, shared: Shared, *, room: RoomFunction) -> None:
        super().__init__(scope, construct_id)
        undelivered = DeadLetters(
            self,
            "Undelivered",
            shared,
            name="payments-undelivered",
            anchor=ANCHOR,
            because="An event with money to move could not be put into the queue of payments.",
        )
        dead = DeadLetters(
            self,
            "Dead",
            shared,
            name="payments-dead",
            anchor=ANCHOR,
            because="The room pay could not work on an order, after four tries.",
        )
        waiting = queue(
            self,
            "Queue",
            shared,
            name="payments",
            visibility_timeout=Duration.minutes(30),  # six times the room's own limit, as Lambda asks
            retention_period=Duration.days(4),
            dead_letter_queue={"queue": dead.queue, "max_receive_count": 4},
        )
        events.Rule(
            self,
            "Rule",
            rule_name=f"{names.prefix(shared.stage)}-payments",
            description="Orders for which a payment provider has money to move",
            event_bus=shared.bus,
            event_pattern=events.EventPattern(detail=TO_MOVE),
            targets=[
                targets.SqsQueue(
                    waiting, dead_letter_queue=undelivered.queue, retry_attempts=20, max_event_age=Duration.hours(12)
                )
            ],
        )
        allow(
            room, ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"),
            waiting.queue_arn,
        )  # fmt: skip
        allow(room, DECRYPT, shared.key.key_arn)
        mapping = lambda_.CfnEventSourceMapping(
            self,
            "Mapping",
            function_name=room.function_name,
            event_source_arn=waiting.queue_arn,
            batch_size=5,
        )
        mapping.node.add_dependency(room)
        Alarm(
            self,
            "Waiting",
            topic=shared.topic,
            name=f"{names.prefix(shared.stage)}-payments-waiting",
            anchor=ANCHOR,
            because="The oldest order has waited for ten minutes for its money to be moved.",
            metric=waiting.metric_approximate_age_of_oldest_message(period=Duration.minutes(1), statistic="Maximum"),
            threshold=600,
            periods=3,
        )
