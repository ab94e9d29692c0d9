"""
Let many clients call doors at once in one process.

A Lambda has one event at a time, and Powertools keeps it on a class that all doors share, and the arguments of its path on the
door. With threads, one door would answer the caller of another. Here each thread has an event and arguments of its own, the
first call of a route is made ready by one thread, and the metrics of a room are written by one thread after the other.
"""

from collections.abc import Callable
from threading import RLock, local
from typing import Any

import pytest
from aws_lambda_powertools.event_handler.api_gateway import Route
from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import AmazonCloudWatchEMFProvider

from comanda.aws.api.resolver import APIGatewayRestResolver

_of_thread = local()
_one_at_a_time = RLock()


@pytest.fixture(autouse=True)
def doors(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each thread read its own event and its own arguments."""
    resolve, build = APIGatewayRestResolver.resolve, Route._build_middleware_stack

    def with_its_own(self: APIGatewayRestResolver, event: dict[str, Any], context: Any) -> dict[str, Any]:
        _of_thread.event = self._to_proxy_event(event)
        return resolve(self, event, context)

    def context_of_thread(self: APIGatewayRestResolver) -> dict[str, Any]:
        contexts: dict[int, dict[str, Any]] = _of_thread.__dict__.setdefault("contexts", {})
        return contexts.setdefault(id(self), {})

    def keep_context(self: APIGatewayRestResolver, made: dict[str, Any]) -> None:
        self.__dict__["context"] = made  # a door that is made meanwhile has it afterwards too

    def built_once(self: Route, **given: Any) -> None:
        with _one_at_a_time:
            if not self._middleware_stack_built:
                build(self, **given)

    monkeypatch.setattr(APIGatewayRestResolver, "resolve", with_its_own)
    monkeypatch.setattr(APIGatewayRestResolver, "context", property(context_of_thread, keep_context), raising=False)
    monkeypatch.setattr(Route, "_build_middleware_stack", built_once)
    for name in ("add_metric", "flush_metrics"):
        monkeypatch.setattr(AmazonCloudWatchEMFProvider, name, _alone(getattr(AmazonCloudWatchEMFProvider, name)))
    monkeypatch.setattr(APIGatewayRestResolver, "current_event", property(lambda _: _of_thread.event), raising=False)


def _alone(method: Callable[..., Any]) -> Callable[..., Any]:
    """Return the method, which then waits for the other threads that are in one of these methods."""

    def called(*given: Any, **more: Any) -> Any:
        with _one_at_a_time:
            return method(*given, **more)

    return called
