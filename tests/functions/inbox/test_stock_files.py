"""Stock and supply files are applied line by line, and each line is answered."""

import csv
import io
import json
from datetime import timedelta
from typing import Any

import pytest

from comanda.aws.directory import directory
from comanda.aws.files.progress import Progress
from comanda.aws.runtime import clock
from comanda.aws.runtime.clients import client
from comanda.aws.stock import lanes, position_reads, position_writes
from comanda.domain.errors import StockConflict
from functions.inbox.handler import handler
from tests.functions.stock.test_snapshots import a_row as counted_row
from tests.functions.stock.test_snapshots import count, moment
from tests.functions.world import START, World

BUCKET = "comanda-test-files"
type Row = dict[str, Any]


@pytest.fixture
def inbox(world: World) -> World:
    """The world, with a bucket, and the partner `acme` who runs vendor-1."""
    client("s3").create_bucket(Bucket=BUCKET)
    client("s3").put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    world.entry(directory.PARTNER, "acme", {"name": "Acme", "nodes": ["dc-1"]})
    return world


def as_csv(*rows: Row) -> str:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def put(world: World, content: str, kind: str = "stock", name: str = "today.csv") -> Row:
    key = f"inbox/acme/{kind}/{name}"
    version = client("s3").put_object(Bucket=BUCKET, Key=key, Body=content.encode())["VersionId"]
    found = {"key": key, "version-id": version, "size": len(content)}
    return {"time": moment(world.now), "detail": {"bucket": {"name": BUCKET}, "object": found}}


def receipt(event: Row) -> list[Row]:
    found = event["detail"]["object"]
    key = f"outbox/{found['key'].removeprefix('inbox/')}.{found['version-id'][:8]}.receipt.jsonl"
    body = client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read().decode()
    return [json.loads(line) for line in body.splitlines()]


def send(world: World, content: str, kind: str = "stock") -> list[Row]:
    event = put(world, content, kind)
    handler(event, None)
    return receipt(event)


def outcomes(lines: list[Row]) -> list[str]:
    return [line["status"] + (f" {line['code']}" if "code" in line else "") for line in lines if "totals" not in line]


def a_row(quantity: Any = 10, **more: Any) -> Row:
    row = {"reference": "C-1", "sku": "TEA-001", "node": "dc-1", "mode": "count", "quantity": quantity}
    return row | {"counted_at": moment(START)} | more


def a_step(line: int = 1, action: str = "CREATE", **more: Any) -> Row:
    row: Row = {"reference": f"{action}-1", "supply_id": "PO-1", "line": line, "action": action}
    if action == "CREATE":
        row |= {"type": "PURCHASE_ORDER", "sku": "TEA-001", "node": "dc-1", "quantity": 10, "eta": "2026-11-25"}
    return row | more


def on_hand(sku: str = "TEA-001", node: str = "dc-1") -> dict[str, int]:
    found = position_reads.get(sku, node)
    return dict(found.on_hand) if found else {}


def test_a_file_of_counts_sets_the_shelves_and_each_line_is_answered(inbox: World):
    lines = send(inbox, as_csv(a_row(10), a_row(4, sku="CUP-001", damaged=1), a_row(2, node="vendor-1")))

    assert outcomes(lines) == ["APPLIED"] * 3
    assert lines[-1]["totals"] == {"lines": 3, "APPLIED": 3, "DUPLICATE": 0, "CONFLICT": 0, "REJECTED": 0}
    assert (on_hand(), on_hand("CUP-001"), on_hand(node="vendor-1")) == (
        {"sellable": 10},
        {"damaged": 1, "sellable": 4},
        {"sellable": 2},
    )


def test_cases_are_counted_in_pieces_and_damaged_cases_too(inbox: World):
    inbox.entry("PRODUCT", "TEA-001", {"title": "tea", "weight_g": 1, "class": "goods", "units": {"CASE": 12}})

    lines = send(inbox, as_csv(a_row(3, uom="CASE", damaged=2)))

    assert outcomes(lines) == ["APPLIED"]
    assert on_hand() == {"damaged": 24, "sellable": 36}


HALF = "\ud800"
NOT_TEXT = "holds half of a surrogate pair, which is no text"


@pytest.mark.parametrize(
    ("kind", "rows"),
    [
        ("stock", [a_row() | {"sku": HALF}, a_row() | {"node": f"dc-{HALF}"}, a_row() | {"reference": HALF}]),
        (
            "supplies",
            [
                a_step() | {"sku": f"TEA{HALF}"},
                a_step() | {"node": HALF},
                a_step() | {"type": "TRANSFER", "origin_node": HALF},
                a_step() | {"supply_id": HALF},
                a_step() | {"supplier": HALF},
            ],
        ),
    ],
)
def test_half_a_character_is_refused_in_its_row_and_the_good_rows_are_applied(inbox: World, kind: str, rows: list[Row]):
    good = a_row(7, sku="CUP-001") if kind == "stock" else a_step(2, sku="CUP-001")

    lines = send(inbox, "\n".join(json.dumps(row) for row in [*rows, good]), kind)

    assert outcomes(lines) == ["REJECTED not-text"] * len(rows) + ["APPLIED"]
    assert all(line["reason"].endswith(NOT_TEXT) for line in lines[: len(rows)])


def test_the_answer_to_a_count_without_a_time_names_the_age_of_its_file(inbox: World):
    count(inbox, counted_row(8))
    row = a_row(2) | {"reference": "C-2"}
    del row["counted_at"]

    lines = send(inbox, as_csv(row))

    assert outcomes(lines) == ["REJECTED counted-since"]
    assert lines[0]["reason"] == "quantity: the file is not later than the position's last count"


def test_the_answer_to_equal_deltas_explains_how_to_distinguish_them(inbox: World):
    inbox.stocked(dc_1=5)

    lines = send(inbox, as_csv(*[a_row(-1, mode="delta")] * 2))

    assert outcomes(lines) == ["APPLIED", "DUPLICATE applied-before"]
    assert "a reference of its own" in lines[1]["reason"]


def test_json_lines_say_the_same_as_csv(inbox: World):
    lines = send(
        inbox,
        "\n".join(
            json.dumps(a_row(n, reference=f"C-{n}", counted_at=moment(START + timedelta(seconds=n - 10))))
            for n in (3, 5)
        ),
    )

    assert outcomes(lines) == ["APPLIED"] * 2
    assert on_hand() == {"sellable": 5}


def test_deltas_are_added_and_never_take_more_than_there_is(inbox: World):
    inbox.stocked(dc_1=5)

    lines = send(
        inbox,
        as_csv(
            a_row(-3, mode="delta", reference="D-1"),
            a_row(-3, mode="delta", reference="D-2"),
            a_row(4, mode="delta", reference="D-3", counted_at=""),
            a_row(1, mode="delta", reference="D-4", damaged=-1),
        ),
    )

    assert outcomes(lines) == ["APPLIED", "REJECTED out-of-stock", "APPLIED", "REJECTED out-of-stock"]
    assert [lines[n]["reason"] for n in (1, 3)] == [
        "quantity: the node has 2 sellable",
        "damaged: the node has 0 damaged",
    ]
    assert on_hand() == {"sellable": 6}


def test_a_delta_takes_the_units_that_one_lane_lacks_from_all_lanes(inbox: World):
    inbox.stocked(dc_1=40)
    lanes.split("TEA-001", "dc-1", 3, inbox.now)

    lines = send(inbox, as_csv(a_row(-25, mode="delta", reference="D-1"), a_row(-16, mode="delta", reference="D-2")))

    assert outcomes(lines) == ["APPLIED", "REJECTED out-of-stock"]
    assert position_reads.get_joined([("TEA-001", "dc-1")])["TEA-001", "dc-1"].free == 15


def test_a_delta_from_before_the_last_count_is_in_it_already(inbox: World):
    count(inbox, counted_row(8))

    lines = send(inbox, as_csv(a_row(2, mode="delta", counted_at=moment(START - timedelta(minutes=1)))))

    assert outcomes(lines) == ["REJECTED counted-since"]
    assert on_hand() == {"sellable": 8}


def test_the_same_row_in_another_file_is_a_duplicate_and_other_content_a_conflict(inbox: World):
    send(inbox, as_csv(a_row(10)))
    inbox.stocked(dc_1=1)

    again = send(inbox, as_csv(a_row(10), a_row(10)))
    other = send(inbox, as_csv(a_row(9)))

    assert outcomes(again) == ["DUPLICATE applied-before"] * 2
    assert outcomes(other) == ["CONFLICT other-content"]
    assert other[0]["reason"].startswith("reference: was used before")
    assert on_hand() == {"sellable": 11}


def killed(*_: Any, **__: Any) -> None:
    raise ConnectionError


def test_a_row_whose_file_was_cut_off_after_it_was_applied_is_answered_as_applied(
    inbox: World, monkeypatch: pytest.MonkeyPatch
):
    event = put(inbox, as_csv(a_row(10)))
    with monkeypatch.context() as patch:
        patch.setattr(Progress, "checkpoint", killed)
        with pytest.raises(ConnectionError):
            handler(event, None)

    handler(event, None)

    assert outcomes(receipt(event)) == ["APPLIED"]
    assert on_hand() == {"sellable": 10}


def test_twins_in_one_file_are_applied_once(inbox: World):
    lines = send(inbox, as_csv(a_row(10), a_row(10), a_row(9)))

    assert outcomes(lines) == ["APPLIED", "DUPLICATE applied-before", "CONFLICT other-content"]
    assert on_hand() == {"sellable": 10}


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"quantity": "-1"}, "out-of-range", "quantity"),
        ({"quantity": "1.5"}, "out-of-range", "quantity"),
        ({"quantity": ""}, "missing", "quantity"),
        ({"quantity": "0", "mode": "delta"}, "out-of-range", "quantity"),
        ({"quantity": "9" * 12}, "out-of-range", "quantity"),
        ({"sku": "NOTHING"}, "unknown-sku", "sku"),
        ({"node": "moon"}, "unknown-node", "node"),
        ({"node": "dc-2"}, "unknown-node", "node"),
        ({"uom": "PALLET"}, "unknown-uom", "uom"),
        ({"mode": "guess"}, "malformed", "mode"),
        ({"counted_at": "2026-11-19T12:06:00Z"}, "in-the-future", "counted_at"),
        ({"counted_at": "yesterday"}, "malformed", "counted_at"),
        ({"counted_at": "2026-10-01T12:00:00Z"}, "too-old", "counted_at"),
        ({"reference": "a#b"}, "malformed", "reference"),
        ({"damaged": "-2"}, "out-of-range", "damaged"),
    ],
)
def test_a_wrong_row_is_answered_and_the_others_are_applied(inbox: World, change: Row, code: str, field: str):
    lines = send(inbox, as_csv(a_row(**change) if "quantity" in change else a_row() | change, a_row(7, sku="CUP-001")))

    assert outcomes(lines) == [f"REJECTED {code}", "APPLIED"]
    assert lines[0]["reason"].startswith(f"{field}: ")
    assert (on_hand(), on_hand("CUP-001")) == ({}, {"sellable": 7})


@pytest.mark.parametrize("column", ["reference", "sku", "node", "mode", "quantity"])
def test_a_file_without_a_column_that_it_needs_is_refused_whole(inbox: World, column: str):
    row = a_row()
    del row[column]

    lines = send(inbox, as_csv(row))

    assert outcomes(lines) == ["REFUSED missing-column"]
    assert inbox.aws.items("Stock") == []


def test_a_file_of_more_lines_than_a_page_is_taken_whole(inbox: World):
    rows = [
        a_row(n, reference=f"C-{n}", sku=f"SKU-{n % 100:02d}", counted_at=moment(START - timedelta(hours=9 - n // 100)))
        for n in range(600)
    ]
    for n in range(100):
        inbox.product(f"SKU-{n:02d}")

    lines = send(inbox, as_csv(*rows))

    assert lines[-1]["totals"]["APPLIED"] == 600
    assert [on_hand(f"SKU-{n:02d}") for n in (0, 99)] == [{"sellable": 500}, {"sellable": 599}]


def test_supplies_are_applied_line_by_line(inbox: World):
    made = send(inbox, as_csv(a_step(1), a_step(2, sku="CUP-001", quantity=5)), "supplies")
    rest = send(
        inbox,
        as_csv(
            a_step(1, "CONFIRM", eta="2026-11-26"),
            a_step(1, "RECEIVE", quantity=4, reference="R-1"),
            a_step(1, "RECEIVE", quantity=4, reference="R-1"),
            a_step(2, "CANCEL"),
            a_step(3, "CLOSE"),
        ),
        "supplies",
    )

    found = position_reads.get("TEA-001", "dc-1")
    assert (outcomes(made), outcomes(rest)) == (
        ["APPLIED", "APPLIED"],
        ["APPLIED", "APPLIED", "DUPLICATE applied-before", "APPLIED", "REJECTED unknown-supply"],
    )
    assert found is not None
    assert [(s.supply_id, s.eta, s.quantity) for s in found.supplies] == [("PO-1.1", "2026-11-26", 6)]
    assert on_hand() == {"sellable": 4}


@pytest.mark.parametrize(
    ("step", "code", "field"),
    [
        (a_step(quantity="2.5"), "out-of-range", "quantity"),
        (a_step(quantity="-2"), "out-of-range", "quantity"),
        (a_step(quantity=""), "missing", "quantity"),
        (a_step(sku="NOTHING"), "unknown-sku", "sku"),
        (a_step(node="dc-2"), "unknown-node", "node"),
        (a_step(uom="PALLET"), "unknown-uom", "uom"),
        (a_step(eta="2026-11-18"), "eta-in-the-past", "eta"),
        (a_step(eta="20261125"), "malformed", "eta"),
        (a_step(type="GIFT"), "malformed", "type"),
        (a_step(type="TRANSFER"), "no-origin", "origin_node"),
        (a_step(action="EAT"), "malformed", "action"),
        (a_step(1, "RECEIVE"), "missing", "quantity"),
        (a_step(1, "RECEIVE", quantity=1, sku="TEA-001"), "not-taken", "sku"),
        (a_step(1, "RECEIVE", quantity=1), "unknown-supply", "supply_id"),
        (a_step(0), "out-of-range", "line"),
    ],
)
def test_a_wrong_step_is_answered_by_its_field(inbox: World, step: Row, code: str, field: str):
    lines = send(inbox, as_csv(step), "supplies")

    assert outcomes(lines) == [f"REJECTED {code}"]
    assert lines[0]["reason"].startswith(f"{field}: ")
    assert [row for row in inbox.aws.items("Stock") if not row["pk"].startswith("ROW#")] == []


def test_a_row_that_stays_busy_fails_the_file_which_then_continues_at_that_row(
    inbox: World, monkeypatch: pytest.MonkeyPatch
):
    event = put(inbox, as_csv(a_row(10), a_row(4, sku="CUP-001")))
    writes = position_writes.writes

    def busy(changes: Any, **more: Any) -> Any:
        listed = list(changes)
        if any(change.sku == "TEA-001" for change in listed):
            raise StockConflict("TEA-001")
        return writes(listed, **more)

    monkeypatch.setattr(position_writes, "writes", busy)
    with pytest.raises(StockConflict):
        handler(event, None)
    monkeypatch.setattr(position_writes, "writes", writes)
    monkeypatch.setattr(clock, "now", lambda: inbox.now + timedelta(minutes=1))
    handler(event, None)

    assert outcomes(receipt(event)) == ["APPLIED", "APPLIED"]
    assert (on_hand(), on_hand("CUP-001")) == ({"sellable": 10}, {"sellable": 4})
