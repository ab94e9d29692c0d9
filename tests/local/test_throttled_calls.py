"""Test that an asynchronous call of the embedded AWS waits for a worker, and that no try is counted meanwhile."""

import threading
from typing import Any

import pytest
from ministack.services import lambda_svc

from local.cures import asynchronous

FUNCTION = {"config": {"FunctionName": "probe", "FunctionArn": "arn:aws:lambda:us-east-1:000000000000:function:probe"}}
BUSY: dict[str, Any] = lambda_svc._throttle_response(
    reason_code="ReservedFunctionConcurrentInvocationLimitExceeded", msg="busy"
)


class Function:
    """A function for which no worker is free at first, and which then answers `result`."""

    def __init__(self, busy: int, result: dict[str, Any]) -> None:
        self.busy, self.result, self.called, self.ended = busy, result, 0, threading.Event()

    def __call__(self, _func: Any, _event: Any) -> dict[str, Any]:
        self.called += 1
        if self.called <= self.busy:
            return BUSY
        if not self.result.get("error"):
            self.ended.set()
        return self.result


@pytest.fixture
def given_up(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Return the events that are given up. Tries follow at once."""
    found: list[Any] = []
    monkeypatch.setattr(lambda_svc, "invoke_async_with_retry", lambda_svc.invoke_async_with_retry)
    monkeypatch.setattr(lambda_svc, "_LAMBDA_ASYNC_RETRY_BASE_SECONDS", 0)
    monkeypatch.setattr(lambda_svc, "_route_async_failure", lambda _to, _name, event, _result: found.append(event))
    monkeypatch.setattr(asynchronous, "THROTTLED_SECONDS", 0.0)
    return found


def cured(monkeypatch: pytest.MonkeyPatch, function: Function) -> None:
    monkeypatch.setattr(lambda_svc, "_execute_function", function)
    asynchronous.throttled_calls_wait()


def test_an_asynchronous_call_waits_for_a_worker_longer_than_its_tries(
    monkeypatch: pytest.MonkeyPatch, given_up: list[Any]
) -> None:
    function = Function(busy=7, result={"body": "done"})
    cured(monkeypatch, function)

    lambda_svc.invoke_async_with_retry(FUNCTION, {})

    assert function.ended.wait(10)
    assert (function.called, given_up) == (8, [])


def test_a_call_that_fails_is_given_up_after_its_tries_however_long_it_waited(
    monkeypatch: pytest.MonkeyPatch, given_up: list[Any]
) -> None:
    function = Function(busy=7, result={"body": {}, "error": True})
    cured(monkeypatch, function)
    kept = threading.Event()
    monkeypatch.setattr(lambda_svc, "_route_async_failure", lambda *_: kept.set())
    to_bucket = {"DestinationConfig": {"OnFailure": {"Destination": "arn:aws:s3:::failures"}}}

    lambda_svc.invoke_async_with_retry({**FUNCTION, "event_invoke_config": to_bucket}, {})

    assert kept.wait(10)
    assert function.called == 7 + 3


def test_a_caller_who_waits_for_the_answer_is_told_at_once(
    monkeypatch: pytest.MonkeyPatch, given_up: list[Any]
) -> None:
    cured(monkeypatch, Function(busy=7, result={"body": "done"}))

    assert lambda_svc._execute_function(FUNCTION, {}) == BUSY
    assert given_up == []
