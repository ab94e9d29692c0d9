"""The lanes of a hot position share its units, and lose none."""

from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.stock import lanes


@given(st.text(max_size=20), st.integers(0, 40))
def test_a_request_tries_every_lane_once(request_id: str, more: int):
    assert sorted(lanes.lane_order(request_id, more)) == list(range(more + 1))


@given(st.lists(st.integers(-5, 50), min_size=1, max_size=12), st.integers(0, 10))
def test_evening_moves_leave_lanes_within_one_unit_of_each_other_and_lose_none(free: list[int], kept: int):
    after = list(free)
    for source, to, units in lanes.evening_moves(free, kept):
        assert units > 0
        after[source] -= units
        after[to] += units
        assert after[source] >= 0

    assert sum(after) == sum(free)
    if min(free) >= 0 and sum(free) >= kept:
        lanes_without_safety = [after[0] - kept, *after[1:]]
        assert max(lanes_without_safety) - min(lanes_without_safety) <= 1


@given(st.lists(st.integers(0, 50), min_size=1, max_size=12))
def test_gathering_moves_bring_all_units_to_the_first_lane(free: list[int]):
    after = list(free)
    for source, to, units in lanes.gathering_moves(free):
        after[source] -= units
        after[to] += units

    assert after == [sum(free), *[0] * (len(free) - 1)]


def test_a_dry_lane_is_relieved_only_when_it_is_worth_a_transaction():
    assert lanes.relief_move([0, 40, 20], 0) == (1, 0, 20)
    assert lanes.relief_move([0, 10, 5], 0) is None
    assert lanes.relief_move([40, 0], 0) is None
