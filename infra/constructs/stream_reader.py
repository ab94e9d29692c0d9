"""
A room that reads a table's stream: batches of up to 100, halved on error, given up on long before the stream forgets.

What is given up on goes to the failures bucket with its records; a reader that falls behind is an alarm of its own.
"""

from collections.abc import Sequence
from typing import Any

from aws_cdk import Duration, Stack
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from comanda.aws.directory.directory import (
    CALENDAR,
    CARRIER,
    CHANNEL,
    NODE,
    OUTAGE,
    PRODUCT,
    RATE_CARD,
    RULE_SET,
    STOCK_POLICY,
)
from comanda.aws.dynamodb import keys
from infra import names
from infra.constructs.alarm import Alarm
from infra.constructs.failures import Failures, let_write_failures
from infra.constructs.room_function import RoomFunction
from infra.shared import Shared

# Events of orders, once each: the only items of Orders that the stream's readers are woken for.
NEW_EVENTS: dict[str, Any] = {
    "eventName": ["INSERT"],
    "dynamodb": {"NewImage": {"sk": {"S": [{"prefix": keys.EVENTS}]}}},
}
# The active pointers of nodes, carriers, calendars, rate cards and rule sets: what the packs are rebuilt from.
NODES: dict[str, Any] = {
    "dynamodb": {
        "Keys": {
            "pk": {
                "S": [{"prefix": keys.partitions_of(kind)} for kind in (NODE, CARRIER, CALENDAR, RATE_CARD, RULE_SET)]
            },
            "sk": {"S": [keys.HEADER]},
        }
    }
}
# Outages, and whatever says which node may serve whom: who waits may be served, or what is begun nowhere must go elsewhere.
ABILITIES: dict[str, Any] = {
    "dynamodb": {
        "Keys": {
            "pk": {
                "S": [
                    {"prefix": keys.partitions_of(kind)}
                    for kind in (OUTAGE, NODE, CARRIER, CALENDAR, RATE_CARD, RULE_SET, STOCK_POLICY, CHANNEL, PRODUCT)
                ]
            },
            "sk": {"S": [keys.HEADER]},
        }
    }
}
# What changes what may be sold of a sku, and the alerts that are told: not the ledger, not what is written of them.
STOCK_CHANGES: dict[str, Any] = {
    "dynamodb": {
        "Keys": {
            "pk": {"S": [{"prefix": keys.SKUS}]},
            # "P": a lane of a hot position.
            "sk": {"S": [{"prefix": keys.POSITIONS}, {"prefix": keys.BACKORDERS}, {"prefix": keys.ALERTS}, keys.LANE]},
        }
    }
}
# What arrived, or was given back: not who waits for it, so nobody is woken by his own place in the queue.
POSITIONS: dict[str, Any] = {
    "dynamodb": {"Keys": {"pk": {"S": [{"prefix": keys.SKUS}]}, "sk": {"S": [{"prefix": keys.POSITIONS}, keys.LANE]}}}
}
# Who was called and left without a unit leaves his turn to the next.
TURNS_OVER: dict[str, Any] = {
    "eventName": ["REMOVE"],
    "dynamodb": {"Keys": {"pk": {"S": [{"prefix": keys.SKUS}]}, "sk": {"S": [{"prefix": keys.BACKORDERS}]}}},
}

FIVE_MINUTES = Duration.minutes(5)


class StreamReader(Construct):
    """The hop from `table`'s stream to `room`: records that any of `only` describes. `window`: gathered for so long, or until `batch` records are there."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        shared: Shared,
        *,
        room: RoomFunction,
        table: str,
        only: Sequence[dict[str, Any]],
        batch: int = 100,
        window: Duration | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        let_write_failures(room, shared)
        mapping = lambda_.CfnEventSourceMapping(
            self,
            "Mapping",
            function_name=room.function_name,
            event_source_arn=shared.let_follow(room, table),
            starting_position="TRIM_HORIZON",
            batch_size=batch,
            maximum_batching_window_in_seconds=window.to_seconds() if window else None,
            # One at a time for each shard: Lambda keeps the order of one item's records only, and every event of an order
            # is an item of its own.
            parallelization_factor=1,
            bisect_batch_on_function_error=True,
            maximum_retry_attempts=10,
            maximum_record_age_in_seconds=12 * 3600,  # the stream forgets after 24 hours
            filter_criteria=lambda_.CfnEventSourceMapping.FilterCriteriaProperty(
                filters=[
                    lambda_.CfnEventSourceMapping.FilterProperty(pattern=Stack.of(self).to_json_string(one))
                    for one in only
                ]
            ),
            destination_config=lambda_.CfnEventSourceMapping.DestinationConfigProperty(
                on_failure=lambda_.CfnEventSourceMapping.OnFailureProperty(
                    destination=shared.bucket_arn(names.FAILURES)
                )
            ),
        )
        # The role's policy first, or Lambda refuses the mapping.
        mapping.node.add_dependency(room)
        Failures(
            self,
            "Failures",
            shared,
            hop=f"{room.room}-stream",
            folder=f"aws/lambda/{mapping.ref}/",
            anchor="a-stream-batch-failed",
            because=f"{room.room} gave up on records of the stream of {table}.",
        )
        Alarm(
            self,
            "Behind",
            topic=shared.topic,
            name=f"comanda-{shared.stage.name}-{room.room}-behind",
            anchor="a-stream-reader-is-behind",
            because=f"{room.room} is behind the stream of {table} by a minute or more.",
            metric=room.metric("IteratorAge", period=FIVE_MINUTES, statistic="Maximum"),
            threshold=60_000,
            periods=2,
        )
