"""A movement and a count that disagree are followed by a correction of the books."""

from datetime import timedelta

import pytest

from comanda.domain.stock.changes import Change
from comanda.domain.stock.count_corrections import (
    COUNTED_IN,
    COUNTED_OUT,
    MORE_LEFT,
    counted_since,
    with_correction,
)
from comanda.domain.stock.stock import SELLABLE
from tests.builders import NOW, a_position

BEFORE, AFTER = NOW - timedelta(hours=1), NOW + timedelta(hours=1)
POSITION = a_position(on_hand=5, counted_at=NOW)


def a_movement(kind, units, occurred):
    return Change(
        sku="TEA-001",
        node="dc-1",
        kind=kind,
        source="S",
        line="1",
        n="1",
        at=AFTER,
        on_hand=((SELLABLE, units),),
        occurred=occurred,
    )


@pytest.mark.parametrize(
    ("kind", "units", "occurred", "correction"),
    [
        ("ship", -3, AFTER, None),
        ("ship", -3, BEFORE, (3, COUNTED_OUT)),
        ("ship", -7, AFTER, (2, MORE_LEFT)),
        ("short", -7, AFTER, (2, MORE_LEFT)),
        ("receive", 4, BEFORE, (-4, COUNTED_IN)),
        ("receive", 4, AFTER, None),
        ("transfer_out", -7, AFTER, None),
        ("adjust", -7, BEFORE, None),
    ],
)
def test_units_that_the_count_knew_and_units_that_it_did_not_find_are_corrected(kind, units, occurred, correction):
    change, *corrections = with_correction(POSITION, a_movement(kind, units, occurred))

    assert change.kind == kind
    assert [(one.free, one.reason) for one in corrections] == ([correction] if correction else [])


def test_a_moment_is_counted_if_the_last_count_is_not_before_it():
    assert [counted_since(POSITION, at) for at in (BEFORE, NOW, AFTER, None)] == [True, True, False, False]
    assert not counted_since(a_position(), BEFORE)
