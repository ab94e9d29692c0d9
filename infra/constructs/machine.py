"""
Make a state machine from its file in statemachines/. Placeholders become ARNs; its role may invoke exactly those rooms.

Called by   infra/flow_stack.py
Raises      JSONDecodeError at synth, when the file is broken; KeyError when it names a room that is not given
"""

import json
from collections.abc import Mapping
from pathlib import Path

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from infra import names
from infra.alarm import Alarm
from infra.definitions import PLACEHOLDER, rooms_of
from infra.grants import allow
from infra.package import ROOT
from infra.room_function import RoomFunction, log_group
from infra.shared import Shared


class Machine(sfn.StateMachine):
    """A machine with a fixed name, so that the grants of the room conduct and the alarms do not depend on it."""

    def __init__(
        self, scope: Construct, name: str, shared: Shared, *, rooms: Mapping[str, RoomFunction], source: Path = ROOT
    ) -> None:
        file = source / "statemachines" / f"{name}.asl.json"
        # Parsing and writing the JSON removes the indentation, and a broken file fails here.
        definition = json.dumps(json.loads(file.read_text(encoding="utf-8")), separators=(",", ":"))
        called = rooms_of(definition)
        title = name.capitalize()
        fixed = names.machine(shared.stage, name)
        role = iam.Role(
            scope,
            f"{title}MachineRole",
            assumed_by=iam.ServicePrincipal("states.amazonaws.com"),
            description=f"The machine {name}: invokes {', '.join(sorted(called))}",
        )
        allow(role, ("lambda:InvokeFunction",), *(rooms[room].fixed_arn for room in sorted(called)))
        super().__init__(
            scope,
            f"{title}Machine",
            state_machine_name=fixed,
            role=role,
            definition_body=sfn.DefinitionBody.from_string(
                PLACEHOLDER.sub(lambda found: rooms[found.group(1).lower()].fixed_arn, definition)
            ),
            logs=sfn.LogOptions(
                # AWS asks for this prefix, or the log's resource policy outgrows its limit.
                destination=log_group(scope, f"{title}MachineLog", f"/aws/vendedlogs/states/{fixed}", shared.stage),
                level=sfn.LogLevel.ALL,
                include_execution_data=False,
            ),
        )
        for called_room in called:
            self.node.add_dependency(rooms[called_room])
        for construct_id, metric, because in (
            ("Failed", self.metric_failed(period=Duration.minutes(5)), "An execution failed: no state caught it."),
            ("TimedOut", self.metric_timed_out(period=Duration.minutes(5)), "An execution ran longer than it may."),
            (
                "Throttled",
                self.metric_throttled(period=Duration.minutes(5)),
                "Step Functions throttles state transitions.",
            ),
        ):
            Alarm(
                self,
                construct_id,
                topic=shared.topic,
                name=f"{fixed}-{construct_id.lower()}",
                anchor="a-machine-failed" if construct_id != "Throttled" else "a-machine-is-throttled",
                because=because,
                metric=metric,
            )
