"""The work of a node is checked again for 15 minutes after its closures or limits change."""

from dataclasses import replace

import pytest

from comanda.domain.nodes.closures import can_do_more, changed_lately, closed_days, needs_watching, reopened
from tests.builders import NOW, a_node, later
from tests.domain.models.journeys import EVERY_DAY, a_calendar

QUIET = a_node("dc-1")


@pytest.mark.parametrize(("minutes", "found"), [(119, False), (120, True), (135, True), (136, False)])
def test_a_node_has_reopened_for_15_minutes_after_its_closure(minutes, found):
    node = replace(QUIET, closures=((NOW, later(hours=2)),))

    assert reopened(node, later(minutes=minutes)) == found


def test_a_node_that_another_closure_keeps_closed_has_not_reopened():
    node = replace(QUIET, closures=((NOW, later(hours=2)), (NOW, None)))

    assert not reopened(node, later(hours=2))


def test_a_changed_limit_lets_an_open_node_do_more_and_a_closed_one_not():
    edited = replace(QUIET, watched_until=later(minutes=15))
    closed = replace(edited, closures=((later(hours=-5), None),))

    assert [changed_lately(node, NOW) for node in (edited, closed)] == [True, True]
    assert [can_do_more(node, NOW) for node in (edited, closed)] == [True, False]
    assert not can_do_more(edited, later(minutes=15))


def test_a_closed_node_is_watched_as_long_as_it_is_closed():
    node = replace(QUIET, closures=((NOW, later(hours=9)),))

    assert not needs_watching(QUIET, NOW)
    assert [needs_watching(node, later(minutes=m)) for m in (-1, 0, 300, 555, 556)] == [False, True, True, True, False]


def test_only_days_that_lie_wholly_inside_a_closure_are_closed():
    utc = a_calendar("UTC", EVERY_DAY)

    assert closed_days(utc, [(NOW, later(days=3))], NOW) == {"2026-11-20", "2026-11-21"}
    assert len(closed_days(utc, [(later(days=-9), None)], NOW)) == 61  # today and 60 days more
