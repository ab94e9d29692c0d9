"""A node's books end with the units on its shelf, in any order in which a day is reported."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.stock import counts
from comanda.domain.stock.apply_change import apply_change
from comanda.domain.stock.changes import Change
from comanda.domain.stock.count_corrections import COUNTED_OUT, with_correction
from comanda.domain.stock.counts import Count
from comanda.domain.stock.stock import SELLABLE, Position
from tests.builders import NOW, TODAY, a_position

MINUTE = timedelta(minutes=1)


def a_count(units, at=NOW, **buckets):
    named = ((SELLABLE, units), *buckets.items())
    return Count(sku="TEA-001", node="dc-1", units=named, counted_at=at, source="acme.C-1")


def counted(position, units, since=None, at=NOW):
    (change,) = counts.count([position], a_count(units, at), since or {}, NOW)
    return apply_change(position, change)


def test_the_shelf_holds_the_counted_units_and_those_moved_since():
    after = counted(a_position(on_hand=10), 8, {SELLABLE: -3})

    assert (after.bucket(SELLABLE), after.free, after.counted_at) == (5, 5, NOW)


def test_a_shelf_never_holds_fewer_than_zero_units():
    after = counted(a_position(on_hand=10), 2, {SELLABLE: -3})

    assert after.bucket(SELLABLE) == 0


def test_a_count_is_a_movement_of_its_source_and_its_reason_names_the_counted_units():
    (change,) = counts.count([a_position(on_hand=10)], a_count(8, damaged=1), {}, NOW)

    assert change.movement_id == "acme.C-1#count#1#count"
    assert change.reason == "counted sellable 8, damaged 1"
    assert change.on_hand == ((SELLABLE, -2), ("damaged", 1))


def test_missing_units_are_taken_from_the_first_lanes_and_further_units_go_to_the_first():
    lanes = [a_position(on_hand=2), replace(a_position(on_hand=5), lane=1), replace(a_position(on_hand=5), lane=2)]

    fewer = counts.count(lanes, a_count(4), {}, NOW)
    more = counts.count(lanes, a_count(20), {}, NOW)

    assert [dict(change.on_hand).get(SELLABLE, 0) for change in fewer] == [-2, -5, -1]
    assert [dict(change.on_hand).get(SELLABLE, 0) for change in more] == [8, 0, 0]


def test_units_that_a_count_misses_are_unpromised_ones_first():
    promised = a_position(on_hand=5, hard=((TODAY, 5),))
    lanes = [promised, replace(a_position(on_hand=5), lane=1)]

    changes = counts.count(lanes, a_count(5), {}, NOW)

    after = [apply_change(lane, change) for lane, change in zip(lanes, changes, strict=True)]
    assert [(lane.bucket(SELLABLE), lane.free) for lane in after] == [(5, 0), (0, 0)]


def test_further_units_that_a_count_finds_fill_the_shortage_of_a_lane_first():
    short = replace(a_position(on_hand=3, hard=((TODAY, 5),)), lane=1)

    changes = counts.count([a_position(on_hand=4), short], a_count(10), {}, NOW)

    assert [dict(change.on_hand).get(SELLABLE, 0) for change in changes] == [1, 2]


def test_a_correction_of_the_books_moved_no_unit():
    lines = [("", {SELLABLE: -3}), (COUNTED_OUT, {SELLABLE: 3}), ("delta", {SELLABLE: 2, "damaged": 1})]

    assert counts.moved(lines) == {SELLABLE: -1, "damaged": 1}


@pytest.mark.parametrize(
    ("happened", "code"),
    [
        (NOW + 5 * MINUTE, None),
        (NOW + 5 * MINUTE + timedelta(seconds=1), "in-the-future"),
        (NOW - 60 * MINUTE, "counted-since"),
        (NOW - 60 * MINUTE + timedelta(seconds=1), None),
        (NOW - timedelta(days=31, seconds=1), "too-old"),
    ],
)
def test_a_count_is_refused_if_its_moment_is_too_old_or_in_the_future_or_counted_since(happened, code):
    position = replace(a_position(), counted_at=NOW - 60 * MINUTE)

    found = counts.too_late([position], happened, NOW)

    assert (found[0] if found else None) == code


def test_the_variance_is_the_units_due_today_that_the_shelf_does_not_hold():
    position = a_position(on_hand=3, hard=((TODAY, 4), ("2026-12-24", 9)))

    assert counts.variance([position], NOW) == 1
    assert counts.variance([replace(position, on_hand=((SELLABLE, 4),))], NOW) == 0


EVENTS = st.lists(
    st.tuples(st.integers(0, 60), st.sampled_from(["ship", "receive", "count"]), st.integers(1, 5)), max_size=12
)


@given(EVENTS, st.randoms(use_true_random=False))
def test_the_books_end_with_the_shelf_in_any_order_in_which_a_day_is_reported(events, order):
    """Counts are exact, the shelf is never empty, and a count that is reported late is refused."""
    at = {i: NOW + minute * MINUTE + timedelta(seconds=i) for i, (minute, _, _) in enumerate(events)}
    shelf, found = 1000, {}
    for i, (_, kind, units) in sorted(enumerate(events), key=lambda event: at[event[0]]):
        shelf += {"ship": -units, "receive": units, "count": 0}[kind]
        found[i] = shelf
    reported = [*range(len(events))]
    order.shuffle(reported)
    position, ledger = a_position(on_hand=1000), []
    for i in reported:
        _, kind, units = events[i]
        if kind == "count":
            if counts.too_late([position], at[i], at[i]) is None:
                since = counts.moved((line.reason, dict(line.on_hand)) for line in ledger if happened(line) > at[i])
                made = counts.count([position], replace(a_count(found[i], at[i])), since, NOW)
            else:
                made = ()
        else:
            made = with_correction(position, a_movement(kind, units, at[i], str(i)))
        for change in made:
            position = apply_change(position, change)
            ledger.append(change)

    assert position.bucket(SELLABLE) == shelf
    assert position.free == shelf


def happened(line):
    return line.occurred or NOW + timedelta(days=1)


def a_movement(kind, units, at, name):
    signed = -units if kind == "ship" else units
    return Change(
        sku="TEA-001",
        node="dc-1",
        kind=kind,
        source=name,
        line="1",
        n="1",
        at=NOW,
        free=signed,
        on_hand=((SELLABLE, signed),),
        occurred=at,
    )


def test_an_empty_position_is_counted_too():
    after = counted(Position(sku="TEA-001", node="dc-1"), 3)

    assert (after.bucket(SELLABLE), after.free) == (3, 3)
