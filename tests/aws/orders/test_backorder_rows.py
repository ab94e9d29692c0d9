"""The rows of waiting lines say what the orders say, also rows that do not fit the order's own transaction."""

from typing import Any

import pytest

from comanda.aws.directory import directory, packs
from comanda.aws.dynamodb import keys
from comanda.aws.orders import backorder_queue, backorder_rows, orders
from comanda.aws.stock import position_reads, stock_changes
from comanda.domain.stock import movements
from comanda.domain.stock.changes import Change, Request
from comanda.domain.stock.stock import PURCHASE_ORDER, Position, Supply
from tests.functions.replenish.test_replenish import expected as expected_tea
from tests.functions.replenish.test_replenish import received, statuses
from tests.functions.world import World
from tests.invariants import broken

TEA, CUP = "TEA-001", "CUP-001"
SKUS = tuple(f"SKU-{n:02d}" for n in range(30))
DUE = "2026-11-24"


def expected(world: World, sku: str, quantity: int) -> None:
    """A supply of a sku at a node, on the day DUE."""
    world.product(sku)
    there = position_reads.get(sku, "dc-1") or Position(sku=sku, node="dc-1")
    supply = Supply(supply_id=f"PO-{sku}", type=PURCHASE_ORDER, eta=DUE, quantity=quantity)
    stock_changes.apply([movements.supply(there, [supply], source="PO", n="1", reason="", now=world.now)], [])


def listed(world: World) -> set[tuple[str, str]]:
    return {(row["pk"], row["sk"]) for row in world.aws.items("Stock") if row["sk"].startswith(("B#", "D#"))}


def meant(*order_ids: str) -> set[tuple[str, str]]:
    return {place for order_id in order_ids for place in backorder_rows.rows_of_order(orders.load(order_id))}


def is_beaten(world: World, patch: pytest.MonkeyPatch, sku: str) -> None:
    """Somebody takes all of a sku's supply just before the next big write of stock."""
    apply = stock_changes.apply

    def after_the_rival(changes: Any, extra: Any) -> None:
        if len(changes) < 5:
            return apply(changes, extra)
        patch.setattr(stock_changes, "apply", apply)
        there = position_reads.get(sku, "dc-1")
        assert there is not None
        request = Request(quantity=2, source="rival", line="1", n="1", due=DUE)
        taken = movements.reserve(there, request, world.now)
        assert isinstance(taken, Change)
        apply([taken], [])
        return apply(changes, extra)

    patch.setattr(stock_changes, "apply", after_the_rival)


@pytest.mark.parametrize("room", [orders._ROOM, 20])
def test_a_pre_order_of_many_skus_that_was_refused_leaves_no_row_that_would_be_served(
    world: World, monkeypatch: pytest.MonkeyPatch, room: int
):
    monkeypatch.setattr(orders, "_ROOM", room)
    for sku in SKUS:
        expected(world, sku, 2)
    order_id = world.placed(*((sku, 2) for sku in SKUS), priority=1)
    is_beaten(world, monkeypatch, SKUS[0])

    world.settle()

    assert statuses(world, order_id) == {"SCHEDULED": 58, "BACKORDERED": 2}
    assert listed(world) == meant(order_id)
    assert backorder_queue.for_sku(SKUS[0]).preorders == {}


def test_rows_that_do_not_fit_beside_their_order_are_written_after_it_and_go_with_it(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(orders, "_ROOM", 8)
    order_id = world.placed(*((sku, 1) for sku in stocked_nowhere(world)))
    world.settle()
    assert len(listed(world)) == len(SKUS)

    world.change(order_id, "cancel", {"reason": "changed my mind"})
    world.settle()

    assert listed(world) == set()
    assert broken(world.tables()) == []


def stocked_nowhere(world: World) -> tuple[str, ...]:
    for sku in SKUS:
        world.product(sku)
    return SKUS


class Ended(BaseException):
    """The process is gone."""


@pytest.mark.parametrize("repaired_by", ["route", "sweep"])
def test_rows_that_an_ended_process_did_not_write_are_written_by_the_next(
    world: World, monkeypatch: pytest.MonkeyPatch, repaired_by: str
):
    monkeypatch.setattr(orders, "_ROOM", 8)
    order_id = world.placed(*((sku, 1) for sku in stocked_nowhere(world)))

    def ends(*_: object) -> None:
        raise Ended

    with monkeypatch.context() as dying:
        dying.setattr(orders, "_write_rows", ends)
        with pytest.raises(Ended):
            world.hops.invoke("route", {"state": "Route", "order_id": order_id})
    assert len(listed(world)) < len(SKUS)

    if repaired_by == "sweep":
        world.hops.stopped.add("conduct")
        world.pass_time(600)
        world.hops.invoke("sweep", {})
    else:
        world.hops.invoke("route", {"state": "Route", "order_id": order_id})

    assert listed(world) == meant(order_id)


def test_a_row_without_a_waiting_order_is_deleted_and_any_other_is_made_what_its_order_says(world: World):
    order_id = world.placed((TEA, 3))
    world.settle()
    (row,) = (row for row in world.aws.items("Stock") if row["sk"].startswith("B#"))
    ghost = {**row, **keys.preorder(TEA, "dc-1", 1, world.now, order_id, "1", DUE), "node": "dc-1", "due": DUE}
    world.aws.put("Stock", **ghost)
    world.aws.put("Stock", **{**row, "quantity": 2})

    orders.correct_backorder_rows(order_id, sorted(listed(world)))
    orders.correct_backorder_rows(order_id, [(ghost["pk"], ghost["sk"])])  # told twice

    assert [row for row in world.aws.items("Stock") if row["sk"].startswith(("B#", "D#"))] == [row]


def test_a_row_is_not_deleted_when_its_order_begins_to_wait_in_between(world: World, monkeypatch: pytest.MonkeyPatch):
    expected_tea(world, 4, 5)
    order_id = world.placed((TEA, 4))
    unrouted = orders.load(order_id)
    world.settle()
    (place,) = listed(world)
    load, seen = orders.load, [unrouted]
    monkeypatch.setattr(orders, "load", lambda name: seen.pop() if seen else load(name))

    orders.correct_backorder_rows(order_id, [place])

    assert listed(world) == {place}
    received(world, 4)
    world.settle()
    assert statuses(world, order_id) == {"RELEASED": 4}


def test_an_order_that_fills_twenty_nodes_days_and_waits_for_twenty_five_skus_is_routed_and_cancelled(world: World):
    nodes = [f"wh-{n:02d}" for n in range(20)]
    for n, node in enumerate(nodes):
        world.node(node, (40.0, -90.0 + n), units_per_day=1)
    packs.rebuild(())
    directory.forget()
    world.stocked(CUP, **{node.replace("-", "_"): 5 for node in nodes})
    order_id = world.placed((CUP, 60), *((sku, 1) for sku in stocked_nowhere(world)[:25]))

    world.settle()

    assert statuses(world, order_id) == {"RELEASED": 60, "BACKORDERED": 25}
    assert listed(world) == meant(order_id)
    world.change(order_id, "cancel", {"reason": "changed my mind"})
    world.settle()
    assert statuses(world, order_id) == {"CANCELLED": 85}
    assert listed(world) == set()
    assert broken(world.tables()) == []
