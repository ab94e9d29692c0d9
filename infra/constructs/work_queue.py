"""
Make the queue between the bus and a room, with its dead letters and the alarm for work that waits.

Called by   infra/constructs/hops.py, infra/constructs/payments.py
Returns     the target of the rules that choose the events
"""

from dataclasses import dataclass

from aws_cdk import Duration
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from comanda.aws.runtime.retries import MOST_DELIVERIES
from infra import names
from infra.alarm import Alarm
from infra.constructs.dead_letters import DeadLetters, queue
from infra.grants import DECRYPT, allow
from infra.room_function import RoomFunction
from infra.shared import Shared


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The words of an alarm for an operator: the anchor in the runbook, and why it rings."""

    anchor: str
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarms:
    """The words of the alarms of a hop: an event did not reach the queue, the room failed four times, work has waited long."""

    undelivered: Told
    dead: Told
    waiting: Told


def work_queue(
    hop: Construct,
    shared: Shared,
    room: RoomFunction,
    *,
    name: str,
    hidden: Duration,
    together: int,
    alarms: Alarms,
    window: Duration | None = None,
    at_once: int | None = None,
) -> targets.SqsQueue:
    """Feed a room from a queue, `together` messages at a time. A batch fails as a whole; after four tries it is a dead letter.

    Lambda gathers messages for `window`, which it asks for above ten. At most `at_once` batches are worked on; None: any number.
    A message is `hidden` while the room works on it: six times the room's own limit, as Lambda asks.
    """
    undelivered = _dead_letters(hop, "Undelivered", shared, f"{name}-undelivered", alarms.undelivered)
    dead = _dead_letters(hop, "Dead", shared, f"{name}-dead", alarms.dead)
    waiting = queue(
        hop,
        "Queue",
        shared,
        name=name,
        visibility_timeout=hidden,
        retention_period=Duration.days(4),
        dead_letter_queue={"queue": dead.queue, "max_receive_count": MOST_DELIVERIES},
    )
    allow(
        room, ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"),
        waiting.queue_arn,
    )  # fmt: skip
    allow(room, DECRYPT, shared.key.key_arn)
    mapping = lambda_.CfnEventSourceMapping(
        hop,
        "Mapping",
        function_name=room.function_name,
        event_source_arn=waiting.queue_arn,
        batch_size=together,
        maximum_batching_window_in_seconds=window.to_seconds() if window else None,
        scaling_config=lambda_.CfnEventSourceMapping.ScalingConfigProperty(maximum_concurrency=at_once)
        if at_once
        else None,
    )
    mapping.node.add_dependency(room)
    Alarm(
        hop,
        "Waiting",
        topic=shared.topic,
        name=f"{names.prefix(shared.stage)}-{name}-waiting",
        anchor=alarms.waiting.anchor,
        because=alarms.waiting.because,
        metric=waiting.metric_approximate_age_of_oldest_message(period=Duration.minutes(1), statistic="Maximum"),
        threshold=600,
        periods=3,
    )
    return targets.SqsQueue(
        waiting, dead_letter_queue=undelivered.queue, retry_attempts=20, max_event_age=Duration.hours(12)
    )


def _dead_letters(hop: Construct, construct_id: str, shared: Shared, name: str, told: Told) -> DeadLetters:
    return DeadLetters(hop, construct_id, shared, name=name, anchor=told.anchor, because=told.because)
