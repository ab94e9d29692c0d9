"""
The last lines of a room's log, or of the embedded AWS itself.

Called by   local/cli.py (`comanda logs`)
Returns     lines of text, oldest first
"""

from datetime import UTC, datetime

from infra import names
from infra.stages import LOCAL
from local.instance import Instance


def last(instance: Instance, room: str | None, count: int) -> list[str]:
    if room is None:
        return instance.log.read_text(errors="replace").splitlines()[-count:] if instance.log.exists() else []
    logs = instance.client("logs")
    group = f"/aws/lambda/{names.function(LOCAL, room)}"
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group)
    events = sorted((event for page in pages for event in page["events"]), key=lambda event: event["timestamp"])
    return [
        f"{datetime.fromtimestamp(event['timestamp'] / 1000, UTC):%H:%M:%S} {event['message'].rstrip()}"
        for event in events[-count:]
    ]
