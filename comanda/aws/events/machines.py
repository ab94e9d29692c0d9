"""
Start the machines of orders and fulfillments, and answer their task tokens.

Called by   functions/conduct, the only room that has the right to
Returns     whether a call had an effect
Raises      Throttled; errors of Step Functions that do not mean "done before"
"""

import json
from typing import Any

from comanda.aws.runtime.clients import client
from comanda.aws.runtime.settings import settings
from comanda.domain import ids
from comanda.domain.orders.verdict import SUCCESSES

# The errors with which Step Functions says "done before". They are ignored, and no other error of AWS is. A name that is
# taken means that the execution was started. A token that is gone was answered, or its state timed out and was entered
# again with a new token.
_STARTED = frozenset({"ExecutionAlreadyExists"})
_ANSWERED = frozenset({"TaskTimedOut", "TaskDoesNotExist", "InvalidToken"})
_DEAD = frozenset({"FAILED", "TIMED_OUT", "ABORTED"})
_MOST_RESTARTS = 100


def start_order(order_id: str, run: int = 1) -> None:
    """Start the machine of an order. It is not an error if this run of it was started before."""
    _start(settings.order_machine_arn, f"{order_id}-{run}", {"order_id": order_id})


def start_fulfillment(order_id: str, number: int, run: int = 1) -> None:
    """Start the machine of a fulfillment. It is not an error if this run of it was started before."""
    name = ids.fulfillment(order_id, number)
    start_input = {"order_id": order_id, "fulfillment": number, "wait": f"{number:03d}"}
    _start(settings.fulfillment_machine_arn, f"{name}-{run}", start_input)


def _start(machine: str, name: str, start_input: dict[str, Any]) -> None:
    _call(_STARTED, "start_execution", stateMachineArn=machine, name=name, input=json.dumps(start_input))


def answer(token: str, verdict: str) -> bool:
    """Send a waiting state its verdict: a success, or the name of the edge that it takes.

    Return True if the state still waited.
    """
    if verdict in SUCCESSES:
        return _call(_ANSWERED, "send_task_success", taskToken=token, output="{}")
    return _call(_ANSWERED, "send_task_failure", taskToken=token, error=verdict, cause=verdict)


def _call(done_before: frozenset[str], operation: str, **arguments: str) -> bool:
    """Call Step Functions. Return True if the call had an effect, False if it was done before."""
    from botocore.exceptions import ClientError

    try:
        getattr(client("stepfunctions"), operation)(**arguments)
    except ClientError as error:
        if error.response["Error"]["Code"] not in done_before:
            raise
        return False
    return True


def ensure_order(order_id: str) -> bool:
    """Start the order's machine again if its last execution is lost. Return True if it was lost."""
    run = _next_run(settings.order_machine_arn, order_id)
    if run:
        start_order(order_id, run)
    return bool(run)


def ensure_fulfillment(order_id: str, number: int) -> bool:
    """Start the fulfillment's machine again if its last execution is lost. Return True if it was lost."""
    run = _next_run(settings.fulfillment_machine_arn, ids.fulfillment(order_id, number))
    if run:
        start_fulfillment(order_id, number, run)
    return bool(run)


def _next_run(machine: str, name: str) -> int:
    """Return the number of the run to start, or 0 if an execution runs or has succeeded."""
    for run in range(1, _MOST_RESTARTS):
        status = _status(machine, f"{name}-{run}")
        if status is None:
            return run
        if status not in _DEAD:
            return 0
    raise RuntimeError(f"{name} was restarted {_MOST_RESTARTS} times")


def _status(machine: str, name: str) -> str | None:
    """Return the status of an execution, or None if there is none of that name."""
    from botocore.exceptions import ClientError

    arn = machine.replace(":stateMachine:", ":execution:") + f":{name}"
    try:
        return str(client("stepfunctions").describe_execution(executionArn=arn)["status"])
    except ClientError as error:
        if error.response["Error"]["Code"] != "ExecutionDoesNotExist":
            raise
        return None
