"""
Make the hops that are not streams: files from partners, milestones from the bus, the schedules.

Called by   infra/flow_stack.py
"""

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_scheduler as scheduler
from constructs import Construct

from comanda.domain.billing.document_numbers import DocumentKind
from comanda.domain.orders.decision import EventType
from comanda.domain.shipping.tracking import ANNOUNCED
from infra import names
from infra.constructs.dead_letters import DeadLetters
from infra.constructs.work_queue import Alarms, Told, work_queue
from infra.grants import ENCRYPT, allow
from infra.room_function import RoomFunction
from infra.shared import Shared

# The milestones that are mailed from the bus; shipped and handed over are the machine's state Notify.
_FACTS = (
    EventType.PLACED,
    EventType.CONFIRMED,
    EventType.CANCELLED,
    EventType.CHANGED,
    EventType.CHANGE_DROPPED,
    EventType.PAYMENT_ASKED,
    EventType.REJECTED,
    EventType.READY,
    EventType.NO_SHOW,
    EventType.HANDED_BACK,
    EventType.DELIVERED,
    EventType.PROVIDED,
    EventType.CARDS_ACTIVATED,
)
# A mail about `routed` is sent only for an event that left units without stock.
_DATES = (
    EventType.ROUTED,
    EventType.PROMISED_LATER,
    EventType.REDATED,
    EventType.STOCK_ARRIVED,
    EventType.BACKORDERED,
)
MAILED = (
    *(f"comanda.order.{fact}.v1" for fact in (*_FACTS, *_DATES)),
    *(f"comanda.tracking.{status.lower()}.v1" for status in ANNOUNCED),
    f"comanda.{DocumentKind.CREDIT_NOTE}.numbered.v1",
)

# A quote is mailed when its caller asked for that.
QUOTED = {"data": {"step": ["quoted"], "mailed": [True]}}


class InboxFiles(Construct):
    """A file in inbox/ -> a rule on the default bus -> the room inbox."""

    def __init__(self, scope: Construct, construct_id: str, shared: Shared, *, room: RoomFunction) -> None:
        super().__init__(scope, construct_id)
        dead = DeadLetters(
            self,
            "Undelivered",
            shared,
            name="inbox-undelivered",
            anchor="a-partner-file-failed",
            because="A file's event could not be handed to the room inbox.",
        )
        events.Rule(
            self,
            "Rule",
            rule_name=f"{names.prefix(shared.stage)}-inbox",
            description="A partner has put a file into inbox/",
            event_pattern=events.EventPattern(
                source=["aws.s3"],
                detail_type=["Object Created"],
                detail={"bucket": {"name": [shared.value(names.FILES)]}, "object": {"key": [{"prefix": "inbox/"}]}},
            ),
            targets=[
                targets.LambdaFunction(
                    room, dead_letter_queue=dead.queue, retry_attempts=20, max_event_age=Duration.hours(12)
                )
            ],
        )


class Milestones(Construct):
    """An event on the bus -> a rule -> a queue -> the room notify. A batch fails as a whole; after four tries it is a dead letter."""

    def __init__(self, scope: Construct, construct_id: str, shared: Shared, *, room: RoomFunction) -> None:
        super().__init__(scope, construct_id)
        alarms = Alarms(
            undelivered=Told(
                anchor="a-milestone-mail-failed",
                because="An event could not be put into the queue of milestones.",
            ),
            dead=Told(
                anchor="a-milestone-mail-failed",
                because="A milestone's mail could not be sent, after four tries.",
            ),
            waiting=Told(
                anchor="milestone-mails-wait",
                because="The oldest milestone has waited for ten minutes for its mail.",
            ),
        )
        hidden = Duration.minutes(6)
        target = work_queue(self, shared, room, name="milestones", hidden=hidden, together=10, alarms=alarms)
        events.Rule(
            self,
            "Rule",
            rule_name=f"{names.prefix(shared.stage)}-milestones",
            description="Milestones that the customer hears of",
            event_bus=shared.bus,
            event_pattern=events.EventPattern(detail_type=list(MAILED)),
            targets=[target],
        )
        events.Rule(
            self,
            "Quotes",
            rule_name=f"{names.prefix(shared.stage)}-quotes",
            description="Quotes that are mailed to the customer",
            event_bus=shared.bus,
            event_pattern=events.EventPattern(detail_type=["comanda.draft.changed.v1"], detail=QUOTED),
            targets=[target],
        )


class Schedule(Construct):
    """A schedule -> a room, with the event {}. A call that could not be made within `late` becomes a dead letter."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        shared: Shared,
        *,
        room: RoomFunction,
        expression: str,
        late: Duration,
        description: str,
        anchor: str,
    ) -> None:
        super().__init__(scope, construct_id)
        dead = DeadLetters(
            self,
            "Undelivered",
            shared,
            name=f"{room.room}-undelivered",
            anchor=anchor,
            because=f"The schedule could not invoke the room {room.room}.",
        )
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("scheduler.amazonaws.com"),
            description=f"The schedule of the room {room.room}: invokes it",
        )
        allow(role, ("lambda:InvokeFunction",), room.fixed_arn)
        allow(role, ("sqs:SendMessage",), dead.queue.queue_arn)
        allow(role, ENCRYPT, shared.key.key_arn)
        scheduler.CfnSchedule(
            self,
            "Every",
            name=f"{names.prefix(shared.stage)}-{room.room}",
            description=description,
            schedule_expression=expression,
            flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF"),
            target=scheduler.CfnSchedule.TargetProperty(
                arn=room.fixed_arn,
                role_arn=role.role_arn,
                retry_policy=scheduler.CfnSchedule.RetryPolicyProperty(
                    maximum_retry_attempts=2, maximum_event_age_in_seconds=late.to_seconds()
                ),
                dead_letter_config=scheduler.CfnSchedule.DeadLetterConfigProperty(arn=dead.queue.queue_arn),
            ),
        )


def every(minutes: int) -> str:
    """Return the interval as an expression of EventBridge Scheduler spells it: `1 minute`, `5 minutes`."""
    return f"{minutes} minute{'s' if minutes > 1 else ''}"
