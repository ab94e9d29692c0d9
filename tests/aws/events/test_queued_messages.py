"""Test that a message which a room got comes again at the time that the room sets, and that a message that is gone is no error."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from comanda.aws.events.queued_messages import show_after
from comanda.aws.runtime.clients import client

ARN = "arn:aws:sqs:us-east-1:123456789012:milestones"


@pytest.fixture
def queue(aws: Any) -> str:
    """Make a queue whose messages are hidden for six minutes, with one message."""
    url: str = client("sqs").create_queue(QueueName="milestones", Attributes={"VisibilityTimeout": "360"})["QueueUrl"]
    client("sqs").send_message(QueueUrl=url, MessageBody="a milestone")
    return url


def received(queue: str) -> list[dict[str, Any]]:
    """Return what a reader gets now, as Lambda writes it."""
    found = client("sqs").receive_message(QueueUrl=queue).get("Messages", ())
    return [{"receiptHandle": one["ReceiptHandle"], "eventSourceARN": ARN} for one in found]


@contextmanager
def answering(code: str) -> Iterator[None]:
    """Let SQS refuse every call with this code."""

    def refuse(**_: Any) -> tuple[Any, dict[str, Any]]:
        return SimpleNamespace(status_code=400), {"Error": {"Code": code, "Message": ""}, "ResponseMetadata": {}}

    events = client("sqs").meta.events
    events.register_first("before-call.sqs", refuse, unique_id="refuse")
    try:
        yield
    finally:
        events.unregister("before-call.sqs", unique_id="refuse")


def test_a_message_comes_again_when_its_seconds_are_over(queue: str) -> None:
    (record,) = received(queue)
    assert received(queue) == []

    show_after(record, 31)
    assert received(queue) == []

    show_after(record, 0)
    assert len(received(queue)) == 1


def test_a_message_that_was_deleted_meanwhile_is_no_error(queue: str) -> None:
    (record,) = received(queue)
    client("sqs").delete_message(QueueUrl=queue, ReceiptHandle=record["receiptHandle"])

    show_after(record, 31)

    assert received(queue) == []


@pytest.mark.parametrize(
    "code",
    ["InvalidParameterValue", "ReceiptHandleIsInvalid", "AWS.SimpleQueueService.MessageNotInflight"],
)
def test_every_answer_of_sqs_that_the_message_is_not_hidden_is_no_error(queue: str, code: str) -> None:
    (record,) = received(queue)

    with answering(code):
        show_after(record, 31)


def test_any_other_refusal_is_raised(queue: str) -> None:
    (record,) = received(queue)

    with pytest.raises(ClientError, match="AccessDenied"), answering("AccessDenied"):
        show_after(record, 31)
