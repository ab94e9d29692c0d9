"""Pre-orders follow their supply when it comes, slips or is cancelled, in the order of service."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.errors import Held
from comanda.domain.lifecycle.backorders.preorders import (
    PreorderedUnits,
    PreorderMove,
    apply_moves,
    receive_stock,
    reconcile,
)
from comanda.domain.lifecycle.cancels.cancel import cancel
from comanda.domain.orders import document, queues
from comanda.domain.orders.status import Status
from comanda.domain.orders.verdict import verdict
from comanda.domain.routing.plan import PlannedFulfillment, PlannedLine
from comanda.domain.scheduling.schedule import schedule
from comanda.domain.stock import movements, stock
from comanda.domain.stock.apply_change import apply_change, is_covered, with_effect
from comanda.domain.stock.changes import Change, ReservedUnits
from comanda.domain.stock.stock import PURCHASE_ORDER, Position, Supply
from tests.builders import NOW, TODAY, a_hold_type, a_line, a_node, a_plan, a_position, an_order, placed, saved

TENTH, FOURTEENTH, TWENTIETH = "2026-12-10", "2026-12-14", "2026-12-20"


def a_supply(quantity, eta=TENTH, name="PO-1", **changes):
    return Supply(supply_id=name, type=PURCHASE_ORDER, eta=eta, quantity=quantity, **changes)


def expecting(*supplies, on_hand=0, hard=()):
    bare = Position(
        sku="TEA-001", node="dc-1", on_hand=((stock.SELLABLE, on_hand),), hard=tuple(hard), supplies=supplies
    )
    return replace(bare, free=stock.free(bare, NOW))


def a_waiting(quantity, due=TENTH, n=1, priority=5):
    return PreorderedUnits(
        priority=priority,
        placed_at=f"2026110{n}",
        order_id=f"o{n}",
        line_id="1",
        node="dc-1",
        due=due,
        quantity=quantity,
    )


def a_promised(position, quantity=5, due=TENTH):
    """An order whose units are promised for a supply, and the position that keeps them."""
    order = placed(an_order(a_line("TEA-001", quantity)))
    planned = PlannedFulfillment(
        node=a_node("dc-1"),
        method="SHIP",
        service="STANDARD",
        lines=(PlannedLine(line_id="1", sku="TEA-001", quantity=quantity, due=due),),
        deliver_on="2026-12-12",
    )
    decision = schedule(order, replace(a_plan(order=order), fulfillments=(planned,)), [position], NOW)
    for change in decision.stock:
        position = apply_change(position, change)
    return saved(decision), position, decision


def moves_of(order, position):
    rows = [
        replace(a_waiting(units, due), order_id=order.order_id, line_id=line_id, node=node)
        for (line_id, node, due), units in queues.units_promised_later(order).items()
    ]
    return reconcile(position, rows, NOW)


def test_units_of_a_supply_are_promised_for_its_day_and_no_node_works_on_them():
    order, position, decision = a_promised(expecting(a_supply(10)))

    (allocation,) = order.lines[0].allocations
    assert (allocation.status, allocation.node, allocation.due, allocation.promise) == (
        Status.SCHEDULED,
        "dc-1",
        TENTH,
        "2026-12-12",
    )
    assert order.fulfillments == ()
    assert position.hard == ((TENTH, 5),)
    assert decision.event.type == "promised_later"
    assert verdict("UntilSettled", "order", order) is None
    assert document.to_order(json.loads(json.dumps(document.from_order(order)))) == order


def test_units_that_arrived_are_released_at_the_promised_node():
    order, position, _ = a_promised(expecting(a_supply(10)))
    arrived = apply_change(
        position,
        movements.receive(position, a_supply(0), 10, stock.SELLABLE, source="PO-1", n="1", now=NOW),
    )

    ready = apply_moves(order, moves_of(order, arrived), [arrived], NOW)

    assert ready is not None
    assert ready.event.type == "stock_arrived"
    waits = saved(ready)
    assert verdict("UntilSettled", "order", waits) == "RouteAgain"
    released = schedule(waits, a_plan(order=waits), [], NOW, [a_node("dc-1")])
    assert [f.node for f in released.order.fulfillments] == ["dc-1"]
    assert released.order.lines[0].units(lambda a: a.status is Status.RELEASED) == 5
    assert released.stock == ()
    for change in ready.stock:
        arrived = apply_change(arrived, change)
    assert (arrived.hard, arrived.free) == (((TODAY, 5),), 5)


def test_a_promise_moves_with_its_supply():
    order, position, _ = a_promised(expecting(a_supply(10)))
    slipped = replace(position, supplies=(a_supply(10, FOURTEENTH),))

    later = apply_moves(order, moves_of(order, slipped), [slipped], NOW)

    assert later is not None
    assert later.event.type == "redated"
    assert later.event.data["redated"][0] | {"was": TENTH, "due": FOURTEENTH} == later.event.data["redated"][0]
    assert later.order.lines[0].allocations[0].due == FOURTEENTH
    assert moves_of(saved(later), apply_change(slipped, later.stock[0])) == ()


def test_a_cancelled_supply_unschedules_only_units_without_cover_in_order_of_service():
    rows = [a_waiting(4, n=2), a_waiting(4, n=1), a_waiting(4, n=3, priority=0)]
    position = expecting(a_supply(4, TWENTIETH, "PO-2"), hard=((TENTH, 12),), on_hand=4)

    moves = reconcile(position, rows, NOW)

    assert [(m.waiting.order_id, m.quantity, m.due, m.ready) for m in moves] == [
        ("o3", 4, None, True),
        ("o1", 4, TWENTIETH, False),
        ("o2", 4, None, False),
    ]


def test_units_that_lost_their_supply_are_routed_again():
    order, position, _ = a_promised(expecting(a_supply(10)))
    gone = replace(position, supplies=())

    decision = apply_moves(order, moves_of(order, gone), [gone], NOW)

    assert decision is not None
    assert decision.event.type == "unscheduled"
    assert decision.order.lines[0].unplaced() == 5
    assert apply_change(gone, decision.stock[0]).hard == ()
    assert verdict("UntilSettled", "order", saved(decision)) == "RouteAgain"


def test_a_part_that_arrived_is_released_and_the_rest_waits_on():
    rows = [a_waiting(5)]
    position = expecting(a_supply(2), on_hand=3, hard=((TENTH, 5),))

    assert reconcile(position, rows, NOW) == (PreorderMove(waiting=rows[0], quantity=3, due=None, ready=True),)


def test_what_the_shelf_has_on_the_day_is_released_although_the_rest_of_its_order_is_not_there():
    order, position, _ = a_promised(expecting(a_supply(10, "2026-11-20"), on_hand=0), due="2026-11-20")
    day_after = NOW + timedelta(days=2)
    there = replace(position, supplies=(), on_hand=((stock.SELLABLE, 1),))
    rows = [replace(a_waiting(5, "2026-11-20"), order_id=order.order_id, release_on="2026-11-20")]

    decision = apply_moves(order, reconcile(there, rows, day_after), [there], day_after)

    assert decision is not None
    assert {name: [row["quantity"] for row in moved] for name, moved in decision.event.data.items()} == {
        "ready": [1],
        "unscheduled": [4],
    }
    assert decision.order.lines[0].ready() == 1


def test_units_that_other_orders_reserved_are_not_given_away():
    """Three on the shelf, and an order that is due today has them all."""
    position = expecting(a_supply(5), on_hand=3, hard=((TODAY, 3), (TENTH, 5)))

    assert reconcile(position, [a_waiting(5)], NOW) == ()


def test_cancelling_a_pre_order_gives_the_supply_back():
    order, position, _ = a_promised(expecting(a_supply(10)))

    (change,) = cancel(order, None, "changed my mind", "shop", NOW).stock

    assert apply_change(position, with_effect(position, change, NOW)).hard == ()


def test_a_receipt_calls_as_many_backordered_units_as_it_has():
    order = placed(an_order(a_line("TEA-001", 5)))
    waits = order.with_lines([order.lines[0].move("schedule", 5, to=Status.BACKORDERED)])

    decision = receive_stock(waits, {"1": 3}, NOW)

    assert decision is not None
    line = decision.order.lines[0]
    assert (line.unplaced(), line.called, line.waiting()) == (3, 3, 5)
    assert receive_stock(order, {"1": 3}, NOW) is None


def test_a_promise_that_can_be_kept_is_kept_though_more_urgent_orders_came():
    first = a_waiting(5, n=2, priority=5)
    newcomer = a_waiting(5, TWENTIETH, n=1, priority=1)
    position = expecting(a_supply(5), a_supply(5, TWENTIETH, "PO-2"), hard=((TENTH, 5), (TWENTIETH, 5)))

    assert reconcile(position, [first, newcomer], NOW) == ()


def test_a_supply_that_comes_sooner_brings_waiting_units_forward():
    rows = [a_waiting(5, TWENTIETH)]
    position = expecting(a_supply(5), hard=((TWENTIETH, 5),))

    assert reconcile(position, rows, NOW) == (PreorderMove(waiting=rows[0], quantity=5, due=TENTH),)


def test_a_supply_that_arrives_on_its_day_releases_its_units():
    order, position, _ = a_promised(expecting(a_supply(10)))
    that_day = NOW.replace(month=12, day=10)
    arrived = apply_change(
        position, movements.receive(position, a_supply(0), 10, stock.SELLABLE, source="PO-1", n="1", now=that_day)
    )
    rows = [replace(a_waiting(5), order_id=order.order_id)]

    ready = apply_moves(order, reconcile(arrived, rows, that_day), [arrived], that_day)

    assert ready is not None
    assert ready.order.lines[0].ready() == 5
    for change in ready.stock:
        arrived = apply_change(arrived, change)
    assert (arrived.hard, arrived.free) == (((TENTH, 5),), 5)


def test_units_now_and_units_later_of_one_node_are_needed_from_different_days():
    """Five on the shelf, ten to come, eight ordered: five leave now."""
    position = expecting(a_supply(10), on_hand=5)
    order = placed(an_order(a_line("TEA-001", 8)))
    now, later = (
        PlannedFulfillment(
            node=a_node("dc-1"),
            method="SHIP",
            service="STANDARD",
            lines=(PlannedLine(line_id="1", sku="TEA-001", quantity=units, due=due),),
        )
        for units, due in ((5, None), (3, TENTH))
    )

    decision = schedule(order, replace(a_plan(order=order), fulfillments=(now, later)), [position], NOW)

    assert {(change.need, change.due) for change in decision.stock} == {(5, ""), (3, TENTH)}
    assert len({change.movement_id for change in decision.stock}) == 2
    for change in decision.stock:
        assert is_covered(position, change)
        position = apply_change(position, with_effect(position, change, NOW))
    assert position.free == 0


def test_a_hold_on_release_keeps_the_router_away():
    order = placed(an_order(a_line("TEA-001", 1)), a_hold_type("PAYMENT", "release", total_at_least=(0, "USD")))

    assert verdict("UntilSettled", "order", order) is None
    assert verdict("Held", "order", order) is None
    with pytest.raises(Held):
        schedule(order, a_plan(order=order), [], NOW)


days = st.sampled_from((TENTH, FOURTEENTH, TWENTIETH))


@given(
    st.lists(st.tuples(st.integers(1, 5), days), max_size=4),
    st.lists(st.tuples(st.integers(1, 8), days), max_size=3),
    st.integers(0, 6),
)
def test_after_every_move_each_promise_can_be_kept_and_nothing_more_moves(wanted, supplied, on_hand):
    rows = [a_waiting(quantity, due, n) for n, (quantity, due) in enumerate(wanted, start=1)]
    hard: dict[str, int] = {}
    for row in rows:
        hard[row.due] = hard.get(row.due, 0) + row.quantity
    supplies = tuple(a_supply(quantity, eta, f"PO-{n}") for n, (quantity, eta) in enumerate(supplied))
    position = expecting(*supplies, on_hand=on_hand, hard=tuple(sorted(hard.items())))

    moves = reconcile(position, rows, NOW)

    left = dict(hard)
    ready, kept = 0, {row: row.quantity for row in rows}
    for move in moves:
        left[move.waiting.due] -= move.quantity
        kept[move.waiting] -= move.quantity
        if move.due:
            left[move.due] = left.get(move.due, 0) + move.quantity
        ready += move.quantity if move.ready else 0
    after = replace(position, hard=tuple(sorted((due, q) for due, q in {**left, TODAY: ready}.items() if q)))
    assert all(units >= 0 for _, units in stock.net(after, NOW))
    assert all(units >= 0 for units in kept.values())
    total = on_hand + sum(quantity for quantity, _ in supplied)
    starved = sum(m.quantity for m in moves if not m.ready and m.due is None)
    assert starved == max(0, sum(q for q, _ in wanted) - total)


@pytest.mark.parametrize("quantity", [1, 5])
def test_advancing_needs_the_shelf(quantity):
    position = expecting(a_supply(10), hard=((TENTH, 5),), on_hand=quantity - 1)
    held = ReservedUnits(sku="TEA-001", node="dc-1", quantity=quantity, due=TENTH, source="o", line="1", n="1")

    assert not isinstance(movements.advance(position, held, NOW), Change)


def test_worked_cases_of_dated_stock():
    """Each case counts dated stock as `comanda.domain.stock.stock` defines it."""
    due = "2026-11-25"
    both = expecting(a_supply(10), a_supply(10, TWENTIETH, "PO-2"), on_hand=10)
    assert stock.available(both, NOW, TENTH) == 20
    assert stock.available(expecting(a_supply(10), on_hand=5, hard=((TENTH, 5),)), NOW) == 5
    assert stock.available(expecting(a_supply(10, "2026-11-17")), NOW) == 0
    waits = expecting(a_supply(4, due), on_hand=10, hard=(("2026-11-20", 6),))
    assert (stock.available(waits, NOW), stock.available(waits, NOW, due)) == (4, 8)
    ahead = expecting(a_supply(10), on_hand=5, hard=(("2026-12-12", 8),))
    assert (ahead.free, dict(stock.net(ahead, NOW))["2026-12-10"]) == (5, 15)
    slipped = expecting(a_supply(10, FOURTEENTH), on_hand=5, hard=(("2026-12-12", 8),))
    assert (slipped.free, stock.available(slipped, NOW), slipped.over_reserved) == (-3, 0, 3)
    held_back = a_position(on_hand=4, safety=2, hard=((TODAY, 3),))
    assert (stock.available(held_back, NOW), stock.withheld(held_back, NOW), stock.shortage(held_back, NOW)) == (
        0,
        1,
        0,
    )
    two = [a_position(node="a", on_hand=5), a_position(node="b", on_hand=5)]
    assert stock.network(two, [("", 8)], NOW, TODAY) == 2
