"""
Make the dashboard: whether the API is well, orders move, readers are behind, and rooms or messages fail.

Called by   infra/flow_stack.py
"""

from aws_cdk import Aws, Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infra import names
from infra.rooms import ROOMS
from infra.stages import Stage

FIVE_MINUTES = Duration.minutes(5)
DEAD_LETTERS = (
    "inbox-undelivered",
    "milestones-undelivered",
    "milestones-dead",
    "payments-undelivered",
    "payments-dead",
    "numbers-undelivered",
    "numbers-dead",
    "tax-records-undelivered",
    "tax-records-dead",
    "sweep-undelivered",
    "daily-undelivered",
    "price-undelivered",
    "wave-undelivered",
    "tally-undelivered",
)


def _metric(namespace: str, name: str, statistic: str, label: str, **dimensions: str) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace=namespace,
        metric_name=name,
        statistic=statistic,
        label=label,
        period=FIVE_MINUTES,
        dimensions_map=dimensions or None,
    )


class Dashboard(cloudwatch.Dashboard):
    """One page of graphs. Resources are named by their fixed names, so it also shows those of other stacks."""

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage) -> None:
        super().__init__(scope, construct_id, dashboard_name=names.prefix(stage))
        api = {"ApiName": names.prefix(stage), "Stage": names.API_STAGE}
        functions = {room: {"FunctionName": names.function(stage, room)} for room in ROOMS}
        readers = ("conduct", "relay", "directory", "watch", "replenish", "reroute")
        self.add_widgets(
            self._graph(
                "API: requests and refusals",
                [
                    _metric("AWS/ApiGateway", metric, "Sum", label, **api)
                    for metric, label in (("Count", "requests"), ("4XXError", "4xx"), ("5XXError", "5xx"))
                ],
            ),
            self._graph(
                "API: milliseconds",
                [_metric("AWS/ApiGateway", "Latency", statistic, statistic, **api) for statistic in ("p50", "p99")],
            ),
        )
        self.add_widgets(
            self._graph(
                "Executions",
                [
                    _metric(
                        "AWS/States", metric, "Sum", f"{name} {label}", StateMachineArn=self._machine_arn(stage, name)
                    )
                    for name in names.MACHINES
                    for metric, label in (
                        ("ExecutionsStarted", "started"),
                        ("ExecutionsSucceeded", "succeeded"),
                        ("ExecutionsFailed", "failed"),
                    )
                ],
            ),
            self._graph(
                "Stream readers: milliseconds behind",
                [_metric("AWS/Lambda", "IteratorAge", "Maximum", room, **functions[room]) for room in readers],
            ),
        )
        self.add_widgets(
            self._graph(
                "Rooms: errors",
                [_metric("AWS/Lambda", "Errors", "Sum", room, **dimensions) for room, dimensions in functions.items()],
            ),
            self._graph(
                "Dead letters: should be empty",
                [
                    _metric(
                        "AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum", name,
                        QueueName=f"{names.prefix(stage)}-{name}",
                    )
                    for name in DEAD_LETTERS
                ],
            ),
        )  # fmt: skip

    def _machine_arn(self, stage: Stage, name: str) -> str:
        return f"arn:{Aws.PARTITION}:states:{Aws.REGION}:{Aws.ACCOUNT_ID}:stateMachine:{names.machine(stage, name)}"

    def _graph(self, title: str, left: list[cloudwatch.IMetric]) -> cloudwatch.GraphWidget:
        return cloudwatch.GraphWidget(title=title, left=left, width=12)
