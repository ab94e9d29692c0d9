"""
Define the probes of rights: for a right of a room, a call that needs it.

Called by   tests/system/test_grants.py
"""

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import httpx

from infra import names
from infra.stages import LOCAL
from tests.system.people import a_person
from tests.system.retailer import ACME, EAST, REVIEWED, WEB, basket, line
from tests.system.world import PLAIN, DeployedWorld

FAULTS = ("internal", "unavailable", "timeout", "throttled", "stale-order", "stock-conflict", "unfinished")
ORDERS, STOCK, DIRECTORY, CUSTOMERS = names.ORDERS, names.STOCK, names.DIRECTORY, names.CUSTOMERS
SESSIONS, DOCUMENTS = names.SESSIONS, names.DOCUMENTS


@dataclass(frozen=True)
class Stage:
    """The world with a product and orders that the probes act on."""

    world: DeployedWorld
    sku: str
    order: Any  # routed
    done: Any  # shipped, invoiced, mailed, closed

    @property
    def fulfillment(self) -> str:
        return str(self.order["fulfillments"][0]["fulfillment_id"])

    def invoke(self, room: str, payload: Any) -> str:
        """Invoke a room. Returns its error, or "" when it succeeds."""
        answer = self.world.aws("lambda").invoke(
            FunctionName=names.function(LOCAL, room), Payload=json.dumps(payload).encode()
        )
        result = json.loads(answer["Payload"].read() or b"null")
        return f"{result['errorType']} {result['errorMessage']}" if "FunctionError" in answer else ""

    def get(self, path: str, **query: Any) -> str:
        return fault(self.world.office.send("GET", path, query=query or None))

    def post(self, path: str, body: Any, **headers: str) -> str:
        headers = {"Idempotency-Key": str(uuid.uuid4()), **headers}
        return fault(self.world.office.send("POST", path, body=body, headers=headers))


def fault(answer: Any) -> str:
    """Return the status of an answer that is a fault of Comanda, "" for any other answer."""
    if answer.status_code < 500:
        return ""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    assert answer.json()["type"].removeprefix("urn:comanda:problem:") in FAULTS
    return f"{answer.status_code}"


def _place_order(s: Stage) -> str:
    return s.post("/v1/orders", basket(line(s.sku), channel=WEB))


def _credit(s: Stage) -> str:
    """Credit a cent of the invoice of the order that is done."""
    path = f"/v1/orders/{s.done['order_id']}"
    etag = s.world.office.send("GET", path).headers["etag"]
    body = {"invoice_id": s.done["invoices"][0], "credit": "AMOUNT", "reason": "probe"}
    return s.post(f"{path}/credit-notes", {**body, "amount": {"amount": 1, "currency": "USD"}}, **{"If-Match": etag})


def _cancel(s: Stage, order: Any) -> str:
    version = s.world.order(order)["version"]
    return s.post(f"/v1/orders/{order['order_id']}/cancel", {"reason": "probe"}, **{"If-Match": f'"v{version}"'})


def _reviewed_away(s: Stage) -> Callable[[Stage], str]:
    """Return a probe that rejects an order in review, which takes its item from the queue."""
    order = s.world.place_order(line(s.sku), tags=[REVIEWED])
    s.world.queue("sales-review", order)
    path, etag = f"/v1/orders/{order['order_id']}/reject", {"If-Match": f'"v{s.world.order(order)["version"]}"'}
    return lambda s: s.post(path, {"reason": "probe"}, **etag)


def _routed_order(s: Stage) -> Any:
    return s.world.routed(s.world.place_order(line(s.sku)))


def _slip(s: Stage, order: Any) -> str:
    """Read the packing slip by its link: the link may do what the room may do."""
    path = f"/v1/fulfillments/{order['fulfillments'][0]['fulfillment_id']}/documents/packing-slip"
    answer = s.world.office.send("GET", path)
    if answer.status_code != 303:
        return fault(answer)
    read = httpx.get(answer.headers["location"], **PLAIN)
    return "" if read.status_code == 200 else f"{read.status_code}"


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
    return fault(s.world.office.send("PUT", "/v1/rule-sets/probe", body=document))


def _try(s: Stage, **asked: Any) -> str:
    return s.post("/v1/rule-sets/west-only/dry-run", asked)


def _count(s: Stage) -> str:
    row = {"sku": s.sku, "node_id": EAST, "quantity": 1_000, "counted_at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"}
    return s.post(
        "/v1/stock/snapshots", {"reference": uuid.uuid4().hex, "counted_at": row["counted_at"], "rows": [row]}
    )


def _enter_again(s: Stage, room: str, state: str, **more: Any) -> str:
    """Enter a state of a machine once more for an order that is done: the room reads the order, and has no work."""
    wait = {"wait": "001", "token": "probe"}
    payload = {"state": state, "order_id": s.done["order_id"], "fulfillment": 1, **wait, **more}
    error = s.invoke(room, payload)
    return "" if error.split(" ", 1)[0] in ("Shipped", "Settled") else error


def _new_product(s: Stage) -> str:
    document = {"title": uuid.uuid4().hex, "weight_g": 1, "class": "x"}
    return fault(s.world.office.send("PUT", f"/v1/products/{s.sku}", body=document))


def _file(s: Stage) -> Callable[[Stage], str]:
    """Return a probe that gives the room a file again that has a receipt already."""
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
    """A probe with data of its own, which `make` prepares while the room has all its rights, anew for each try."""

    make: Callable[[Stage], Probe]


def _customer_found(s: Stage) -> Probe:
    """Return a probe that finds the customer of the finished order by e-mail."""
    email = s.world.office.get(f"/v1/orders/{s.done['order_id']}/contact")["customer"]["email"]
    return lambda s: s.get("/v1/customers", email=email)


def _invited(s: Stage) -> str:
    return str(s.world.office.post("/v1/people", a_person())["person_id"])


def _sign_out(s: Stage, person_id: str) -> str:
    return s.post(f"/v1/people/{person_id}/sign-out", {})


PROBES: dict[tuple[str, str, str], Probe | Prepared] = {
    ("intake", "dynamodb:GetItem", ORDERS): lambda s: s.get(f"/v1/orders/{s.done['order_id']}"),
    ("intake", "dynamodb:Query", ORDERS): lambda s: s.get(f"/v1/orders/{s.done['order_id']}/events"),
    ("intake", "dynamodb:PutItem", ORDERS): _place_order,
    ("intake", "dynamodb:PutItem", CUSTOMERS): _place_order,
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
    ("customers", "dynamodb:Query", CUSTOMERS): Prepared(_customer_found),
    ("customers", "dynamodb:BatchGetItem", ORDERS): Prepared(_customer_found),
    ("fulfill", "dynamodb:GetItem", ORDERS): lambda s: s.get(f"/v1/fulfillments/{s.fulfillment}"),
    ("fulfill", "dynamodb:PutItem", ORDERS): Prepared(lambda s: partial(_accept, order=_routed_order(s))),
    ("fulfill", "dynamodb:BatchGetItem", ORDERS): lambda s: s.get("/v1/fulfillments", node_id=EAST),
    ("fulfill", "dynamodb:Query", "index/GSI3"): lambda s: s.get("/v1/fulfillments", node_id=EAST),
    ("fulfill", "dynamodb:UpdateItem", STOCK): Prepared(lambda s: partial(_decline, order=_routed_order(s))),
    ("fulfill", "dynamodb:PutItem", STOCK): Prepared(lambda s: partial(_decline, order=_routed_order(s))),
    ("credit", "dynamodb:GetItem", ORDERS): _credit,
    ("credit", "dynamodb:PutItem", ORDERS): _credit,
    ("credit", "dynamodb:GetItem", CUSTOMERS): _credit,
    ("documents", "dynamodb:GetItem", ORDERS): lambda s: s.get(f"/v1/invoices/{s.done['invoices'][0]}"),
    ("documents", "dynamodb:GetItem", CUSTOMERS): Prepared(lambda s: partial(_slip, order=_routed_order(s))),
    ("documents", "dynamodb:UpdateItem", ORDERS): Prepared(lambda s: partial(_slip, order=_routed_order(s))),
    ("documents", "s3:PutObject", DOCUMENTS): Prepared(lambda s: partial(_slip, order=_routed_order(s))),
    ("documents", "s3:GetObject", DOCUMENTS): Prepared(lambda s: partial(_slip, order=_routed_order(s))),
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
    ("people", "dynamodb:GetItem", DIRECTORY): lambda s: s.get("/v1/me"),
    ("people", "dynamodb:PutItem", DIRECTORY): lambda s: s.post("/v1/people", a_person()),
    ("people", "dynamodb:UpdateItem", DIRECTORY): Prepared(lambda s: partial(_sign_out, person_id=_invited(s))),
    ("people", "dynamodb:Query", "index/GSI1"): lambda s: s.get("/v1/devices", node_id=EAST),
    ("people", "dynamodb:Query", SESSIONS): Prepared(lambda s: partial(_sign_out, person_id=_invited(s))),
    ("people", "cognito-idp:AdminCreateUser", "userpool"): lambda s: s.post("/v1/people", a_person()),
    ("people", "cognito-idp:AdminUserGlobalSignOut", "userpool"): Prepared(
        lambda s: partial(_sign_out, person_id=_invited(s))
    ),
    ("people", "cognito-idp:ListUsers", "userpool"): lambda s: s.get("/v1/people"),
    ("inbox", "s3:GetObjectVersion", "inbox/"): Prepared(_file),
    ("inbox", "s3:PutObject", "outbox/"): Prepared(_file),
    ("inbox", "dynamodb:PutItem", DIRECTORY): Prepared(_file),
    ("wait", "dynamodb:PutItem", ORDERS): lambda s: _enter_again(s, "wait", "UntilSettled", wait="order"),
    ("wait", "dynamodb:GetItem", ORDERS): lambda s: _enter_again(s, "wait", "UntilSettled", wait="order"),
    ("wait", "dynamodb:UpdateItem", ORDERS): lambda s: _enter_again(s, "wait", "UntilSettled", wait="order"),
    ("release", "dynamodb:PutItem", ORDERS): lambda s: _enter_again(s, "release", "Release"),
    ("release", "dynamodb:GetItem", ORDERS): lambda s: _enter_again(s, "release", "Release"),
    ("invoice", "dynamodb:GetItem", ORDERS): lambda s: _enter_again(s, "invoice", "Invoice"),
    ("number", "dynamodb:BatchGetItem", ORDERS): lambda s: s.invoke("number", {"documents": s.done["invoices"]}),
    ("notify", "dynamodb:GetItem", ORDERS): lambda s: _enter_again(s, "notify", "Notify"),
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
