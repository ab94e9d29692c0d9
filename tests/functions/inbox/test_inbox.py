"""Partners' files: what a file does to orders, stock and the tables, and what its receipt says."""

import csv
import gzip
import io
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from botocore.client import BaseClient

from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys, transaction
from comanda.aws.dynamodb.items import pack
from comanda.aws.files import bucket
from comanda.aws.orders import orders, saga
from comanda.aws.runtime import clock
from comanda.aws.runtime.clients import client
from comanda.aws.stock import ledger, position_reads
from comanda.domain.errors import Busy, NotFound, StockConflict
from comanda.domain.lifecycle.place import hold, place
from comanda.domain.orders.holds import HoldType
from comanda.domain.orders.line import PICKUP
from comanda.domain.orders.order import Order
from comanda.domain.orders.status import Status
from comanda.domain.scheduling import schedule
from functions.inbox import applying, reading
from functions.inbox import handler as room
from functions.inbox.handler import handler
from tests.builders import CELL, NOW, a_hold_type, a_line, a_node, a_plan, an_order, an_order_id, later

BUCKET = "comanda-test-files"
RECEIVED = later(hours=20)
SHIPPED_AT = "2026-11-19T18:00:00Z"

Row = dict[str, Any]
Receipt = list[Row]


@dataclass(slots=True)
class World:
    """The partner `acme` with its node `dc-1`, the partner `rival` with `dc-9`, and plenty of stock at both."""

    aws: Any

    def order(
        self, *lines: Any, n: int = 7, at: Mapping[str, Mapping[str, int]] | None = None, partner: str | None = "acme"
    ) -> Order:
        """A placed order, its units offered to `at` (node: line id: units); by default all of it to dc-1."""
        order = an_order(*lines, order_id=an_order_id(n))
        return self.offered(orders.save(None, place(order, (), "shop", NOW)), at, partner)

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
        return [row for row in self.aws.rows("Orders") if row["pk"].startswith("ROW#")]


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


def said(receipt: Receipt) -> list[tuple[int | None, str, str]]:
    return [(row["line"], row["status"], row.get("code", "")) for row in receipt[:-1]]


def shipped(order: Order) -> int:
    return orders.load(order.order_id).quantities().get(Status.SHIPPED, 0)


@pytest.fixture
def world(aws: Any, monkeypatch: pytest.MonkeyPatch) -> World:
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
    return World(aws)


# What a good file does


def test_a_held_line_does_not_leave_by_file_and_the_others_do(world: World) -> None:
    order = world.order(a_line("TEA-001", 2), a_line("POT", 1))
    kind = a_hold_type("ENGRAVING", "ship", level="line")
    orders.decide(order.order_id, lambda order: hold(order, kind, "engraved", "desk", NOW, ("2",)))

    receipt = world.send(as_json(a_row(order, quantity="2"), a_row(order, sku="POT")))

    assert statuses(receipt) == ["APPLIED", "REJECTED"]
    assert (receipt[1]["code"], receipt[1]["reason"]) == ("held", "sku: is on hold")
    assert shipped(order) == 2


def test_half_a_kit_does_not_leave_by_file_and_what_is_beside_it_does(world: World) -> None:
    order = world.order(a_line("POT", 2, group="set"), a_line("CUP", 4, group="set"), a_line("TEA-001", 1))
    tea = a_row(order)

    half = world.send(as_json(tea, a_row(order, sku="POT", quantity="2"), a_row(order, sku="CUP", quantity="3")))

    assert statuses(half) == ["APPLIED", "REJECTED", "REJECTED"]
    assert [(row["code"], row["reason"]) for row in half[1:3]] == [
        ("kit-incomplete", "quantity: a kit leaves in whole sets: a set is 1 of POT and 2 of CUP")
    ] * 2
    assert shipped(order) == 1
    one_set = as_json(*(a_row(order, shipment_id="S2", sku=sku, quantity=n) for sku, n in (("POT", "1"), ("CUP", "2"))))
    assert statuses(world.send(one_set)) == ["APPLIED", "APPLIED"]
    assert shipped(order) == 4


def test_a_partners_row_ships_the_units_and_the_receipt_says_so(world: World) -> None:
    order = world.order(a_line("TEA-001", 2))

    receipt = world.send(
        as_csv(a_row(order, quantity="2", carrier="UPS", service="GROUND", tracking_number="1Z999", package_id="P1"))
    )

    now = orders.load(order.order_id)
    assert now.status == "SHIPPED"
    (package,) = now.fulfillments[0].packages
    assert (package.package_id, package.carrier, package.service, package.tracking_number) == (
        "P1",
        "UPS",
        "GROUND",
        "1Z999",
    )
    assert package.contents == (("1", 2),)
    assert now.fulfillments[0].shipment_id == "S1"
    assert now.fulfillments[0].shipped_at == later(hours=6)
    assert receipt == [
        {"line": 2, "status": "APPLIED", "fulfillment_id": f"ful{order.order_id[3:]}-001"},
        {
            "totals": {"lines": 1, "APPLIED": 1, "DUPLICATE": 0, "CONFLICT": 0, "REJECTED": 0},
            "file": "inbox/acme/shipments/today.csv",
            "version": receipt[-1]["version"],
        },
    ]


def test_what_ships_leaves_the_shelf_and_its_demand_once(world: World) -> None:
    order = world.order(a_line("TEA-001", 2))

    world.send(as_csv(a_row(order, quantity="2")))

    there = position_reads.get("TEA-001", "dc-1")
    assert there is not None
    assert (there.bucket("sellable"), there.demand, there.free) == (0, 0, 0)


def test_the_event_of_a_shipment_says_which_partner_did_it(world: World) -> None:
    order = world.order(a_line("TEA-001", 1))

    world.send(as_csv(a_row(order)))

    event = world.aws.rows("Orders", f"O#{order.order_id}", "E#")[-1]
    assert (event["type"], event["actor"]) == ("shipped", "partner:acme")


@pytest.mark.parametrize(
    "written",
    [
        pytest.param(as_csv, id="commas"),
        pytest.param(lambda row: as_csv(row, delimiter=";"), id="semicolons"),
        pytest.param(lambda row: b"\xef\xbb\xbf" + as_csv(row).encode(), id="byte order mark"),
        pytest.param(lambda row: as_csv(row, ending="\r\n"), id="CR LF"),
        pytest.param(lambda row: as_csv(row, ending="\r\n").replace("\r\n", "\n", 1), id="mixed line endings"),
        pytest.param(lambda row: as_csv(row).rstrip("\n"), id="no line end at the end"),
        pytest.param(lambda row: "\n" + as_csv(row) + "\n\n,,,,\n", id="blank lines"),
        pytest.param(lambda row: as_csv(row).replace("shipment_id", " Shipment_ID"), id="column names in capitals"),
        pytest.param(lambda row: as_csv({k: f'"{v}"' for k, v in row.items()}).replace('"""', '"'), id="quoted"),
        pytest.param(as_json, id="JSON Lines"),
        pytest.param(lambda row: as_json(row | {"quantity": 1, "carrier": None}), id="JSON Lines with a number"),
        pytest.param(lambda row: b"\xef\xbb\xbf" + as_json(row).encode(), id="JSON Lines with byte order mark"),
    ],
)
def test_a_file_may_be_written_in_many_ways(world: World, written: Callable[[Row], bytes | str]) -> None:
    order = world.order(a_line("TEA-001", 1))

    receipt = world.send(written(a_row(order)))

    assert statuses(receipt) == ["APPLIED"]
    assert shipped(order) == 1


def test_a_row_may_name_the_fulfillment_instead_of_the_order(world: World) -> None:
    order = world.order(a_line("TEA-001", 1))

    receipt = world.send(as_csv(a_row(order, order_id=None, fulfillment_id=f"ful{order.order_id[3:]}-001")))

    assert statuses(receipt) == ["APPLIED"]


def test_a_row_may_name_the_line_instead_of_the_sku(world: World) -> None:
    order = world.order(a_line("TEA-001", 1), a_line("TEA-001", 1))

    world.send(as_csv(a_row(order, sku=None, line_id="2")))

    first, second = orders.load(order.order_id).lines
    assert [a.status for a in first.allocations] == [Status.RELEASED]
    assert [a.status for a in second.allocations] == [Status.SHIPPED]


def test_two_rows_of_one_sku_at_one_node_leave_in_one_transaction(world: World) -> None:
    order = world.order(a_line("TEA-001", 2), a_line("TEA-001", 3))

    receipt = world.send(
        as_csv(a_row(order, sku="", line_id="1", quantity="2"), a_row(order, sku="", line_id="2", quantity="3"))
    )

    assert statuses(receipt) == ["APPLIED", "APPLIED"]
    assert orders.load(order.order_id).status == "SHIPPED"
    assert len(world.aws.rows("Orders", f"O#{order.order_id}", "E#")) == 3
    assert [row["kind"] for row in ledger.movements("TEA-001", "dc-1")].count("ship") == 1


def test_a_sku_in_two_packages_leaves_as_one_shipment_of_two_packages(world: World) -> None:
    order = world.order(a_line("TEA-001", 3))

    world.send(as_csv(a_row(order, package_id="P1", quantity="2"), a_row(order, package_id="P2")))

    (fulfillment,) = orders.load(order.order_id).fulfillments
    assert [(p.package_id, p.contents) for p in fulfillment.packages] == [("P1", (("1", 2),)), ("P2", (("1", 1),))]


def test_a_sku_that_two_lines_have_is_shared_between_them(world: World) -> None:
    order = world.order(a_line("TEA-001", 2), a_line("TEA-001", 3))

    world.send(as_csv(a_row(order, quantity="4")))

    first, second = orders.load(order.order_id).lines
    assert first.units(lambda a: a.status is Status.SHIPPED) == 2
    assert second.units(lambda a: a.status is Status.SHIPPED) == 2


def test_shipping_less_than_all_leaves_the_rest_in_the_next_fulfillment(world: World) -> None:
    order = world.order(a_line("TEA-001", 5))

    world.send(as_csv(a_row(order, quantity="3")))

    now = orders.load(order.order_id)
    assert [now.fulfillment_status(f.number) for f in now.fulfillments] == ["SHIPPED", "OFFERED"]
    assert now.status == "PARTIALLY_SHIPPED"


def test_a_later_file_ships_the_rest_by_the_orders_id(world: World) -> None:
    order = world.order(a_line("TEA-001", 5))
    world.send(as_csv(a_row(order, quantity="3")))

    receipt = world.send(as_csv(a_row(order, shipment_id="S2", quantity="2")))

    assert receipt[0]["fulfillment_id"].endswith("-002")
    assert orders.load(order.order_id).status == "SHIPPED"


def test_rows_of_one_order_at_two_nodes_of_the_partner_become_two_shipments(world: World) -> None:
    order = world.order(a_line("TEA-001", 1), a_line("MUG-001", 1), at={"dc-1": {"1": 1}, "dc-2": {"2": 1}})

    receipt = world.send(as_csv(a_row(order), a_row(order, sku="MUG-001")))

    assert [row["fulfillment_id"][-3:] for row in receipt[:-1]] == ["001", "002"]
    assert orders.load(order.order_id).status == "SHIPPED"


def test_a_node_that_the_partner_runs_is_the_partners_even_if_the_fulfillment_names_nobody(world: World) -> None:
    order = world.order(a_line("TEA-001", 1), partner=None)

    assert statuses(world.send(as_csv(a_row(order)))) == ["APPLIED"]


def test_rows_of_a_shipment_that_lie_apart_in_the_file_leave_together(world: World) -> None:
    one = world.order(a_line("TEA-001", 2), a_line("MUG-001", 2))
    other = world.order(a_line("TEA-001", 2), n=8)
    blank = [a_row(other, shipment_id=f"X{i}", quantity="99") for i in range(room.CHECKPOINT)]

    receipt = world.send(as_csv(a_row(one, quantity="2"), *blank, a_row(one, sku="MUG-001", quantity="2")))

    assert receipt[0]["fulfillment_id"] == receipt[-2]["fulfillment_id"]
    assert len(orders.load(one.order_id).fulfillments) == 1


# Bad lines in a good file


def test_a_bad_line_is_reported_and_the_good_ones_are_applied(world: World) -> None:
    order = world.order(a_line("TEA-001", 1), a_line("MUG-001", 1))

    receipt = world.send(as_csv(a_row(order), a_row(order, sku="MUG-001", quantity="many"), a_row(order, sku="NO-1")))

    assert said(receipt) == [
        (2, "APPLIED", ""),
        (3, "REJECTED", "out-of-range"),
        (4, "REJECTED", "unknown-line"),
    ]
    assert receipt[1]["reason"].startswith("quantity: ")
    assert receipt[-1]["totals"] == {"lines": 3, "APPLIED": 1, "DUPLICATE": 0, "CONFLICT": 0, "REJECTED": 2}
    assert orders.load(order.order_id).status == "PARTIALLY_SHIPPED"


BAD_FIELDS = [
    ("quantity", "0", "out-of-range"),
    ("quantity", "-1", "out-of-range"),
    ("quantity", "1.5", "out-of-range"),
    ("quantity", "1e9", "out-of-range"),
    ("quantity", "1000000000", "out-of-range"),
    ("quantity", "1000001", "out-of-range"),
    ("quantity", "٣", "out-of-range"),
    ("quantity", "", "missing"),
    ("quantity", "2", "more-than-there-is"),
    ("shipment_id", "", "missing"),
    ("shipment_id", "S 1", "malformed"),
    ("shipment_id", "S" * 65, "malformed"),
    ("shipment_id", "S#1", "malformed"),
    ("package_id", "../P1", "malformed"),
    ("line_id", "9", "unknown-line"),
    ("sku", "T" * 129, "too-long"),
    ("sku", "TEA\x07", "unseen-character"),
    ("sku", "NO-SUCH", "unknown-line"),
    ("order_id", "ord_1", "unknown-order"),
    ("order_id", an_order_id(99), "unknown-order"),
    ("order_id", an_order_id(7).replace(CELL, "eu9"), "unknown-order"),
    ("order_id", "'; DROP TABLE orders; --", "unknown-order"),
    ("fulfillment_id", f"ful{an_order_id(7)[3:]}-002", "unknown-order"),
    ("fulfillment_id", f"ful{an_order_id(7)[3:]}-000", "unknown-order"),
    ("fulfillment_id", f"ful{an_order_id(8)[3:]}-001", "another-order"),
    ("shipped_at", "yesterday", "malformed"),
    ("shipped_at", "2026-11-19", "malformed"),
    ("shipped_at", "2026-11-19T18:00:00", "malformed"),
    ("shipped_at", "2026-02-30T18:00:00Z", "malformed"),
    ("shipped_at", "0001-01-01T00:00:00+14:00", "malformed"),
    ("shipped_at", "2026-11-20T08:06:00Z", "in-the-future"),
    ("shipped_at", "2026-11-18T12:00:00Z", "before-the-order"),
    ("carrier", "=HYPERLINK(1)", "malformed"),
    ("carrier", "U\x0bPS", "unseen-character"),
    ("carrier", "4111 1111 1111 1111", "card-number"),
    ("service", "U" * 101, "too-long"),
    ("tracking_number", "=1+1", "malformed"),
    ("tracking_number", "+1Z999", "malformed"),
    ("tracking_number", "@1Z999", "malformed"),
    ("tracking_number", "1Z\x1b[31m", "malformed"),
    ("weight_g", "-5", "out-of-range"),
    ("weight_g", "1.5", "out-of-range"),
    ("label_cost", "7.35", "out-of-range"),
    ("label_currency", "usd", "malformed"),
]


@pytest.mark.parametrize(("field", "value", "code"), BAD_FIELDS, ids=[f"{f}={v[:20]!r}" for f, v, _ in BAD_FIELDS])
def test_a_bad_field_rejects_its_line_and_is_named(world: World, field: str, value: str, code: str) -> None:
    order = world.order(a_line("TEA-001", 1))

    receipt = world.send(as_csv(a_row(order) | {field: value}))

    assert said(receipt) == [(2, "REJECTED", code)]
    assert receipt[0]["reason"].startswith(f"{field}: ")
    assert orders.load(order.order_id) == order
    assert world.applied_rows() == []


@pytest.mark.parametrize(
    ("change", "code", "reason"),
    [
        ({"order_id": ""}, "missing", "order_id: is missing, and so is fulfillment_id"),
        ({"sku": ""}, "missing", "line_id: is missing, and so is sku"),
        ({"sku": ["TEA-001"]}, "wrong-type", "sku: is neither text nor a number"),
        ({"sku": {"a": 1}}, "wrong-type", "sku: is neither text nor a number"),
        ({"quantity": True}, "wrong-type", "quantity: is neither text nor a number"),
        ({"quantity": 1.0}, "out-of-range", "quantity: takes a whole number from 1 to 1000000"),
        ({"carrier": "\ud800"}, "not-text", "carrier: holds half of a surrogate pair, which is no text"),
    ],
)
def test_a_bad_value_in_json_rejects_its_line(world: World, change: Row, code: str, reason: str) -> None:
    order = world.order(a_line("TEA-001", 1))

    receipt = world.send(as_json(a_row(order) | change))

    assert said(receipt) == [(1, "REJECTED", code)]
    assert receipt[0]["reason"] == reason


def test_every_wrong_field_of_a_line_is_named_and_no_value_repeated(world: World) -> None:
    order = world.order(a_line("TEA-001", 1))

    receipt = world.send(as_csv(a_row(order, quantity="Maria", shipped_at="da Silva", carrier="=mail(maria@x)")))

    reason = receipt[0]["reason"]
    assert [part.partition(":")[0] for part in reason.split("; ")] == ["quantity", "carrier", "shipped_at"]
    assert "aria" not in json.dumps(receipt)


def test_a_tracking_number_may_look_like_a_card_number(world: World) -> None:
    order = world.order(a_line("TEA-001", 1))

    assert statuses(world.send(as_csv(a_row(order, tracking_number="4111111111111111")))) == ["APPLIED"]


def test_clocks_may_differ_by_five_minutes(world: World) -> None:
    order = world.order(a_line("TEA-001", 2))

    receipt = world.send(
        as_csv(
            a_row(order, shipment_id="S1", shipped_at="2026-11-20T08:05:00Z"),
            a_row(order, shipment_id="S2", shipped_at="2026-11-19T11:55:00+00:00"),
        )
    )

    assert statuses(receipt) == ["APPLIED", "APPLIED"]


def test_another_partners_order_is_answered_like_one_that_does_not_exist(world: World) -> None:
    theirs = world.order(a_line("TEA-001", 1), at={"dc-9": {"1": 1}}, partner="rival")
    nowhere = replace(theirs, order_id=an_order_id(99))

    receipt = world.send(as_csv(a_row(theirs, shipment_id="S1"), a_row(nowhere, shipment_id="S1", sku="X")))

    assert said(receipt) == [(2, "REJECTED", "unknown-order"), (3, "REJECTED", "unknown-order")]
    assert receipt[0]["reason"] == receipt[1]["reason"]
    assert orders.load(theirs.order_id) == theirs


def test_a_partner_cannot_ship_the_part_of_an_order_that_another_has(world: World) -> None:
    order = world.order(
        a_line("TEA-001", 1), a_line("MUG-001", 1), at={"dc-1": {"1": 1}, "dc-9": {"2": 1}}, partner=None
    )

    receipt = world.send(
        as_csv(
            a_row(order, sku="MUG-001"),
            a_row(order, shipment_id="S2", order_id="", fulfillment_id=f"ful{order.order_id[3:]}-002", sku="MUG-001"),
        )
    )

    assert said(receipt) == [(2, "REJECTED", "unknown-line"), (3, "REJECTED", "unknown-order")]


def test_more_than_there_is_is_rejected_and_the_other_rows_of_the_shipment_leave(world: World) -> None:
    order = world.order(a_line("TEA-001", 2), a_line("MUG-001", 1))

    receipt = world.send(as_csv(a_row(order, quantity="3"), a_row(order, sku="MUG-001")))

    assert said(receipt) == [(2, "REJECTED", "more-than-there-is"), (3, "APPLIED", "")]
    assert receipt[0]["reason"] == "quantity: 3 named, 2 can be shipped"
    assert shipped(order) == 1


def test_a_fulfillment_that_is_shipped_takes_no_more_and_says_where_the_rest_is(world: World) -> None:
    order = world.order(a_line("TEA-001", 2))
    named = f"ful{order.order_id[3:]}-001"
    world.send(as_csv(a_row(order, order_id=None, fulfillment_id=named)))

    receipt = world.send(as_csv(a_row(order, order_id=None, fulfillment_id=named, shipment_id="S2")))

    assert said(receipt) == [(2, "REJECTED", "not-open")]
    assert receipt[0]["reason"] == f"fulfillment_id: is SHIPPED; what was left of it is in {named[:-1]}2"


def test_a_pickup_is_not_shipped(world: World) -> None:
    order = world.order(a_line("TEA-001", 1, method=PICKUP, node="dc-1"))

    receipt = world.send(
        as_csv(
            a_row(order, fulfillment_id=f"ful{order.order_id[3:]}-001"),
            a_row(order, shipment_id="S2", fulfillment_id=""),
        )
    )

    assert said(receipt) == [(2, "REJECTED", "pickup"), (3, "REJECTED", "more-than-there-is")]


def test_a_held_order_does_not_ship_and_the_reason_stays_in_the_house(world: World) -> None:
    fraud: HoldType = a_hold_type("FRAUD", "ship", total_at_least=(1, "USD"))
    order = an_order(a_line("TEA-001", 2))
    order = world.offered(orders.save(None, place(order, (fraud,), "shop", NOW)), None, "acme")

    receipt = world.send(as_csv(a_row(order), a_row(order), a_row(order, quantity="2")))

    assert said(receipt) == [(n, "REJECTED", "held") for n in (2, 3, 4)]
    assert receipt[0]["reason"] == "order_id: is on hold"


def test_a_label_is_kept_with_its_package_in_the_currency_of_the_order_only(world: World) -> None:
    order = world.order(a_line("TEA-001", 3))
    paid = {"quantity": "1", "label_cost": "735"}

    receipt = world.send(
        as_csv(
            a_row(order, shipment_id="S1", package_id="P1", **paid, label_currency="EUR"),
            a_row(order, shipment_id="S2", package_id="P2", **paid, label_currency=""),
            a_row(order, shipment_id="S3", package_id="P3", **paid, label_currency="USD"),
        )
    )

    assert said(receipt) == [(2, "REJECTED", "mixed-currencies"), (3, "REJECTED", "missing"), (4, "APPLIED", "")]
    assert [p.label_cost for p in orders.load(order.order_id).fulfillments[0].packages] == [735]


def test_rows_that_contradict_each_other_about_a_package_do_not_both_leave(world: World) -> None:
    order = world.order(a_line("TEA-001", 1), a_line("MUG-001", 1))

    receipt = world.send(
        as_csv(
            a_row(order, package_id="P1", tracking_number="A1"),
            a_row(order, sku="MUG-001", package_id="P1", tracking_number="B2"),
        )
    )

    assert said(receipt) == [(2, "APPLIED", ""), (3, "REJECTED", "another-package")]
    assert receipt[1]["reason"].startswith("tracking_number: ")


# The same again


def test_the_same_file_again_does_nothing_and_says_duplicate(world: World) -> None:
    order = world.order(a_line("TEA-001", 5))
    content = as_csv(a_row(order, quantity="2"))
    world.send(content)
    before = world.aws.rows("Stock")

    receipt = world.send(content)

    assert said(receipt) == [(2, "DUPLICATE", "applied-before")]
    assert world.aws.rows("Stock") == before
    assert shipped(order) == 2


def test_the_same_row_in_another_format_is_still_the_same(world: World) -> None:
    order = world.order(a_line("TEA-001", 5))
    world.send(as_csv(a_row(order, quantity="2")))

    receipt = world.send(as_json(a_row(order, quantity=2, shipped_at="2026-11-19T19:00:00+01:00")))

    assert statuses(receipt) == ["DUPLICATE"]


def test_the_same_row_changed_is_a_conflict_and_nothing_is_applied(world: World) -> None:
    order = world.order(a_line("TEA-001", 5))
    world.send(as_csv(a_row(order, quantity="2")))

    receipt = world.send(as_csv(a_row(order, quantity="3")))

    assert said(receipt) == [(2, "CONFLICT", "other-content")]
    assert shipped(order) == 2


def test_a_row_twice_in_one_file_is_applied_once(world: World) -> None:
    order = world.order(a_line("TEA-001", 5))

    receipt = world.send(as_csv(a_row(order), a_row(order), a_row(order, quantity="2")))

    assert statuses(receipt) == ["APPLIED", "DUPLICATE", "CONFLICT"]
    assert shipped(order) == 1


def test_a_row_twice_in_one_file_that_cannot_be_applied_is_rejected_twice(world: World) -> None:
    order = world.order(a_line("TEA-001", 1))

    receipt = world.send(as_csv(a_row(order, quantity="9"), a_row(order, quantity="9")))

    assert statuses(receipt) == ["REJECTED", "REJECTED"]


def test_a_correction_below_a_refused_row_is_applied_and_no_conflict(world: World) -> None:
    order = world.order(a_line("TEA-001", 5))

    rows = [a_row(order, quantity=quantity) for quantity in ("9", "9", "7", "2", "2", "9", "3")]
    content = as_csv(*rows)
    receipt = world.send(content)

    assert statuses(receipt) == ["REJECTED"] * 3 + ["APPLIED", "DUPLICATE", "CONFLICT", "CONFLICT"]
    assert [line["code"] for line in receipt[:3]] == ["more-than-there-is"] * 3
    assert shipped(order) == 2
    assert statuses(world.send(content)) == ["CONFLICT"] * 3 + ["DUPLICATE"] * 2 + ["CONFLICT"] * 2
    assert shipped(order) == 2


def test_a_row_that_names_a_line_and_another_sku_is_told_which_of_them_is_wrong(world: World) -> None:
    order = world.order(a_line("TEA-001", 5), a_line("MUG-001", 5))

    receipt = world.send(as_csv(a_row(order, line_id="1", sku="MUG-001"), a_row(order, line_id="9", sku="MUG-001")))

    assert [(line["code"], line["reason"]) for line in receipt[:2]] == [
        ("unknown-line", "sku: is not the sku of this line_id"),
        ("unknown-line", "line_id: is not in what you have of this order"),
    ]


def test_rows_of_an_order_that_is_not_there_are_refused_however_they_differ(world: World) -> None:
    order = world.order(a_line("TEA-001", 5))
    unknown = {"order_id": f"{order.order_id[:-1]}{'1' if order.order_id[-1] == '0' else '0'}"}

    receipt = world.send(as_csv(a_row(order, **unknown), a_row(order, quantity="2", **unknown)))

    assert said(receipt) == [(2, "REJECTED", "unknown-order"), (3, "REJECTED", "unknown-order")]


def test_one_parcel_for_two_orders_ships_both_and_again_neither(world: World) -> None:
    one, other = world.order(a_line("TEA-001", 1)), world.order(a_line("TEA-001", 1), n=8)
    parcel = {"package_id": "P1", "tracking_number": "1Z999"}
    content = as_csv(a_row(one, **parcel), a_row(other, **parcel))

    receipt = world.send(content)

    assert statuses(receipt) == ["APPLIED", "APPLIED"]
    assert [shipped(order) for order in (one, other)] == [1, 1]
    assert [orders.load(o.order_id).fulfillments[0].packages[0].tracking_number for o in (one, other)] == 2 * ["1Z999"]
    assert statuses(world.send(content)) == ["DUPLICATE", "DUPLICATE"]


def test_two_cartons_of_one_sku_are_told_apart_by_their_tracking_numbers(world: World) -> None:
    order = world.order(a_line("TEA-001", 3))
    content = as_csv(a_row(order, tracking_number="1Z001", quantity="2"), a_row(order, tracking_number="1Z002"))

    receipt = world.send(content)

    (fulfillment,) = orders.load(order.order_id).fulfillments
    assert statuses(receipt) == ["APPLIED", "APPLIED"]
    assert [(p.tracking_number, p.contents) for p in fulfillment.packages] == [
        ("1Z001", (("1", 2),)),
        ("1Z002", (("1", 1),)),
    ]
    assert statuses(world.send(content)) == ["DUPLICATE", "DUPLICATE"]


def test_rows_that_are_all_equal_are_told_how_to_tell_their_units_apart(world: World) -> None:
    order = world.order(a_line("TEA-001", 3))

    receipt = world.send(as_csv(a_row(order), a_row(order), a_row(order)))

    assert statuses(receipt) == ["APPLIED", "DUPLICATE", "DUPLICATE"]
    assert "line 2" in receipt[1]["reason"]
    assert "package_id or tracking_number" in receipt[1]["reason"]


def test_a_rejected_row_may_come_again_corrected(world: World) -> None:
    order = world.order(a_line("TEA-001", 2))
    world.send(as_csv(a_row(order, quantity="3")))

    assert statuses(world.send(as_csv(a_row(order, quantity="2")))) == ["APPLIED"]


def test_two_partners_may_use_the_same_shipment_ids(world: World) -> None:
    ours = world.order(a_line("TEA-001", 1))
    theirs = world.order(a_line("TEA-001", 1), n=8, at={"dc-9": {"1": 1}}, partner="rival")

    first = world.send(as_csv(a_row(ours)))
    second = world.send(as_csv(a_row(theirs)), "inbox/rival/shipments/today.csv")

    assert statuses(first) == statuses(second) == ["APPLIED"]


def test_a_row_of_stock_units_is_remembered_for_400_days(world: World) -> None:
    order = world.order(a_line("TEA-001", 1))

    world.send(as_csv(a_row(order)))

    (row,) = world.applied_rows()
    assert row["ttl"] == int((RECEIVED + timedelta(days=400)).timestamp())


BLANK = ["", " ", "\t", "\u00a0", "\u200b", "\ufeff", " \u2060\u00a0\t", "\u3000", "\u00ad", "\u2800"]


@pytest.mark.parametrize("written", [as_csv, as_json])
def test_a_cell_that_nobody_can_read_is_missing_and_ships_nothing(world: World, written: Callable[..., str]) -> None:
    order = world.order(a_line("TEA-001", 5))
    whole = a_row(order) | {"line_id": "", "fulfillment_id": ""}
    needed = [("line_id", "sku"), ("order_id", "fulfillment_id"), ("shipment_id",), ("quantity",), ("shipped_at",)]
    rows = [(columns, whole | dict.fromkeys(columns, blank)) for columns in needed for blank in BLANK]

    receipt = world.send(written(*(row for _, row in rows)))

    for answer, (columns, _) in zip(receipt, rows, strict=False):
        assert (answer["status"], answer["code"]) == ("REJECTED", "missing"), answer
        assert answer["reason"].startswith(f"{columns[0]}: is missing")
    assert len(receipt) == len(rows) + 1
    assert orders.load(order.order_id) == order


def test_blanks_around_a_value_are_no_part_of_it(world: World) -> None:
    order = world.order(a_line("TEA-001", 1))
    padded = {name: f" \u00a0{value}\u2003 " for name, value in a_row(order, carrier="UPS").items()}

    receipt = world.send(as_csv(padded))

    assert statuses(receipt) == ["APPLIED"]
    assert statuses(world.send(as_csv(a_row(order, carrier="UPS")))) == ["DUPLICATE"]


STRANGE_CELLS = [
    ("quantity", "1,000", "without separators"),
    ("quantity", "1 000", "without separators"),
    ("quantity", "1'000", "without separators"),
    ("quantity", "+5", "without separators or a sign"),
    ("quantity", "\uff15", "in the digits 0 to 9"),
    ("quantity", "\u00b2", "takes a whole number"),
    ("quantity", "1.0", "takes a whole number"),
    ("quantity", "#N/A", "error of a formula"),
    ("quantity", "=1+1", "takes a whole number"),
    ("quantity", "NaN", "takes a whole number"),
    ("sku", "#REF!", "error of a formula"),
    ("sku", '="TEA-001"', "the formula of a spreadsheet"),
    ("sku", "\ud800", "surrogate"),
    ("sku", "TEA\u202e-001", "U+202E"),
    ("carrier", "#NAME?", "error of a formula"),
    ("carrier", "NaN", "leave it blank"),
    ("tracking_number", "1.23457E11", "format the column as text"),
    ("tracking_number", "1.23457E+11", "format the column as text"),
    ("tracking_number", "1,23457e+11", "format the column as text"),
    ("tracking_number", "1.2E 11", "format the column as text"),
    ("tracking_number", "=1+1", "formula of a spreadsheet"),
    ("tracking_number", "1E11", "format the column as text"),
    ("tracking_number", "1E+11", "format the column as text"),
    ("tracking_number", "123456789012.0", "write the digits alone"),
    ("tracking_number", "N/A", "leave it blank"),
    ("package_id", "3.40123E+17", "format the column as text"),
    ("package_id", "3.40123E17", "format the column as text"),
    ("shipment_id", "1.0E5", "format the column as text"),
    ("shipped_at", "19.11.2026 18:00", "written as in 2026-11-19T18:00:00Z"),
    ("shipped_at", "11/19/2026", "written as in 2026-11-19T18:00:00Z"),
    ("shipped_at", "46345.75", "written as in 2026-11-19T18:00:00Z"),
    ("shipped_at", "2026-11-19T18:00:60Z", "written as in 2026-11-19T18:00:00Z"),
    ("weight_g", "1.5", "takes grams, a whole number"),
]


def test_a_cell_that_a_spreadsheet_has_spoilt_is_refused_in_words_that_help(world: World) -> None:
    order = world.order(a_line("TEA-001", 5))
    rows = [a_row(order) | {field: value} for field, value, _ in STRANGE_CELLS]

    receipt = world.send(as_json(*rows, a_row(order, shipment_id="S2")))

    assert receipt[-2]["status"] == "APPLIED"
    for answer, (field, value, words) in zip(receipt, STRANGE_CELLS, strict=False):
        assert answer["status"] == "REJECTED", (field, value)
        assert answer["reason"].startswith(f"{field}: ")
        assert words in answer["reason"], (field, value)
    assert shipped(order) == 1


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"sku": ""}, "missing"),
        ({"sku": "NO-1"}, "unknown-line"),
        ({"order_id": ""}, "missing"),
        ({"order_id": an_order_id(99)}, "unknown-order"),
        ({"label_cost": "5"}, "missing"),
        ({"label_currency": "USD"}, "missing"),
        ({"quantity": "9"}, "more-than-there-is"),
    ],
)
def test_a_files_messages_name_only_columns_that_it_has(world: World, row: Row, code: str) -> None:
    order = world.order(a_line("TEA-001", 1))
    columns = a_row(order) | row

    receipt = world.send(as_csv(columns))

    assert said(receipt) == [(2, "REJECTED", code)]
    absent = {"line_id", "fulfillment_id", "package_id", "tracking_number"} - columns.keys()
    assert not any(name in receipt[0]["reason"] for name in absent), receipt[0]["reason"]


def test_a_conflict_names_the_columns_that_made_the_identity(world: World) -> None:
    order = world.order(a_line("TEA-001", 5))
    world.send(as_csv(a_row(order, tracking_number="T1")))

    receipt = world.send(as_csv(a_row(order, tracking_number="T1", quantity="2")))

    reason = "shipment_id, order_id, tracking_number and sku were used before, with other content"
    assert receipt[0]["reason"] == reason


# Files that are refused whole

GOOD = {"shipment_id": "S1", "order_id": an_order_id(7), "sku": "TEA-001", "quantity": "1", "shipped_at": SHIPPED_AT}
LINE = as_csv(GOOD)
HEADER, VALUES, _ = LINE.split("\n")


HOSTILE: list[tuple[str, bytes | str, str, int | None]] = [
    ("UTF-16", LINE.encode("utf-16"), "encoding", None),
    ("UTF-16 without mark", LINE.encode("utf-16-le"), "encoding", 1),
    ("latin-1", (LINE + VALUES + ",").encode() + "café\n".encode("latin-1"), "encoding", 3),
    ("gzip", gzip.compress(LINE.encode()), "encoding", None),
    ("zip", b"PK\x03\x04" + bytes(200), "encoding", None),
    ("an image", b"\x89PNG\r\n\x1a\n" + bytes(100), "encoding", 1),
    ("NUL in a field", LINE.replace("TEA", "TE\0A"), "encoding", 2),
    ("overlong UTF-8", LINE.encode().replace(b"TEA", b"\xc0\xaf"), "encoding", 2),
    ("empty", "", "empty", None),
    ("one line end", "\n", "empty", None),
    ("byte order mark only", b"\xef\xbb\xbf", "empty", None),
    ("header only", HEADER + "\n", "empty", None),
    ("header and blank lines", HEADER + "\n\n,,,,\n", "empty", None),
    ("no header", VALUES + "\n" + VALUES + "\n", "unknown-column", 1),
    ("missing column", LINE.replace("quantity", "carrier"), "missing-column", 1),
    ("neither order nor fulfillment", LINE.replace("order_id", "carrier"), "missing-column", 1),
    ("neither line nor sku", LINE.replace("sku", "carrier"), "missing-column", 1),
    ("duplicate column", LINE.replace("sku", "quantity"), "duplicate-column", 1),
    ("unknown column", LINE.replace("\n", ",colour\n", 1), "unknown-column", 1),
    ("unnamed column", LINE.replace("\n", ",\n", 1), "unknown-column", 1),
    ("tabs", LINE.replace(",", "\t"), "unknown-column", 1),
    ("vertical bars", LINE.replace(",", "|"), "unknown-column", 1),
    ("an instruction for a spreadsheet", "sep=;\n" + LINE.replace(",", ";"), "unknown-column", 1),
    ("UTF-32", LINE.encode("utf-32"), "encoding", None),
    ("an old spreadsheet", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "encoding", None),
    ("a PDF", b"%PDF-1.7\n" + bytes(100), "encoding", None),
    ("too many fields", LINE + VALUES + ",more\n", "structure", 3),
    ("too few fields", LINE + "S1,ord\n", "structure", 3),
    ("a decimal comma", LINE + VALUES.replace(",1,", ",1,5,") + "\n", "structure", 3),
    ("unclosed quote", LINE + VALUES.replace("S1", '"S1') + "\n" + VALUES + "\n", "structure", 3),
    ("unclosed quote at the end", LINE + VALUES + ',"', "structure", 3),
    ("quote out of place", LINE + VALUES.replace("S1", '"S"1') + "\n", "structure", 3),
    ("line break in a field", LINE + VALUES.replace("S1", '"S\n1"') + "\n", "structure", 3),
    ("old Mac line ends", LINE.replace("\n", "\r"), "structure", 1),
    ("line of 1 MB", LINE + "x" * 1_000_000 + "\n", "line-too-long", 3),
    ("header of 1 MB", "x," * 500_000 + "\n", "line-too-long", 1),
    ("JSON array", json.dumps([GOOD]), "structure", 1),
    ("JSON Lines with an array", json.dumps(GOOD) + "\n[1, 2]\n", "structure", 2),
    ("JSON Lines with a string", json.dumps(GOOD) + '\n"text"\n', "structure", 2),
    ("JSON field twice", json.dumps(GOOD)[:-1] + ', "quantity": 5}', "structure", 1),
    ("JSON with NaN", json.dumps(GOOD | {"quantity": float("nan")}), "structure", 1),
    ("JSON with Infinity", json.dumps(GOOD | {"weight_g": float("inf")}), "structure", 1),
    ("JSON cut short", json.dumps(GOOD) + "\n" + json.dumps(GOOD)[:-5], "structure", 2),
    ("JSON over many lines", json.dumps(GOOD, indent=1), "structure", 1),
    ("JSON nested deep", '{"sku":' + "[" * 16_000, "structure", 1),
    ("JSON with an unknown field", json.dumps(GOOD | {"colour": "red"}), "unknown-column", 1),
    ("JSON with a field of somebody's data", json.dumps(GOOD | {"Maria da Silva": 1}), "unknown-column", 1),
    ("CSV after JSON", json.dumps(GOOD) + "\n" + LINE, "structure", 2),
    ("XML", "<?xml version='1.0'?><shipments/>\n", "unknown-column", 1),
]


@pytest.mark.parametrize(("content", "code", "line"), [case[1:] for case in HOSTILE], ids=[case[0] for case in HOSTILE])
def test_a_hostile_file_is_refused_whole_with_a_clear_reason(
    world: World, content: bytes | str, code: str, line: int | None
) -> None:
    order = world.order(a_line("TEA-001", 1))

    receipt = world.send(content)

    assert said(receipt) == [(line, "REFUSED", code)]
    assert receipt[0]["reason"]
    assert "aria" not in json.dumps(receipt)
    assert receipt[-1]["totals"]["REFUSED"] == 1
    assert orders.load(order.order_id) == order
    assert world.applied_rows() == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (LINE.replace(",", "\t"), "separated by tabs; separate the columns by commas or by semicolons"),
        (LINE.replace(",", "|"), "separated by vertical bars; separate the columns by commas or by semicolons"),
        (LINE.replace(",", "\uff0c"), "separated by full-width commas"),
        (LINE.replace(",", "\v"), "separated by vertical tabs"),
        (LINE.split("\n")[0].replace(",", ";") + "\n" + LINE.split("\n")[1], "by commas, the header by semicolons"),
        ("sep=;\n" + LINE, "sep="),
        ('\ufeff"sep=,"\n' + LINE, "sep="),
        ("sep=;\n" + LINE, "separate the columns by commas or by semicolons"),
        (LINE.replace("\n", "\r"), "lines end with LF or CR LF"),
        (LINE.encode("utf-16-le"), "UTF-16"),
        (LINE.encode("latin-1") + "S\u00e9".encode("latin-1"), "save the file as UTF-8"),
        (LINE + VALUES.replace(",1,", ",1,000,") + "\n", "a field with a separator in it is quoted"),
        (json.dumps(GOOD | {"quantity": float("nan")}), "NaN"),
        (json.dumps(GOOD)[:-1] + ', "quantity": 5}', "each field once"),
    ],
)
def test_the_reason_of_a_refused_file_says_what_is_wanted(world: World, content: bytes | str, words: str) -> None:
    receipt = world.send(content)

    assert statuses(receipt) == ["REFUSED"]
    assert words in receipt[0]["reason"]


def test_a_number_of_five_thousand_digits_is_no_way_to_stop_us(world: World) -> None:
    world.order(a_line("TEA-001", 1))

    receipt = world.send(json.dumps(GOOD).replace('"1"', "9" * 5000))

    assert said(receipt) == [(1, "REJECTED", "out-of-range")]


def test_a_file_that_is_too_large_or_too_long_is_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_LINES", 3)
    assert said(world.send(LINE + 3 * (VALUES + "\n"))) == [(None, "REFUSED", "too-long")]

    monkeypatch.setattr(reading, "MOST_BYTES", 100)
    assert said(world.send(LINE)) == [(None, "REFUSED", "too-large")]


@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("inbox/today.csv", "unknown-place"),
        ("inbox/acme/today.csv", "unknown-place"),
        ("inbox/acme/shipments/2026/today.csv", "unknown-place"),
        ("inbox//shipments/today.csv", "unknown-place"),
        ("inbox/nobody/shipments/today.csv", "unknown-partner"),
        ("inbox/a#b/shipments/today.csv", "unknown-partner"),
        ("inbox/acme/invoices/today.csv", "unknown-kind"),
        ("inbox/acme/shipments%2F/today.csv", "unknown-kind"),
    ],
)
def test_a_file_in_the_wrong_place_is_refused_with_a_receipt(world: World, key: str, code: str) -> None:
    order = world.order(a_line("TEA-001", 1))

    receipt = world.send(as_csv(a_row(order)), key)

    assert said(receipt) == [(None, "REFUSED", code)]
    assert shipped(order) == 0


def test_a_folder_that_a_console_makes_is_no_file(world: World) -> None:
    handler(world.put("", "inbox/acme/shipments/"), None)

    assert client("s3").list_objects_v2(Bucket=BUCKET, Prefix="outbox/")["KeyCount"] == 0


# The version, the event again, crashes, races


def test_the_version_of_the_event_is_what_is_read(world: World) -> None:
    order = world.order(a_line("TEA-001", 5))
    first = world.put(as_csv(a_row(order, quantity="2")))
    world.put("something else entirely")

    handler(first, None)

    assert statuses(world.receipt(first)) == ["APPLIED"]


def test_an_event_without_a_version_reads_the_newest(world: World) -> None:
    order = world.order(a_line("TEA-001", 1))
    event = world.put(as_csv(a_row(order)))
    asked = json.loads(json.dumps(event))
    del asked["detail"]["object"]["version-id"]

    handler(asked, None)

    assert statuses(world.receipt(event)) == ["APPLIED"]


def test_a_version_that_is_gone_is_an_error_and_no_receipt(world: World) -> None:
    event = world.put("x")
    client("s3").delete_object(
        Bucket=BUCKET, Key="inbox/acme/shipments/today.csv", VersionId=event["detail"]["object"]["version-id"]
    )

    with pytest.raises(NotFound):
        handler(event, None)


def test_the_same_event_again_writes_the_same_receipt(world: World) -> None:
    order = world.order(a_line("TEA-001", 5))
    event = world.put(as_csv(a_row(order, quantity="2"), a_row(order, sku="MUG-001"), a_row(order, quantity="9")))
    handler(event, None)
    before = world.receipt_text(event)

    handler(event, None)

    assert world.receipt_text(event) == before
    assert shipped(order) == 2


def test_the_file_is_recorded_in_the_directory_with_its_totals(world: World) -> None:
    order = world.order(a_line("TEA-001", 1))

    world.send(as_csv(a_row(order)))
    world.send("nonsense")

    done, refused = sorted(world.aws.rows("Directory", "FILE#acme"), key=lambda row: row["state"])
    assert done["state"] == "DONE"
    assert done["totals"] == {"lines": 1, "APPLIED": 1, "DUPLICATE": 0, "CONFLICT": 0, "REJECTED": 0}
    assert (refused["state"], refused["reason"]) == ("REFUSED", "unknown-column")


class Crash(BaseException):
    """The process is gone."""


def a_file_of_many_kinds(world: World) -> dict[str, Any]:
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


EXPECTED = [
    (2, "APPLIED", ""),
    (3, "REJECTED", "another-package"),
    (4, "APPLIED", ""),
    (5, "REJECTED", "more-than-there-is"),
    (6, "DUPLICATE", "applied-before"),
    (7, "APPLIED", ""),
    (8, "APPLIED", ""),
    (9, "REJECTED", "unknown-order"),
    (10, "APPLIED", ""),
]


@contextmanager
def counted_calls(monkeypatch: pytest.MonkeyPatch, fatal: int = 0, *, after: bool = False) -> Iterator[list[str]]:
    """The calls of AWS, by name. The process dies before, or just after, the `fatal`-th."""
    names: list[str] = []
    real = BaseClient._make_api_call

    def call(self: Any, name: str, params: Any) -> Any:
        names.append(name)
        if len(names) == fatal and not after:
            raise Crash
        answer = real(self, name, params)
        if len(names) == fatal:
            raise Crash
        return answer

    with monkeypatch.context() as patched:
        patched.setattr(BaseClient, "_make_api_call", call)
        yield names


def die_at(n: int, event: dict[str, Any], monkeypatch: pytest.MonkeyPatch, *, after: bool) -> None:
    with counted_calls(monkeypatch, n, after=after), pytest.raises(Crash):
        handler(event, None)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the tables held before a file came."""

    world: World
    tables: dict[str, list[Row]]

    @classmethod
    def of(cls, world: World) -> "Snapshot":
        return cls(world, {table: world.aws.rows(table) for table in ("Orders", "Stock", "Directory")})

    def points(self, event: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, bool]]:
        """Take the file without a crash; gives where it may die: (n, False) before the n-th call of AWS, (n, True) after
        it, when that one has changed something."""
        directory.forget()
        with counted_calls(monkeypatch) as names:
            handler(event, None)
            return [
                (n, after)
                for n, name in enumerate(names, 1)
                for after in (False, True)
                if not after or name in ("TransactWriteItems", "PutObject")
            ]

    def restore(self) -> None:
        directory.forget()
        for table, rows in self.tables.items():
            for row in self.world.aws.rows(table):
                if row not in rows:
                    key = {"pk": {"S": row["pk"]}, "sk": {"S": row["sk"]}}
                    client("dynamodb").delete_item(TableName=table, Key=key)
            for row in rows:
                self.world.aws.put(table, **row)
        for found in client("s3").list_objects_v2(Bucket=BUCKET, Prefix="outbox/").get("Contents", ()):
            client("s3").delete_object(Bucket=BUCKET, Key=found["Key"])


def test_a_crash_at_any_call_and_the_event_again_end_as_if_nothing_had_happened(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "CHECKPOINT", 4)
    monkeypatch.setattr(clock, "now", lambda: RECEIVED)
    event = a_file_of_many_kinds(world)
    before = Snapshot.of(world)
    points = before.points(event, monkeypatch)
    after_all, receipt = Snapshot.of(world), world.receipt_text(event)
    assert said(world.receipt(event)) == EXPECTED
    assert len(points) > 20

    for n, after in points:
        before.restore()
        die_at(n, event, monkeypatch, after=after)

        handler(event, None)

        assert world.receipt_text(event) == receipt, f"call {n}, after={after}"
        assert Snapshot.of(world) == after_all, f"call {n}, after={after}"


def killed_at_third(event: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """The process dies before the third of the file's pages."""
    real, turns = applying.Applying.page, 0

    def dies(self: Any, rows: Any) -> Any:
        nonlocal turns
        turns += 1
        if turns == 3:
            raise Crash
        return real(self, rows)

    with monkeypatch.context() as patched:
        patched.setattr(applying.Applying, "page", dies)
        with pytest.raises(Crash):
            handler(event, None)


def test_a_file_goes_on_behind_its_last_checkpoint(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "CHECKPOINT", 2)
    placed = [world.order(a_line("TEA-001", 1), n=n) for n in range(1, 6)]
    event = world.put(as_csv(*(a_row(order, shipment_id=f"S{i}") for i, order in enumerate(placed))))
    real = applying.Applying.page
    killed_at_third(event, monkeypatch)
    assert sum(map(shipped, placed)) == 4
    seen: list[int] = []
    monkeypatch.setattr(
        applying.Applying, "page", lambda self, rows: seen.extend(row.line for row in rows) or real(self, rows)
    )

    handler(event, None)

    assert seen == [6]
    assert statuses(world.receipt(event)) == 5 * ["APPLIED"]


def test_conflicts_are_decided_again_until_the_file_is_through(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    placed = [world.order(a_line("TEA-001", 1), n=n) for n in range(1, 9)]
    turn = 0
    real = transaction.commit

    def contended(writes: Any) -> None:
        nonlocal turn
        turn += 1
        if turn % 3:
            raise StockConflict("another transaction was there first")
        real(writes)

    event = world.put(as_csv(*(a_row(order, shipment_id=f"S{i}") for i, order in enumerate(placed))))
    with monkeypatch.context() as patched:
        patched.setattr(transaction, "commit", contended)
        while True:
            try:
                handler(event, None)
            except Busy:
                continue
            break

    assert statuses(world.receipt(event)) == 8 * ["APPLIED"]
    assert sum(map(shipped, placed)) == 8


def test_what_stays_busy_is_raised_so_that_the_event_comes_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    order, other = world.order(a_line("TEA-001", 1)), world.order(a_line("MUG-001", 1), n=8)
    event = world.put(as_csv(a_row(order), a_row(other, shipment_id="S2", sku="MUG-001")))
    real = orders.save

    def busy(before: Order, saving: Any) -> Order:
        if before.order_id == order.order_id:
            raise StockConflict("always")
        return real(before, saving)

    with monkeypatch.context() as patched:
        patched.setattr(orders, "save", busy)
        with pytest.raises(StockConflict):
            handler(event, None)
    assert (shipped(order), shipped(other)) == (0, 1)

    handler(event, None)

    assert statuses(world.receipt(event)) == ["APPLIED", "APPLIED"]


# Long shipments


@pytest.fixture
def small_transactions(monkeypatch: pytest.MonkeyPatch) -> None:
    """3 rows for 30, 4 changes for 40, steps of 3 for 45: moto copies its tables for every transaction."""
    monkeypatch.setattr(applying, "ONE_TRANSACTION", 3)
    monkeypatch.setattr(saga, "ONE_TRANSACTION", 4)
    monkeypatch.setattr(saga, "_STEP", 12)  # writes: four of each change that leaves


def a_long_order(world: World, lines: int) -> Order:
    return world.order(*(a_line(f"SKU-{i:03d}", 2) for i in range(lines)))


def its_rows(order: Order, **fields: Any) -> list[Row]:
    return [a_row(order, sku=line.sku, quantity=str(line.quantity), **fields) for line in order.lines]


def shelves(order: Order) -> set[tuple[int, int, int]]:
    """(on hand, demand, free) of every position of the order: all nothing, once all of it has left."""
    there = [position_reads.get(line.sku, "dc-1") for line in order.lines]
    return {(p.bucket("sellable"), p.demand, p.free) for p in there if p is not None}


@pytest.mark.parametrize("lines", [30, 31, 45])
def test_a_shipment_of_many_rows_leaves_whole_in_one_step_of_the_order(world: World, lines: int) -> None:
    order = a_long_order(world, lines)

    receipt = world.send(as_csv(*its_rows(order)))

    now = orders.load(order.order_id)
    assert statuses(receipt) == lines * ["APPLIED"]
    assert (now.status, now.version) == ("SHIPPED", order.version + 1)
    assert shelves(order) == {(0, 0, 0)}


def test_a_line_in_a_hundred_and_twenty_packages_leaves_whole(world: World) -> None:
    order = world.order(a_line("TEA-001", 120))

    receipt = world.send(as_csv(*(a_row(order, package_id=f"P{i}") for i in range(120))))

    assert statuses(receipt) == 120 * ["APPLIED"]
    assert len(orders.load(order.order_id).fulfillments[0].packages) == 120


@pytest.mark.usefixtures("small_transactions")
def test_a_long_shipment_again_is_all_duplicates(world: World) -> None:
    order = a_long_order(world, 7)
    world.send(as_csv(*its_rows(order)))

    assert statuses(world.send(as_csv(*its_rows(order)))) == 7 * ["DUPLICATE"]
    assert statuses(world.send(as_csv(*its_rows(order, carrier="UPS")))) == 7 * ["CONFLICT"]


@pytest.mark.usefixtures("small_transactions")
def test_a_crash_at_any_call_of_a_long_shipment_applies_it_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    order = a_long_order(world, 7)
    rows = [*its_rows(order), a_row(order, sku="SKU-001", package_id="P9", quantity="5")]
    event = world.put(as_csv(*rows))
    before = Snapshot.of(world)
    points = before.points(event, monkeypatch)
    receipt = world.receipt_text(event)
    assert statuses(world.receipt(event)) == 7 * ["APPLIED"] + ["REJECTED"]

    for n, after in points:
        before.restore()
        monkeypatch.setattr(clock, "now", lambda: RECEIVED)
        die_at(n, event, monkeypatch, after=after)
        # A plan that its maker left is undone when its lease is over.
        monkeypatch.setattr(clock, "now", lambda: later(hours=20, minutes=3))

        handler(event, None)

        assert world.receipt_text(event) == receipt, f"call {n}"
        assert orders.load(order.order_id).status == "SHIPPED", f"call {n}"
        assert shelves(order) == {(0, 0, 0)}, f"call {n}"


@pytest.mark.usefixtures("small_transactions")
def test_rows_that_a_long_shipment_left_behind_can_be_applied_by_another_file(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = a_long_order(world, 7)
    first = world.put(as_csv(*its_rows(order)))

    def dies(*_: Any, **__: Any) -> Order:
        raise Crash

    with monkeypatch.context() as patched:
        patched.setattr(orders, "save", dies)
        with pytest.raises(Crash):
            handler(first, None)
    assert len(world.applied_rows()) == 7

    receipt = world.send(as_csv(*its_rows(order)[:2]), "inbox/acme/shipments/other.csv")
    handler(first, None)

    assert statuses(receipt) == 2 * ["APPLIED"]
    assert statuses(world.receipt(first)) == 2 * ["DUPLICATE"] + 5 * ["APPLIED"]
    assert shipped(order) == 14
    assert shelves(order) == {(0, 0, 0)}


@pytest.mark.usefixtures("small_transactions")
@pytest.mark.parametrize("between", [slice(3, 4), slice(1, 6), slice(0, 7)], ids=["one row", "most", "all"])
def test_another_file_that_comes_between_a_long_shipments_rows_and_its_effect_wins(
    world: World, monkeypatch: pytest.MonkeyPatch, between: slice
) -> None:
    order = a_long_order(world, 7)
    first = world.put(as_csv(*its_rows(order)))
    second = world.put(as_csv(*its_rows(order)[between]), "inbox/acme/shipments/other.csv")
    real, raced = orders.save, []

    def race(before: Order, saving: Any) -> Order:
        if not raced:
            raced.append(True)
            handler(second, None)
        return real(before, saving)

    monkeypatch.setattr(orders, "save", race)
    handler(first, None)

    assert set(statuses(world.receipt(second))) == {"APPLIED"}
    expected = 7 * ["APPLIED"]
    expected[between] = len(expected[between]) * ["DUPLICATE"]
    assert statuses(world.receipt(first)) == expected
    assert shipped(order) == 14
    assert shelves(order) == {(0, 0, 0)}


# Reading


def test_a_file_is_read_in_blocks_and_never_held(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bucket, "BLOCK", 100)
    order = world.order(a_line("TEA-001", 20))

    receipt = world.send(as_csv(*(a_row(order, package_id=f"P{i}") for i in range(20))))

    assert statuses(receipt) == 20 * ["APPLIED"]
    assert shipped(order) == 20
