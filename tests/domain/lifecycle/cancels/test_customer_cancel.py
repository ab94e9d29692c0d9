"""Test what a customer may cancel by link: what no node knows of, while the channel and the retailer allow it."""

from datetime import timedelta

import pytest

from comanda.domain.errors import NotAllowed
from comanda.domain.lifecycle.cancels.customer_cancel import (
    CANCELLABLE,
    Allowed,
    cancel_units,
    cancellable,
    is_open,
    is_whole,
)
from comanda.domain.orders.order import Order
from comanda.domain.orders.status import Status
from tests.builders import NOW, a_line, a_line_in, an_allocation, an_order, placed

S = Status
EVERY = frozenset(Status)
ANY = Allowed(may=EVERY, minutes=None)


def holding(status: Status, quantity: int = 2) -> Order:
    return an_order(a_line_in(an_allocation(quantity, status)), version=1)


@pytest.mark.parametrize("status", [status for status in Status if status is not S.DRAFT])
def test_units_are_cancelled_in_exactly_the_statuses_of_which_no_node_knows(status: Status) -> None:
    order = holding(status)
    wanted = {"1": 2} if status in (S.CREATED, S.UNSCHEDULED, S.BACKORDERED, S.SCHEDULED) else {}

    assert cancellable(order, ANY, NOW) == wanted
    if not wanted:
        with pytest.raises(NotAllowed):
            cancel_units(order, {"1": 1}, ANY, 1, NOW)


def test_the_matrix_of_the_retailer_denies_the_customer_too() -> None:
    order = placed(an_order(a_line("TEA", 2)))

    assert cancellable(order, Allowed(may=EVERY - {S.CREATED}, minutes=None), NOW) == {}
    with pytest.raises(NotAllowed):
        cancel_units(order, {"1": 1}, Allowed(may=EVERY - {S.CREATED}, minutes=None), order.version, NOW)


def test_units_at_a_node_stay_when_others_of_their_line_are_cancelled() -> None:
    line = a_line_in(an_allocation(1, S.CREATED), an_allocation(2, S.PICKED, node="dc-1", fulfillment=None))
    order = an_order(line, version=1)

    decision = cancel_units(order, {"1": 1}, ANY, 1, NOW)

    assert decision is not None
    assert decision.order.quantities() == {S.CANCELLED: 1, S.PICKED: 2}
    assert not is_whole(order, {"1": 1})
    with pytest.raises(NotAllowed):
        cancel_units(order, {"1": 2}, ANY, 1, NOW)


def test_a_customer_decides_on_the_version_that_the_page_showed() -> None:
    order = placed(an_order(a_line("TEA", 2)))

    assert cancel_units(order, {"1": 2}, ANY, order.version + 1, NOW) is None
    decision = cancel_units(order, {"1": 2}, ANY, order.version, NOW)
    assert decision is not None
    assert decision.order.change_version == order.version + 1  # it is a change, which others' previews must see
    assert (decision.event.actor, decision.event.data["reason"]) == ("customer", "customer-request")


def test_the_window_of_the_channel_ends_to_the_minute() -> None:
    order = placed(an_order(a_line("TEA", 2)))

    assert is_open(order, None, order.placed_at + timedelta(days=999))
    assert not is_open(order, 0, order.placed_at)
    assert is_open(order, 30, order.placed_at + timedelta(minutes=30, microseconds=-1))
    assert not is_open(order, 30, order.placed_at + timedelta(minutes=30))


def test_a_draft_has_nothing_to_cancel() -> None:
    assert cancellable(an_order(draft=True), ANY, NOW) == {}
    assert S.DRAFT not in CANCELLABLE
