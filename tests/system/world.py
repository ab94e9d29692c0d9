"""
Use the deployed Comanda as its callers do: over HTTP, the S3 inbox and the mails. The operator's credentials only read.

Called by   every system test, through the fixtures of conftest.py
"""

import json
import ssl
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import httpx

from comanda.aws.dynamodb import keys
from comanda.aws.dynamodb.items import item
from infra import names
from infra.stages import LOCAL
from local import deploy, mails, seed
from local.instance import ACCOUNT, REGION, Instance
from ops.client import Client, Problem
from ops.identities import Snapshot, read
from tests import invariants
from tests.system import retailer

SECONDS = 180  # an effect that takes longer never comes, on a busy machine of half the speed; usual is one or two
TABLES = {"orders": names.ORDERS, "stock": names.STOCK, "directory": names.DIRECTORY, "customers": names.CUSTOMERS}
WORK = ("accept", "start-pick", "pick", "pack")
Json = Any
EAR = "what-the-bus-said"
# For a request of its own: httpx would read all certificates of the machine for each, though addresses here are http.
PLAIN: Json = {"trust_env": False, "timeout": 60, "verify": ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)}


def eventually(holds: Callable[[], Any], what: str = "it", seconds: float = SECONDS) -> Any:
    """Return the value of `holds` as soon as it is true. An assertion error after `seconds` names `what`."""
    began, pause = time.monotonic(), 0.05
    deadline = began + seconds
    while True:
        value = holds()
        if value:
            return value
        assert time.monotonic() < deadline, f"{what}: not within {seconds} seconds"
        time.sleep(pause)
        # Checking all the time would take the cores from the work that it waits for, so long waits check less often.
        pause = min(1.3 * pause, max(0.5, (time.monotonic() - began) / 20))


def together(jobs: list[Callable[[], Any]], threads: int | None = None) -> list[Any]:
    with ThreadPoolExecutor(threads or len(jobs)) as pool:
        return [running.result() for running in [pool.submit(job) for job in jobs]]


@dataclass
class DeployedWorld:
    instance: Instance
    deployed: deploy.Deployed
    clients: dict[str, Client] = field(default_factory=dict)
    _heard: list[Json] = field(default_factory=list)
    _skus: Iterator[str] = field(default_factory=lambda: (f"SKU-{uuid.uuid4().hex[:6]}-{n:03d}" for n in count(1)))

    @property
    def office(self) -> Client:
        return self.clients["admin"]

    @property
    def shop(self) -> Client:
        return self.clients["shop"]

    def aws(self, service: str) -> Any:
        return self.instance.client(service)

    # --- products and orders

    def sku(self, **stock: int) -> str:
        """Make a product with so many units at each node, whose id is written with _ for -. Returns its sku."""
        sku = next(self._skus)
        self.office.put(f"/v1/products/{sku}", {"title": f"Thing {sku}", "weight_g": 100, "class": "things"})
        if stock:
            self.receive(sku, **stock)
        return sku

    def receive(self, sku: str, **stock: int) -> None:
        rows = [(sku, node.replace("_", "-"), units) for node, units in stock.items()]
        seed.adjust(self.office, f"opening-{uuid.uuid4().hex[:12]}", "opening", rows)

    def place_order(self, *lines: Json, by: str = "shop", **more: Any) -> Json:
        return self.clients[by].post("/v1/orders", retailer.basket(*lines, **more))

    # --- an order on its way

    def order(self, order: Json) -> Json:
        return self.office.get(f"/v1/orders/{order['order_id']}")

    def until(self, order: Json, holds: Callable[[Json], Any], what: str, seconds: float = SECONDS) -> Json:
        """
        Return the order as soon as `holds` is true of it.

        It is read over HTTP when its version has changed: a request through the gateway and its room costs four times a read
        of the row. Now and then it is read anyway.
        """
        found: Json = None
        reads = Reads(self, order)

        def read_again() -> Any:
            nonlocal found
            if not reads.due():
                return None
            found = self.order(order)
            return holds(found)

        try:
            eventually(read_again, what, seconds)
        except AssertionError as never:
            raise AssertionError(f"{never}; the order is {json.dumps(found, indent=1)}") from None
        return found

    def routed(self, order: Json, fulfillments: int = 1) -> Json:
        return self.until(order, lambda now: len(now["fulfillments"]) == fulfillments, f"{fulfillments} fulfillments")

    def invoiced(self, order: Json, invoices: int = 1) -> Json:
        return self.until(order, lambda now: len(now["invoices"]) == invoices, f"{invoices} invoices")

    def numbered(self, order: Json) -> list[Json]:
        """Return the order's invoices, as soon as each has its number."""
        paths = [f"/v1/invoices/{invoice}" for invoice in order["invoices"]]
        return [
            eventually(lambda path=path: (found := self.office.get(path))["number"] and found, "a number")
            for path in paths
        ]

    def closed(self, order: Json, seconds: float = SECONDS) -> list[str]:
        """Return the types of the order's events, as soon as the order is completed."""
        reads = Reads(self, order)
        return eventually(
            lambda: reads.due() and "completed" in (types := self.timeline(order)) and types, "completed", seconds
        )

    def timeline(self, order: Json) -> list[str]:
        return [event["type"] for event in self.office.pages(f"/v1/orders/{order['order_id']}/events", limit=100)]

    def change(self, order: Json, what: str, body: Json, *, by: Client | None = None) -> httpx.Response:
        """Change the order (confirm, reject, cancel ...) at its present version."""
        headers = {"If-Match": f'"v{self.order(order)["version"]}"', "Idempotency-Key": str(uuid.uuid4())}
        return (by or self.office).send("POST", f"/v1/orders/{order['order_id']}/{what}", body=body, headers=headers)

    def work(self, fulfillment: str, *steps: str, by: str = "admin") -> Json:
        for step in steps:
            answer = self.clients[by].post(f"/v1/fulfillments/{fulfillment}/{step}")
        return answer

    def ship(self, fulfillment: str, *, by: str = "admin", steps: tuple[str, ...] = WORK) -> Json:
        self.work(fulfillment, *steps, by=by)
        package = {"package_id": "p1", "carrier": "UPS", "tracking_number": f"1Z{fulfillment[-12:-4]}"}
        return self.clients[by].post(f"/v1/fulfillments/{fulfillment}/ship", {"packages": [package]})

    def stock(self, sku: str) -> dict[str, dict[str, int]]:
        """Return free, on hand and reserved units by node."""
        found = {}
        for row in self.office.get(f"/v1/stock/{sku}")["positions"]:
            sellable = row["on_hand"].get("sellable", 0)
            found[row["node_id"]] = {"free": row["free"], "reserved": row["hard"], "on_hand": sellable}
        return found

    def queue(self, name: str, order: Json) -> Json:
        """Return the order's item in a queue, as soon as it is there."""

        def mine() -> Json:
            items = self.office.pages(f"/v1/queues/{name}", limit=100)
            return next((item for item in items if item["order_id"] == order["order_id"]), None)

        return eventually(mine, f"an item in {name}")

    # --- mails and files

    def mails(self, order: Json, external_id: str | None = None) -> list[str]:
        """Return the subjects of the mails about an order, oldest first."""
        name = external_id or order["external_id"]
        return [mail["Subject"] for mail in mails.sent(self.instance) if name in mail["Subject"]]

    def mailed(self, order: Json, number: int, seconds: float = SECONDS) -> list[str]:
        eventually(lambda: len(self.mails(order)) >= number, f"{number} mails", seconds)
        return self.mails(order)

    def drop(self, partner: str, name: str, content: str, kind: str = "shipments") -> list[Json]:
        """Put a file into the inbox. Returns the lines of its receipt."""
        s3, bucket = self.aws("s3"), self.deployed[names.FILES]
        key = f"{partner}/{kind}/{name}"
        version = s3.put_object(Bucket=bucket, Key=f"inbox/{key}", Body=content.encode())["VersionId"]
        receipt = f"outbox/{key}.{version[:8]}.receipt.jsonl"

        def written() -> Any:
            listed = s3.list_objects_v2(Bucket=bucket, Prefix=receipt)
            return listed["KeyCount"] and s3.get_object(Bucket=bucket, Key=receipt)["Body"].read()

        return [json.loads(text) for text in eventually(written, "a receipt").splitlines()]

    # --- reads with the operator's credentials

    def executions(self, order: Json) -> dict[str, Json]:
        """Return all executions for an order: execution name -> its description."""
        stem = order["order_id"].removeprefix("ord_")
        found, client = {}, self.aws("stepfunctions")
        for machine in names.MACHINES:
            arn = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{names.machine(LOCAL, machine)}"
            for page in client.get_paginator("list_executions").paginate(stateMachineArn=arn):
                found |= {one["name"]: one for one in page["executions"] if stem in one["name"]}
        return found

    def states(self, order: Json) -> list[str]:
        """Return the states that all machines of an order entered."""
        client, entered = self.aws("stepfunctions"), []
        for execution in self.executions(order).values():
            events = client.get_execution_history(executionArn=execution["executionArn"], maxResults=1000)["events"]
            entered += [one["stateEnteredEventDetails"]["name"] for one in events if "stateEnteredEventDetails" in one]
        return entered

    def snapshot(self) -> Snapshot:
        return read(self.aws("dynamodb"), {table: self.deployed[name] for table, name in TABLES.items()})

    def broken(self) -> list[str]:
        snapshot = self.snapshot()
        return invariants.broken({table.capitalize(): list(getattr(snapshot, table)) for table in TABLES})

    def rested(self, seconds: float = SECONDS) -> None:
        """Wait until no identity is broken, which is when all work has ended."""
        began = time.monotonic()
        while (wrong := self.broken()) and time.monotonic() < began + seconds:
            time.sleep(max(1, (time.monotonic() - began) / 5))  # each look reads every table
        assert wrong == [], "; ".join(wrong)

    def overheard(self) -> list[Json]:
        """Return all events of the bus so far, through a queue of the operator's, which is emptied."""
        sqs = self.aws("sqs")
        url = sqs.get_queue_url(QueueName=EAR)["QueueUrl"]
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            self._heard += [json.loads(message["Body"]) for message in messages]
            entries = [{"Id": str(i), "ReceiptHandle": one["ReceiptHandle"]} for i, one in enumerate(messages)]
            sqs.delete_message_batch(QueueUrl=url, Entries=entries)
        return list(self._heard)

    def mappings(self, *rooms: str) -> list[str]:
        """Return the readers of streams and queues that feed these rooms."""
        client = self.aws("lambda")
        return [
            one["UUID"]
            for room in rooms
            for one in client.list_event_source_mappings(FunctionName=names.function(LOCAL, room))[
                "EventSourceMappings"
            ]
        ]

    def restart(self) -> None:
        """Run `comanda up` after the emulator has ended in any way."""
        deploy.up(self.instance, lambda _: None)


@dataclass
class Reads:
    """Say when an order is worth a read: at first, when its row has another version, and at every tenth look."""

    world: DeployedWorld
    order: Json
    _looks: Iterator[int] = field(default_factory=count)
    _version: Any = None

    def due(self) -> bool:
        before, self._version = self._version, self._stored()
        return next(self._looks) % 10 == 0 or self._version != before

    def _stored(self) -> Any:
        row = self.world.aws("dynamodb").get_item(
            TableName=self.world.deployed[names.ORDERS],
            Key=item(dict(keys.order(self.order["order_id"]))),
            ProjectionExpression="version",
        )
        return row["Item"]["version"]


def opened(instance: Instance) -> DeployedWorld:
    """Start, deploy, and set up the retailer through the API. Returns the world."""
    deployed = deploy.up(instance, lambda _: None)
    world = DeployedWorld(instance, deployed, {"admin": seed.admin(instance, deployed)})
    for kind, documents in (
        ("legal-entities", retailer.LEGAL_ENTITIES),
        ("channels", retailer.CHANNELS),
        ("calendars", retailer.CALENDARS),
        ("partners", retailer.PARTNERS),
        ("nodes", retailer.NODES),
        ("hold-types", retailer.HOLD_TYPES),
        ("carriers", retailer.CARRIERS),
        ("cartons", retailer.CARTONS),
        ("rate-cards", retailer.RATE_CARDS),
        ("routing-costs", {"default": {}}),
        ("stock-policies", {"default": {}}),
        ("modification-matrices", {"default": {"rules": []}}),
        ("rule-sets", retailer.RULE_SETS),
    ):
        for name, document in documents.items():
            world.office.put(f"/v1/{kind}/{name}", document)
    for name in retailer.RULE_SETS:
        world.office.post(f"/v1/rule-sets/{name}/activate", {"version": 1})
    for name, document in retailer.SHADOWS.items():
        made = world.office.put(f"/v1/rule-sets/{name}", document)
        until = f"{datetime.now(UTC) + timedelta(days=7):%Y-%m-%dT%H:%M:%SZ}"
        world.office.post(f"/v1/rule-sets/{name}/shadow", {"version": made["version"], "until": until})
    for name, wanted in retailer.CLIENTS.items():
        made = world.office.post("/v1/clients", {"name": name, **wanted})
        world.clients[name] = Client(
            deployed.base_url, deployed.token_url, made["client_id"], made["client_secret"], timeout=60
        )
    _listen(world)
    _known_to_the_router(world)
    return world


def _listen(world: DeployedWorld) -> None:
    """Make a queue that gets every event of the bus, as a consumer's would."""
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{EAR}"
    world.aws("sqs").create_queue(QueueName=EAR)
    rule = {"Name": EAR, "EventBusName": world.deployed[names.BUS]}
    world.aws("events").put_rule(**rule, EventPattern=json.dumps({"account": [ACCOUNT]}))
    world.aws("events").put_targets(Rule=EAR, EventBusName=world.deployed[names.BUS], Targets=[{"Id": EAR, "Arn": arn}])


def _known_to_the_router(world: DeployedWorld) -> None:
    """Wait until the router knows all nodes, which it reads from a pack that follows the directory."""
    sku = world.sku(dc_east=1, dc_west=1, st_1=1, st_2=1)

    def all_routed() -> bool:
        order = world.place_order(retailer.line(sku, len(retailer.NODES)), channel=retailer.WEB)
        done = world.until(order, lambda now: now["quantities"] != {"CREATED": len(retailer.NODES)}, "routed")
        reached = {one["node_id"] for one in done["fulfillments"]} == set(retailer.NODES)
        assert world.change(order, "cancel", {"reason": "only a look"}).is_success
        return reached

    eventually(all_routed, "all nodes")


def refused(call: Callable[[], Any]) -> Problem:
    """Return the problem with which a call is refused."""
    try:
        done = call()
    except Problem as problem:
        return problem
    raise AssertionError(f"was not refused: {done}")
