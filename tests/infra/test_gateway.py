"""The API in the template is the route table, no more and no less, and its own refusals are problem+json."""

import json
import re
from collections.abc import Callable
from typing import Any

from comanda.aws.api.routes import OPEN, PAGES, ROUTES
from infra.gateway_settings import COMPRESSED_FROM, LINKS_PER_ADDRESS
from tests.infra.templates import Templates, text


def _paths(templates: Templates) -> Callable[[dict[str, Any]], str]:
    parts = {r.id: r.properties for r in templates.all("AWS::ApiGateway::Resource")}

    def path(resource_id: dict[str, Any]) -> str:
        if "Ref" not in resource_id:
            return ""
        part = parts[resource_id["Ref"]]
        return f"{path(part['ParentId'])}/{part['PathPart']}"

    return path


def _methods(templates: Templates) -> dict[tuple[str, str], dict[str, Any]]:
    path = _paths(templates)
    return {
        (m.properties["HttpMethod"], path(m.properties["ResourceId"])): m.properties
        for m in templates.all("AWS::ApiGateway::Method")
    }


def test_the_methods_are_the_route_table(templates: Templates) -> None:
    assert set(_methods(templates)) == {(route.method, route.resource) for route in (*ROUTES, *PAGES)}


def test_every_method_demands_its_scopes_of_a_token_of_the_pool(templates: Templates) -> None:
    methods = _methods(templates)

    for route in (*ROUTES, *PAGES):
        method = methods[(route.method, route.resource)]
        if route.scopes:
            assert method["AuthorizationType"] == "COGNITO_USER_POOLS"
            assert method["AuthorizerId"]
            assert sorted(method["AuthorizationScopes"]) == sorted(route.scopes)
        else:
            assert method["AuthorizationType"] == "NONE"


def test_routes_of_one_method_of_the_gateway_have_one_room_and_the_same_callers() -> None:
    shared: dict[tuple[str, str], set[object]] = {}
    for route in ROUTES:
        rights = (route.room, route.scopes, route.who, route.query, route.pages)
        shared.setdefault((route.method, route.resource), set()).add(rights)
        assert not route.step_of or route.path.rpartition("/")[0] == route.step_of

    assert all(len(rights) == 1 for rights in shared.values())


def test_only_what_the_list_of_open_routes_names_is_open_and_each_says_what_its_caller_proves() -> None:
    assert [route.path for route in ROUTES if not route.scopes] == [
        "/v1/health",
        "/v1/labels",
        "/v1/order-lookups",
        "/v1/providers/stripe/events",
        "/v1/badges/open",
    ]
    assert {route.path for route in (*ROUTES, *PAGES) if not route.scopes} == set(OPEN)


def test_every_method_is_answered_by_its_room(templates: Templates) -> None:
    methods, functions = _methods(templates), templates.functions()

    for route in (*ROUTES, *PAGES):
        integration = methods[(route.method, route.resource)]["Integration"]
        assert integration["Type"] == "AWS_PROXY"
        assert f":function:{functions[route.room].properties['FunctionName']}/invocations" in text(integration["Uri"])


def test_the_gateway_may_call_each_room_that_answers_a_route_and_no_other(templates: Templates) -> None:
    permissions = [p for p in templates.all("AWS::Lambda::Permission") if p.stack == "gateway"]
    called = [text(p.properties["FunctionName"]).rsplit(":", 1)[1] for p in permissions]

    assert sorted(called) == sorted(
        templates.functions()[room].properties["FunctionName"] for room in {route.room for route in (*ROUTES, *PAGES)}
    )
    for permission in permissions:
        assert permission.properties["Principal"] == "apigateway.amazonaws.com"
        assert ":${Api" in text(permission.properties["SourceArn"])


def test_the_api_has_fewer_paths_than_a_rest_api_may_have(templates: Templates) -> None:
    """A REST API takes 300 paths, until AWS allows it more."""
    assert len(templates.all("AWS::ApiGateway::Resource")) < 290


def test_the_gateways_own_refusals_are_problems(templates: Templates) -> None:
    refusals = {r.properties["ResponseType"]: r.properties for r in templates.all("AWS::ApiGateway::GatewayResponse")}

    assert {kind: refusals[kind].get("StatusCode") for kind in refusals} == {
        "UNAUTHORIZED": "401", "EXPIRED_TOKEN": "401", "ACCESS_DENIED": "403", "WAF_FILTERED": "403",
        "MISSING_AUTHENTICATION_TOKEN": "404", "RESOURCE_NOT_FOUND": "404", "REQUEST_TOO_LARGE": "413",
        "THROTTLED": "429", "QUOTA_EXCEEDED": "429", "INTEGRATION_TIMEOUT": "504",
        "INTEGRATION_FAILURE": "503", "DEFAULT_4XX": None,
        # AWS answers API_CONFIGURATION_ERROR, AUTHORIZER_FAILURE and AUTHORIZER_CONFIGURATION_ERROR by it, as they are not listed.
        "DEFAULT_5XX": "500",
    }  # fmt: skip
    for kind, refusal in refusals.items():
        assert refusal["ResponseParameters"]["gatewayresponse.header.Content-Type"] == "'application/problem+json'"
        body = (
            refusal["ResponseTemplates"]["application/json"]
            .replace("$context.requestId", "r-1")
            .replace("$context.status", "400")
        )
        assert "$" not in body
        problem = json.loads(body)
        assert set(problem) == {"type", "title", "status", "detail", "errors", "trace_id"}, kind
        assert problem["status"] == int(refusal.get("StatusCode", 400))
        assert re.search(r"[:/][a-z-]+$", problem["type"])


def test_a_new_deployment_waits_for_every_method_and_refusal(templates: Templates) -> None:
    (deployment,) = templates.all("AWS::ApiGateway::Deployment")
    waits_for = set(deployment.body["DependsOn"])

    methods = templates.all("AWS::ApiGateway::Method")
    # Later routes are in a nested stack, for which the deployment waits as a whole: tests/infra/test_later_routes.py.
    assert {m.id for m in methods if m.stack == deployment.stack} <= waits_for
    assert {m.stack for m in methods} <= {deployment.stack, f"{deployment.stack}/Routes"}
    assert {r.id for r in templates.all("AWS::ApiGateway::GatewayResponse")} <= waits_for


def test_the_access_log_holds_no_address_and_no_path_with_an_id(templates: Templates) -> None:
    (stage,) = templates.all("AWS::ApiGateway::Stage")
    logged = json.loads(stage.properties["AccessLogSetting"]["Format"])

    assert not {"$context.identity.sourceIp", "$context.path", "$context.identity.userAgent"} & set(logged.values())
    assert logged["route"] == "$context.resourcePath"


def test_the_api_is_throttled_as_the_stage_says(templates: Templates) -> None:
    (stage,) = templates.all("AWS::ApiGateway::Stage")
    everything, *_ = stage.properties["MethodSettings"]

    assert (everything["ResourcePath"], everything["HttpMethod"]) == ("/*", "*")
    assert everything["ThrottlingRateLimit"] == templates.stage.requests_per_second
    assert everything["DataTraceEnabled"] is False


def test_no_log_and_no_trace_of_the_gateway_has_the_address_of_a_customers_link(templates: Templates) -> None:
    (stage,) = templates.all("AWS::ApiGateway::Stage")
    _, *of_links = stage.properties["MethodSettings"]

    assert stage.properties["TracingEnabled"] is False
    assert [(one["ResourcePath"], one["HttpMethod"]) for one in of_links] == [
        ("/~1v1~1s~1{token}", "GET"),
        ("/~1v1~1s~1{token}", "POST"),
        ("/~1v1~1s~1{token}~1invoices~1{number}", "GET"),
        ("/~1v1~1s~1{token}~1credit-notes~1{number}", "GET"),
        ("/~1v1~1order-lookups", "POST"),  # open, too: it takes no other caller's share
        ("/~1v1~1providers~1stripe~1events", "POST"),
    ]
    for one in of_links:
        assert (one["LoggingLevel"], one["DataTraceEnabled"]) == ("OFF", False)
        assert 0 < one["ThrottlingRateLimit"] < templates.stage.requests_per_second


def test_the_firewall_has_a_limit_of_its_own_for_links(prod: Templates) -> None:
    (acl,) = prod.all("AWS::WAFv2::WebACL")
    (rule,) = (rule for rule in acl.properties["Rules"] if rule["Name"] == "LinksPerAddress")
    rate = rule["Statement"]["RateBasedStatement"]

    assert rule["Action"] == {"Block": {}}
    assert (rate["Limit"], rate["AggregateKeyType"]) == (LINKS_PER_ADDRESS, "IP")
    assert rate["ScopeDownStatement"]["ByteMatchStatement"]["SearchString"] == "/v1/s/"


def test_the_firewall_stands_before_the_api_where_the_stage_says_so(stages: dict[str, Templates]) -> None:
    guarded = {name: len(templates.all("AWS::WAFv2::WebACLAssociation")) for name, templates in stages.items()}

    assert guarded == {"local": 0, "dev": 0, "prod": 1}


def test_the_firewall_lets_a_large_order_through_and_keeps_no_samples_of_it(prod: Templates) -> None:
    (acl,) = prod.all("AWS::WAFv2::WebACL")
    common = next(rule for rule in acl.properties["Rules"] if rule["Name"] == "AWSManagedRulesCommonRuleSet")

    overridden = common["Statement"]["ManagedRuleGroupStatement"]["RuleActionOverrides"]
    assert [rule["Name"] for rule in overridden] == ["SizeRestrictions_BODY"]
    assert not acl.properties["VisibilityConfig"]["SampledRequestsEnabled"]
    assert not any(rule["VisibilityConfig"]["SampledRequestsEnabled"] for rule in acl.properties["Rules"])


def test_answers_are_compressed_so_that_a_page_is_small_on_a_phone(templates: Templates) -> None:
    (api,) = templates.all("AWS::ApiGateway::RestApi")

    assert api.properties["MinimumCompressionSize"] == COMPRESSED_FROM
