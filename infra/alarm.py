"""
Make an alarm that goes to the stage's topic and names the section of the runbook that says what to do.

Called by   infra/api_stack.py, infra/flow_stack.py, infra/room_function.py and the constructs
Raises      ValueError at synth, when docs/runbook.md has no such section
"""

from typing import Any

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.runbook import anchors


class Alarm(cloudwatch.Alarm):
    """An alarm with its runbook section. `because` is the sentence on the pager, `anchor` the section."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        topic: sns.ITopic,
        name: str,
        anchor: str,
        because: str,
        metric: cloudwatch.IMetric,
        threshold: float = 1,
        periods: int = 1,
        **more: Any,
    ) -> None:
        if anchor not in anchors():
            raise ValueError(f"alarm {name}: docs/runbook.md has no section #{anchor}")
        super().__init__(
            scope,
            construct_id,
            alarm_name=name,
            alarm_description=f"{because} docs/runbook.md#{anchor}",
            metric=metric,
            threshold=threshold,
            evaluation_periods=periods,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            **more,
        )
        self.add_alarm_action(actions.SnsAction(topic))
