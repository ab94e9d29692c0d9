"""Send partners' shipment files to a world of rooms, and let a file's process crash at any call."""

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest

from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys
from comanda.aws.dynamodb.items import pack
from comanda.aws.orders import orders
from comanda.aws.runtime.clients import client
from comanda.aws.stock import position_reads
from comanda.domain.lifecycle.place import place_order
from comanda.domain.orders.order import Order
from comanda.domain.orders.status import Status
from comanda.domain.scheduling import schedule
from functions.inbox import apply_shipments
from functions.inbox.handler import handler
from tests.builders import CELL, NOW, a_line, a_node, a_plan, an_order, an_order_id, later
from tests.faults import Crash, Crashed

BUCKET = "comanda-test-files"
RECEIVED = later(hours=20)
SHIPPED_AT = "2026-11-19T18:00:00Z"

Row = dict[str, Any]
Receipt = list[Row]


@dataclass(slots=True)
class PartnerFiles:
    """The partner `acme` with its node `dc-1`, the partner `rival` with `dc-9`, and plenty of stock at both."""

    aws: Any

    def order(
        self, *lines: Any, n: int = 7, at: Mapping[str, Mapping[str, int]] | None = None, partner: str | None = "acme"
    ) -> Order:
        """A placed order, its units offered to `at` (node: line id: units); by default all of it to dc-1."""
        order = an_order(*lines, order_id=an_order_id(n))
        return self.offered(orders.save(None, place_order(order, (), "shop", NOW)), at, partner)

    def offered(self, order: Order, at: Mapping[str, Mapping[str, int]] | None, partner: str | None) -> Order:
        to = at or {"dc-1": {line.line_id: line.quantity for line in order.lines}}
        for node, units in to.items():
            for line_id, quantity in units.items():
                self.stocked(order.line(line_id).sku, node, quantity)
        plan = a_plan(*((a_node(node, partner=partner), units) for node, units in to.items()), order=order)
        positions = position_reads.load(line.sku for line in order.lines)
        return orders.save(order, schedule.schedule(order, plan, positions, NOW))

    def stocked(self, sku: str, node: str, quantity: int) -> None:
        there = position_reads.get(sku, node)
        held = quantity + (there.bucket("sellable") if there else 0)
        free = quantity + (there.free if there else 0)
        values = {"sku": sku, "node": node, "on_hand": {"sellable": held}, "free": free, "rev": 1}
        hard = dict(there.hard) if there else {}
        self.aws.put("Stock", **keys.position(sku, node), **keys.position_of_node(node, sku), **values, hard=hard)

    def put(self, content: bytes | str, key: str = "inbox/acme/shipments/today.csv", **event: Any) -> dict[str, Any]:
        """Put a file, and give the event of it."""
        body = content.encode() if isinstance(content, str) else content
        version = client("s3").put_object(Bucket=BUCKET, Key=key, Body=body)["VersionId"]
        return an_event(key, version, len(body)) | event

    def send(self, content: bytes | str, key: str = "inbox/acme/shipments/today.csv") -> Receipt:
        """Put a file, have it taken, and read its receipt."""
        event = self.put(content, key)
        handler(event, None)
        return self.receipt(event)

    def receipt(self, event: dict[str, Any]) -> Receipt:
        return [json.loads(line) for line in self.receipt_text(event).splitlines()]

    def receipt_text(self, event: dict[str, Any]) -> str:
        found = event["detail"]["object"]
        key = f"outbox/{found['key'].removeprefix('inbox/')}.{found['version-id'][:8]}.receipt.jsonl"
        body: str = client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read().decode()
        return body

    def applied_rows(self) -> list[Row]:
        return [row for row in self.aws.items("Orders") if row["pk"].startswith("ROW#")]


def an_event(key: str, version: str, size: int = 1) -> dict[str, Any]:
    return {
        "source": "aws.s3",
        "detail-type": "Object Created",
        "time": RECEIVED.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "detail": {"bucket": {"name": BUCKET}, "object": {"key": key, "version-id": version, "size": size}},
    }


def a_row(order: Order, **fields: Any) -> Row:
    """A row that ships one TEA-001 of the order."""
    row = {"shipment_id": "S1", "order_id": order.order_id, "sku": "TEA-001", "quantity": "1", "shipped_at": SHIPPED_AT}
    return {name: value for name, value in (row | fields).items() if value is not None}


def as_csv(*rows: Row, delimiter: str = ",", ending: str = "\n") -> str:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, delimiter=delimiter, lineterminator=ending)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def as_json(*rows: Row) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def statuses(receipt: Receipt) -> list[str]:
    return [row["status"] for row in receipt[:-1]]


def outcomes(receipt: Receipt) -> list[tuple[int | None, str, str]]:
    return [(row["line"], row["status"], row.get("code", "")) for row in receipt[:-1]]


def shipped(order: Order) -> int:
    return orders.load(order.order_id).quantities().get(Status.SHIPPED, 0)


@pytest.fixture
def world(aws: Any, monkeypatch: pytest.MonkeyPatch) -> PartnerFiles:
    monkeypatch.setenv("CELL", CELL)
    client("s3").create_bucket(Bucket=BUCKET)
    client("s3").create_bucket(Bucket="comanda-test-failures")
    client("s3").put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    for partner, nodes in (("acme", ["dc-1"]), ("rival", ["dc-9"])):
        aws.put(
            "Directory",
            **keys.entry("PARTNER", partner),
            id=partner,
            version=1,
            doc=pack({"name": partner, "nodes": nodes}),
        )
    return PartnerFiles(aws)


def a_file_of_many_kinds(world: PartnerFiles) -> dict[str, Any]:
    """Six shipments: whole, partial, by fulfillment with a bad row, a contradiction, over two nodes, unknown."""
    one = world.order(a_line("TEA-001", 2), a_line("MUG-001", 3))
    two = world.order(a_line("TEA-001", 5), a_line("MUG-001", 3), n=8)
    three = world.order(a_line("TEA-001", 1), a_line("MUG-001", 1), n=9, at={"dc-1": {"1": 1}, "dc-2": {"2": 1}})
    named = f"ful{two.order_id[3:]}-001"
    rows = [
        a_row(one, shipment_id="A", quantity="2", package_id="P1", tracking_number="T1"),
        a_row(one, shipment_id="A", sku="MUG-001", quantity="1", package_id="P1", tracking_number="T2"),
        a_row(two, shipment_id="B", order_id="", fulfillment_id=named, quantity="3"),
        a_row(two, shipment_id="B", order_id="", fulfillment_id=named, sku="MUG-001", quantity="4"),
        a_row(two, shipment_id="B", order_id="", fulfillment_id=named, quantity="3"),
        a_row(three, shipment_id="C"),
        a_row(three, shipment_id="C", sku="MUG-001"),
        a_row(replace(one, order_id=an_order_id(99)), shipment_id="D"),
        a_row(one, shipment_id="E", sku="MUG-001", quantity="2"),
    ]
    return world.put(as_csv(*rows))


def die_at(n: int, event: dict[str, Any], *, after: bool) -> None:
    with Crash(n, after=after), pytest.raises(Crashed):
        handler(event, None)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The content of the tables before a file came."""

    world: PartnerFiles
    tables: dict[str, list[Row]]

    @classmethod
    def take(cls, world: PartnerFiles) -> "Snapshot":
        return cls(world, {table: world.aws.items(table) for table in ("Orders", "Stock", "Directory")})

    def points(self, event: dict[str, Any]) -> list[tuple[int, bool]]:
        """Take the file without a crash; gives where it may die: (n, False) before the n-th call of AWS, (n, True) after
        it, when that one has changed something."""
        directory.forget()
        with Crash() as counted:
            handler(event, None)
            return [
                (n, after)
                for n, name in enumerate(counted.calls, 1)
                for after in (False, True)
                if not after or name in ("TransactWriteItems", "PutObject")
            ]

    def restore(self) -> None:
        directory.forget()
        for table, rows in self.tables.items():
            for row in self.world.aws.items(table):
                if row not in rows:
                    key = {"pk": {"S": row["pk"]}, "sk": {"S": row["sk"]}}
                    client("dynamodb").delete_item(TableName=table, Key=key)
            for row in rows:
                self.world.aws.put(table, **row)
        for found in client("s3").list_objects_v2(Bucket=BUCKET, Prefix="outbox/").get("Contents", ()):
            client("s3").delete_object(Bucket=BUCKET, Key=found["Key"])


def killed_at_third(event: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """The process dies before the third of the file's pages."""
    real, turns = apply_shipments.ShipmentApplier.apply, 0

    def dies(self: Any, rows: Any) -> Any:
        nonlocal turns
        turns += 1
        if turns == 3:
            raise Crashed
        return real(self, rows)

    with monkeypatch.context() as patched:
        patched.setattr(apply_shipments.ShipmentApplier, "apply", dies)
        with pytest.raises(Crashed):
            handler(event, None)
