"""
Keep each event or batch that a room could not handle as an object in the failures bucket, with its payload.

Each such object sends one message with its key to the stage's topic, and raises the hop's alarm.

Called by   infra/flow_stack.py, infra/constructs/stream_reader.py
"""

from typing import Any

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra import names
from infra.alarm import Alarm
from infra.grants import ENCRYPT, allow
from infra.room_function import RoomFunction
from infra.shared import Shared


class Failures(Construct):
    """The failure path of one hop. Lambda writes the events that this hop could not handle into `folder`."""

    def __init__(
        self, scope: Construct, construct_id: str, shared: Shared, *, hop: str, folder: str, anchor: str, because: str
    ) -> None:
        super().__init__(scope, construct_id)
        name = f"comanda-{shared.stage.name}-{hop}-failed"
        written = events.Rule(
            self,
            "Written",
            rule_name=name,
            description=f"An object of the hop {hop} in the failures bucket",
            event_pattern=events.EventPattern(
                source=["aws.s3"],
                detail_type=["Object Created"],
                detail={"bucket": {"name": [shared.value(names.FAILURES)]}, "object": {"key": [{"prefix": folder}]}},
            ),
        )
        # The target is spelled out: the L2 target would also write a policy onto a topic that another stack owns.
        rule: Any = written.node.default_child
        rule.targets = [
            events.CfnRule.TargetProperty(
                id="Topic",
                arn=shared.topic.topic_arn,
                input_transformer=events.CfnRule.InputTransformerProperty(
                    input_paths_map={"bucket": "$.detail.bucket.name", "key": "$.detail.object.key"},
                    input_template=f'"{because} s3://<bucket>/<key> docs/runbook.md#{anchor}"',
                ),
            )
        ]
        Alarm(
            self,
            "Alarm",
            topic=shared.topic,
            name=name,
            anchor=anchor,
            because=because,
            metric=cloudwatch.Metric(
                namespace="AWS/Events",
                metric_name="Invocations",
                dimensions_map={"RuleName": name},
                period=Duration.minutes(5),
                statistic="Sum",
            ),
        )


def let_write_failures(room: RoomFunction, shared: Shared) -> None:
    """Allow a room to write into the failures bucket: Lambda writes the object in the name of the room that failed."""
    bucket = shared.bucket_arn(names.FAILURES)
    allow(room, ("s3:PutObject",), f"{bucket}/aws/lambda/*")
    allow(room, ("s3:ListBucket",), bucket)
    allow(room, ENCRYPT, shared.key.key_arn)


class AsyncFailures(Construct):
    """The failure path of asynchronous calls of a room: after two retries the event goes to the failures bucket."""

    def __init__(self, scope: Construct, construct_id: str, shared: Shared, *, room: RoomFunction, anchor: str) -> None:
        super().__init__(scope, construct_id)
        let_write_failures(room, shared)
        lambda_.CfnEventInvokeConfig(
            self,
            "Config",
            function_name=room.function_name,
            qualifier="$LATEST",
            maximum_retry_attempts=2,
            maximum_event_age_in_seconds=6 * 3600,
            destination_config=lambda_.CfnEventInvokeConfig.DestinationConfigProperty(
                on_failure=lambda_.CfnEventInvokeConfig.OnFailureProperty(destination=shared.bucket_arn(names.FAILURES))
            ),
        )
        Failures(
            self,
            "Failures",
            shared,
            hop=f"{room.room}-invoked",
            folder=f"aws/lambda/async/{names.function(shared.stage, room.room)}/",
            anchor=anchor,
            because=f"An event that {room.room} was invoked with could not be handled, after two retries.",
        )
