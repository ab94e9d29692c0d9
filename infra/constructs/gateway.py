"""
Make the regional REST API: its methods are those of the route table, and its own refusals are problem+json too.

A scope on each method limits the application; comanda/aws/api/callers.py decides behind it on the rights of the caller.

Called by   infra/gateway_stack.py
"""

import json
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from aws_cdk import NestedStack, RemovalPolicy, Size, Stack
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from comanda.aws.api.routes import PAGES, Route
from infra import names
from infra.gateway_settings import COMPRESSED_FROM, DEFAULTS, REFUSALS
from infra.kept_routes import KEPT
from infra.room_function import log_group
from infra.stages import Stage

# The address of a customer's link opens an order, so no log has it. What strangers may send takes no other caller's share.
_OF_STRANGERS = (
    *((page.path, page.method) for page in PAGES if page.path.startswith("/v1/s/")),
    ("/v1/order-lookups", "POST"),
    ("/v1/providers/stripe/events", "POST"),
)
_SHARE_OF_STRANGERS = 5

ACCESS_LOG = {
    "request_id": "$context.requestId",
    "client": "$context.authorizer.claims.client_id",
    "method": "$context.httpMethod",
    "route": "$context.resourcePath",
    "status": "$context.status",
    "milliseconds": "$context.responseLatency",
    "bytes": "$context.responseLength",
    "refused": "$context.error.responseType",
}


class Gateway(apigateway.RestApi):
    """The REST API. Each of `routes` names the one of `rooms` that answers it."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        pool: cognito.IUserPool,
        rooms: Mapping[str, lambda_.IFunction],
        routes: Iterable[Route],
    ) -> None:
        name = names.prefix(stage)
        access = log_group(scope, "AccessLog", f"/comanda/{stage.name}/api", stage)
        super().__init__(
            scope,
            construct_id,
            rest_api_name=name,
            description="Comanda",
            endpoint_types=[apigateway.EndpointType.REGIONAL],
            # Pages, scripts and lists are sent compressed to callers that accept it: a third of their bytes.
            min_compression_size=Size.bytes(COMPRESSED_FROM),
            cloud_watch_role=True,
            cloud_watch_role_removal_policy=RemovalPolicy.RETAIN,  # it is the account's, not this stack's
            deploy_options=apigateway.StageOptions(
                stage_name=names.API_STAGE,
                access_log_destination=apigateway.LogGroupLogDestination(access),
                # No addresses and no paths: a path holds ids and the links of customers, an address is personal data.
                access_log_format=apigateway.AccessLogFormat.custom(json.dumps(ACCESS_LOG)),
                logging_level=apigateway.MethodLoggingLevel.ERROR,
                data_trace_enabled=False,
                metrics_enabled=True,
                tracing_enabled=False,  # a trace keeps whole addresses; the rooms' own traces have none
                method_options={
                    f"{path}/{method}": apigateway.MethodDeploymentOptions(
                        logging_level=apigateway.MethodLoggingLevel.OFF,
                        data_trace_enabled=False,
                        metrics_enabled=True,
                        throttling_rate_limit=stage.requests_per_second / _SHARE_OF_STRANGERS,
                        throttling_burst_limit=max(1, stage.request_burst // _SHARE_OF_STRANGERS),
                    )
                    for path, method in _OF_STRANGERS
                },
                throttling_rate_limit=stage.requests_per_second,
                throttling_burst_limit=stage.request_burst,
            ),
        )
        self._paths: dict[str, apigateway.IResource] = {"": self.root}
        self._refusals()
        self._methods(pool, rooms, routes)

    def _methods(
        self, pool: cognito.IUserPool, rooms: Mapping[str, lambda_.IFunction], routes: Iterable[Route]
    ) -> None:
        authorizer = apigateway.CognitoUserPoolsAuthorizer(self, "Authorizer", cognito_user_pools=[pool])
        # One permission for each room, not two for each method.
        integrations = {
            name: apigateway.LambdaIntegration(room, allow_test_invoke=False, scope_permission_to_method=False)
            for name, room in rooms.items()
        }
        for route in {(route.method, route.resource): route for route in routes}.values():
            guard: dict[str, Any] = {"authorization_type": apigateway.AuthorizationType.NONE}
            if route.scopes:
                guard = {"authorizer": authorizer, "authorization_scopes": list(route.scopes)}
            self._method(route, integrations[route.room], guard)

    def _method(self, route: Route, integration: apigateway.LambdaIntegration, guard: dict[str, Any]) -> None:
        path, method = route.resource, route.method
        resource = self._path(path)
        if path not in KEPT or method in KEPT[path]:
            resource.add_method(method, integration, **guard)
        else:
            options = apigateway.MethodOptions(**guard)
            apigateway.Method(
                self._later,
                f"{path} {method}",
                http_method=method,
                resource=resource,
                integration=integration,
                options=options,
            )

    def _path(self, path: str) -> apigateway.IResource:
        """Return the resource of a path. It and those above it are made where they are not there yet."""
        if path not in self._paths:
            above, _, part = path.rpartition("/")
            parent = self._path(above)
            if path not in KEPT and (not above or above in KEPT):
                self._paths[path] = apigateway.Resource(self._later, path, parent=parent, path_part=part)
            else:
                self._paths[path] = parent.add_resource(part)  # in the stack of its parent
        return self._paths[path]

    @cached_property
    def _later(self) -> NestedStack:
        """Return the stack of all that is not in KEPT. The deployment waits for it, as for the methods beside itself."""
        return NestedStack(Stack.of(self), "Routes", description="Routes of Comanda's REST API")

    def _refusals(self) -> None:
        for name, (status, slug, title, detail) in REFUSALS.items():
            self._refusal(getattr(apigateway.ResponseType, name), slug, title, detail, status=status)
        for name, (slug, title, detail) in DEFAULTS.items():
            self._refusal(getattr(apigateway.ResponseType, name), slug, title, detail)

    def _refusal(
        self, kind: apigateway.ResponseType, slug: str, title: str, detail: str, *, status: str | None = None
    ) -> None:
        problem = {"type": f"urn:comanda:problem:{slug}", "title": title, "detail": detail, "errors": []}
        body = json.dumps(problem)[:-1]
        # json.dumps would quote the status: it is a number, or the gateway's variable where `status` is None.
        body += f', "status": {status or "$context.status"}, "trace_id": "$context.requestId"}}'
        headers = {"Content-Type": "'application/problem+json'"}
        if status == "401":
            headers["WWW-Authenticate"] = "'Bearer'"
        if status in ("429", "503", "504"):
            headers["Retry-After"] = "'1'"
        self.add_gateway_response(
            f"Refusal{kind.response_type.title().replace('_', '')}",
            type=kind,
            status_code=status,
            response_headers=headers,
            templates={"application/json": body},
        )
