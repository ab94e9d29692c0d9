"""Stock of one sku at one node: what may be taken, what each change does, and that the ledger rebuilds the counters."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.errors import OutOfStock
from comanda.domain.stock import movements
from comanda.domain.stock.apply_change import apply_change
from comanda.domain.stock.changes import Change, Request, ReservedUnits, sum_changes, undo
from comanda.domain.stock.movements import adjust, release, reserve, ship, short
from comanda.domain.stock.stock import SELLABLE, Position
from tests.builders import NOW, TODAY, a_position

TOMORROW = "2026-11-20"


def a_request(quantity, line="1", n="001.1", due=TODAY):
    return Request(quantity=quantity, source="ord_1", line=line, n=n, due=due)


def held(quantity, line="1", n="001.2", due=TODAY, node="dc-1"):
    return ReservedUnits(sku="TEA-001", node=node, quantity=quantity, due=due, source="ord_1", line=line, n=n)


def reserved(position, quantity, **request):
    change = reserve(position, a_request(quantity, **request), NOW)
    assert isinstance(change, Change)
    return apply_change(position, change)


def test_four_on_hand_safety_two_demand_three_leaves_nothing():
    position = a_position(on_hand=4, safety=2, hard=((TODAY, 3),))

    assert (position.free, position.available, position.over_reserved) == (1, 0, 0)


def test_a_loss_may_leave_less_than_was_promised_and_says_by_how_much():
    position = apply_change(
        a_position(on_hand=5, hard=((TODAY, 4),)),
        adjust("TEA-001", "dc-1", SELLABLE, -3, source="A1", line="1", reason="count", now=NOW),
    )

    assert (position.free, position.available, position.over_reserved) == (-2, 0, 2)


def test_a_reserve_takes_from_what_is_free_while_need_is_there():
    change = reserve(a_position(on_hand=10, safety=2), a_request(3), NOW)

    assert isinstance(change, Change)
    assert (change.kind, change.free, change.demand, change.need, change.on_hand) == (
        "reserve",
        -3,
        ((TODAY, 3),),
        5,
        (),
    )
    assert change.movement_id == "ord_1#1#001.1#reserve"
    assert not change.creates
    after = apply_change(a_position(on_hand=10, safety=2), change)
    assert (after.free, after.demand, after.bucket(SELLABLE), after.rev) == (7, 3, 10, 1)


def test_the_last_unit_above_safety_can_be_reserved_and_no_more():
    position = a_position(on_hand=5, safety=2)

    refused = reserve(position, a_request(4), NOW)

    assert isinstance(refused, OutOfStock)
    assert (refused.sku, refused.node, refused.asked, refused.available) == ("TEA-001", "dc-1", 4, 3)
    assert reserved(position, 3).available == 0


@pytest.mark.parametrize("quantity", [0, -1])
def test_no_units_cannot_be_reserved(quantity):
    with pytest.raises(ValueError, match="cannot reserve"):
        reserve(a_position(), a_request(quantity), NOW)


def test_released_units_are_free_again():
    position = apply_change(reserved(a_position(on_hand=10), 4), release(held(4), NOW))

    assert (position.free, position.hard, position.bucket(SELLABLE)) == (10, (), 10)


@pytest.mark.parametrize("end", [ship, short])
def test_units_that_leave_or_were_never_there_fall_from_shelf_and_promise_together(end):
    position = apply_change(reserved(a_position(on_hand=10), 4), end(held(3), NOW))

    assert (position.free, position.hard, position.bucket(SELLABLE)) == (6, ((TODAY, 1),), 7)
    assert end(held(3), NOW).kind == end.__name__


def test_an_undone_reserve_leaves_no_trace_but_its_movements():
    position = a_position(on_hand=10)
    change = reserve(position, a_request(4), NOW)
    assert isinstance(change, Change)

    back = undo(change)

    assert apply_change(apply_change(position, change), back) == replace(position, rev=2)
    assert (back.kind, back.need, back.movement_id) == ("undo", None, "ord_1#1.reserve#001.1#undo")


def test_two_movements_of_one_line_at_one_place_are_undone_by_two():
    kept = ReservedUnits(sku="TEA-001", node="dc-1", quantity=1, due=TODAY, source="ord_1", line="1", n="001.1")
    taken = movements.consume(kept, a_request(1), NOW)
    reserve_ = reserve(a_position(on_hand=10), a_request(1), NOW)
    assert isinstance(reserve_, Change)

    assert undo(taken).movement_id != undo(reserve_).movement_id


def test_an_undone_shipment_puts_the_units_back():
    position = reserved(a_position(on_hand=10), 4)

    again = apply_change(apply_change(position, ship(held(4), NOW)), undo(ship(held(4), NOW)))

    assert again == replace(position, rev=3)


def test_only_sellable_units_are_free():
    damaged = adjust("TEA-001", "dc-1", "damaged", 5, source="A1", line="1", reason="broken", now=NOW)
    found = adjust("TEA-001", "dc-1", SELLABLE, 5, source="A1", line="2", reason="found", now=NOW)

    position = apply_change(apply_change(a_position(on_hand=1), damaged), found)

    assert position.on_hand == (("damaged", 5), (SELLABLE, 6))
    assert (position.free, position.bucket("damaged"), position.bucket("quarantine")) == (6, 5, 0)
    assert damaged.creates
    assert damaged.movement_id != found.movement_id


def test_two_lines_of_one_position_are_one_change_that_needs_safety_once():
    position = a_position(on_hand=10, safety=2)
    both = [reserve(position, a_request(q, line=line), NOW) for q, line in ((3, "1"), (4, "2"))]

    (change,) = sum_changes(c for c in both if isinstance(c, Change))

    assert (change.free, change.need, change.demand) == (-7, 9, ((TODAY, 7),))
    assert change.movement_id == "ord_1#1#001.1#reserve"


def test_reservations_of_two_days_end_in_one_change():
    (change,) = sum_changes([release(held(1), NOW), release(held(2, due=TOMORROW), NOW), release(held(4), NOW)])

    assert change.demand == ((TODAY, -5), (TOMORROW, -2))
    assert change.free == 7


def test_changes_come_sorted_so_that_two_writers_meet_in_the_same_order():
    changes = [release(held(1, node=node), NOW) for node in ("c", "a", "b")]

    assert [c.node for c in sum_changes(changes)] == ["a", "b", "c"]
    assert sum_changes([]) == ()


def test_shipping_and_releasing_stay_two_changes():
    assert [c.kind for c in sum_changes([ship(held(1), NOW), release(held(1), NOW)])] == ["release", "ship"]


STEPS = st.lists(
    st.tuples(st.sampled_from(("reserve", "release", "ship", "short", "adjust", "undo")), st.integers(1, 6)),
    max_size=30,
)


@given(st.integers(0, 20), st.integers(0, 3), STEPS)
def test_free_is_on_hand_less_demand_and_the_ledger_rebuilds_it(on_hand, safety, steps):
    opening = position = a_position(on_hand=on_hand, safety=safety)
    ledger: dict[str, Change] = {}
    last: Change | None = None

    for i, (kind, quantity) in enumerate(steps):
        change: Change | OutOfStock | None = None
        due, n = (TODAY, TOMORROW)[i % 2], f"001.{i}"
        if kind == "reserve":
            change = reserve(position, a_request(quantity, n=n, due=due), NOW)
            assert isinstance(change, OutOfStock) == (position.available < quantity)
        elif kind == "adjust":
            change = adjust("TEA-001", "dc-1", SELLABLE, quantity, source=f"A{i}", line="1", reason="x", now=NOW)
        elif kind == "undo":
            change = undo(last) if last else None
            last = None
        elif dict(position.hard).get(due, 0) >= quantity:
            change = {"release": release, "ship": ship, "short": short}[kind](held(quantity, n=n, due=due), NOW)
        if isinstance(change, Change):
            assert change.movement_id not in ledger
            ledger[change.movement_id] = change
            position = apply_change(position, change)
            last = change if change.kind == "reserve" else None

        assert position.free == position.bucket(SELLABLE) - position.demand
        assert position.free >= 0
        assert all(quantity > 0 for _, quantity in position.hard)

    rebuilt: Position = opening
    for change in ledger.values():
        rebuilt = apply_change(rebuilt, change)
    assert rebuilt == position
    assert position.rev == len(ledger)
