"""
Run the two machines in this process, with the real statemachines/*.asl.json and the real rooms, without Step Functions.

Only the parts of the states language that those files use are known: Task, Retry, Catch, Next, End, ResultPath, task tokens.
tests/statemachines tests the files themselves; here they move orders along.
"""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults import Crashed

_FILES = Path(__file__).parents[2] / "statemachines"
DEFINITIONS: dict[str, dict[str, Any]] = {
    name: json.loads((_FILES / f"{name}.asl.json").read_text(encoding="utf-8")) for name in ("order", "fulfillment")
}
# The error of Step Functions for a Lambda whose process ended, and which is retried.
CRASH = "Lambda.ServiceException"


@dataclass
class Execution:
    """One run of a machine. `token` is set while it waits."""

    name: str
    machine: str
    input: dict[str, Any]
    state: str
    status: str = "RUNNING"
    token: str | None = None
    entered: list[str] = field(default_factory=list)


class Refused(Exception):
    """Raise an error of Step Functions. The message is its code."""


class Machines:
    """Start executions, step them until they wait or end, and take the answers to their tokens.

    `invoke` calls a room by its name in the file, e.g. "Route". `pause` is called with the seconds that Step Functions would
    wait, and `crashed` when a process ended.
    """

    def __init__(
        self,
        invoke: Callable[[str, dict[str, Any]], None],
        pause: Callable[[float], None],
        crashed: Callable[[str], None],
    ) -> None:
        self.executions: dict[str, Execution] = {}
        self.errors: Counter[str] = Counter()
        self._invoke, self._pause, self._crashed = invoke, pause, crashed
        self._answers: dict[str, str | None] = {}  # token -> the edge that was sent, None for a success
        self._waits: dict[str, Execution] = {}
        self._tokens = 0
        self.crash = CRASH

    def start(self, machine: str, name: str, given: str) -> None:
        if name in self.executions:
            raise Refused("ExecutionAlreadyExists")
        first = DEFINITIONS[machine]["StartAt"]
        self.executions[name] = Execution(name=name, machine=machine, input=json.loads(given), state=first)

    def status(self, name: str) -> str:
        if name not in self.executions:
            raise Refused("ExecutionDoesNotExist")
        return self.executions[name].status

    def answer(self, token: str, error: str | None) -> None:
        if token not in self._waits:
            raise Refused("TaskDoesNotExist")
        if token in self._answers or self._waits[token].token != token:
            raise Refused("TaskTimedOut")
        self._answers[token] = error

    def lose(self, name: str) -> None:
        """Remove the execution, as a restart of the embedded AWS does."""
        self.executions[name].status, self.executions[name].token = "ABORTED", None

    def kept(self) -> Any:
        return self.executions, self.errors, self._answers, self._waits, self._tokens

    def back_to(self, kept: Any) -> None:
        self.executions, self.errors, self._answers, self._waits, self._tokens = kept

    def run(self) -> bool:
        """Step all executions that do not wait. Return True if there were any."""
        moved = False
        for execution in tuple(self.executions.values()):
            while self._ready(execution):
                moved = True
                self._step(execution)
        return moved

    def _ready(self, execution: Execution) -> bool:
        return execution.status == "RUNNING" and (execution.token is None or execution.token in self._answers)

    def _step(self, execution: Execution) -> None:
        if execution.token is None:
            self._enter(execution)
        else:
            self._leave(execution, self._answers[execution.token], {})

    def _enter(self, execution: Execution) -> None:
        execution.entered.append(execution.state)
        state = DEFINITIONS[execution.machine]["States"][execution.state]
        waits = state["Resource"].endswith(".waitForTaskToken")
        self._tokens += 1
        token = f"token-{self._tokens}"
        if waits:
            execution.token = token
            self._waits[token] = execution
        room = state["Parameters"]["FunctionName"].strip("${}")
        payload = self._payload(state["Parameters"]["Payload"], execution, token)
        tries: Counter[int] = Counter()
        while True:
            error = self._called(room, payload)
            if error is None:
                if not waits:
                    self._leave(execution, None, tries)
                return
            if not self._again(state, error, tries):
                self._leave(execution, error, tries)
                return

    def _called(self, room: str, payload: dict[str, Any]) -> str | None:
        try:
            self._invoke(room, payload)
        except Crashed:
            self._crashed(room)
            error = self.crash
        except Exception as raised:  # noqa: BLE001  # as Lambda: whatever a handler raises becomes its name
            error = type(raised).__name__
        else:
            return None
        self.errors[f"{payload['state']}: {error}"] += 1
        return error

    def _again(self, state: dict[str, Any], error: str, tries: Counter[int]) -> bool:
        for number, retrier in enumerate(state.get("Retry", ())):
            if error in retrier["ErrorEquals"] or "States.ALL" in retrier["ErrorEquals"]:
                if tries[number] >= retrier.get("MaxAttempts", 3):
                    return False
                self._pause(retrier.get("IntervalSeconds", 1) * retrier.get("BackoffRate", 2) ** tries[number])
                tries[number] += 1
                return True
        return False

    def _leave(self, execution: Execution, error: str | None, _tries: object) -> None:
        state = DEFINITIONS[execution.machine]["States"][execution.state]
        execution.token = None
        if error is None:
            if state.get("End"):
                execution.status = "SUCCEEDED"
            else:
                execution.state = state["Next"]
            return
        for catcher in state.get("Catch", ()):
            if error in catcher["ErrorEquals"] or "States.ALL" in catcher["ErrorEquals"]:
                execution.input["because"] = {"Error": error, "Cause": error}
                execution.state = catcher["Next"]
                return
        execution.status = "FAILED"

    def _payload(self, template: dict[str, Any], execution: Execution, token: str) -> dict[str, Any]:
        context = {"Task": {"Token": token}, "State": {"EnteredTime": f"entered-{len(execution.entered)}-{token}"}}
        out: dict[str, Any] = {}
        for name, value in template.items():
            if name.endswith(".$"):
                found: Any = context if value.startswith("$$.") else execution.input
                for part in value.lstrip("$").lstrip(".").split("."):
                    found = found[part]
                out[name[:-2]] = found
            else:
                out[name] = value
        return out
