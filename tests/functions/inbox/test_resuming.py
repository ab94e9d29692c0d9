"""A file that was cut off is resumed, with versions, repeated events, crashes, races and long shipments."""

import json
from typing import Any

import pytest

from comanda.aws.dynamodb import transaction
from comanda.aws.orders import orders, saga
from comanda.aws.runtime import clock
from comanda.aws.runtime.clients import client
from comanda.aws.stock import position_reads
from comanda.domain.errors import Busy, NotFound, StockConflict
from comanda.domain.orders.order import Order
from functions.inbox import apply_shipments
from functions.inbox import handler as room
from functions.inbox.handler import handler
from tests.builders import a_line, later
from tests.faults import Crashed
from tests.functions.inbox import shipment_files
from tests.functions.inbox.shipment_files import (
    BUCKET,
    RECEIVED,
    PartnerFiles,
    Row,
    Snapshot,
    a_file_of_many_kinds,
    a_row,
    as_csv,
    die_at,
    killed_at_third,
    outcomes,
    shipped,
    statuses,
)

world = shipment_files.world


def test_the_version_that_the_event_names_is_read(world: PartnerFiles) -> None:
    order = world.order(a_line("TEA-001", 5))
    first = world.put(as_csv(a_row(order, quantity="2")))
    world.put("something else entirely")

    handler(first, None)

    assert statuses(world.receipt(first)) == ["APPLIED"]


def test_an_event_without_a_version_reads_the_newest(world: PartnerFiles) -> None:
    order = world.order(a_line("TEA-001", 1))
    event = world.put(as_csv(a_row(order)))
    asked = json.loads(json.dumps(event))
    del asked["detail"]["object"]["version-id"]

    handler(asked, None)

    assert statuses(world.receipt(event)) == ["APPLIED"]


def test_a_version_that_is_gone_is_an_error_and_no_receipt(world: PartnerFiles) -> None:
    event = world.put("x")
    client("s3").delete_object(
        Bucket=BUCKET, Key="inbox/acme/shipments/today.csv", VersionId=event["detail"]["object"]["version-id"]
    )

    with pytest.raises(NotFound):
        handler(event, None)


def test_the_same_event_again_writes_the_same_receipt(world: PartnerFiles) -> None:
    order = world.order(a_line("TEA-001", 5))
    event = world.put(as_csv(a_row(order, quantity="2"), a_row(order, sku="MUG-001"), a_row(order, quantity="9")))
    handler(event, None)
    before = world.receipt_text(event)

    handler(event, None)

    assert world.receipt_text(event) == before
    assert shipped(order) == 2


def test_the_file_is_recorded_in_the_directory_with_its_totals(world: PartnerFiles) -> None:
    order = world.order(a_line("TEA-001", 1))

    world.send(as_csv(a_row(order)))
    world.send("nonsense")

    done, refused = sorted(world.aws.items("Directory", "FILE#acme"), key=lambda row: row["state"])
    assert done["state"] == "DONE"
    assert done["totals"] == {"lines": 1, "APPLIED": 1, "DUPLICATE": 0, "CONFLICT": 0, "REJECTED": 0}
    assert (refused["state"], refused["reason"]) == ("REFUSED", "unknown-column")


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


def test_a_crash_at_any_call_and_the_event_again_end_as_if_nothing_had_happened(
    world: PartnerFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "CHECKPOINT", 4)
    monkeypatch.setattr(clock, "now", lambda: RECEIVED)
    event = a_file_of_many_kinds(world)
    before = Snapshot.take(world)
    points = before.points(event)
    after_all, receipt = Snapshot.take(world), world.receipt_text(event)
    assert outcomes(world.receipt(event)) == EXPECTED
    assert len(points) > 20

    for n, after in points:
        before.restore()
        die_at(n, event, after=after)

        handler(event, None)

        assert world.receipt_text(event) == receipt, f"call {n}, after={after}"
        assert Snapshot.take(world) == after_all, f"call {n}, after={after}"


def test_a_file_goes_on_behind_its_last_checkpoint(world: PartnerFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "CHECKPOINT", 2)
    placed = [world.order(a_line("TEA-001", 1), n=n) for n in range(1, 6)]
    event = world.put(as_csv(*(a_row(order, shipment_id=f"S{i}") for i, order in enumerate(placed))))
    real = apply_shipments.ShipmentApplier.apply
    killed_at_third(event, monkeypatch)
    assert sum(map(shipped, placed)) == 4
    seen: list[int] = []
    monkeypatch.setattr(
        apply_shipments.ShipmentApplier,
        "apply",
        lambda self, rows: seen.extend(row.line for row in rows) or real(self, rows),
    )

    handler(event, None)

    assert seen == [6]
    assert statuses(world.receipt(event)) == 5 * ["APPLIED"]


def test_conflicts_are_decided_again_until_the_file_is_through(
    world: PartnerFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
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


def test_a_shipment_that_stays_busy_raises_so_that_the_event_comes_again(
    world: PartnerFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
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


@pytest.fixture
def small_transactions(monkeypatch: pytest.MonkeyPatch) -> None:
    """3 rows for 30, 4 changes for 40, steps of 3 for 45: moto copies its tables for every transaction."""
    monkeypatch.setattr(apply_shipments, "ONE_TRANSACTION", 3)
    monkeypatch.setattr(saga, "ONE_TRANSACTION", 4)
    monkeypatch.setattr(saga, "_STEP", 12)  # writes: four of each change that leaves


def a_long_order(world: PartnerFiles, lines: int) -> Order:
    return world.order(*(a_line(f"SKU-{i:03d}", 2) for i in range(lines)))


def its_rows(order: Order, **fields: Any) -> list[Row]:
    return [a_row(order, sku=line.sku, quantity=str(line.quantity), **fields) for line in order.lines]


def shelves(order: Order) -> set[tuple[int, int, int]]:
    """(on hand, demand, free) of every position of the order: all nothing, once all of it has left."""
    there = [position_reads.get(line.sku, "dc-1") for line in order.lines]
    return {(p.bucket("sellable"), p.demand, p.free) for p in there if p is not None}


@pytest.mark.parametrize("lines", [30, 31, 45])
def test_a_shipment_of_many_rows_leaves_whole_in_one_step_of_the_order(world: PartnerFiles, lines: int) -> None:
    order = a_long_order(world, lines)

    receipt = world.send(as_csv(*its_rows(order)))

    now = orders.load(order.order_id)
    assert statuses(receipt) == lines * ["APPLIED"]
    assert (now.status, now.version) == ("SHIPPED", order.version + 1)
    assert shelves(order) == {(0, 0, 0)}


def test_a_line_in_a_hundred_and_twenty_packages_leaves_whole(world: PartnerFiles) -> None:
    order = world.order(a_line("TEA-001", 120))

    receipt = world.send(as_csv(*(a_row(order, package_id=f"P{i}") for i in range(120))))

    assert statuses(receipt) == 120 * ["APPLIED"]
    assert len(orders.load(order.order_id).fulfillments[0].packages) == 120


@pytest.mark.usefixtures("small_transactions")
def test_a_long_shipment_again_is_all_duplicates(world: PartnerFiles) -> None:
    order = a_long_order(world, 7)
    world.send(as_csv(*its_rows(order)))

    assert statuses(world.send(as_csv(*its_rows(order)))) == 7 * ["DUPLICATE"]
    assert statuses(world.send(as_csv(*its_rows(order, carrier="UPS")))) == 7 * ["CONFLICT"]


@pytest.mark.usefixtures("small_transactions")
def test_a_crash_at_any_call_of_a_long_shipment_applies_it_once(
    world: PartnerFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = a_long_order(world, 7)
    rows = [*its_rows(order), a_row(order, sku="SKU-001", package_id="P9", quantity="5")]
    event = world.put(as_csv(*rows))
    before = Snapshot.take(world)
    points = before.points(event)
    receipt = world.receipt_text(event)
    assert statuses(world.receipt(event)) == 7 * ["APPLIED"] + ["REJECTED"]

    for n, after in points:
        before.restore()
        monkeypatch.setattr(clock, "now", lambda: RECEIVED)
        die_at(n, event, after=after)
        # A plan that its maker left is undone when its lease is over.
        monkeypatch.setattr(clock, "now", lambda: later(hours=20, minutes=3))

        handler(event, None)

        assert world.receipt_text(event) == receipt, f"call {n}"
        assert orders.load(order.order_id).status == "SHIPPED", f"call {n}"
        assert shelves(order) == {(0, 0, 0)}, f"call {n}"


@pytest.mark.usefixtures("small_transactions")
def test_rows_that_a_long_shipment_left_behind_can_be_applied_by_another_file(
    world: PartnerFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = a_long_order(world, 7)
    first = world.put(as_csv(*its_rows(order)))

    def dies(*_: Any, **__: Any) -> Order:
        raise Crashed

    with monkeypatch.context() as patched:
        patched.setattr(orders, "save", dies)
        with pytest.raises(Crashed):
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
    world: PartnerFiles, monkeypatch: pytest.MonkeyPatch, between: slice
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
