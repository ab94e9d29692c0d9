"""A node is closed during its closures, and a single day may have a limit of its own."""

from dataclasses import replace

from tests.builders import NOW, a_node, later


def test_a_node_is_closed_from_the_first_moment_of_a_closure_until_the_last():
    node = replace(a_node("dc-1"), closures=((later(hours=1), later(hours=2)),))

    assert [node.closed(later(minutes=m)) for m in (59, 60, 119, 120)] == [False, True, True, False]


def test_a_closure_without_an_end_lasts_until_further_notice():
    assert replace(a_node("dc-1"), closures=((NOW, None),)).closed(later(days=1_000))


def test_a_day_with_a_limit_of_its_own_does_not_have_the_usual_one():
    node = replace(a_node("dc-1"), units_per_day=10, limits=(("2026-11-26", 0),))

    assert [node.units_on(day) for day in ("2026-11-25", "2026-11-26")] == [10, 0]
    assert replace(node, units_per_day=None, limits=()).units_on("2026-11-26") is None
