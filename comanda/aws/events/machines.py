"""Step Functions: start machines and answer their tokens. Only the room `conduct` has the right to."""

import json
from typing import Any

from comanda.aws.runtime.clients import client
from comanda.aws.runtime.settings import settings
from comanda.domain import ids
from comanda.domain.orders.verdict import SUCCESSES

# "Done" in Step Functions' words: the one place where errors of AWS are swallowed. A name taken means that it was
# started; a token that is gone was answered, or its state timed out and was entered again with a new one.
_STARTED = frozenset({"ExecutionAlreadyExists"})
_ANSWERED = frozenset({"TaskTimedOut", "TaskDoesNotExist", "InvalidToken"})
_DEAD = frozenset({"FAILED", "TIMED_OUT", "ABORTED"})
_MOST_RESTARTS = 100


def start_order(order_id: str, run: int = 1) -> None:
    _start(settings.order_machine_arn, f"{order_id}-{run}", {"order_id": order_id})


def start_fulfillment(order_id: str, number: int, run: int = 1) -> None:
    name = ids.fulfillment(order_id, number)
    given = {"order_id": order_id, "fulfillment": number, "wait": f"{number:03d}"}
    _start(settings.fulfillment_machine_arn, f"{name}-{run}", given)


def _start(machine: str, name: str, given: dict[str, Any]) -> None:
    _done_when(_STARTED, "start_execution", stateMachineArn=machine, name=name, input=json.dumps(given))


def answer(token: str, verdict: str) -> bool:
    """Tell a waiting state its answer: a success, or the name of the edge that it takes. Returns whether it still waited."""
    if verdict in SUCCESSES:
        return _done_when(_ANSWERED, "send_task_success", taskToken=token, output="{}")
    return _done_when(_ANSWERED, "send_task_failure", taskToken=token, error=verdict, cause=verdict)


def _done_when(codes: frozenset[str], call: str, **arguments: str) -> bool:
    """Whether the call did it; False when it was done before."""
    from botocore.exceptions import ClientError

    try:
        getattr(client("stepfunctions"), call)(**arguments)
    except ClientError as error:
        if error.response["Error"]["Code"] not in codes:
            raise
        return False
    return True


def ensure_order(order_id: str) -> bool:
    """Start the order's machine again when its last execution is lost. Returns whether it was."""
    run = _next_run(settings.order_machine_arn, order_id)
    if run:
        start_order(order_id, run)
    return bool(run)


def ensure_fulfillment(order_id: str, number: int) -> bool:
    """The same for a fulfillment's machine."""
    run = _next_run(settings.fulfillment_machine_arn, ids.fulfillment(order_id, number))
    if run:
        start_fulfillment(order_id, number, run)
    return bool(run)


def _next_run(machine: str, name: str) -> int:
    """The number to start under, or 0 when an execution runs or has succeeded."""
    for run in range(1, _MOST_RESTARTS):
        status = _status(machine, f"{name}-{run}")
        if status is None:
            return run
        if status not in _DEAD:
            return 0
    raise RuntimeError(f"{name} was restarted {_MOST_RESTARTS} times")


def _status(machine: str, name: str) -> str | None:
    from botocore.exceptions import ClientError

    arn = machine.replace(":stateMachine:", ":execution:") + f":{name}"
    try:
        return str(client("stepfunctions").describe_execution(executionArn=arn)["status"])
    except ClientError as error:
        if error.response["Error"]["Code"] != "ExecutionDoesNotExist":
            raise
        return None
