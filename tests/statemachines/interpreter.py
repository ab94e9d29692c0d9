"""
Run the real machines in moto's interpreter, with the real rooms behind `lambda:invoke`. None of our code is imitated.

These parts of moto are changed: a Lambda is our handler, and its exception's class name is the error; a Retry does not sleep;
a Catch may lead back to its own state; a definition is parsed once; one client serves all threads; and tests are notified
when every machine waits, so that they need not guess.
"""

import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from moto.awslambda_simple.models import LambdaSimpleBackend
from moto.core import DEFAULT_ACCOUNT_ID
from moto.stepfunctions.parser.api import ExecutionStatus
from moto.stepfunctions.parser.asl.component.common.catch.catch_outcome import CatchOutcome
from moto.stepfunctions.parser.asl.component.common.path import result_path
from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl
from moto.stepfunctions.parser.asl.component.state.exec.state_task import lambda_eval_utils
from moto.stepfunctions.parser.asl.component.state.state import CommonStateField
from moto.stepfunctions.parser.asl.eval.callback.callback import CallbackEndpoint
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from moto.stepfunctions.parser.asl.utils import json_path
from moto.stepfunctions.parser.backend.execution import BaseExecutionWorkerCommunication
from moto.stepfunctions.parser.models import stepfunctions_parser_backends

from comanda.aws.runtime.clients import client
from comanda.aws.runtime.settings import settings
from tests.moto_aws import REGION

FILES = Path(__file__).parents[2] / "statemachines"
PATIENCE = 120  # seconds that a machine may take to fall asleep before a test gives up
_PARSE = cache(AmazonStateLanguageParser.parse)
_PATH = cache(json_path.parse)  # moto builds the tables of its grammar anew for each path of each state

MACHINES = {
    name: json.loads((FILES / f"{name}.asl.json").read_text(encoding="utf-8")) for name in ("order", "fulfillment")
}
STATES = {(name, state): body for name, machine in MACHINES.items() for state, body in machine["States"].items()}

Invoked = dict[str, Any]
Handler = Callable[[Invoked], Any]


def definition(machine: str, timeouts: Mapping[str, int] | None = None) -> str:
    """Return a machine's definition as deployed, with `${Room}` as the room's function. `timeouts` shortens waits."""
    text = (FILES / f"{machine}.asl.json").read_text(encoding="utf-8")
    document = json.loads(re.sub(r"\$\{(\w+)\}", lambda room: room[1].lower(), text))
    for state, seconds in (timeouts or {}).items():
        document["States"][state]["TimeoutSeconds"] = seconds
    return json.dumps(document)


@dataclass
class Interpreter:
    """The two machines. `invocations` are (room, payload) of every call, `slept` the seconds that each Retry waited."""

    around: Callable[[str, Invoked, Handler], Any]  # a test's wrapper of a room's handler
    pass_time: Callable[[float], None]  # called instead of a Retry's sleep
    changed: threading.Condition = field(default_factory=threading.Condition)
    invocations: list[tuple[str, Invoked]] = field(default_factory=list)
    asynchronous: list[tuple[str, Invoked]] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        wait, ended, set_next = (
            CallbackEndpoint.wait,
            BaseExecutionWorkerCommunication.terminated,
            CommonStateField._set_next,
        )

        def parked(endpoint: Any, timeout: float | None = None) -> Any:
            endpoint.asleep = True
            self.tell()
            try:
                return wait(endpoint, timeout)
            finally:
                endpoint.asleep = False

        def terminated(execution: Any) -> None:
            ended(execution)
            self.tell()

        def go_on(state: Any, env: Any) -> None:
            if not (env.stack and env.stack[-1] is CatchOutcome.Caught):  # a catch has set the next state already
                set_next(state, env)

        monkeypatch.setattr(CommonStateField, "_set_next", go_on)
        monkeypatch.setattr(CallbackEndpoint, "wait", parked)
        monkeypatch.setattr(BaseExecutionWorkerCommunication, "terminated", terminated)
        monkeypatch.setattr(AmazonStateLanguageParser, "parse", _PARSE)
        monkeypatch.setattr(json_path, "parse", _PATH)
        monkeypatch.setattr(result_path, "parse", _PATH)
        monkeypatch.setattr(retrier_decl, "time", SimpleNamespace(sleep=self._sleep))
        monkeypatch.setattr(lambda_eval_utils, "boto_client_for", lambda **_: client("lambda"))
        monkeypatch.setattr(LambdaSimpleBackend, "invoke", self._invoke)

    def create(self, timeouts: Mapping[str, Mapping[str, int]]) -> None:
        for machine, arn in (("order", settings.order_machine_arn), ("fulfillment", settings.fulfillment_machine_arn)):
            client("stepfunctions").create_state_machine(
                name=arn.rpartition(":")[2],
                definition=definition(machine, timeouts.get(machine)),
                roleArn=f"arn:aws:iam::{DEFAULT_ACCOUNT_ID}:role/machine",
            )

    def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.pass_time(seconds)

    def tell(self) -> None:
        with self.changed:
            self.changed.notify_all()

    def _invoke(self, name: str, _qualifier: object, body: Any, headers: Any, answer: dict[str, Any]) -> bytes:
        """Invoke a room as Lambda does: an exception becomes an answer whose `errorType` is the class's name."""
        room, payload = name.removeprefix("comanda-test-"), json.loads(body)
        if headers.get("X-Amz-Invocation-Type") == "Event":
            self.asynchronous.append((room, payload))
            return b""
        self.invocations.append((room, payload))
        try:
            return json.dumps(self.around(room, payload, lambda event: run(room, event))).encode()
        except Exception as error:  # noqa: BLE001  # the boundary of a Lambda: the caller gets any exception as an answer
            answer["x-amz-function-error"] = "Unhandled"
            return json.dumps({"errorType": type(error).__name__, "errorMessage": str(error)}).encode()

    def executions(self) -> list[Any]:
        machines = stepfunctions_parser_backends[DEFAULT_ACCOUNT_ID][REGION].state_machines
        return [execution for machine in machines for execution in list(machine.executions)]

    def asleep(self) -> bool:
        """Return whether every machine has ended or waits for its token's answer."""
        return all(execution.status != "RUNNING" or _token(execution) for execution in self.executions())

    def lose(self, name: str) -> None:
        """Lose an execution, as a restart of the embedded AWS does. Its tokens have no execution afterwards."""
        for execution in self.executions():
            if execution.name == name:
                execution.exec_status = ExecutionStatus.ABORTED
                execution.exec_worker.env.callback_pool_manager._pool.clear()

    def history(self, name: str) -> list[dict[str, Any]]:
        """Return the events of GetExecutionHistory. The call itself would write, read and parse every date."""
        execution = next(execution for execution in self.executions() if execution.name == name)
        return list(execution.to_history_output()["events"])


_ONE_AT_A_TIME = threading.RLock()


def run(room: str, event: Invoked) -> Any:
    """Call a room's handler, one at a time: a Lambda has its process, and Powertools' metrics in it, for itself."""
    with _ONE_AT_A_TIME:
        return import_module(f"functions.{room}.handler").handler(event, None)


def _token(execution: Any) -> str | None:
    """Return the token whose answer the execution waits for, or None while it works."""
    env = execution.exec_worker and execution.exec_worker.env
    endpoints = list(env.callback_pool_manager._pool.values()) if env else []
    waits = endpoints and getattr(endpoints[-1], "asleep", False) and endpoints[-1].get_outcome() is None
    return endpoints[-1].callback_id if waits else None
