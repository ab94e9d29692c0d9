"""A count becomes the units of the position, whatever was sold or reported in between."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from comanda.aws.dynamodb import keys
from comanda.aws.files.applied_rows import Book
from comanda.aws.orders import saga
from comanda.aws.runtime import deadline
from comanda.aws.stock import lanes, ledger, position_reads, receipt_counters, stock_changes
from comanda.aws.stock_updates import counts
from comanda.aws.stock_updates.counts import CountRow
from comanda.domain.stock import movements
from comanda.domain.stock.changes import Change, Request, ReservedUnits, undo
from comanda.domain.stock.stock import SELLABLE
from tests.functions.world import START, Reply, World

TODAY = "2026-11-19"
HOUR = timedelta(hours=1)


def moment(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def counted(*rows: dict[str, Any], at: datetime = START, reference: str = "C-1", **more: Any) -> dict[str, Any]:
    return {"reference": reference, "counted_at": moment(at), "rows": list(rows), **more}


def a_row(quantity: int, sku: str = "TEA-001", node: str = "dc-1", **more: Any) -> dict[str, Any]:
    return {"sku": sku, "node_id": node, "quantity": quantity, **more}


def count(world: World, *rows: dict[str, Any], who: str = "office", key: str = "", **more: Any) -> Reply:
    return world.call("POST", "/v1/stock/snapshots", counted(*rows, **more), who=who, key=key)


def statuses(reply: Reply) -> list[str]:
    assert reply.status == 200, reply.body
    return [row["status"] + (f" {row['code']}" if "code" in row else "") for row in reply.body["rows"]]


def shelf(sku: str = "TEA-001", node: str = "dc-1") -> tuple[int, int]:
    """(sellable on hand, free)."""
    found = position_reads.get(sku, node)
    assert found is not None
    return found.bucket(SELLABLE), found.free


def reserve(quantity: int, at: datetime = START, source: str = "ord_1") -> None:
    position = position_reads.get("TEA-001", "dc-1")
    assert position is not None
    wanted = Request(quantity=quantity, source=source, line="1", n="001.1", due=TODAY)
    change = movements.reserve(position, wanted, at)
    assert isinstance(change, Change)
    stock_changes.apply([change], [])


def held(quantity: int, occurred: datetime | None = None, source: str = "ord_1") -> ReservedUnits:
    return ReservedUnits(
        sku="TEA-001",
        node="dc-1",
        quantity=quantity,
        due=TODAY,
        source=source,
        line="1",
        n="001.2",
        occurred=occurred,
    )


def test_two_senders_with_similar_names_are_not_taken_for_one():
    one, other = (
        CountRow(line=1, owner=owner, reference=name, sku="", node="", mode="", units=(), happened=None, content="")
        for owner, name in (("acme.east", "C-1"), ("acme", "east.C-1"))
    )

    assert one.source != other.source


def variances(world: World) -> list[int]:
    return [row["quantity"] for row in world.aws.items("Stock", "S#TEA-001", "AL#VARIANCE#")]


def the_ledger_adds_up(sku: str = "TEA-001", node: str = "dc-1") -> bool:
    position, lines = position_reads.get(sku, node), ledger.movements(sku, node)
    assert position is not None
    free = sum(line["free"] for line in lines)
    on_hand = sum(line["on_hand"].get(SELLABLE, 0) for line in lines)
    return (free, on_hand) == (position.free, position.bucket(SELLABLE))


def test_a_count_creates_an_unknown_position(world: World):
    reply = count(world, a_row(12, buckets={"damaged": 2}))

    position = position_reads.get("TEA-001", "dc-1")
    assert statuses(reply) == ["APPLIED"]
    assert position is not None
    assert dict(position.on_hand) == {"damaged": 2, "sellable": 12}
    assert (position.free, position.counted_at) == (12, START)
    assert the_ledger_adds_up()


def test_a_bucket_and_a_sku_that_are_not_named_stay(world: World):
    count(world, a_row(12, buckets={"damaged": 2}), a_row(5, sku="CUP-001"))
    world.pass_time(60)

    count(world, a_row(10), at=world.now, reference="C-2")

    position = position_reads.get("TEA-001", "dc-1")
    assert position is not None
    assert dict(position.on_hand) == {"damaged": 2, "sellable": 10}
    assert shelf("CUP-001") == (5, 5)


def test_units_sold_since_the_count_are_not_given_back(world: World):
    world.stocked(dc_1=10)
    reserve(3)
    world.pass_time(7200)
    stock_changes.apply([movements.ship(held(3, START + HOUR), world.now)], [])

    reply = count(world, a_row(10), at=START + HOUR / 2)

    assert statuses(reply) == ["APPLIED"]
    assert shelf() == (7, 7)
    assert the_ledger_adds_up()


def test_a_shipment_that_left_before_the_count_and_is_reported_after_it_is_not_taken_off_again(world: World):
    world.stocked(dc_1=10)
    reserve(3)
    world.pass_time(7200)
    count(world, a_row(7), at=START + HOUR)

    stock_changes.apply([movements.ship(held(3, START + HOUR / 2), world.now)], [])

    assert shelf() == (7, 7)
    assert the_ledger_adds_up()


def test_a_shipment_that_left_after_the_count_is_taken_off(world: World):
    world.stocked(dc_1=10)
    reserve(3)
    world.pass_time(7200)
    count(world, a_row(10), at=START + HOUR)

    stock_changes.apply([movements.ship(held(3, START + 1.5 * HOUR), world.now)], [])

    assert shelf() == (7, 7)


def test_units_that_left_before_a_count_are_no_movement_for_the_next_count(world: World):
    world.stocked(dc_1=10)
    reserve(3)
    world.pass_time(7200)
    count(world, a_row(7), at=START + HOUR)
    stock_changes.apply([movements.ship(held(3, START + HOUR / 2), world.now)], [])

    count(world, a_row(6), at=START + 1.5 * HOUR, reference="C-2")

    assert shelf() == (6, 6)
    assert the_ledger_adds_up()


def test_a_short_pick_after_the_count_takes_its_units_off(world: World):
    world.stocked(dc_1=10)
    reserve(3)
    count(world, a_row(10), at=START)
    world.pass_time(60)

    stock_changes.apply([movements.short(held(1), world.now)], [])

    assert shelf() == (9, 7)
    assert the_ledger_adds_up()


def test_a_count_that_contradicts_an_open_pick_is_a_task_of_exactly_the_missing_units(world: World):
    world.stocked(dc_1=10)
    reserve(6)
    world.pass_time(60)

    count(world, a_row(4), at=world.now)
    missing, over = (
        variances(world),
        [r["quantity"] for r in world.aws.items("Stock", "S#TEA-001", "AL#OVER_RESERVED#")],
    )
    world.pass_time(60)
    count(world, a_row(6), at=world.now, reference="C-2")

    assert (missing, over) == ([2], [2])
    assert variances(world) == []
    assert world.aws.items("Stock", "S#TEA-001", "AL#") == []
    assert shelf() == (6, 0)


def test_a_count_of_more_units_fills_waiting_backorders(world: World):
    world.stocked(dc_1=4)
    world.pass_time(60)
    before = receipt_counters.load(["TEA-001"])["TEA-001"]

    count(world, a_row(4), at=START + timedelta(seconds=30))
    same = receipt_counters.load(["TEA-001"])["TEA-001"]
    count(world, a_row(9), at=world.now, reference="C-2")

    assert (same - before, receipt_counters.load(["TEA-001"])["TEA-001"] - before) == (0, 1)


def test_late_counts_are_refused_row_by_row_and_the_other_rows_are_applied(world: World):
    count(world, a_row(5))
    world.pass_time(3600)

    reply = count(
        world,
        a_row(9),
        a_row(8, sku="CUP-001"),
        a_row(7, sku="POT-001", counted_at=moment(START - timedelta(days=32))),
        at=START - HOUR,
        reference="C-2",
    )

    assert statuses(reply) == ["REJECTED counted-since", "APPLIED", "REJECTED too-old"]
    assert (shelf(), shelf("CUP-001")) == ((5, 5), (8, 8))
    assert position_reads.get("POT-001", "dc-1") is None


def test_the_same_count_again_is_a_duplicate_and_other_content_a_conflict(world: World):
    count(world, a_row(5), key="k1")
    replayed = count(world, a_row(5), key="k1")
    world.stocked(dc_1=2)

    again = count(world, a_row(5), key="k2")
    other = count(world, a_row(6), key="k3")

    assert replayed.headers["Idempotent-Replayed"] == "true"
    assert (statuses(again), statuses(other)) == (["DUPLICATE applied-before"], ["CONFLICT other-content"])
    assert shelf() == (7, 7)


def test_packs_are_counted_in_pieces_and_damaged_packs_too(world: World):
    world.entry("PRODUCT", "TEA-001", {"title": "tea", "weight_g": 1, "class": "goods", "units": {"CASE": 12}})

    reply = count(world, a_row(3, uom="CASE", buckets={"damaged": 2}), a_row(2, sku="CUP-001", uom="EA"))

    assert statuses(reply) == ["APPLIED"] * 2
    assert (shelf(), shelf("CUP-001")) == ((36, 36), (2, 2))
    there = position_reads.get("TEA-001", "dc-1")
    assert there is not None
    assert there.bucket("damaged") == 24


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        (counted(a_row(-1)), [("/rows/0/quantity", "greater-than-equal")]),
        (counted(a_row(1) | {"quantity": 1.5}), [("/rows/0/quantity", "int-type")]),
        (counted(a_row(1, sku="NOTHING")), [("/rows/0/sku", "unknown-sku")]),
        (counted(a_row(1), a_row(1, node="moon")), [("/rows/1/node_id", "unknown-node")]),
        (counted(a_row(1, uom="PALLET")), [("/rows/0/uom", "unknown-uom")]),
        (counted(a_row(1), at=START + timedelta(minutes=6)), [("/counted_at", "in-the-future")]),
        (counted(*[a_row(1)] * 501), [("/rows", "too-long")]),
        (counted(*[a_row(1)] * 10_000), [("/rows", "too-long")]),
        (counted(a_row(1, buckets={"pocket": 1})), [("/rows/0/buckets/pocket", "literal-error")]),
    ],
)
def test_a_wrong_request_is_refused_with_all_its_errors_and_nothing_is_applied(
    world: World, body: Any, wrong: list[tuple[str, str]]
):
    reply = world.call("POST", "/v1/stock/snapshots", body, who="office")

    assert (reply.status, reply.errors) == (422, wrong)
    assert world.aws.items("Stock") == []


def test_a_node_and_a_partner_count_their_own_shelves_only(world: World):
    own = count(world, a_row(1, node="vendor-1"), who="acme")
    others = count(world, a_row(1), who="acme", reference="C-2")
    node = count(world, a_row(1, node="dc-2"), who="dc-1-system", reference="C-3")

    assert statuses(own) == ["APPLIED"]
    assert [(r.status, r.errors) for r in (others, node)] == [(422, [("/rows/0/node_id", "unknown-node")])] * 2


def test_every_lane_of_a_hot_position_is_counted_as_one_shelf(world: World):
    world.stocked(dc_1=10)
    lane = {"sku": "TEA-001", "node": "dc-1", "lane": 1, "on_hand": {"sellable": 5}, "hard": {}, "soft": {}}
    world.aws.put("Stock", **keys.position("TEA-001", "dc-1", 1), **lane, supplies={}, free=5, rev=1)
    base = next(r for r in world.aws.items("Stock", "S#TEA-001", "P#"))
    world.aws.put("Stock", **base, lanes=1)
    world.pass_time(60)

    more = count(world, a_row(17), at=START + timedelta(seconds=10))
    joined = position_reads.get_joined([("TEA-001", "dc-1")])["TEA-001", "dc-1"]
    fewer = count(world, a_row(3), at=START + timedelta(seconds=20), reference="C-2")

    each = [position_reads.get("TEA-001", "dc-1", n) for n in (0, 1)]
    assert (statuses(more), statuses(fewer)) == (["APPLIED"], ["APPLIED"])
    assert (joined.bucket(SELLABLE), joined.free) == (17, 17)
    assert [(p.bucket(SELLABLE), p.free) for p in each if p] == [(0, 0), (3, 3)]
    assert all(p and p.counted_at == START + timedelta(seconds=20) for p in each)


def test_a_movement_between_the_two_reads_of_a_count_is_seen(world: World, monkeypatch: pytest.MonkeyPatch):
    world.stocked(dc_1=10)
    world.pass_time(60)
    since, done = ledger.movements_since, []

    def meanwhile(*place: Any) -> Any:
        found = since(*place)
        if not done:
            done.append(True)
            world.stocked(dc_1=5)
        return found

    monkeypatch.setattr(ledger, "movements_since", meanwhile)
    reply = count(world, a_row(8), at=START + timedelta(seconds=30))

    assert statuses(reply) == ["APPLIED"]
    assert shelf() == (13, 13)
    assert the_ledger_adds_up()


def test_a_shipment_that_a_count_had_seen_is_undone_with_what_was_put_right(world: World):
    world.stocked(dc_1=10)
    reserve(3)
    world.pass_time(7200)
    count(world, a_row(7), at=START + HOUR)
    shipped = movements.ship(held(3, START + HOUR / 2), world.now)
    stock_changes.apply([shipped], [])

    for made in saga._recorded_changes(shipped):
        stock_changes.apply([undo(made)], [])

    assert shelf() == (7, 4)
    assert the_ledger_adds_up()


@pytest.mark.parametrize(("left", "on_shelf"), [(0.5, 8), (1.5, 6)])
def test_an_order_reported_late_as_shipped_leaves_the_shelf_at_its_own_time(world: World, left: float, on_shelf: int):
    world.stocked(dc_1=10)
    order_id = world.placed(("TEA-001", 2))
    world.settle()
    world.steps(order_id, "accept")
    world.pass_time(7200)
    count(world, a_row(8), at=START + HOUR)

    told = world.step(order_id, "ship", body={"shipped_at": moment(START + left * HOUR)})

    assert told.status == 200
    assert shelf() == (on_shelf, on_shelf)
    assert the_ledger_adds_up()


def test_units_that_a_node_cannot_find_after_its_count_are_taken_off_the_counted_shelf(world: World):
    world.stocked(dc_1=10)
    order_id = world.placed(("TEA-001", 2))
    world.settle()
    world.steps(order_id, "accept")
    count(world, a_row(10), at=world.now)
    world.pass_time(60)

    short = {"lines": [{"line_id": "1", "quantity": 1}], "reason": "NOT_FOUND"}
    assert world.step(order_id, "short-pick", body=short).status == 200

    assert shelf() == (9, 8)
    assert the_ledger_adds_up()


def test_units_that_left_a_dropped_lane_are_not_given_back(world: World):
    world.stocked(dc_1=10)
    lanes.split("TEA-001", "dc-1", 1, world.now)
    world.pass_time(7200)
    hot = position_reads.get("TEA-001", "dc-1", 1)
    assert hot is not None
    wanted = Request(quantity=2, source="ord_1", line="1", n="001.1", due=TODAY)
    change = movements.reserve(hot, wanted, world.now)
    assert isinstance(change, Change)
    stock_changes.apply([change], [])
    stock_changes.apply([movements.ship(replace(held(2, world.now), lane=1), world.now)], [])
    assert lanes.set_count("TEA-001", "dc-1", 0, world.now) == 0

    reply = count(world, a_row(10), at=START + HOUR)

    assert statuses(reply) == ["APPLIED"]
    assert shelf() == (8, 8)


def test_a_delta_at_a_shelf_that_is_new_is_in_the_ledger_as_it_is_in_the_position(world: World):
    told = CountRow(
        line=1, owner="acme", reference="N1", sku="TEA-001", node="dc-2", mode="delta", units=((SELLABLE, 5),),
        happened=None, content="x",
    )  # fmt: skip

    (verdict,) = counts.apply(Book(table="Stock", partner="acme", kind="stock", now=0), "f", [told], lambda: world.now)

    assert (verdict.status, shelf(node="dc-2")) == ("APPLIED", (5, 5))
    assert sum(line["free"] for line in ledger.movements("TEA-001", "dc-2")) == 5


def test_a_clock_that_is_ahead_hides_no_shipment(world: World):
    world.stocked("TEA-001", dc_1=10)
    reserve(3)
    count(world, a_row(10), at=START + timedelta(minutes=4))
    world.pass_time(60)

    stock_changes.apply([movements.ship(held(3, occurred=world.now), world.now)], [])

    assert shelf() == (7, 7)


def test_a_count_that_does_not_fit_the_doors_time_goes_on_with_the_same_request(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    skus = [f"BOX-{n}" for n in range(30)]
    for sku in skus:
        world.product(sku)
    rows = [a_row(7, sku, node) for sku in skus for node in ("dc-1", "dc-2")]
    monkeypatch.setattr(deadline, "begin", lambda _: deadline._until.set(0.0))  # there is time for one transaction only

    replies = [count(world, *rows, key="k")]
    while replies[-1].status == 503 and len(replies) < 60:
        assert replies[-1].problem == "unfinished"
        replies.append(count(world, *rows, key="k"))

    assert len(replies) > 2
    assert statuses(replies[-1]) == ["APPLIED"] * 60
    assert [shelf(row["sku"], row["node_id"])[0] for row in rows] == [7] * 60
