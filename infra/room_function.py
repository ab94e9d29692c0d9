"""
Make one room a Lambda function with a code asset, a role, a log group and two alarms of its own.

The role starts with its log group and traces only; the stack that makes the room grants the rest.

Called by   infra/shared.py; the constructs that name a room
Raises      FileNotFoundError when the room has no handler
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from aws_cdk import Aws, Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra import names, package
from infra.alarm import Alarm
from infra.rooms import ROOMS
from infra.stages import ARM, Stage

RETENTION = {days: getattr(logs.RetentionDays, name) for days, name in (
    (1, "ONE_DAY"), (14, "TWO_WEEKS"), (30, "ONE_MONTH"), (90, "THREE_MONTHS"), (365, "ONE_YEAR"),
)}  # fmt: skip


def log_group(scope: Construct, construct_id: str, name: str, stage: Stage) -> logs.LogGroup:
    """Make a log group that keeps the stage's days of logs and is deleted with the stack: logs hold ids and counts only."""
    return logs.LogGroup(
        scope,
        construct_id,
        log_group_name=name,
        retention=RETENTION[stage.log_days],
        removal_policy=RemovalPolicy.DESTROY,
    )


def architecture(stage: Stage) -> lambda_.Architecture:
    return lambda_.Architecture.ARM_64 if stage.architecture == ARM else lambda_.Architecture.X86_64


class RoomFunction(lambda_.Function):
    """A room's function. Its environment has the settings that infra/rooms.py lists; `setting` gives the value of each."""

    def __init__(
        self,
        scope: Construct,
        room: str,
        *,
        stage: Stage,
        layers: Sequence[lambda_.ILayerVersion],
        setting: Callable[[str], str],
        topic: sns.ITopic,
        source: Path,
    ) -> None:
        described = ROOMS[room]
        title = room.capitalize()
        name = names.function(stage, room)
        log = log_group(scope, f"{title}Log", f"/aws/lambda/{name}", stage)
        role = iam.Role(
            scope,
            f"{title}Role",
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            description=f"The room {room}",
        )
        log.grant_write(role)
        super().__init__(
            scope,
            title,
            function_name=name,
            runtime=lambda_.Runtime.PYTHON_3_13,
            architecture=architecture(stage),
            handler=f"functions.{room}.handler.handler",
            code=lambda_.Code.from_asset(str(package.room(room, source=source))),
            layers=layers,
            role=role,
            log_group=log,
            timeout=Duration.seconds(described.seconds),
            memory_size=described.memory,
            reserved_concurrent_executions=stage.reserved.get(room),
            tracing=lambda_.Tracing.ACTIVE,
            environment={
                **{name: setting(name) for name in described.settings},
                "POWERTOOLS_SERVICE_NAME": room,
                "POWERTOOLS_METRICS_NAMESPACE": "Comanda",
                "POWERTOOLS_LOG_LEVEL": "INFO",
            },
        )
        self.room = room
        self.fixed_name = name
        Alarm(
            self,
            "Errors",
            topic=topic,
            name=f"{name}-errors",
            anchor="a-room-fails",
            because=f"The room {room} fails: its errors in five minutes.",
            metric=self.metric_errors(period=Duration.minutes(5), statistic="Sum"),
            threshold=5,
        )
        Alarm(
            self,
            "Throttles",
            topic=topic,
            name=f"{name}-throttles",
            anchor="a-room-is-throttled",
            because=f"The room {room} is throttled: the account's or the room's concurrency is used up.",
            metric=self.metric_throttles(period=Duration.minutes(5), statistic="Sum"),
            threshold=10,
            periods=2,
        )

    @property
    def fixed_arn(self) -> str:
        """Return the ARN made from the fixed name. A grant with it does not depend on the function, so stacks have no cycle."""
        return f"arn:{Aws.PARTITION}:lambda:{Aws.REGION}:{Aws.ACCOUNT_ID}:function:{self.fixed_name}"
