"""
Measure `cost:`: the resources of an order of three lines with one shipment, counted in a deployed system, times AWS's prices.

Orders run one after another, so that no batch saves costs that a quiet hour would have. The list prices, and assumptions
about everything that an emulator cannot show, are in prices.json.
"""

import json
import time
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import taped_instance
from bench.capacity import Meter
from bench.figures import Figure
from infra import names
from infra.rooms import ROOMS
from infra.stages import LOCAL
from local import deploy, seed
from local.instance import ACCOUNT, REGION, Instance
from local.logs import messages
from ops.client import Client

ORDERS = 10
WARM = 2  # the first calls of each function are no part of an order's cost
NODE = "dc-1"
SKUS = ("TEA", "MUG", "JAR")
STEPS = ("accept", "start-pick", "pick", "pack", "ship")
NAIVE_WITHOUT_MAIL = 488.0  # $ for 1 M orders of 3 lines: one item a write, a polling machine, a Lambda for each step
# The same count on 2026-12-01 of the tree before payments, taxes and documents were built (d76f50ad): of functions alone, and $.
BEFORE_MONEY = {"AWS calls": 122.3, "$": 383.79}
_MOST_OF_BEFORE = 1.05
PRICES = json.loads(Path(__file__).with_name("prices.json").read_text())
APART = ("sweep", "directory", "stock")  # calls of the schedule and of the preparation


def figures() -> list[Figure]:
    used, states, ends = _measured()
    made = [
        Figure(figure="cost: states entered for a one-shipment order", value=states, unit="states", bar=8),
        Figure(figure="cost: executions ended for it, beside", value=ends, unit="ends"),
    ]
    made += [
        Figure(figure=f"cost: {what} per order", value=round(count, 3), unit=_unit(what))
        for what, count in used.items()
    ]
    dollars = {what: count * _price(what) for what, count in used.items() if _price(what)}
    mail = dollars.pop("SES mails")
    services: Counter[str] = Counter()
    for what, amount in dollars.items():
        services[_service(what)] += amount  # type: ignore[assignment]  # typeshed's Counter counts whole things
    made.append(
        Figure(
            figure="cost: $ per 1 M orders of 3 lines, without mail",
            value=round(sum(dollars.values()), 2),
            unit="$",
            bar=NAIVE_WITHOUT_MAIL,
            baseline=NAIVE_WITHOUT_MAIL,
        )
    )
    made += [
        Figure(
            figure=f"cost: {what} per order, of those before payments, taxes and documents",
            value=round(now / BEFORE_MONEY[what], 3),
            unit="ratio",
            bar=_MOST_OF_BEFORE,
        )
        for what, now in (("AWS calls", used["AWS calls of functions"]), ("$", sum(dollars.values())))
    ]
    made += [
        Figure(figure=f"cost: $ per 1 M orders, {service}", value=round(amount, 2), unit="$")
        for service, amount in services.most_common()
    ]
    made.append(Figure(figure="cost: $ per 1 M orders, mail", value=round(mail, 2), unit="$"))
    return made


def _price(what: str) -> float:
    """Return the dollars for 1 M orders that use one unit of a resource each."""
    if what == "CloudWatch Logs":  # used in bytes
        return float(PRICES["dollars_per_gigabyte"][what]) / 1000
    return float(PRICES["dollars_per_million"].get(what, 0))


def _unit(what: str) -> str:
    return "bytes" if what == "CloudWatch Logs" else what.rsplit(" ", 1)[-1]


def _service(what: str) -> str:
    return (
        what
        if what in ("tokens", "CloudWatch Logs")
        else what.rsplit(" ", 1)[0].removesuffix(" write").removesuffix(" read")
    )


@dataclass(frozen=True)
class Shop:
    """A shop that calls the API. It waits by the operator's reads of the table, which are not counted: callers do not poll."""

    instance: Instance
    deployed: deploy.Deployed
    api: Client

    def status(self, order: str) -> str:
        return str(self._row(order, "#")["status"]["S"])

    def mailed(self, order: str) -> bool:
        """Return whether the order's last mail is sent. Only the closing of the order comes after it."""
        return bool(self._row(order, "M#shipped-001#customer").get("state", {}).get("S") == "sent")

    def _row(self, order: str, sk: str) -> Any:
        key = {"pk": {"S": f"O#{order}"}, "sk": {"S": sk}}
        found = self.instance.client("dynamodb").get_item(TableName=self.deployed[names.ORDERS], Key=key)
        return found.get("Item", {})


def _measured() -> tuple[dict[str, float], float, float]:
    """Return the resources of one order, the states that it entered, and the executions that ended."""
    with taped_instance.start("costs") as instance:
        deployed = deploy.up(instance, lambda _: None)
        with seed.admin(instance, deployed) as api:
            shop = Shop(instance, deployed, api)
            _opened(shop)
            for _ in range(WARM):
                _lived(shop)
            begin, logged = taped_instance.length(instance), _logged(instance)
            ids = [_lived(shop) for _ in range(ORDERS)]
            taped_instance.wait_until_quiet(instance)
            more = {room: (calls - logged[room][0], size - logged[room][1])
                    for room, (calls, size) in _logged(instance).items()}  # fmt: skip
            tape = taped_instance.lines(instance)
            states, ends = _states(instance, ids)
    return _used(tape, begin, more, states), states / ORDERS, ends / ORDERS


def _used(tape: list[dict[str, Any]], begin: int, logged: dict[str, tuple[int, int]], states: int) -> dict[str, float]:
    meter, total = Meter(), Counter[str]()
    calls, transactions = Counter[str](), Counter[str]()
    for number, line in enumerate(tape):
        room = line["caller"].removeprefix(f"{names.prefix(LOCAL)}-")
        operation = line["target"].rpartition(".")[2]
        written, read = 0.0, 0.0
        if "request" in line and operation in COUNTED:
            written, read = meter.units(operation, json.loads(line["request"]), json.loads(line["answer"] or "{}"))
        if number < begin:
            continue
        if line["path"].startswith("/_aws/execute-api/"):
            total["API Gateway calls"] += 1
        if room not in ROOMS or room in APART:
            continue
        calls[room] += 1
        transactions[room] += operation == "TransactWriteItems"
        total["DynamoDB write units"] += written  # type: ignore[assignment]  # halves of units too
        total["DynamoDB read units"] += read  # type: ignore[assignment]  # as above
        total["EventBridge events"] += len(json.loads(line["request"])["Entries"]) if operation == "PutEvents" else 0
        total["SES mails"] += line["path"] == "/v2/email/outbound-emails"
    rooms = {room: one for room, one in logged.items() if room not in APART}
    invoked = {room: count for room, (count, _) in rooms.items()}
    assumed = PRICES["assumed"]
    milliseconds, bytes_ = assumed["lambda_milliseconds"], assumed["log_bytes"]
    gigabyte_seconds = sum(
        ROOMS[room].memory / 1024 / 1000 * (
            count * milliseconds["each call"]
            + calls[room] * milliseconds["each AWS call"]
            + transactions[room] * milliseconds["each transaction, beside"]
        )
        for room, count in invoked.items()
    )  # fmt: skip
    logs = sum(size for _, size in rooms.values())
    logs += sum(invoked.values()) * bytes_["each call of a function, beside its own lines"]
    logs += total["API Gateway calls"] * bytes_["each API call"]
    # One mail of each order is the machine's, and the others came through a queue; one invoice of each order was numbered.
    queued = total["SES mails"] - ORDERS + ORDERS
    counted: dict[str, float] = {
        "AWS calls of functions": sum(calls.values()),
        **total,
        "Step Functions states": states,
        "Lambda calls": sum(invoked.values()),
        "Lambda GB-seconds": gigabyte_seconds,
        "CloudWatch Logs": logs,
        "SQS requests": queued * assumed["sqs_requests_for_a_message"]["value"],
        "KMS requests": ORDERS * assumed["kms_requests_for_an_order"]["value"],
        "X-Ray traces": total["API Gateway calls"] * assumed["traced_share"]["value"],
        "firewall requests": total["API Gateway calls"],
    }
    tokens = assumed["tokens"]
    one = {what: count / ORDERS for what, count in counted.items()}
    return one | {"tokens": tokens["clients"] * tokens["hours"] / tokens["orders"]}


COUNTED = frozenset(("TransactWriteItems", "PutItem", "UpdateItem", "DeleteItem", "GetItem", "Query", "BatchGetItem"))


def _logged(instance: Instance) -> dict[str, tuple[int, int]]:
    """Return (calls, bytes of its own log lines) of each room."""
    logs = instance.client("logs")
    found = {}
    for room in ROOMS:
        group = f"/aws/lambda/{names.function(LOCAL, room)}"
        texts = list(messages(logs, group))
        own = [text for text in texts if not text.startswith(("START ", "END ", "REPORT "))]
        line = PRICES["assumed"]["log_bytes"]["each line"]
        found[room] = (
            sum(text.startswith("START ") for text in texts),
            sum(len(text.encode()) + line for text in own),
        )
    return found


def _states(instance: Instance, ids: list[str]) -> tuple[int, int]:
    """Return the number of states entered, with repeated tries, and of executions that ended."""
    client, entered, ends = instance.client("stepfunctions"), 0, 0
    for machine in names.MACHINES:
        arn = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{names.machine(LOCAL, machine)}"
        for page in client.get_paginator("list_executions").paginate(stateMachineArn=arn):
            for execution in page["executions"]:
                if not any(order.removeprefix("ord_") in execution["name"] for order in ids):
                    continue
                ends += execution["status"] != "RUNNING"
                history = client.get_execution_history(executionArn=execution["executionArn"], maxResults=1000)
                entered += sum(
                    event["type"] in ("TaskScheduled", "LambdaFunctionScheduled") for event in history["events"]
                )
    return entered, ends


def _opened(shop: Shop) -> None:
    api = shop.api
    hours = [{"weekday": day, "opens": "00:00", "closes": "23:59"} for day in range(7)]
    api.put("/v1/calendars/always", {"timezone": "America/New_York", "hours": hours, "closed": []})
    node = {"type": "WAREHOUSE", "name": "One", "country": "US", "latitude": 40.7, "longitude": -74.0,
            "calendar": "always", "ship": True, "pickup": False, "accept_minutes": 600, "ship_minutes": 6000}  # fmt: skip
    api.put(f"/v1/nodes/{NODE}", node)
    channel = {"name": "Web", "currencies": ["USD"], "countries": ["US"], "locales": ["en-US"]}
    api.put("/v1/channels/web", channel)
    for sku in SKUS:
        api.put(f"/v1/products/{sku}", {"title": sku, "weight_g": 100, "class": "things"})
    seed.adjust(api, "opening", "opening", [(sku, NODE, 1000) for sku in SKUS])

    def reaches_the_node() -> bool:
        order = _placed(api)
        _until(lambda: shop.status(order) != "CREATED", "routed")
        return shop.status(order) == "RELEASED"

    _until(reaches_the_node, "the router knows the node")


def _until(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        if time.monotonic() > deadline:
            raise RuntimeError(f"not within a minute: {what}")
        time.sleep(0.05)


def _placed(api: Client) -> str:
    def usd(amount: int) -> dict[str, Any]:
        return {"amount": amount, "currency": "USD"}

    lines = [
        {
            "line_id": str(i),
            "sku": sku,
            "quantity": i,
            "unit_price": usd(1000),
            "tax": {"rate": "0.08", "amount": usd(80 * i)},
        }
        for i, sku in enumerate(SKUS, start=1)
    ]
    totals = {"goods": 6000, "discounts": 0, "charges": 599, "tax": 480, "total": 7079}
    number = uuid.uuid4().hex
    made = api.post("/v1/orders", {
        "external_id": number, "channel": "web", "currency": "USD", "locale": "en-US",
        "customer": {"name": "Ann Example", "email": f"{number}@example.com", "phone": "+1 555 0100"},
        "ship_to": {"name": "Ann Example", "line1": "1 Main Street", "city": "New York", "region": "NY", "postal_code": "10001",
                    "country": "US", "latitude": 40.75, "longitude": -73.99},
        "lines": lines, "charges": [{"kind": "SHIPPING", "amount": usd(599)}],
        "payments": [{"method": "CARD", "reference": f"tok_{number[:12]}", "authorized": usd(7079)}],
        "totals": {name: usd(amount) for name, amount in totals.items()},
    })  # fmt: skip
    return str(made["order_id"])


def _lived(shop: Shop) -> str:
    """Run one order from placing to its last mail: its node reads its list once and takes five steps, the shop reads it once."""
    api, order = shop.api, _placed(shop.api)
    _until(lambda: shop.status(order) == "RELEASED", "routed")
    rows = api.get("/v1/fulfillments", node_id=NODE)["items"]
    (mine,) = [row["fulfillment_id"] for row in rows if row["order_id"] == order]
    for step in STEPS:
        api.post(f"/v1/fulfillments/{mine}/{step}")
    _until(lambda: shop.mailed(order), "mailed")
    api.get(f"/v1/orders/{order}")
    return order
