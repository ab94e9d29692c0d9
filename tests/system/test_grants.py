"""Least privilege, by taking: without an action that it is granted, a room fails; with it again, it works."""

import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest

from infra import names
from infra.stages import LOCAL
from local import deploy
from local.logs import messages
from tests.system.retailer import ACME, EAST, REVIEWED, WEB, WEST, basket, line
from tests.system.world import WORK, DeployedWorld, eventually, refused

FAULTS = ("internal", "unavailable", "timeout", "throttled", "stale-order", "stock-conflict", "unfinished")
ORDERS, STOCK, DIRECTORY, CUSTOMERS = names.ORDERS, names.STOCK, names.DIRECTORY, names.CUSTOMERS


@dataclass(frozen=True)
class Stage:
    """What the probes act on."""

    world: DeployedWorld
    sku: str
    order: Any  # routed
    done: Any  # shipped, invoiced, mailed, closed

    @property
    def fulfillment(self) -> str:
        return str(self.order["fulfillments"][0]["fulfillment_id"])

    def invoke(self, room: str, payload: Any) -> str:
        """The error that the room ends with, "" when it does not."""
        answer = self.world.aws("lambda").invoke(
            FunctionName=names.function(LOCAL, room), Payload=json.dumps(payload).encode()
        )
        said = json.loads(answer["Payload"].read() or b"null")
        return f"{said['errorType']} {said['errorMessage']}" if "FunctionError" in answer else ""

    def get(self, path: str, **query: Any) -> str:
        return self.told(self.world.office.send("GET", path, query=query or None))

    def post(self, path: str, body: Any, **headers: str) -> str:
        headers = {"Idempotency-Key": str(uuid.uuid4()), **headers}
        return self.told(self.world.office.send("POST", path, body=body, headers=headers))

    @staticmethod
    def told(answer: Any) -> str:
        if answer.status_code < 500:
            return ""
        assert answer.headers["content-type"] == "application/problem+json", answer.text
        assert answer.json()["type"].removeprefix("urn:comanda:problem:") in FAULTS
        return f"{answer.status_code}"


@pytest.fixture(scope="module")
def stage(world: DeployedWorld) -> Stage:
    sku = world.sku(dc_east=100, dc_west=50)
    done = world.routed(world.place(line(sku)))
    world.ship(done["fulfillments"][0]["fulfillment_id"])
    world.closed(done)
    world.mailed(done, 2)
    return Stage(world, sku, world.routed(world.place(line(sku))), world.order(done))


@contextmanager
def without(world: DeployedWorld, room: str, action: str, resource: str) -> Iterator[None]:
    """The room's role without this action on this resource (a part of its ARN)."""
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


# --- what each room is asked to do


def _place(s: Stage) -> str:
    return s.post("/v1/orders", basket(line(s.sku), channel=WEB))


def _cancel(s: Stage, order: Any) -> str:
    version = s.world.order(order)["version"]
    return s.post(f"/v1/orders/{order['order_id']}/cancel", {"reason": "probe"}, **{"If-Match": f'"v{version}"'})


def _reviewed_away(s: Stage) -> Callable[[Stage], str]:
    """A rejection takes the order's item from the queue."""
    order = s.world.place(line(s.sku), tags=[REVIEWED])
    s.world.queue("sales-review", order)
    path, etag = f"/v1/orders/{order['order_id']}/reject", {"If-Match": f'"v{s.world.order(order)["version"]}"'}
    return lambda s: s.post(path, {"reason": "probe"}, **etag)


def _routed_order(s: Stage) -> Any:
    return s.world.routed(s.world.place(line(s.sku)))


def _adjust(s: Stage) -> str:
    row = {"sku": s.sku, "node_id": EAST, "quantity": 1}
    return s.post("/v1/stock/adjustments", {"adjustment_id": uuid.uuid4().hex, "reason": "r", "rows": [row]})


def _keep(s: Stage) -> str:
    line = {"sku": s.sku, "node_id": EAST, "quantity": 1}
    return s.post("/v1/reservations", {"request_id": uuid.uuid4().hex, "ttl_seconds": 60, "lines": [line]})


def _kept(s: Stage) -> Callable[[Stage], str]:
    line = {"sku": s.sku, "node_id": EAST, "quantity": 1}
    made = s.world.office.post("/v1/reservations", {"request_id": uuid.uuid4().hex, "lines": [line]})
    return lambda s: s.get(f"/v1/reservations/{made['reservation_id']}")


def _draft(s: Stage) -> str:
    document = {"name": uuid.uuid4().hex, "rules": [{"name": "any", "optimise": {}}]}
    return s.told(s.world.office.send("PUT", "/v1/rule-sets/probe", body=document))


def _try(s: Stage, **asked: Any) -> str:
    return s.post("/v1/rule-sets/west-only/dry-run", asked)


def _count(s: Stage) -> str:
    row = {"sku": s.sku, "node_id": EAST, "quantity": 1_000, "counted_at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"}
    return s.post(
        "/v1/stock/snapshots", {"reference": uuid.uuid4().hex, "counted_at": row["counted_at"], "rows": [row]}
    )


def _look(s: Stage, room: str, state: str, **more: Any) -> str:
    """A state of a machine, entered once more for an order that is done: it looks, and finds nothing to do."""
    wait = {"wait": "001", "token": "probe"}
    payload = {"state": state, "order_id": s.done["order_id"], "fulfillment": 1, **wait, **more}
    error = s.invoke(room, payload)
    return "" if error.split(" ", 1)[0] in ("Shipped", "Settled") else error


def _new_product(s: Stage) -> str:
    document = {"title": uuid.uuid4().hex, "weight_g": 1, "class": "x"}
    return s.told(s.world.office.send("PUT", f"/v1/products/{s.sku}", body=document))


def _file(s: Stage) -> Callable[[Stage], str]:
    """A file that was answered already, handed to the room again."""
    client, bucket = s.world.aws("s3"), s.world.deployed[names.FILES]
    name = f"{uuid.uuid4().hex}.csv"
    s.world.drop(ACME, name, "no such column\n1\n")
    key = f"inbox/{ACME}/shipments/{name}"
    version = client.head_object(Bucket=bucket, Key=key)["VersionId"]
    event = {"time": "2026-01-01T00:00:00Z", "detail": {"object": {"key": key, "version-id": version}}}
    return lambda s: s.invoke("inbox", event)


def _day(s: Stage) -> str:
    return s.invoke("daily", {"skus": [s.sku], "day": "2026-11-22"})


Probe = Callable[[Stage], str]


@dataclass(frozen=True)
class Prepared:
    """A probe that needs something of its own, made while the room has all its rights; made anew for each try."""

    make: Callable[[Stage], Probe]


PROBES: dict[tuple[str, str, str], Probe | Prepared] = {
    ("intake", "dynamodb:GetItem", ORDERS): lambda s: s.get(f"/v1/orders/{s.done['order_id']}"),
    ("intake", "dynamodb:Query", ORDERS): lambda s: s.get(f"/v1/orders/{s.done['order_id']}/events"),
    ("intake", "dynamodb:PutItem", ORDERS): _place,
    ("intake", "dynamodb:PutItem", CUSTOMERS): _place,
    ("intake", "dynamodb:GetItem", CUSTOMERS): lambda s: s.get(f"/v1/orders/{s.done['order_id']}/contact"),
    ("intake", "dynamodb:BatchGetItem", ORDERS): lambda s: s.get("/v1/orders", customer_id=s.done["customer_id"]),
    ("intake", "dynamodb:Query", "index/GSI1"): lambda s: s.get("/v1/orders", customer_id=s.done["customer_id"]),
    ("intake", "dynamodb:Query", "index/GSI2"): lambda s: s.get(
        "/v1/orders", channel=WEB, day=s.done["placed_at"][:10]
    ),
    ("intake", "dynamodb:Query", "index/GSI3"): lambda s: s.get("/v1/queues/exceptions"),
    ("intake", "dynamodb:UpdateItem", STOCK): Prepared(lambda s: partial(_cancel, order=_routed_order(s))),
    ("intake", "dynamodb:PutItem", STOCK): Prepared(lambda s: partial(_cancel, order=_routed_order(s))),
    ("intake", "dynamodb:DeleteItem", ORDERS): Prepared(_reviewed_away),
    ("fulfill", "dynamodb:GetItem", ORDERS): lambda s: s.get(f"/v1/fulfillments/{s.fulfillment}"),
    ("fulfill", "dynamodb:PutItem", ORDERS): Prepared(lambda s: partial(_accept, order=_routed_order(s))),
    ("fulfill", "dynamodb:BatchGetItem", ORDERS): lambda s: s.get("/v1/fulfillments", node_id=EAST),
    ("fulfill", "dynamodb:Query", "index/GSI3"): lambda s: s.get("/v1/fulfillments", node_id=EAST),
    ("fulfill", "dynamodb:UpdateItem", STOCK): Prepared(lambda s: partial(_decline, order=_routed_order(s))),
    ("fulfill", "dynamodb:PutItem", STOCK): Prepared(lambda s: partial(_decline, order=_routed_order(s))),
    ("documents", "dynamodb:GetItem", ORDERS): lambda s: s.get(f"/v1/invoices/{s.done['invoices'][0]}"),
    ("stock", "dynamodb:Query", STOCK): lambda s: s.get(f"/v1/stock/{s.sku}"),
    ("stock", "dynamodb:PutItem", STOCK): _adjust,
    ("stock", "dynamodb:UpdateItem", STOCK): _adjust,
    ("stock", "dynamodb:GetItem", STOCK): _adjust,
    ("stock", "dynamodb:Query", "index/GSI1"): lambda s: s.get(f"/v1/stock/{s.sku}/movements", node_id=EAST),
    ("stock", "dynamodb:DeleteItem", STOCK): _count,
    ("reserve", "dynamodb:BatchGetItem", STOCK): _keep,
    ("reserve", "dynamodb:PutItem", STOCK): _keep,
    ("reserve", "dynamodb:UpdateItem", STOCK): _keep,
    ("reserve", "dynamodb:Query", STOCK): Prepared(_kept),
    ("availability", "dynamodb:BatchGetItem", STOCK): lambda s: s.post("/v1/availability", {"skus": [s.sku]}),
    ("availability", "dynamodb:Query", "index/GSI3"): lambda s: s.get("/v1/stock-alerts", kind="LOW"),
    ("planning", "dynamodb:PutItem", DIRECTORY): _draft,
    ("planning", "dynamodb:BatchGetItem", DIRECTORY): lambda s: s.get("/v1/rule-sets"),
    ("planning", "dynamodb:Query", "index/GSI1"): lambda s: s.get("/v1/rule-sets"),
    ("planning", "dynamodb:BatchGetItem", ORDERS): lambda s: _try(s, orders=[s.order["order_id"]]),
    ("planning", "dynamodb:Query", "index/GSI2"): lambda s: _try(
        s, channel=WEB, day=s.order["placed_at"][:10], limit=1
    ),
    ("planning", "dynamodb:Query", STOCK): lambda s: _try(s, orders=[s.order["order_id"]]),
    ("watch", "dynamodb:Query", STOCK): lambda s: s.invoke("watch", {"skus": [s.sku]}),
    ("watch", "dynamodb:UpdateItem", STOCK): lambda s: s.invoke("watch", {"skus": [s.sku]}),
    ("daily", "dynamodb:Query", "index/GSI1"): _day,
    ("daily", "dynamodb:PutItem", STOCK): _day,
    ("daily", "lambda:InvokeFunction", "daily"): lambda s: s.invoke("daily", {}),
    ("directory", "dynamodb:BatchGetItem", DIRECTORY): lambda s: s.get(f"/v1/nodes/{EAST}"),
    ("directory", "dynamodb:PutItem", DIRECTORY): _new_product,
    ("directory", "cognito-idp:ListUserPoolClients", "userpool"): lambda s: s.get("/v1/clients"),
    ("directory", "cognito-idp:CreateUserPoolClient", "userpool"): lambda s: s.post(
        "/v1/clients", {"name": "probe", "kind": "channel", "channels": [WEB], "scopes": ["orders/read"]}
    ),
    ("inbox", "s3:GetObjectVersion", "inbox/"): Prepared(_file),
    ("inbox", "s3:PutObject", "outbox/"): Prepared(_file),
    ("inbox", "dynamodb:PutItem", DIRECTORY): Prepared(_file),
    ("wait", "dynamodb:PutItem", ORDERS): lambda s: _look(s, "wait", "UntilSettled", wait="order"),
    ("wait", "dynamodb:GetItem", ORDERS): lambda s: _look(s, "wait", "UntilSettled", wait="order"),
    ("wait", "dynamodb:UpdateItem", ORDERS): lambda s: _look(s, "wait", "UntilSettled", wait="order"),
    ("release", "dynamodb:PutItem", ORDERS): lambda s: _look(s, "release", "Release"),
    ("release", "dynamodb:GetItem", ORDERS): lambda s: _look(s, "release", "Release"),
    ("invoice", "dynamodb:GetItem", ORDERS): lambda s: _look(s, "invoice", "Invoice"),
    ("notify", "dynamodb:GetItem", ORDERS): lambda s: _look(s, "notify", "Notify"),
    ("conduct", "dynamodb:GetItem", ORDERS): lambda s: s.invoke("conduct", {"look": [s.order["order_id"]]}),
    ("conduct", "dynamodb:Query", ORDERS): lambda s: s.invoke("conduct", {"look": [s.order["order_id"]]}),
    ("conduct", "states:DescribeExecution", "execution"): lambda s: s.invoke(
        "conduct", {"look": [s.order["order_id"]]}
    ),
    ("relay", "dynamodb:GetItem", ORDERS): lambda s: s.invoke("relay", {"look": [s.order["order_id"]]}),
    ("relay", "dynamodb:Query", ORDERS): lambda s: s.invoke("relay", {"look": [s.order["order_id"]]}),
    ("sweep", "dynamodb:Query", "index/GSI3"): lambda s: s.invoke("sweep", {}),
    ("sweep", "s3:ListBucket", "failures"): lambda s: s.invoke("sweep", {}),
    ("sweep", "lambda:InvokeFunction", "relay"): lambda s: s.invoke("sweep", {"all": True}),
    ("sweep", "lambda:InvokeFunction", "conduct"): lambda s: s.invoke("sweep", {"all": True}),
}


def _accept(s: Stage, order: Any) -> str:
    return s.post(f"/v1/fulfillments/{order['fulfillments'][0]['fulfillment_id']}/accept", {})


def _decline(s: Stage, order: Any) -> str:
    path = f"/v1/fulfillments/{order['fulfillments'][0]['fulfillment_id']}/decline"
    return s.post(path, {"reason": "NO_CAPACITY"})


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


# The calls that are not named as the action that allows them. What leaves a room has AWS's code and the call, not its words.
CALLS = {"lambda:InvokeFunction": "Invoke", "s3:GetObjectVersion": "GetObject", "s3:ListBucket": "ListObjectsV2"}

IN_A_TRANSACTION = "refused TransactWriteItems"  # of which one write is not allowed


def _call(action: str) -> str:
    return f"refused {CALLS.get(action, action.partition(':')[2])}"


FLOW = (
    ("route", "dynamodb:Query", STOCK, "Route"),
    ("route", "dynamodb:PutItem", STOCK, "Route"),
    ("route", "dynamodb:UpdateItem", STOCK, "Route"),
    ("route", "dynamodb:PutItem", ORDERS, "Route"),
    ("invoice", "dynamodb:PutItem", ORDERS, "Invoice"),
    ("invoice", "dynamodb:GetItem", DIRECTORY, "Invoice"),
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
            order = world.place(line(stage.sku))
            item = world.queue("exceptions", order)
    else:
        order = world.routed(world.place(line(stage.sku)))
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
        order = world.place(line(stage.sku))
        world.mailed(order, 1)  # the relay goes on
        eventually(lambda: _denied(world, "conduct", "states:StartExecution"), "a refused start")
        assert not world.executions(order)

    deploy.sweep(world.instance, everything=True)  # or the stream's own next try, which comes later and later
    assert world.routed(order)["status"] == "RELEASED"


def test_customers_hear_nothing_while_relay_may_not_publish_and_everything_when_it_may(stage: Stage):
    world = stage.world
    with without(world, "relay", "events:PutEvents", "event-bus"):
        order = world.routed(world.place(line(stage.sku)))  # the machines go on
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
