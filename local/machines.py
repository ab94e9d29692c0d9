"""
Count the running executions by the version of their machine. The counts tell when a state or a field may leave the code.

Called by   local/cli.py (`comanda machines`)
Returns     lines of text
"""

from collections import Counter
from typing import Any

from infra import names
from infra.stages import LOCAL
from local.instance import ACCOUNT, REGION, Instance


def inflight(instance: Instance) -> list[str]:
    """
    Return a line for each machine.

    A running execution keeps its first definition for months, and handlers must accept its input as long.
    """
    client = instance.client("stepfunctions")
    lines = []
    for machine in names.MACHINES:
        arn = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{names.machine(LOCAL, machine)}"
        updated = client.describe_state_machine(stateMachineArn=arn).get("updateDate")
        running: list[dict[str, Any]] = [
            execution
            for page in client.get_paginator("list_executions").paginate(stateMachineArn=arn, statusFilter="RUNNING")
            for execution in page["executions"]
        ]
        ages = Counter(updated is None or execution["startDate"] >= updated for execution in running)
        oldest = min((f"{execution['startDate']:%Y-%m-%d %H:%M}" for execution in running), default="none")
        lines.append(
            f"{machine:12} {ages[True]:6} with today's definition, {ages[False]:6} with an earlier one, oldest {oldest}"
        )
    return lines
