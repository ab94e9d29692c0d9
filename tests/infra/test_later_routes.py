"""Later routes are made in a stack that is nested in the gateway's. What a stage has already stays where it is."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from comanda.aws.api.routes import PAGES, ROUTES, Route
from infra import names, node
from infra.kept_routes import KEPT
from infra.stages import LOCAL
from infra.templates import NESTED, read
from tests import assemblies
from tests.infra.templates import Templates

TODAY = tuple(route for route in (*ROUTES, *PAGES) if route.method in KEPT.get(route.resource, ()))
NEW_PATHS = (
    *(Route("POST", f"/v1/orders/{{order_id}}/later-{n}", "intake", ("orders/write",), ()) for n in range(80)),
    *(Route("GET", f"/v1/news/{{id}}/items/later-{n}", "directory", ("directory/read",), ()) for n in range(16)),
    Route("GET", "/later", "console", (), ()),
)
NEW_METHODS = tuple(
    Route("PATCH", path, "directory", ("directory/write",), ()) for path in KEPT if path.endswith("/{id}")
)
GATEWAY, LATER = "gateway", "gateway/Routes"


def _synthesized(name: str, routes: Sequence[Route]) -> dict[str, dict[str, Any]]:
    def synthesize(folder: Path) -> None:
        node.use()
        import aws_cdk as cdk

        from infra.app import FLAGS
        from infra.gateway_stack import GatewayStack

        app = cdk.App(outdir=str(folder), context=FLAGS, analytics_reporting=False)
        where = cdk.Environment(account=LOCAL.account, region=LOCAL.cells[0].region)
        GatewayStack(app, names.stack(LOCAL, GATEWAY), stage=LOCAL, routes=routes, env=where)
        app.synth()

    return read(LOCAL, assemblies.make(f"gateway-{name}", Path(__file__), synthesize), [GATEWAY])


@pytest.fixture(scope="module")
def today() -> dict[str, dict[str, Any]]:
    return _synthesized("today", TODAY)


@pytest.fixture(scope="module")
def grown() -> dict[str, dict[str, Any]]:
    """The gateway with a hundred paths more, and some new methods of paths that it has."""
    return _synthesized("grown", (*TODAY, *NEW_PATHS, *NEW_METHODS))


def _ids(document: dict[str, Any], *kinds: str) -> set[str]:
    return {id_ for id_, resource in document["Resources"].items() if resource["Type"] in kinds}


def test_the_list_of_kept_routes_only_shrinks() -> None:
    used = {(route.resource, route.method) for route in (*ROUTES, *PAGES)}

    assert {(path, method) for path, methods in KEPT.items() for method in methods} <= used, "remove what is no route"
    for path in KEPT:
        assert any(f"{resource}/".startswith(f"{path}/") for resource, _ in used), f"remove {path}"
    assert len(KEPT) <= 175
    assert sum(map(len, KEPT.values())) <= 193


def test_a_stage_that_has_the_kept_routes_keeps_each_resource_when_routes_are_added(
    today: dict[str, Any], grown: dict[str, Any]
) -> None:
    assert list(today) == [GATEWAY]
    before, after = today[GATEWAY]["Resources"], grown[GATEWAY]["Resources"]
    deployment = _ids(today[GATEWAY], "AWS::ApiGateway::Deployment")

    assert {id_: body for id_, body in before.items() if id_ not in deployment and "Stage" not in id_} == {
        id_: body for id_, body in after.items() if id_ in before and "Stage" not in id_
    }
    assert {after[id_]["Type"] for id_ in after.keys() - before.keys()} == {NESTED, "AWS::ApiGateway::Deployment"}


def test_a_hundred_routes_more_fit_in_each_limit_of_aws(today: dict[str, Any], grown: dict[str, Any]) -> None:
    paths = sum(len(_ids(document, "AWS::ApiGateway::Resource")) for document in grown.values())
    methods = {name: len(_ids(document, "AWS::ApiGateway::Method")) for name, document in grown.items()}

    assert paths == len(_ids(today[GATEWAY], "AWS::ApiGateway::Resource")) + 100
    assert paths < 300
    assert methods[LATER] == len(NEW_PATHS) + len(NEW_METHODS) > 100
    for document in grown.values():
        assert len(document["Resources"]) < 450
        assert len(document["Parameters"]) < 180


def test_the_deployment_waits_for_the_nested_stack_and_is_a_new_one_when_a_later_route_changes(
    today: dict[str, Any], grown: dict[str, Any]
) -> None:
    changed = replace(NEW_PATHS[0], scopes=("orders/confirm",))
    other = _synthesized("other", (*TODAY, changed, *NEW_PATHS[1:], *NEW_METHODS))

    (nested,) = _ids(grown[GATEWAY], NESTED)
    deployments = {}
    for name, found in (("today", today), ("grown", grown), ("other", other)):
        (deployments[name],) = _ids(found[GATEWAY], "AWS::ApiGateway::Deployment")
    assert nested in grown[GATEWAY]["Resources"][deployments["grown"]]["DependsOn"]
    assert len(set(deployments.values())) == 3


def test_nested_stacks_wait_for_nothing_that_waits_for_them(grown: dict[str, Any]) -> None:
    """A nested stack gets the API, the authorizer and paths. The deployment and the stage come after it."""
    resources = grown[GATEWAY]["Resources"]
    (nested,) = _ids(grown[GATEWAY], NESTED)
    parameters = resources[nested]["Properties"]["Parameters"].values()
    given = {value["Ref"] if "Ref" in value else value["Fn::GetAtt"][0] for value in parameters}

    assert {resources[id_]["Type"] for id_ in given} == {
        "AWS::ApiGateway::RestApi",
        "AWS::ApiGateway::Authorizer",
        "AWS::ApiGateway::Resource",
    }
    assert "DependsOn" not in resources[nested]


def test_the_templates_of_all_stages_have_each_route_where_it_belongs(templates: Templates) -> None:
    kept = {(path, method) for path, methods in KEPT.items() for method in methods}
    counted = {name: len(_ids(document, "AWS::ApiGateway::Method")) for name, document in templates.documents.items()}

    later = {(route.resource, route.method) for route in (*ROUTES, *PAGES)} - kept
    assert counted[GATEWAY] == len(kept)
    assert counted.get(LATER, 0) == len(later)
