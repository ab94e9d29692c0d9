"""
Make queues for messages that could not be delivered or handled, and an alarm on each.

Called by   infra/constructs/hops.py
"""

from typing import Any

from aws_cdk import Duration
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.alarm import Alarm
from infra.shared import Shared


def queue(scope: Construct, construct_id: str, shared: Shared, *, name: str, **more: Any) -> sqs.Queue:
    """Make a queue that is encrypted with the stage's key. It refuses plain http where the stage says `tls_only`."""
    return sqs.Queue(
        scope,
        construct_id,
        queue_name=f"comanda-{shared.stage.name}-{name}",
        encryption=sqs.QueueEncryption.KMS,
        encryption_master_key=shared.key,
        data_key_reuse=Duration.hours(1),
        enforce_ssl=shared.stage.tls_only,
        **more,
    )


class DeadLetters(Construct):
    """A queue that should be empty: one message in it is an alarm."""

    def __init__(
        self, scope: Construct, construct_id: str, shared: Shared, *, name: str, anchor: str, because: str
    ) -> None:
        super().__init__(scope, construct_id)
        self.queue = queue(self, "Queue", shared, name=name, retention_period=Duration.days(14))
        Alarm(
            self,
            "Alarm",
            topic=shared.topic,
            name=f"comanda-{shared.stage.name}-{name}",
            anchor=anchor,
            because=because,
            metric=self.queue.metric_approximate_number_of_messages_visible(
                period=Duration.minutes(1), statistic="Maximum"
            ),
        )
