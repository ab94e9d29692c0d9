"""An order keeps its customer while anything of it may need them, and for no longer than the channel says."""

from dataclasses import replace
from datetime import timedelta

import pytest

from comanda.domain.errors import NotAllowed
from comanda.domain.lifecycle import erase
from comanda.domain.lifecycle.node_work.ship import ship
from comanda.domain.lifecycle.parcels.deliver import deliver, lose
from comanda.domain.orders.queues import OF_ORDERS, Queue
from tests.builders import NOW, a_line, a_shipment, a_step, an_order, offered, placed, saved, worked

DAY = timedelta(days=1)


@pytest.fixture
def sent():
    """Give a closed order of which a parcel is on its way."""
    order = worked(offered(placed(an_order(a_line("TEA", 2)))), "accept", "pick", "pack")
    return replace(saved(ship(order, a_step(), a_shipment())), closed=True)


def code(order, queues=(), days=30, now=NOW):
    why = erase.needs_customer(order, queues, days, now)
    return why and why.code


def test_an_order_that_is_not_closed_needs_its_customer_always(sent):
    assert code(replace(sent, closed=False), now=NOW + 4000 * DAY) == "not-closed"


@pytest.mark.parametrize(
    ("days", "after", "why"),
    [
        (30, 29 * DAY, "on-its-way"),
        (30, 30 * DAY - timedelta(microseconds=1), "on-its-way"),
        (30, 30 * DAY, None),
        (0, 0 * DAY, None),
        (400, 399 * DAY, "on-its-way"),
    ],
)
def test_a_parcel_without_news_counts_as_arrived_so_many_days_after_its_shipment(sent, days, after, why):
    (fulfillment,) = sent.fulfillments

    assert code(sent, (), days, fulfillment.shipped_at + after) == why


def test_a_parcel_that_was_delivered_or_lost_is_not_on_its_way(sent):
    arrived = saved(deliver(sent, a_step(), NOW))
    lost = saved(lose(sent, a_step(), "CARRIER_LOST"))

    assert code(arrived) is None
    assert code(lost, {Queue.LOST}) == "undecided"
    assert code(lost) is None  # a person has decided


@pytest.mark.parametrize("queue", OF_ORDERS)
def test_work_in_a_queue_needs_the_customer_unless_it_is_about_goods_alone(sent, queue):
    arrived = saved(deliver(sent, a_step(), NOW))

    assert code(arrived, {queue}) == (None if queue in erase.WITHOUT_CUSTOMER else "undecided")


def test_the_queues_about_what_a_customer_gets_or_is_told_need_them():
    assert set(OF_ORDERS) - erase.WITHOUT_CUSTOMER >= {
        Queue.LOST,
        Queue.REFUNDS,
        Queue.DELIVERY_EXCEPTIONS,
        Queue.MAILS,
        Queue.EXCEPTIONS,
        Queue.CUSTOMER_CARE,
        Queue.TO_PROVIDE,
        Queue.PAYMENTS,
    }


def test_an_order_that_needs_its_customer_is_not_taken_from_them(sent):
    with pytest.raises(NotAllowed, match="may be on their way until 2026-12-19"):
        erase.erase_customer(sent, (), 30, "g_1", "boss", NOW)
