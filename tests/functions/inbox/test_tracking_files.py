"""Tracking files are taken row by row, each scan once, and each row is answered."""

import json
from typing import Any

import pytest

from comanda.aws.directory import directory
from comanda.aws.runtime.clients import client
from functions.inbox import handler as room
from functions.inbox.handler import handler
from tests.functions.inbox.shipment_files import Snapshot, die_at
from tests.functions.inbox.test_stock_files import BUCKET, as_csv, outcomes, put, receipt, send
from tests.functions.tracking.test_tracking import NUMBER, at, shipped
from tests.functions.world import World

type Row = dict[str, Any]


@pytest.fixture
def inbox(world: World) -> World:
    """Give the partner `acme` a bucket, and a carrier with codes of its own."""
    client("s3").create_bucket(Bucket=BUCKET)
    client("s3").put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    world.entry(directory.PARTNER, "acme", {"name": "Acme", "nodes": ["vendor-1"]})
    world.entry(directory.CARRIER, "ups", {"name": "UPS", "tracking_codes": {"DL": "DELIVERED", "EX": "EXCEPTION"}})
    return world


def a_scan(status: str = "IN_TRANSIT", hours: int = 1, **more: Any) -> Row:
    return {"tracking_number": NUMBER, "status": status, "occurred_at": at(hours=hours), **more}


def sent(world: World) -> str:
    """Return the id of an order that the partner has shipped nine hours ago."""
    order_id = shipped(world, sku="CUP-001", node="vendor_1")
    world.pass_time(9 * 3600)
    return order_id


def test_a_file_delivers_an_order_and_names_its_fulfillment(inbox: World):
    order_id = sent(inbox)
    rows = [
        a_scan("delivered", 5, location="Reno"),
        a_scan("IN_TRANSIT", 2, note="sorted"),
        a_scan("", 3, code="zz 9"),
        a_scan("IN_TRANSIT", 2, note="sorted"),
        a_scan("IN_TRANSIT", 2, note="again"),
        a_scan(tracking_number="1ZNOBODY"),
        a_scan(hours=-24 * 8),
    ]

    lines = send(inbox, as_csv(*rows), "tracking")

    assert outcomes(lines) == [
        "APPLIED",
        "APPLIED",
        "APPLIED unknown-code",
        "DUPLICATE applied-before",
        "CONFLICT other-content",
        "REJECTED unknown-number",
        "REJECTED before-the-shipment",
    ]
    assert lines[0]["fulfillment_id"] == f"ful_{order_id[4:]}-001"
    assert inbox.order(order_id)["quantities"] == {"DELIVERED": 2}
    assert outcomes(send(inbox, as_csv(*rows[:2]), "tracking")) == ["DUPLICATE applied-before"] * 2


def test_a_row_names_each_of_its_wrong_fields(inbox: World):
    sent(inbox)
    rows = [
        {**a_scan("", hours=99), "tracking_number": "", "location": "a\tb"},
        a_scan("GONE"),
        a_scan(note="signed by Ana"),
        a_scan(tracking_number="1.23E+11"),
        a_scan(carrier="n/a", note="4111 1111 1111 1111"),
    ]

    lines = send(inbox, as_csv(*rows), "tracking")

    assert [line["reason"] for line in lines if "reason" in line] == [
        (
            "tracking_number: is missing; status: is missing; occurred_at: is later than the file; "
            "location: holds the character U+0009, which is not taken here"
        ),
        (
            "status: takes LABEL_CREATED, IN_TRANSIT, OUT_FOR_DELIVERY, ATTEMPTED, AVAILABLE_FOR_PICKUP, EXCEPTION, RETURNED, "
            "DELIVERED"
        ),
        "note: names who took the parcel: leave the name out, events hold no personal data",
        "tracking_number: is a number that a spreadsheet has shortened; format the column as text and write every digit",
        "carrier: says that there is none; leave it blank; note: looks like a card number, which is never stored",
    ]


@pytest.mark.parametrize("column", ["signed_by", "recipient", "tracking"])
def test_a_column_that_is_not_known_refuses_the_file_by_its_name(inbox: World, column: str):
    (line, _) = send(inbox, as_csv({**a_scan(), column: "Ana"}), "tracking")

    assert (line["status"], line["code"]) == ("REFUSED", "unknown-column")


def test_a_file_needs_a_status_or_a_code(inbox: World):
    (line, _) = send(inbox, as_csv({"tracking_number": NUMBER, "occurred_at": at()}), "tracking")

    assert (line["code"], line["reason"]) == ("missing-column", "column code or status is missing")


def test_json_lines_are_taken_too(inbox: World):
    order_id = sent(inbox)

    lines = send(inbox, json.dumps({"tracking_number": NUMBER, "code": "DL", "occurred_at": at(hours=4)}), "tracking")

    assert outcomes(lines) == ["APPLIED"]
    assert inbox.order(order_id)["quantities"] == {"DELIVERED": 2}


def test_another_partners_parcel_is_answered_like_an_unknown_one(inbox: World):
    shipped(inbox)
    inbox.pass_time(9 * 3600)

    theirs, nobodys, _ = send(inbox, as_csv(a_scan(), a_scan(tracking_number="1Z0")), "tracking")

    assert {**theirs, "line": 0} == {**nobodys, "line": 0}


def test_many_scans_of_one_parcel_come_in_pages(inbox: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(room, "CHECKPOINT", 50)
    order_id = sent(inbox)
    rows = [{**a_scan(), "occurred_at": at(seconds=n)} for n in range(200)]

    lines = send(inbox, as_csv(*rows), "tracking")

    assert set(outcomes(lines)) == {"APPLIED"}
    assert len(inbox.order_items(order_id, "TE#001#")) == 200


def test_a_crash_at_any_call_and_the_event_again_end_as_if_nothing_had_happened(
    inbox: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(room, "CHECKPOINT", 3)
    first, second = sent(inbox), sent(inbox)  # one parcel holds units of both orders
    rows = [
        a_scan("IN_TRANSIT", 2),
        a_scan("EXCEPTION", 3),
        a_scan("IN_TRANSIT", 2),
        a_scan("DELIVERED", 5),
        a_scan("", 4, code="QQ"),
        a_scan("IN_TRANSIT", 2, note="other"),
    ]
    rows = [{**row, "occurred_at": at(hours=9 + i)} if i == 3 else row for i, row in enumerate(rows)]
    inbox.pass_time(9 * 3600)
    event = put(inbox, as_csv(*rows), "tracking")
    before = Snapshot.take(inbox)  # type: ignore[arg-type]  # it needs the tables alone
    points = before.points(event)
    after_all, answered = Snapshot.take(inbox), receipt(event)  # type: ignore[arg-type]
    assert outcomes(answered) == [
        "APPLIED",
        "APPLIED",
        "DUPLICATE applied-before",
        "APPLIED",
        "APPLIED unknown-code",
        "CONFLICT other-content",
    ]
    assert [inbox.order(order_id)["status"] for order_id in (first, second)] == ["COMPLETED", "COMPLETED"]
    assert len(points) > 15

    for n, after in points:
        before.restore()
        die_at(n, event, after=after)

        handler(event, None)

        assert receipt(event) == answered, f"call {n}, after={after}"
        assert Snapshot.take(inbox) == after_all, f"call {n}, after={after}"  # type: ignore[arg-type]
