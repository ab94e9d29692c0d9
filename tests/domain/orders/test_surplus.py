"""A pending change is told anew where more or less of its order is covered than when its amount was found, and never else."""

from dataclasses import replace
from datetime import timedelta

import pytest

from comanda.domain.orders.pending_change import PendingChange
from comanda.domain.orders.surplus import needs_review, surplus
from tests.builders import NOW, a_line, an_order, placed


def waiting(surplus_then: int):
    """Return a placed order with a change that waits for 5.00."""
    asked = PendingChange(
        modifications=("quantity",), reason="more", to_pay=500, until=NOW + timedelta(hours=1), by="shop", at=NOW, surplus=surplus_then
    )  # fmt: skip
    return replace(placed(an_order(a_line())), pending=asked)


def test_an_order_without_a_pending_change_has_nothing_to_review():
    order = placed(an_order(a_line()))

    assert not needs_review(order, NOW)
    assert not needs_review(replace(order, payments=()), NOW)


@pytest.mark.parametrize(("difference", "expected"), [(0, False), (1, True), (-1, True)])
def test_a_pending_change_is_reviewed_where_another_amount_is_covered_than_then(difference: int, expected: bool):
    covered = surplus(placed(an_order(a_line())), NOW)

    assert needs_review(waiting(covered + difference), NOW) is expected
