"""
Let a queue deliver a message again sooner than after its visibility timeout.

Called by   functions/notify, for a mail that another attempt may be sending
Returns     nothing
Raises      Throttled (Busy)
"""

from collections.abc import Mapping
from typing import Any

from comanda.aws.runtime.clients import client


def deliver_again(record: Mapping[str, Any], seconds: int) -> None:
    """Show the message of an SQS record to the queue's reader again after `seconds`."""
    _, _, _, region, account, queue = record["eventSourceARN"].split(":")
    client("sqs").change_message_visibility(
        QueueUrl=f"https://sqs.{region}.amazonaws.com/{account}/{queue}",
        ReceiptHandle=record["receiptHandle"],
        VisibilityTimeout=seconds,
    )
