"""A pending change that the order's payments cover by now is made, by whatever made the order cheaper; what it costs is told anew."""

import pytest

from comanda.aws.directory import directory
from comanda.aws.orders import orders
from comanda.domain.lifecycle.cancels import cancel
from tests.faults import Crash, Crashed
from tests.functions.intake.changes.test_changes import FEWER, WRAP, change_order
from tests.functions.intake.changes.test_changes_of_lines import shipped
from tests.functions.intake.changes.test_pending_changes import amounts_in_events, mails, pay, types
from tests.functions.world import Reply, World, usd
from tests.invariants import broken

DEARER = {"modification": "price", "line_id": "1", "unit_price": usd(1_100)}
MORE = {"modification": "quantity", "line_id": "1", "quantity": 5}


@pytest.fixture
def order_id(world: World) -> str:
    world.stocked("TEA-001", dc_1=9)
    name = world.placed(("TEA-001", 3))
    world.settle()
    return name


def charged(world: World, order_id: str) -> tuple[object, object]:
    order = world.order(order_id)
    return order["pending_change"], order["totals"]["charges"]


@pytest.mark.parametrize(
    "cheaper",
    [
        FEWER,
        {"modification": "discount", "code": "SORRY", "amount": usd(300)},
        {"modification": "price", "line_id": "1", "unit_price": usd(900)},
    ],
)
def test_a_change_that_leaves_enough_for_the_pending_one_makes_it(world: World, order_id: str, cheaper: dict[str, str]):
    assert change_order(world, order_id, WRAP, pending=True).status == 202

    assert change_order(world, order_id, cheaper).status == 200

    assert charged(world, order_id) == (None, usd(300))
    assert types(world, order_id) == ["change_pending", "changed", "changed"]
    shipped(world, order_id)
    assert broken(world.tables()) == []


def test_a_change_that_is_cheaper_itself_by_now_is_made(world: World, order_id: str):
    change_order(world, order_id, MORE, pending=True)

    change_order(world, order_id, {**DEARER, "unit_price": usd(600)})

    order = world.order(order_id)
    assert (order["pending_change"], order["totals"]["total"], order["lines"][0]["quantity"]) == (None, usd(3_000), 5)
    assert broken(world.tables()) == []


def test_a_cancel_makes_the_pending_change_that_it_leaves_enough_for(world: World, order_id: str):
    change_order(world, order_id, WRAP, pending=True)

    lines = [{"line_id": "1", "quantity": 1}]
    assert world.change(order_id, "cancel", {"reason": "one less", "lines": lines}, who="shop").status == 200

    assert charged(world, order_id) == (None, usd(300))
    world.settle()
    assert mails(world) == []
    assert pay(world, order_id, 300).status == 200
    shipped(world, order_id)
    assert world.order(order_id)["payments"][1]["released"] == usd(300)
    assert broken(world.tables()) == []


def test_a_cancel_of_everything_makes_nothing(world: World, order_id: str):
    change_order(world, order_id, WRAP, pending=True)

    world.change(order_id, "cancel", {"reason": "no more"}, who="shop")
    world.settle()

    order = world.order(order_id)
    assert (order["pending_change"], order["totals"]["total"], order["status"]) == (None, usd(0), "CANCELLED")
    assert types(world, order_id) == ["change_pending", "change_dropped"]
    assert order["payments"][0]["released"] == usd(3_000)
    assert broken(world.tables()) == []


def test_what_a_pending_change_costs_is_told_anew_when_it_grew(world: World, order_id: str):
    change_order(world, order_id, MORE, pending=True)

    payment = {"method": "CARD", "reference": "auth-2", "authorized": usd(300)}
    assert change_order(world, order_id, DEARER, payments=[payment]).status == 200

    assert amounts_in_events(world, order_id) == [2_000, 2_200]
    assert world.order(order_id)["pending_change"]["to_pay"] == usd(2_200)
    change_order(world, order_id, {"modification": "priority", "priority": 3})
    assert amounts_in_events(world, order_id) == [2_000, 2_200]


def test_the_sweeper_has_it_made_after_a_decision_of_another_room(world: World, order_id: str):
    change_order(world, order_id, WRAP, pending=True)
    orders.decide(order_id, lambda order: cancel.cancel(order, {"1": 1}, "less", "customer", world.now))
    world.settle()
    assert world.order(order_id)["pending_change"]["to_pay"] == usd(0)

    world.pass_time(301)
    world.sweep()

    assert charged(world, order_id) == (None, usd(300))
    assert types(world, order_id) == ["change_pending", "changed"]
    assert broken(world.tables()) == []


def test_the_sweeper_makes_no_change_whose_time_is_over(world: World, order_id: str):
    change_order(world, order_id, WRAP, pending=True)
    world.pass_time(24 * 3600 + 1)

    assert change_order(world, order_id, FEWER).status == 200

    assert charged(world, order_id) == (None, usd(0))
    assert types(world, order_id) == ["change_pending", "changed", "change_dropped"]


def test_a_process_that_ends_while_a_cancel_makes_the_pending_change_makes_it_once(world: World):
    world.stocked("TEA-001", dc_1=90)

    def begun() -> tuple[str, str]:
        order_id = world.placed(("TEA-001", 3))
        world.settle()
        change_order(world, order_id, WRAP, pending=True)
        directory.forget()  # a process begins without it
        return order_id, world.call("GET", f"/v1/orders/{order_id}", who="office").etag

    def less(order_id: str, etag: str) -> Reply:
        body = {"reason": "one less", "lines": [{"line_id": "1", "quantity": 1}]}
        path = f"/v1/orders/{order_id}/cancel"
        return world.call("POST", path, body, who="office", if_match=etag, key=f"less-{order_id}")

    order_id, etag = begun()
    with Crash() as counting:
        counting.begin("intake")
        assert less(order_id, etag).status == 200
    points = counting.points()
    assert len(points) >= 3
    for at, after in points:
        order_id, etag = begun()
        with Crash(at, after=after) as crash:
            crash.begin("intake")
            with pytest.raises(Crashed):
                less(order_id, etag)
        assert less(order_id, etag).status == 200, crash.happened
        world.pass_time(301)
        world.sweep()
        assert charged(world, order_id) == (None, usd(300)), crash.happened
        assert types(world, order_id) == ["change_pending", "changed"], crash.happened
    assert broken(world.tables()) == []


@pytest.mark.parametrize(
    ("waits", "later"),
    [(MORE, {**MORE, "quantity": 6}), (DEARER, {**DEARER, "unit_price": usd(1_200)})],
)
def test_a_change_that_waits_undoes_nothing_that_others_decided_later(
    world: World, order_id: str, waits: dict[str, object], later: dict[str, object]
):
    change_order(world, order_id, waits, pending=True)
    payment = {"method": "CARD", "reference": "auth-2", "authorized": usd(3_000)}

    made = change_order(world, order_id, later, payments=[payment])

    order = world.order(order_id)
    assert (order["pending_change"], order["totals"]) == (None, made.body["totals"])
    assert types(world, order_id) == ["change_pending", "changed", "change_dropped"]
    world.settle()
    assert len(mails(world)) == 1
    shipped(world, order_id)
    assert broken(world.tables()) == []


def test_the_sweeper_has_it_dropped_once_after_a_decision_of_another_room_that_leaves_no_way_for_it(
    world: World, order_id: str
):
    change_order(world, order_id, MORE, pending=True)
    orders.decide(order_id, lambda order: cancel.cancel(order, {"1": 3}, "none", "customer", world.now))

    world.pass_time(301)
    world.sweep()

    assert types(world, order_id) == ["change_pending", "change_dropped"]
    assert world.order(order_id)["pending_change"] is None
    world.settle()
    assert len(mails(world)) == 1
