"""The sweeper looks at an open order when something is due, and once a day."""

from dataclasses import replace

import pytest

from comanda.domain.lifecycle import next_look
from comanda.domain.lifecycle.cancels.cancel import cancel
from comanda.domain.lifecycle.holds import review
from comanda.domain.lifecycle.node_work.decline import decline, miss_deadline
from comanda.domain.lifecycle.node_work.ship import ship
from comanda.domain.lifecycle.node_work.work import advance
from comanda.domain.orders.order import Question
from comanda.domain.orders.status import Status
from tests.builders import (
    NOW,
    a_hold_type,
    a_shipment,
    a_step,
    a_tender,
    an_order,
    later,
    offered,
    placed,
    saved,
)
from tests.domain.declines import OTHER
from tests.domain.models.waiting import a_declined_pickup, backordered

S = Status


def held(order, *blocks, queue="holds"):
    return saved(review.hold(order, a_hold_type("FRAUD", *blocks, queue=queue), "odd", "risk", NOW))


SOON, LATEST = NOW + next_look.SOON, NOW + next_look.LATEST


@pytest.mark.parametrize(
    ("order", "when"),
    [
        (placed(an_order()), SOON),  # not routed yet
        (placed(an_order(draft=True)), LATEST),
        (held(placed(an_order()), "schedule"), LATEST),
        (backordered(1), LATEST),
        (a_declined_pickup(), LATEST),
        (offered(placed(an_order())), later(minutes=120)),  # accept-by
        (saved(advance(offered(placed(an_order())), "accept", a_step())), LATEST),  # ship-by is in 26 hours
        (held(offered(placed(an_order())), "accept"), LATEST),
        (saved(ship(offered(placed(an_order())), a_step(), a_shipment())), SOON),  # the invoice
        (saved(decline(offered(placed(an_order())), a_step(), OTHER)), SOON),
        (saved(cancel(placed(an_order()), None, "no", "shop", NOW)), SOON),  # the books
        (replace(saved(cancel(placed(an_order()), None, "no", "shop", NOW)), closed=True), LATEST),
        (replace(backordered(1), payments=(a_tender(9999, expires_at=later(hours=7)),)), later(hours=7)),
        (replace(backordered(1), payments=(a_tender(0, expires_at=later(hours=7)),)), LATEST),  # nothing left on it
        (replace(backordered(1), payments=(a_tender(9999, expires_at=later(hours=-7)),)), LATEST),
    ],
)
def test_an_open_order_is_looked_at_when_something_is_due_and_once_a_day(order, when):
    assert next_look.next_look(order, NOW) == when


def test_a_holds_expiry_is_looked_at():
    kind = a_hold_type("REMORSE", "schedule", expires_minutes=60)
    order = saved(review.hold(placed(an_order()), kind, "may regret", "rules", NOW))

    assert next_look.next_look(order, NOW) == later(hours=1)


def test_a_reminder_that_is_due_is_looked_at_soon():
    late = miss_deadline(offered(placed(an_order())), 1, later(hours=3), 120)
    assert late is not None

    assert next_look.next_look(late.order, later(hours=3)) == later(hours=3, minutes=5)


def test_an_order_that_waits_for_a_person_is_not_looked_at_every_five_minutes():
    question = Question(item_id="q", queue="exceptions", reason="x", wait="order", at=NOW)
    shipped = saved(ship(offered(placed(an_order())), a_step(), a_shipment()))

    assert next_look.next_look(replace(placed(an_order()), questions=(question,)), NOW) == LATEST
    assert next_look.next_look(replace(shipped, questions=(replace(question, wait="001"),)), NOW) == LATEST
