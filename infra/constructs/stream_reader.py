"""
Let a room read a table's stream in batches that are halved on an error and given up long before the stream forgets them.

A batch that is given up goes to the failures bucket with its records; a reader that falls behind has an alarm.

Called by   infra/api_stack.py, infra/flow_stack.py
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
from comanda.domain.shipping.tracking import ANNOUNCED
from infra import names
from infra.alarm import Alarm
from infra.constructs.failures import Failures, let_write_failures
from infra.room_function import RoomFunction
from infra.shared import Shared

# Events of orders, once each. With those of drafts and cases and the scans below they are the only items of Orders for which the
# stream's readers are called.
NEW_EVENTS: dict[str, Any] = {
    "eventName": ["INSERT"],
    "dynamodb": {"NewImage": {"pk": {"S": [{"prefix": keys.ORDERS}]}, "sk": {"S": [{"prefix": keys.EVENTS}]}}},
}
# Events of drafts, once each: no machine waits for them.
DRAFT_EVENTS: dict[str, Any] = {
    "eventName": ["INSERT"],
    "dynamodb": {"NewImage": {"pk": {"S": [{"prefix": keys.DRAFTS}]}, "sk": {"S": [{"prefix": keys.EVENTS}]}}},
}
# Scans of parcels that the customer hears of, once each. Other scans call no reader.
ANNOUNCED_SCANS: dict[str, Any] = {
    "eventName": ["INSERT"],
    "dynamodb": {"NewImage": {"sk": {"S": [{"prefix": keys.TRACKING_EVENTS}]}, "announced": {"S": [*ANNOUNCED]}}},
}
# Events of cases, once each.
CASE_EVENTS: dict[str, Any] = {
    "eventName": ["INSERT"],
    "dynamodb": {"NewImage": {"sk": {"S": [{"prefix": keys.CASE_EVENTS}]}}},
}
# The active pointers of nodes, carriers, calendars, rate cards and rule sets: the packs are rebuilt from them.
PACKED_ENTRIES: dict[str, Any] = {
    "dynamodb": {
        "Keys": {
            "pk": {
                "S": [{"prefix": keys.kind_prefix(kind)} for kind in (NODE, CARRIER, CALENDAR, RATE_CARD, RULE_SET)]
            },
            "sk": {"S": [keys.HEADER]},
        }
    }
}
# Outages, and all entries that decide which node may serve an order: after a change, waiting orders may be served, and
# work that no node has begun may have to go to another node.
SERVING_ENTRIES: dict[str, Any] = {
    "dynamodb": {
        "Keys": {
            "pk": {
                "S": [
                    {"prefix": keys.kind_prefix(kind)}
                    for kind in (OUTAGE, NODE, CARRIER, CALENDAR, RATE_CARD, RULE_SET, STOCK_POLICY, CHANNEL, PRODUCT)
                ]
            },
            "sk": {"S": [keys.HEADER]},
        }
    }
}
# Items that change how much of a sku may be sold, and the alerts: not the ledger, and not the summaries made of them.
STOCK_CHANGES: dict[str, Any] = {
    "dynamodb": {
        "Keys": {
            "pk": {"S": [{"prefix": keys.SKUS}]},
            # The last one is a lane of a hot position.
            "sk": {"S": [{"prefix": keys.POSITIONS}, {"prefix": keys.BACKORDERS}, {"prefix": keys.ALERTS}, keys.LANE]},
        }
    }
}
# Units that arrived or were given back. The rows of waiting orders are left out: an order's own row must not call the reader.
POSITIONS: dict[str, Any] = {
    "dynamodb": {"Keys": {"pk": {"S": [{"prefix": keys.SKUS}]}, "sk": {"S": [{"prefix": keys.POSITIONS}, keys.LANE]}}}
}
# The row of a waiting order that was removed: the next order in the queue has its turn.
ENDED_TURNS: dict[str, Any] = {
    "eventName": ["REMOVE"],
    "dynamodb": {"Keys": {"pk": {"S": [{"prefix": keys.SKUS}]}, "sk": {"S": [{"prefix": keys.BACKORDERS}]}}},
}

FIVE_MINUTES = Duration.minutes(5)


class StreamReader(Construct):
    """
    The hop from a table's stream to a room, with the records that any filter of `only` describes.

    Lambda gathers records for `window`, or until it has `batch` of them.
    """

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
            event_source_arn=shared.let_read_stream(room, table),
            starting_position="TRIM_HORIZON",
            batch_size=batch,
            maximum_batching_window_in_seconds=window.to_seconds() if window else None,
            # One batch at a time for each shard: in parallel, Lambda keeps the order of one item's records only, and every event of an order
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
        # The role's policy comes first, or Lambda refuses the mapping.
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
