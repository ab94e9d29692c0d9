"""A reservation keeps units until it ends, and each unit is taken or given back once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.reservations.reservations import (
    COMMITTED,
    EXPIRED,
    GIVEN,
    HELD,
    PENDING,
    RELEASED,
    SOFT,
    Chunk,
    LinePart,
    Reservation,
    ReservationEnded,
    ReservationExpired,
    ReservationPending,
    ReservedLine,
    Take,
    expiry,
    follow_header,
    next_bucket,
    require_live,
    reserved_units,
    units_by_node,
)
from comanda.domain.stock.changes import Request
from comanda.domain.stock.stock import SELLABLE, Position
from tests.domain.models.taking import consume

NOW = datetime(2026, 11, 22, 12, 1, tzinfo=UTC)
TODAY, LATER = "2026-11-22", "2026-12-01"
UNTIL = datetime(2026, 11, 22, 12, 15, tzinfo=UTC)


def a_line(sku: str = "TEA", quantity: int = 4, node: str = "n1", due: str = TODAY, number: int = 0) -> ReservedLine:
    parts = (LinePart(node=node, quantity=quantity),)
    return ReservedLine(number=number, rows=(number,), sku=sku, wanted=quantity, due=due, parts=parts)


def a_reservation(*lines: ReservedLine, state: str = HELD, **more: object) -> Reservation:
    expires = UNTIL if state in (HELD, PENDING) else None
    chunk = Chunk(number=1, state=HELD if expires else COMMITTED, lines=lines or (a_line(),), expires=expires)
    made = Reservation(
        reservation_id="rsv_1",
        owner="shop",
        content="",
        kind=SOFT,
        state=state,
        created=NOW,
        expires=expires,
        next_look=expires,
        made=True,
        chunks=(chunk,),
    )
    return replace(made, **more)  # type: ignore[arg-type]


def a_take(quantity: int, sku: str = "TEA", node: str = "n1", line: str = "1", due: str = TODAY) -> Take:
    return Take(sku=sku, node=node, request=Request(quantity=quantity, source="ord_1", line=line, n="001", due=due))


def a_position(units: int = 10, node: str = "n1", lane: int = 0, **more: object) -> Position:
    made = Position(sku="TEA", node=node, lane=lane, on_hand=((SELLABLE, units),), free=units)
    return replace(made, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("minute", "second", "ends"), [(0, 0, 10), (0, 1, 15), (4, 59, 15), (5, 0, 15), (5, 1, 20), (55, 0, 65)]
)
def test_ten_minutes_end_on_the_next_full_five(minute: int, second: int, ends: int):
    hour = datetime(2026, 11, 22, 12, tzinfo=UTC)

    assert expiry(hour + timedelta(minutes=minute, seconds=second), 600) == hour + timedelta(minutes=ends)


@given(st.integers(0, 10**15))
def test_a_bucket_is_never_before_its_moment_and_never_five_minutes_after(microseconds: int):
    at = NOW + timedelta(microseconds=microseconds)

    bucket = next_bucket(at)

    assert timedelta() <= bucket - at < timedelta(minutes=5)
    assert (bucket.minute % 5, bucket.second, bucket.microsecond) == (0, 0, 0)
    assert next_bucket(bucket) == bucket


@pytest.mark.parametrize("seconds", [-1, 0, 59, 14_401])
def test_a_soft_reservation_lasts_from_one_minute_to_four_hours(seconds: int):
    with pytest.raises(ValueError, match="kept for"):
        expiry(NOW, seconds)


@pytest.mark.parametrize(
    ("found", "error"),
    [
        (a_reservation(), None),
        (a_reservation(state=COMMITTED), None),
        (a_reservation(state=PENDING), ReservationPending),
        (a_reservation(state=RELEASED), ReservationEnded),
        (a_reservation(state=EXPIRED), ReservationExpired),
        (a_reservation(state=COMMITTED, order_id="ord_1"), ReservationEnded),
        (a_reservation(expires=NOW), ReservationExpired),
        (a_reservation(state=PENDING, next_look=NOW), ReservationExpired),
    ],
)
def test_a_reservation_may_be_used_until_it_has_ended(found: Reservation, error: type[Exception] | None):
    if error is None:
        require_live(found, NOW)
    else:
        with pytest.raises(error):
            require_live(found, NOW)


def test_a_reservation_is_over_at_its_very_minute():
    assert a_reservation().state_at(UNTIL - timedelta(microseconds=1)) == HELD
    assert a_reservation().state_at(UNTIL) == EXPIRED


def test_the_header_decides_about_the_units_of_many_chunks():
    single, many = a_reservation(), a_reservation(many=True)

    assert [units.expires for units in reserved_units(single, single.chunks[0])] == ["20261122T1215Z"]
    assert [units.expires for units in reserved_units(many, many.chunks[0])] == ["20261122T1215Z+"]


@pytest.mark.parametrize(
    ("state", "order_id", "before", "kinds", "after"),
    [
        (COMMITTED, None, HELD, ["promote"], COMMITTED),
        (COMMITTED, None, COMMITTED, None, None),
        (COMMITTED, "ord_1", HELD, [], GIVEN),
        (RELEASED, None, HELD, ["release"], GIVEN),
        (RELEASED, None, COMMITTED, ["release"], GIVEN),
        (EXPIRED, None, HELD, ["release"], GIVEN),
        (EXPIRED, None, GIVEN, None, None),
        (HELD, None, HELD, None, None),
        (PENDING, None, HELD, None, None),
    ],
)
def test_a_chunk_follows_its_header(
    state: str, order_id: str | None, before: str, kinds: list[str] | None, after: str | None
):
    found = a_reservation(state=state, order_id=order_id, many=True)
    chunk = Chunk(number=2, state=before, lines=(a_line(),), expires=UNTIL if before == HELD else None)

    step = follow_header(found, chunk, NOW)

    assert (step is None) == (kinds is None)
    if step is not None:
        assert [change.kind for change in step[1]] == kinds
        assert (step[0].state, step[0].rev) == (after, 1)


def test_an_order_takes_its_reserved_units_and_learns_which_are_missing():
    found = a_reservation(a_line(quantity=4), a_line("CUP", 2, number=1))

    consumed = consume(found, [a_take(3), a_take(3, line="2")], NOW)

    assert [(c.kind, c.sku, c.source, c.line) for c in consumed.changes] == [
        ("consume", "TEA", "ord_1", "1"),
        ("consume", "TEA", "ord_1", "2"),
        ("release", "CUP", "rsv_1", "1"),
    ]
    assert [sum(n for _, n in c.demand) for c in consumed.changes] == [3, 1, 0]
    assert [(take.request.line, take.request.quantity) for take in consumed.missing] == [("2", 2)]


def test_an_order_takes_the_units_of_its_own_day_first():
    found = a_reservation(a_line(quantity=2, due=LATER), a_line(quantity=2, number=1))

    consumed = consume(found, [a_take(2)], NOW)

    assert [(c.kind, c.soft[0][0]) for c in consumed.changes] == [("consume", TODAY), ("release", LATER)]


def test_units_reserved_for_a_later_day_are_taken_today_only_if_they_are_available_today():
    found = a_reservation(a_line(quantity=3, due=LATER))

    freed, reserved = consume(found, [a_take(3)], NOW).changes

    assert (freed.kind, reserved.kind, reserved.need, reserved.dated) == ("release", "reserve", 3, True)


@given(
    st.lists(st.tuples(st.sampled_from("AB"), st.integers(1, 9)), min_size=1, max_size=6),
    st.lists(st.tuples(st.sampled_from("ABC"), st.integers(1, 9)), max_size=6),
)
def test_every_reserved_unit_is_taken_or_given_back_once(kept: list[tuple[str, int]], wants: list[tuple[str, int]]):
    found = a_reservation(*(a_line(sku, units, number=i) for i, (sku, units) in enumerate(kept)))

    consumed = consume(found, [a_take(units, sku, line=str(i)) for i, (sku, units) in enumerate(wants)], NOW)

    assert -sum(units for c in consumed.changes for _, _, units in c.soft) == sum(units for _, units in kept)
    taken = sum(units for c in consumed.changes for _, units in c.demand)
    assert taken + sum(take.request.quantity for take in consumed.missing) == sum(units for _, units in wants)
    names = [(*change.position_key, change.movement_id) for change in consumed.changes]
    assert len(set(names)) == len(names)


def test_units_are_counted_by_sku_and_node():
    found = a_reservation(a_line(quantity=4), a_line(quantity=2, due=LATER, number=1), a_line("CUP", 1, "n2", number=2))

    assert units_by_node(found) == {("TEA", "n1"): 6, ("CUP", "n2"): 1}
