"""
Make the stack of the doors: the REST API and the rooms that answer it. They commit facts; the flow stack does the rest.

Called by   infra/app.py
"""

from pathlib import Path
from typing import Any

from aws_cdk import CfnOutput, Duration, Stack
from constructs import Construct

from infra import names
from infra.alarm import Alarm
from infra.constructs.firewall import Firewall
from infra.constructs.gateway import Gateway
from infra.constructs.stream_reader import PACKED_ENTRIES, StreamReader
from infra.grants import allow
from infra.layer import Layer
from infra.package import ROOT
from infra.rooms import ROOMS, SECRET_ARN
from infra.shared import Shared
from infra.stages import Cell, Stage

DOORS = (
    "intake",
    "fulfill",
    "documents",
    "stock",
    "reserve",
    "promise",
    "availability",
    "directory",
    "planning",
    "outages",
)


class ApiStack(Stack):
    """The synchronous half of Comanda; one for each region of a stage."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        cell: Cell,
        layer: Layer,
        source: Path = ROOT,
        **more: Any,
    ) -> None:
        super().__init__(scope, construct_id, **more)
        shared = Shared(self, stage=stage, cell=cell, layer=layer, source=source)
        self.rooms = {name: shared.room(name) for name in DOORS}
        self._grants(shared)
        directory = self.rooms["directory"]
        StreamReader(self, "DirectoryStream", shared, room=directory, table=names.DIRECTORY, only=[PACKED_ENTRIES])
        self.gateway = Gateway(self, "Api", stage=stage, pool=shared.pool, rooms=self.rooms)
        if stage.waf:
            Firewall(
                self,
                "Firewall",
                name=names.prefix(stage),
                stage_arn=self.gateway.deployment_stage.stage_arn,
                requests_per_address=stage.requests_per_address,
            )
        self._alarms(shared)
        shared.publish(names.API_ID, self.gateway.rest_api_id)
        shared.publish(names.API_URL, self.gateway.url)
        CfnOutput(self, "BaseUrl", value=self.gateway.url)

    def _grants(self, shared: Shared) -> None:
        """Grant the rights that are not on tables: infra/rights.py has those."""
        for name, room in self.rooms.items():
            if SECRET_ARN in ROOMS[name].settings:  # it signs the cursors of lists
                shared.let_read_secret(room)
        # Onboarding a client is an API call, not a deploy.
        allow(
            self.rooms["directory"],
            (
                "cognito-idp:CreateUserPoolClient",
                "cognito-idp:DescribeUserPoolClient",
                "cognito-idp:DeleteUserPoolClient",
                "cognito-idp:ListUserPoolClients",
            ),
            shared.arn("cognito-idp", f"userpool/{shared.value(names.USER_POOL)}"),
        )

    def _alarms(self, shared: Shared) -> None:
        name = names.prefix(shared.stage)
        Alarm(
            self,
            "ServerErrors",
            topic=shared.topic,
            name=f"{name}-api-errors",
            anchor="the-api-answers-with-errors",
            because="The API answers with 5xx.",
            metric=self.gateway.metric_server_error(period=Duration.minutes(5), statistic="Sum"),
            threshold=5,
        )
        Alarm(
            self,
            "Slow",
            topic=shared.topic,
            name=f"{name}-api-slow",
            anchor="the-api-is-slow",
            because="One answer in a hundred takes five seconds or more.",
            metric=self.gateway.metric_latency(period=Duration.minutes(5), statistic="p99"),
            threshold=5_000,
            periods=3,
        )
