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
    found = list(_events(logs, group))
    return [
        f"{datetime.fromtimestamp(event['timestamp'] / 1000, UTC):%H:%M:%S} {event['message'].rstrip()}"
        for event in found[-count:]
    ]


def messages(logs: Any, group: str) -> Iterator[str]:
    """Yield every message of a log group, oldest first."""
    return (event["message"] for event in _events(logs, group))


def _events(logs: Any, group: str) -> Iterator[dict[str, Any]]:
    """
    Yield every event of a log group, oldest first. Each call of a room has a stream: to read them one by one is slow.

    FilterLogEvents of the embedded AWS ends after 10,000 events and does not say that there are more. So the events of the
    last time on a full page are left to the next page, which begins at that time.
    """
    since = 0
    while True:
        page = logs.filter_log_events(logGroupName=group, startTime=since, limit=_A_PAGE)["events"]
        if len(page) < _A_PAGE:
            yield from page
            return
        since = page[-1]["timestamp"]
        assert page[0]["timestamp"] < since, f"{group} has {_A_PAGE} events of one millisecond"
        yield from (event for event in page if event["timestamp"] < since)
