"""Deploy the probe, and give tests access to it."""

import contextlib
import json
import secrets
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from local import emulator
from local.instance import HOST, Instance
from tests.local import probe, probe_code

SECONDS = 180  # enough on a busy machine of half the speed; a wait ends as soon as its condition holds

OWN_PORTS = range(20_000, 32_768)  # above services, below those that Linux and macOS give to outgoing connections


@dataclass(frozen=True)
class EmbeddedWorld:
    """An embedded AWS with the probe. `outputs` are those of its stack."""

    instance: Instance
    outputs: dict[str, str]

    def __getitem__(self, name: str) -> str:
        return self.outputs[name]

    def aws(self, service: str) -> Any:
        return self.instance.client(service)

    def put(self, pk: str, sk: str, **more: str) -> None:
        item = {"pk": pk, "sk": sk, **more}
        self.aws("dynamodb").put_item(TableName=self["Table"], Item={key: {"S": value} for key, value in item.items()})

    def items_of(self, pk: str) -> list[dict[str, Any]]:
        """Return the items of a partition."""
        found = self.aws("dynamodb").query(
            TableName=self["Table"],
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": pk}},
        )
        return list(found["Items"])

    def sort_keys(self, pk: str) -> list[str]:
        """Return the sort keys of a partition."""
        return [row["sk"]["S"] for row in self.items_of(pk)]

    def as_a_function(self, service: str, call: str, **arguments: Any) -> dict[str, Any]:
        """Let a function of the probe make this call with the rights of its role. Returns the function's answer."""
        event = {"service": service, "call": call, "with": arguments}
        answer = self.aws("lambda").invoke(FunctionName="probe-caller", Payload=json.dumps(event).encode())
        result: dict[str, Any] = json.loads(answer["Payload"].read())
        return result


def eventually(holds: Callable[[], Any], seconds: float = SECONDS) -> Any:
    """Return the value of `holds` as soon as it is true. Fails when it is not true in time."""
    began, pause = time.monotonic(), 0.05
    deadline = began + seconds
    while True:
        value = holds()
        if value or time.monotonic() > deadline:
            assert value, f"not within {seconds} seconds"
            return value
        time.sleep(pause)
        # Checking all the time would take the cores from the work that it waits for, so long waits check less often.
        pause = min(1.3 * pause, max(0.5, (time.monotonic() - began) / 20))


def free_port() -> int:
    """
    Return a port that nobody uses and that no outgoing connection is given.

    The system gives those it chooses itself to connections too. A port of these could be taken while a test restarts its server.
    """
    while True:
        port = secrets.choice(OWN_PORTS)
        with socket.socket() as chosen, contextlib.suppress(OSError):
            chosen.bind((HOST, port))
            return port


def an_instance(name: str, patch: pytest.MonkeyPatch) -> Instance:
    patch.setenv("COMANDA_PORT", str(free_port()))
    instance = Instance(name)
    emulator.reset(instance)
    assert instance.port
    patch.delenv("COMANDA_PORT")
    return instance


def deployed(instance: Instance) -> EmbeddedWorld:
    s3, stacks = instance.client("s3"), instance.client("cloudformation")
    s3.create_bucket(Bucket=probe_code.BUCKET)
    s3.put_object(Bucket=probe_code.BUCKET, Key="layer.zip", Body=probe_code.layer())
    stacks.create_stack(StackName="probe", TemplateBody=json.dumps(probe.template()), Capabilities=["CAPABILITY_IAM"])

    def settled() -> dict[str, Any] | None:
        stack: dict[str, Any] = stacks.describe_stacks(StackName="probe")["Stacks"][0]
        return None if stack["StackStatus"].endswith("_IN_PROGRESS") else stack

    stack = eventually(settled, 60)
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    # Snapshots keep configuration and are two seconds old at most: tests of kills begin after them.
    for service, mark in (("cloudformation", "CREATE_COMPLETE"), ("lambda", "probe-caller")):
        snapshot = instance.state / f"{service}.json"
        eventually(lambda file=snapshot, text=mark: file.exists() and text in file.read_text())
    return EmbeddedWorld(instance, {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]})
