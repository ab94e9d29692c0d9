"""
Show a message of a queue again before its visibility timeout ends.

Called by   functions/notify
Raises      Throttled
"""

from collections.abc import Mapping
from typing import Any

from comanda.aws.runtime.clients import client

# The codes with which SQS says that the message is deleted, or that no reader holds it any more.
_NOT_HIDDEN = frozenset({"InvalidParameterValue", "MessageNotInflight", "ReceiptHandleIsInvalid"})


def show_after(record: Mapping[str, Any], seconds: int) -> None:
    """Let the message of this record come again in so many seconds. A message that is deleted or visible stays as it is."""
    from botocore.exceptions import ClientError

    sqs = client("sqs")
    *_, account, queue = record["eventSourceARN"].split(":")
    url = f"{sqs.meta.endpoint_url}/{account}/{queue}"
    try:
        sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=record["receiptHandle"], VisibilityTimeout=seconds)
    except ClientError as error:
        if error.response["Error"]["Code"].rpartition(".")[2] not in _NOT_HIDDEN:
            raise
