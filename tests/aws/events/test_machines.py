"""Test how machines are started, started again and answered."""

import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from comanda.aws.events import machines
from comanda.aws.runtime.clients import client
from tests.faults import service_id

ORDER = "ord_us1_01J0000000000000000000000A"


class StepFunctions:
    """Answer the calls of Step Functions: with an error's code, or with the status of an execution by its name."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.error = ""
        self.executions: dict[str, str] = {}

    def answer(self, model: Any, params: dict[str, Any], **_: Any) -> tuple[Any, dict[str, Any]]:
        request = json.loads(params["body"])
        self.calls.append((model.name, request))
        body: dict[str, Any] = {}
        error = self.error
        if model.name == "DescribeExecution":
            status = self.executions.get(request["executionArn"].rpartition(":")[2])
            error, body = ("", {"status": status}) if status else ("ExecutionDoesNotExist", {})
        if error:
            return SimpleNamespace(status_code=400), {"Error": {"Code": error, "Message": ""}, "ResponseMetadata": {}}
        return SimpleNamespace(status_code=200), body


@pytest.fixture
def step_functions(aws: Any) -> Iterator[StepFunctions]:
    kept, event = StepFunctions(), f"before-call.{service_id('stepfunctions')}"
    client("stepfunctions").meta.events.register(event, kept.answer, unique_id="machines")
    yield kept
    client("stepfunctions").meta.events.unregister(event, unique_id="machines")


def test_a_machine_that_was_started_before_is_no_error(step_functions: StepFunctions) -> None:
    step_functions.error = "ExecutionAlreadyExists"

    machines.start_order(ORDER)

    ((operation, request),) = step_functions.calls
    assert (operation, request["name"]) == ("StartExecution", f"{ORDER}-1")
    assert json.loads(request["input"]) == {"order_id": ORDER}


@pytest.mark.parametrize(("verdict", "operation"), [("RouteAgain", "SendTaskFailure"), ("Settled", "SendTaskSuccess")])
def test_a_verdict_is_a_success_or_the_name_of_an_edge(step_functions: StepFunctions, verdict: str, operation: str):
    assert machines.answer("t", verdict)
    assert step_functions.calls[0][0] == operation


@pytest.mark.parametrize("error", ["TaskTimedOut", "TaskDoesNotExist", "InvalidToken"])
def test_a_token_that_is_gone_needs_no_answer(step_functions: StepFunctions, error: str) -> None:
    step_functions.error = error

    assert not machines.answer("t", "Resolved")


@pytest.mark.parametrize(
    ("executions", "started"),
    [
        ({}, "-1"),
        ({"-1": "RUNNING"}, None),
        ({"-1": "SUCCEEDED"}, None),
        ({"-1": "ABORTED"}, "-2"),
        ({"-1": "FAILED", "-2": "TIMED_OUT"}, "-3"),
        ({"-1": "FAILED", "-2": "RUNNING"}, None),
    ],
    ids=str,
)
def test_a_machine_is_started_again_if_its_last_execution_is_lost(
    step_functions: StepFunctions, executions: dict[str, str], started: str | None
) -> None:
    step_functions.executions = {f"{ORDER}{run}": status for run, status in executions.items()}

    assert machines.ensure_order(ORDER) == (started is not None)

    names = [request["name"] for operation, request in step_functions.calls if operation == "StartExecution"]
    assert names == ([f"{ORDER}{started}"] if started else [])
