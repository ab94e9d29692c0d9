"""A deployed probe, and what tests ask of it."""

import json
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from local import emulator
from local.instance import HOST, Instance
from tests.local import probe, probe_code

SECONDS = 180  # on a busy machine of half the speed; it is never waited for what is there


@dataclass(frozen=True)
class EmbeddedWorld:
    instance: Instance
    outputs: dict[str, str]

    def __getitem__(self, name: str) -> str:
        return self.outputs[name]

    def aws(self, service: str) -> Any:
        return self.instance.client(service)

    def put(self, pk: str, sk: str, **more: str) -> None:
        item = {"pk": pk, "sk": sk, **more}
        self.aws("dynamodb").put_item(TableName=self["Table"], Item={key: {"S": value} for key, value in item.items()})

    def rows(self, pk: str) -> list[str]:
        found = self.aws("dynamodb").query(
            TableName=self["Table"],
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": pk}},
        )
        return [item["sk"]["S"] for item in found["Items"]]

    def as_a_function(self, service: str, call: str, **arguments: Any) -> dict[str, Any]:
        """What a function of the probe gets when it makes this call with the rights of its role."""
        asked = {"service": service, "call": call, "with": arguments}
        answer = self.aws("lambda").invoke(FunctionName="probe-caller", Payload=json.dumps(asked).encode())
        said: dict[str, Any] = json.loads(answer["Payload"].read())
        return said


def eventually(holds: Callable[[], Any], seconds: float = SECONDS) -> Any:
    """The value of `holds` as soon as it is true; an assertion error when it never is."""
    began, pause = time.monotonic(), 0.05
    deadline = began + seconds
    while True:
        value = holds()
        if value or time.monotonic() > deadline:
            assert value, f"not within {seconds} seconds"
            return value
        time.sleep(pause)
        # Whoever looks all the time takes the cores from what it waits for; what takes a minute is looked at less often.
        pause = min(1.3 * pause, max(0.5, (time.monotonic() - began) / 20))


def free_port() -> int:
    with socket.socket() as chosen:
        chosen.bind((HOST, 0))
        port: int = chosen.getsockname()[1]
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
    # Configuration is kept by snapshots that are two seconds old at most: a kill before that is not what tests are about.
    for service, mark in (("cloudformation", "CREATE_COMPLETE"), ("lambda", "probe-caller")):
        snapshot = instance.state / f"{service}.json"
        eventually(lambda file=snapshot, text=mark: file.exists() and text in file.read_text())
    return EmbeddedWorld(instance, {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]})
