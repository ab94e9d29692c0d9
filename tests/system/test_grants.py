"""A room fails without an action that it is granted, and works with it again: no right is more than the room needs."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from infra import names
from infra.stages import LOCAL
from local import deploy
from local.logs import messages
from tests.system.probes import CUSTOMERS, ORDERS, PROBES, STOCK, Prepared, Stage
from tests.system.retailer import EAST, WEST, line
from tests.system.world import WORK, DeployedWorld, eventually, refused


@pytest.fixture(scope="module")
def stage(world: DeployedWorld) -> Stage:
    sku = world.sku(dc_east=100, dc_west=50)
    done = world.routed(world.place_order(line(sku)))
    world.ship(done["fulfillments"][0]["fulfillment_id"])
    world.closed(done)
    world.mailed(done, 2)
    return Stage(world, sku, world.routed(world.place_order(line(sku))), world.order(done))


@contextmanager
def without(world: DeployedWorld, room: str, action: str, resource: str) -> Iterator[None]:
    """Take an action on a resource (a part of its ARN) from the room's role, and give it back afterwards."""
    iam = world.aws("iam")
    function = world.aws("lambda").get_function_configuration(FunctionName=names.function(LOCAL, room))
    role = function["Role"].rpartition("/")[2]
    (name,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    policy = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    less, taken = _less(policy, action, resource)
    assert taken, f"{room} has no {action} on {resource}"
    iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(less))
    try:
        yield
    finally:
        iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(policy))


def _less(policy: Any, action: str, resource: str) -> tuple[Any, bool]:
    statements, taken = [], False
    for statement in policy["Statement"]:
        actions, resources = (
            [given] if isinstance(given := statement[part], str) else given for part in ("Action", "Resource")
        )
        if action in actions and any(resource in one or one == "*" for one in resources):
            taken = True
            rest = [one for one in resources if resource not in one and one != "*"]
            statements.append(statement | {"Action": [one for one in actions if one != action]})
            statements += [statement | {"Action": [action], "Resource": rest}] if rest else []
        else:
            statements.append(statement)
    return policy | {"Statement": [one for one in statements if one["Action"]]}, taken


def _resource(world: DeployedWorld, name: str) -> str:
    return world.deployed.settings.get(name, name)


@pytest.mark.parametrize(("room", "action", "resource"), PROBES, ids=str)
def test_a_room_fails_without_a_right_that_it_has(stage: Stage, room: str, action: str, resource: str):
    found = PROBES[room, action, resource]
    probe = found.make(stage) if isinstance(found, Prepared) else found

    with without(stage.world, room, action, _resource(stage.world, resource)):
        failed = probe(stage)

    assert failed, "it works without"
    if not failed.isdigit():
        assert "AccessDenied" in failed
        assert any(call in failed for call in (_call(action), IN_A_TRANSACTION)), failed
    assert probe(stage) == ""


# The calls that have another name than the action that allows them. An error of a room has AWS's code and the call only.
CALLS = {"lambda:InvokeFunction": "Invoke", "s3:GetObjectVersion": "GetObject", "s3:ListBucket": "ListObjectsV2"}

IN_A_TRANSACTION = "refused TransactWriteItems"  # one of its writes is not allowed


def _call(action: str) -> str:
    return f"refused {CALLS.get(action, action.partition(':')[2])}"


FLOW = (
    ("route", "dynamodb:Query", STOCK, "Route"),
    ("route", "dynamodb:PutItem", STOCK, "Route"),
    ("route", "dynamodb:UpdateItem", STOCK, "Route"),
    ("route", "dynamodb:PutItem", ORDERS, "Route"),
    ("invoice", "dynamodb:PutItem", ORDERS, "Invoice"),
    ("notify", "ses:SendEmail", "*", "Notify"),
    ("notify", "dynamodb:GetItem", CUSTOMERS, "Notify"),
    ("notify", "dynamodb:UpdateItem", ORDERS, "Notify"),
)


@pytest.mark.parametrize(("room", "action", "resource", "state"), FLOW, ids=str)
def test_an_order_whose_step_lacks_a_right_is_in_the_exceptions_queue_and_goes_on_by_one_call(
    stage: Stage, room: str, action: str, resource: str, state: str
):
    world = stage.world
    if state == "Route":
        with without(world, room, action, _resource(world, resource)):
            order = world.place_order(line(stage.sku))
            item = world.queue("exceptions", order)
    else:
        order = world.routed(world.place_order(line(stage.sku)))
        world.mailed(order, 1)
        world.work(order["fulfillments"][0]["fulfillment_id"], *WORK)
        with without(world, room, action, _resource(world, resource)):
            world.work(order["fulfillments"][0]["fulfillment_id"], "ship")
            item = world.queue("exceptions", order)

    assert item["reason"]
    world.office.post(f"/v1/queues/exceptions/items/{item['item_id']}/resolve", {"answer": "retry"})
    order = world.routed(order)
    if state != "Route":
        assert world.closed(order).count("invoiced") == 1
        if (
            action != "ses:SendEmail"
        ):  # a claimed mail is claimed again when its lease is over: test_what_is_left sees it sent
            assert len(world.mailed(order, 2)) == 2
    assert state in world.states(order)


def test_orders_wait_while_conduct_may_not_start_machines_and_follow_when_it_may(stage: Stage):
    world = stage.world
    with without(world, "conduct", "states:StartExecution", "order"):
        order = world.place_order(line(stage.sku))
        world.mailed(order, 1)  # the relay goes on
        eventually(lambda: _denied(world, "conduct", "states:StartExecution"), "a refused start")
        assert not world.executions(order)

    deploy.sweep(world.instance, everything=True)  # or the stream's own next try, which comes later and later
    assert world.routed(order)["status"] == "RELEASED"


def test_customers_get_no_mail_while_relay_may_not_publish_and_all_mails_afterwards(stage: Stage):
    world = stage.world
    with without(world, "relay", "events:PutEvents", "event-bus"):
        order = world.routed(world.place_order(line(stage.sku)))  # the machines go on
        eventually(lambda: _denied(world, "relay", "events:PutEvents"), "a refused event")
        assert not world.mails(order)

    assert len(world.mailed(order, 1)) == 1


def _denied(world: DeployedWorld, room: str, action: str) -> bool:
    logs = world.aws("logs")
    group = f"/aws/lambda/{names.function(LOCAL, room)}"
    lines = [line for message in messages(logs, group) for line in message.splitlines()]
    failed = [json.loads(line) for line in lines if line.startswith('{"level":"ERROR"')]
    return any(line.get("not_granted") == action for line in failed)


def test_no_room_but_conduct_may_speak_to_the_machines(world: DeployedWorld):
    iam, functions = world.aws("iam"), world.aws("lambda")
    speakers = set()
    for function in functions.list_functions()["Functions"]:
        role = function["Role"].rpartition("/")[2]
        for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
            document = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
            if '"states:' in json.dumps(document):
                speakers.add(function["FunctionName"])

    assert speakers == {names.function(LOCAL, "conduct")}


def test_a_node_that_is_not_the_west_cannot_be_spoken_for_by_its_partner(stage: Stage):
    east = stage.order["fulfillments"][0]
    assert east["node_id"] == EAST != WEST

    problem = refused(lambda: stage.world.clients["acme"].post(f"/v1/fulfillments/{stage.fulfillment}/accept"))

    assert problem.status == 404
