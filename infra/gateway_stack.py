"""
Make the stack of the REST API: its methods call the rooms that the API stack made, and it alone knows the API's address.

It stands apart because each route is two resources or more: a stack takes 500. Later routes are in a stack nested in it.

Called by   infra/app.py

Publishes   SSM parameters under /comanda/<stage>/: the API's id, the addresses that people open, their app clients
"""

from collections.abc import Sequence
from typing import Any

from aws_cdk import Aws, CfnOutput, Duration, Stack
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from comanda.aws.api.routes import PAGES, ROUTES, Route
from comanda.aws.api_client.firewall import HEADER
from infra import names
from infra.alarm import Alarm
from infra.constructs.console_clients import ConsoleClients
from infra.constructs.firewall import Firewall
from infra.constructs.gateway import Gateway
from infra.shared import Published
from infra.stages import Stage


class GatewayStack(Stack):
    """The way in to Comanda; one for each region of a stage."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        routes: Sequence[Route] = (*ROUTES, *PAGES),
        **more: Any,
    ) -> None:
        super().__init__(scope, construct_id, **more)
        published = Published(self, stage=stage)
        rooms = {name: self._room(published, name) for name in sorted({route.room for route in routes})}
        self.gateway = Gateway(self, "Api", stage=stage, pool=published.pool, rooms=rooms, routes=routes)
        if stage.waf:
            Firewall(
                self,
                "Firewall",
                name=names.prefix(stage),
                stage_arn=self.gateway.deployment_stage.stage_arn,
                requests_per_address=stage.requests_per_address,
                header=HEADER,
                secret_arn=published.value(names.FIREWALL_SECRET),
            )
        self._alarms(published)
        self._addresses(published)

    def _addresses(self, published: Published) -> None:
        """Publish where the API, the console and the sign-in page are, with the clients that people sign in with."""
        stage = published.stage
        api = published.address(stage.api_address, api=self.gateway.rest_api_id)
        console = f"{api}/console"
        domain = names.sign_in_domain(stage, Aws.ACCOUNT_ID)
        published.publish(names.API_ID, self.gateway.rest_api_id)
        published.publish(names.API_URL, api)
        published.publish(names.CONSOLE_URL, console)
        published.publish(names.SIGN_IN_URL, published.address(stage.sign_in_address, domain=domain))
        ConsoleClients(self, "ConsoleClients", published, address=console)
        CfnOutput(self, "BaseUrl", value=api)

    def _room(self, published: Published, name: str) -> lambda_.IFunction:
        """Return the room's function by the ARN made from its fixed name: the API stack exports nothing."""
        return lambda_.Function.from_function_attributes(
            self,
            name.capitalize(),
            function_arn=published.arn("lambda", f"function:{names.function(published.stage, name)}"),
            same_environment=True,  # so that the methods get their permissions
        )

    def _alarms(self, published: Published) -> None:
        name = names.prefix(published.stage)
        Alarm(
            self,
            "ServerErrors",
            topic=published.topic,
            name=f"{name}-api-errors",
            anchor="the-api-answers-with-errors",
            because="The API answers with 5xx.",
            metric=self.gateway.metric_server_error(period=Duration.minutes(5), statistic="Sum"),
            threshold=5,
        )
        Alarm(
            self,
            "Slow",
            topic=published.topic,
            name=f"{name}-api-slow",
            anchor="the-api-is-slow",
            because="One answer in a hundred takes five seconds or more.",
            metric=self.gateway.metric_latency(period=Duration.minutes(5), statistic="p99"),
            threshold=5_000,
            periods=3,
        )
