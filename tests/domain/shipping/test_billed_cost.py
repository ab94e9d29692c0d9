"""A carrier's bill is judged by both limits of the carrier."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.shipping.billed_cost import BillLimits, BillStatus, judge_bill

LIMITS = BillLimits(percent=10, amount=200)


@pytest.mark.parametrize(
    ("billed", "estimated", "status"),
    [
        (1_000, 1_000, "WITHIN_LIMITS"),
        (1_200, 1_000, "WITHIN_LIMITS"),  # 20 percent, and no more than 200
        (1_201, 1_000, "DIFFERS"),
        (799, 1_000, "DIFFERS"),
        (11_000, 10_000, "WITHIN_LIMITS"),  # a thousand, and no more than 10 percent
        (11_001, 10_000, "DIFFERS"),
        (0, 10_000, "DIFFERS"),
        (500, 0, "NO_ESTIMATE"),
    ],
)
def test_a_bill_differs_when_it_passes_both_limits(billed: int, estimated: int, status: str) -> None:
    assert judge_bill(billed, estimated, LIMITS) == status


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_without_limits_nobody_is_asked(billed: int, estimated: int) -> None:
    assert judge_bill(billed, estimated, None) is not BillStatus.DIFFERS
