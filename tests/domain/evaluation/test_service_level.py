"""A shelf's service level gets worse or better."""

import pytest

from comanda.domain.evaluation.service_level import ServiceLevel, is_worse


@pytest.mark.parametrize(
    ("before", "after", "is_lost"),
    [
        (ServiceLevel(shipped=3, not_found=1), ServiceLevel(shipped=6, not_found=2), False),
        (ServiceLevel(shipped=3, not_found=1), ServiceLevel(shipped=6, not_found=1, waiting=2), True),
        (ServiceLevel(), ServiceLevel(shipped=6), None),
        (ServiceLevel(shipped=3), ServiceLevel(), None),
    ],
)
def test_a_shelf_serves_worse_when_it_fills_a_smaller_part_of_the_demand(before, after, is_lost):
    assert is_worse(before, after) is is_lost
