"""Each movement changes demand, shelf and `free` as it says, and the ledger rebuilds the counters."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.errors import OutOfStock
from comanda.domain.stock import movements
from comanda.domain.stock.apply_change import apply_change
from comanda.domain.stock.changes import Change, undo
from comanda.domain.stock.movements import adjust, release, reserve, ship, short
from comanda.domain.stock.stock import SELLABLE, Position, Supply
from tests.builders import NOW, TODAY, a_position
from tests.domain.stock.reserved_units import a_request, held, reserved

TOMORROW = "2026-11-20"


def test_a_loss_may_leave_fewer_units_than_are_promised_and_the_missing_ones_are_counted():
    position = apply_change(
        a_position(on_hand=5, hard=((TODAY, 4),)),
        adjust("TEA-001", "dc-1", SELLABLE, -3, source="A1", line="1", reason="count", now=NOW),
    )

    assert (position.free, position.available, position.over_reserved) == (-2, 0, 2)


def test_a_reserve_lowers_free_under_the_condition_that_its_need_is_there():
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
def test_a_quantity_below_one_cannot_be_reserved(quantity):
    with pytest.raises(ValueError, match="cannot reserve"):
        reserve(a_position(), a_request(quantity), NOW)


def test_released_units_are_free_again():
    position = apply_change(reserved(a_position(on_hand=10), 4), release(held(4), NOW))

    assert (position.free, position.hard, position.bucket(SELLABLE)) == (10, (), 10)


@pytest.mark.parametrize("end", [ship, short])
def test_shipped_and_short_units_lower_the_shelf_and_the_demand_together(end):
    position = apply_change(reserved(a_position(on_hand=10), 4), end(held(3), NOW))

    assert (position.free, position.hard, position.bucket(SELLABLE)) == (6, ((TODAY, 1),), 7)
    assert end(held(3), NOW).kind == end.__name__


def test_only_sellable_units_are_free():
    damaged = adjust("TEA-001", "dc-1", "damaged", 5, source="A1", line="1", reason="broken", now=NOW)
    found = adjust("TEA-001", "dc-1", SELLABLE, 5, source="A1", line="2", reason="found", now=NOW)

    position = apply_change(apply_change(a_position(on_hand=1), damaged), found)

    assert position.on_hand == (("damaged", 5), (SELLABLE, 6))
    assert (position.free, position.bucket("damaged"), position.bucket("quarantine")) == (6, 5, 0)
    assert damaged.creates
    assert damaged.movement_id != found.movement_id


def soft(quantity, expires="20261119T1400Z", due=TODAY):
    return replace(held(quantity, due=due), expires=expires)


def with_soft(position, *units):
    buckets = tuple((one.due, one.expires, one.quantity) for one in units)
    return replace(position, soft=buckets, free=position.free - sum(one.quantity for one in units))


def test_soft_units_become_hard_get_another_minute_or_become_the_demand_of_an_order():
    position = with_soft(a_position(on_hand=10), soft(4))

    promoted = apply_change(position, movements.promote(soft(4), NOW))
    extended = apply_change(position, movements.extend(soft(4), "20261119T1500Z", NOW))
    consumed = apply_change(position, movements.consume(soft(4), a_request(4), NOW))

    assert (promoted.hard, promoted.soft, promoted.free) == (((TODAY, 4),), (), 6)
    assert (extended.hard, extended.soft, extended.free) == ((), ((TODAY, "20261119T1500Z", 4),), 6)
    assert (consumed.hard, consumed.soft, consumed.free) == (((TODAY, 4),), (), 6)


def test_a_consumed_unit_is_a_movement_of_the_order():
    assert movements.consume(soft(4), a_request(4), NOW).movement_id == "ord_1#1#001.1#consume"


def test_expired_units_are_taken_back_once_and_those_of_many_chunks_are_left_to_their_header():
    over, chunked, live = soft(2, "20261119T0900Z"), soft(3, "20261119T0900Z+"), soft(1)
    position = with_soft(a_position(on_hand=10), over, chunked, live)

    change = movements.expire(position, NOW)

    assert change is not None
    after = apply_change(position, change)
    assert after.soft == ((TODAY, "20261119T0900Z+", 3), (TODAY, "20261119T1400Z", 1))
    assert after.free == 6
    assert movements.expire(after, NOW) is None


def test_units_for_a_later_day_are_advanced_when_the_shelf_has_spare_ones():
    position = a_position(on_hand=5, hard=((TODAY, 2), (TOMORROW, 3)))

    moved = movements.advance(position, held(3, due=TOMORROW), NOW)
    refused = movements.advance(replace(position, on_hand=((SELLABLE, 4),), free=-1), held(3, due=TOMORROW), NOW)

    assert isinstance(moved, Change)
    assert apply_change(position, moved).hard == ((TODAY, 5),)
    assert (moved.need, moved.until) == (3, TOMORROW)
    assert isinstance(refused, OutOfStock)
    assert refused.available == 2


def test_units_whose_day_has_come_are_advanced_only_if_the_shelf_covers_all_that_is_due():
    covered, short_of_one = (a_position(on_hand=units, hard=((TODAY, 5),)) for units in (5, 4))

    moved = movements.advance(covered, held(3), NOW)
    refused = movements.advance(short_of_one, held(3), NOW)

    assert isinstance(moved, Change)
    assert moved.kind == "advance"
    assert isinstance(refused, OutOfStock)
    assert refused.available == 2


def test_redated_units_are_promised_for_the_other_day():
    position = a_position(on_hand=5, hard=((TODAY, 2),))

    assert apply_change(position, movements.redate(held(2), TOMORROW, NOW)).hard == ((TOMORROW, 2),)


def test_a_received_unit_leaves_the_supply_and_lies_on_the_shelf():
    coming = Supply(supply_id="PO-1.1", type="PURCHASE_ORDER", eta=TOMORROW, quantity=5)
    announced = movements.supply(a_position(on_hand=1), [coming], source="po", n="1", reason="", now=NOW)
    position = apply_change(a_position(on_hand=1), announced)

    left = replace(coming, quantity=2)
    received = movements.receive(position, left, 3, SELLABLE, source="po", n="2", now=NOW)

    after = apply_change(position, received)
    assert (position.free, position.supplies) == (1, (coming,))
    assert (after.free, after.bucket(SELLABLE), after.supplies) == (4, 4, (left,))


def test_time_alone_lowers_free_when_a_supply_is_too_late():
    late = Supply(supply_id="PO-1.1", type="PURCHASE_ORDER", eta="2026-11-15", quantity=5)
    position = a_position(on_hand=1, hard=((TOMORROW, 3),), supplies=(late,), free=1)

    change = movements.reevaluate(position, NOW)

    assert change is not None
    assert apply_change(position, change).free == -2
    assert movements.reevaluate(apply_change(position, change), NOW) is None


def test_empty_days_of_the_past_leave_the_item_with_the_next_change():
    spent = (("hard", "2026-11-18"), ("hard", TOMORROW), ("soft", f"{TODAY}|20261119T0900Z"))
    position = replace(a_position(on_hand=5), spent=spent)

    change = reserve(position, a_request(1), NOW)

    assert isinstance(change, Change)
    assert change.clears == (spent[0], spent[2])
    assert apply_change(position, change).spent == (spent[1],)


def test_an_order_sees_the_units_that_are_reserved_for_it_as_free():
    position, other = a_position(on_hand=5, hard=((TODAY, 4),)), a_position(node="dc-2")

    seen = movements.with_units_released([position, other], [held(3), held(1, node="dc-9")], NOW)

    assert [one.free for one in seen] == [4, 10]


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
