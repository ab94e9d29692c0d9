"""A scan counts a unit once for the person who picks its line; a person takes back their own last scan."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.errors import Claimed, NotAllowed
from comanda.domain.picking.pick_session import LEASE, MAY_UNDO, MOST_STEPS, PickSession, after_change, left, scan, undo

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
SOON = timedelta(minutes=1)


def scanned(session: PickSession, line: str, by: str = "ann", now: datetime = NOW, **more) -> PickSession:
    return scan(session, line, more.pop("quantity", 1), more.pop("left", 99), by, now, **more)


def test_scans_are_counted_by_line():
    session = scanned(scanned(scanned(PickSession(), "1"), "2", quantity=3), "1")

    assert session.units == {"1": 2, "2": 3}
    assert [left(session, line, 5) for line in ("1", "2", "3")] == [3, 2, 5]


def test_no_more_units_are_scanned_than_are_left():
    with pytest.raises(NotAllowed, match="line 1: 1 units are left"):
        scanned(PickSession(), "1", quantity=2, left=1)


def test_whoever_scans_first_picks_all_until_they_scan_no_more():
    session = scanned(PickSession(), "1")
    with pytest.raises(Claimed) as refused:
        scanned(session, "2", "bob", NOW + SOON)
    assert (refused.value.by, refused.value.until) == ("ann", NOW + LEASE)

    session = scanned(session, "1", "ann", NOW + SOON)  # it has more time now
    with pytest.raises(Claimed):
        scanned(session, "2", "bob", NOW + LEASE)
    session = scanned(session, "2", "bob", NOW + SOON + LEASE)

    with pytest.raises(Claimed):
        scanned(session, "1", "ann", NOW + SOON + LEASE)


def test_another_person_joins_by_taking_a_line():
    session = scanned(scanned(PickSession(), "1"), "2", "bob", takes=True)

    assert scanned(session, "1").units == {"1": 2, "2": 1}
    assert scanned(session, "2", "bob").units == {"1": 1, "2": 2}
    for line, by in (("2", "ann"), ("1", "bob"), ("3", "bob")):
        with pytest.raises(Claimed):
            scanned(session, line, by)
    assert scanned(session, "2", takes=True).picker_of("2", NOW).by == "ann"


def test_a_person_takes_back_their_own_last_scan():
    session = scanned(scanned(PickSession(), "1", quantity=2), "2", "bob", takes=True)

    after, taken = undo(session, "ann", NOW + SOON)

    assert (taken.line_id, taken.quantity, after.units) == ("1", 2, {"2": 1})
    with pytest.raises(NotAllowed):
        undo(after, "ann", NOW + SOON)
    assert undo(after, "bob", NOW + MAY_UNDO)[0].units == {}
    with pytest.raises(NotAllowed, match="last 10 minutes"):
        undo(after, "bob", NOW + MAY_UNDO + SOON)


def test_units_that_are_not_picked_any_more_leave_the_session():
    session = scanned(scanned(PickSession(), "1", quantity=3), "2")

    assert after_change(session, {"1": 3, "2": 4}, {}) == (session, {})
    for picking, advanced, stays, over in (
        ({"1": 2}, {}, {"1": 2}, {"1": 1, "2": 1}),  # cancelled
        ({"2": 1}, {"1": 3}, {"2": 1}, {}),  # all of a line is picked
        ({"1": 2, "2": 1}, {"1": 1}, {"1": 2, "2": 1}, {}),  # a part of it
        ({"2": 1}, {"1": 2}, {"2": 1}, {"1": 1}),  # a part of it, and the other is cancelled
        ({"1": 5, "2": 1}, {"1": 4}, {"2": 1}, {}),  # more than was scanned
    ):
        after, back = after_change(session, picking, advanced)
        assert (after.units, back, after.claims) == (stays, over, session.claims)
    assert left(session, "1", 2) == 0


def test_what_is_picked_is_not_undone():
    session = scanned(scanned(scanned(PickSession(), "1"), "1"), "2")
    after, _ = after_change(session, {"1": 1}, {"1": 1, "2": 1})

    after, taken = undo(after, "ann", NOW)

    assert (taken.line_id, after.units) == ("1", {})
    with pytest.raises(NotAllowed):
        undo(after, "ann", NOW)


@given(st.data())
def test_any_order_of_scans_and_undos_of_two_people_counts_each_unit_once(data: st.DataObject):
    """The model counts what stands: what was scanned and not undone, by line."""
    session, now, to_pick = PickSession(), NOW, {"1": 3, "2": 5}
    stand = Counter[str]()
    kept: list[tuple[str, str, int, datetime]] = []
    for _ in range(data.draw(st.integers(0, 30))):
        now += timedelta(minutes=data.draw(st.sampled_from((0, 1, 4, 11))))
        by, line = data.draw(st.sampled_from(("ann", "bob"))), data.draw(st.sampled_from(("1", "2")))
        if data.draw(st.integers(0, 3)) == 0:
            mine = [one for one in kept if one[0] == by]
            try:
                session, taken = undo(session, by, now)
            except NotAllowed:
                assert not mine or now - mine[-1][3] > MAY_UNDO
                continue
            assert (taken.line_id, taken.quantity) == mine[-1][1:3]
            kept.remove(mine[-1])
            stand[taken.line_id] -= taken.quantity
            continue
        quantity = data.draw(st.integers(1, 3))
        try:
            session = scan(
                session, line, quantity, left(session, line, to_pick[line]), by, now, takes=data.draw(st.booleans())
            )
        except (Claimed, NotAllowed):
            continue
        kept = [*kept, (by, line, quantity, now)][-MOST_STEPS:]
        stand[line] += quantity
        assert session.picker_of(line, now).by == by

        assert session.units == dict(+stand)
        assert all(session.units.get(one, 0) <= most for one, most in to_pick.items())
        assert len(session.steps) <= MOST_STEPS
