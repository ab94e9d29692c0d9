"""
Let many clients call doors at once in one process.

A Lambda has one event at a time, and Powertools keeps it on a class that all doors share. With threads, one door would answer
the caller of another. Here each thread has an event of its own.
"""

from threading import local
from typing import Any

import pytest
from aws_lambda_powertools.event_handler import APIGatewayRestResolver

_of_thread = local()


@pytest.fixture(autouse=True)
def doors(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each thread read its own event."""
    resolve = APIGatewayRestResolver.resolve

    def with_its_own(self: APIGatewayRestResolver, event: dict[str, Any], context: Any) -> dict[str, Any]:
        _of_thread.event = self._to_proxy_event(event)
        return resolve(self, event, context)

    monkeypatch.setattr(APIGatewayRestResolver, "resolve", with_its_own)
    monkeypatch.setattr(APIGatewayRestResolver, "current_event", property(lambda _: _of_thread.event), raising=False)
