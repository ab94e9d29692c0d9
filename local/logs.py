"""
Read the lines of a room's log, or of the embedded AWS itself.

Called by   local/cli.py (`comanda logs`), and tests that search logs for personal data
Returns     lines of text, oldest first
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from infra import names
from infra.stages import LOCAL
from local.instance import Instance

_A_PAGE = 10_000  # events: no answer has more


def last(instance: Instance, room: str | None, count: int) -> list[str]:
    """Return the last lines of a room's log; of the embedded AWS's own where `room` is None."""
    if room is None:
        return instance.log.read_text(errors="replace").splitlines()[-count:] if instance.log.exists() else []
    logs, group = instance.client("logs"), f"/aws/lambda/{names.function(LOCAL, room)}"
    found = [
        event
        for stream in _streams(logs, group)
        for event in logs.get_log_events(logGroupName=group, logStreamName=stream, limit=min(count, _A_PAGE))["events"]
    ]
    found.sort(key=lambda event: event["timestamp"])
    return [
        f"{datetime.fromtimestamp(event['timestamp'] / 1000, UTC):%H:%M:%S} {event['message'].rstrip()}"
        for event in found[-count:]
    ]


def messages(logs: Any, group: str) -> Iterator[str]:
    """
    Yield every message of a log group, stream by stream.

    FilterLogEvents of the embedded AWS ends after 10,000 events and does not say that there are more.
    """
    for stream in _streams(logs, group):
        where, place = {"logGroupName": group, "logStreamName": stream}, {"startFromHead": True}
        while (page := logs.get_log_events(**where, **place))["events"]:
            yield from (event["message"] for event in page["events"])
            place = {"startFromHead": True, "nextToken": page["nextForwardToken"]}


def _streams(logs: Any, group: str) -> list[str]:
    pages = logs.get_paginator("describe_log_streams").paginate(logGroupName=group)
    return [stream["logStreamName"] for page in pages for stream in page["logStreams"]]
