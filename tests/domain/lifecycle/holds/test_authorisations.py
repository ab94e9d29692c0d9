"""Authorisations that ended pay for nothing: they hold the release, and people are warned before."""

from dataclasses import replace

import pytest

from comanda.domain.billing import payments
from comanda.domain.errors import Held, NotAllowed
from comanda.domain.lifecycle import place, resume
from comanda.domain.lifecycle.holds import authorisations, review
from comanda.domain.lifecycle.node_work.ship import ship
from comanda.domain.orders import queues
from comanda.domain.orders.hold_rules import Condition
from comanda.domain.orders.rule_holds import HoldType
from comanda.domain.orders.verdict import verdict
from comanda.domain.scheduling.schedule import schedule
from functions.invoice.rules import bill
from tests.builders import (
    NOW,
    a_line,
    a_position,
    a_shipment,
    a_step,
    a_tender,
    an_order,
    later,
    offered,
    placed,
    routed,
    saved,
)
from tests.domain.lifecycle.test_wanted_later import routed as routed_later
from tests.domain.lifecycle.test_wanted_later import the_world


def paid_until(ends, *more, **changes):
    return placed(an_order(a_line("TEA", 2, 1000), payments=(a_tender(2000, expires_at=ends), *more), **changes))


def test_an_order_whose_authorisation_ended_is_held_before_its_release():
    order = paid_until(later(hours=2))
    assert authorisations.hold_if_ended(order, later(hours=1)) is None

    decision = authorisations.hold_if_ended(order, later(hours=2))

    (hold,) = decision.order.holds
    assert (hold.type, hold.blocks, hold.active) == ("PAYMENT", ("release",), True)
    assert decision.event.type == "held"
    assert decision.event.data["unpaid"] == 2000
    assert [(t.queue, t.item) for t in decision.tasks] == [("holds", "h1")]
    held = saved(decision)
    assert verdict("UntilSettled", "order", held) is None
    assert verdict("Held", "order", held) is None
    with pytest.raises(Held):
        schedule(held, routed(held, [a_position("TEA")]), [a_position("TEA")], later(hours=2))
    assert authorisations.hold_if_ended(held, later(hours=3)) is None


def test_a_resolved_hold_says_that_the_authorisation_was_renewed():
    held = saved(
        authorisations.hold_if_ended(paid_until(later(hours=2), a_tender(1, expires_at=later(days=2))), later(hours=2))
    )

    free = saved(review.resolve(held, "h1", "holds", "renewed", "desk", later(hours=3)))

    assert verdict("Held", "order", free) == "Resolved"
    assert [tender.expires_at for tender in free.payments] == [None, later(days=2)]
    assert authorisations.hold_if_ended(free, later(hours=4)) is None


def test_another_authorisation_may_cover_the_amount():
    order = paid_until(later(hours=2), a_tender(2000, reference="auth-2"))

    assert authorisations.hold_if_ended(order, later(hours=3)) is None


def test_an_order_that_is_placed_on_an_authorisation_that_has_ended_is_held_at_once():
    order = paid_until(later(hours=-1))

    assert [(hold.type, hold.queue) for hold in order.holds] == [("PAYMENT", "holds")]


def test_the_payment_hold_is_added_to_the_holds_of_rules():
    kind = HoldType(
        id="VALUE", blocks=("schedule",), reason="large", queue="holds", when=Condition(total_at_least=(1, "USD"))
    )
    order = an_order(a_line("TEA", 2, 1000), payments=(a_tender(2000, expires_at=later(hours=-1)),))

    decision = place.place_order(order, (kind,), "shop", NOW)

    assert [hold.type for hold in decision.order.holds] == ["VALUE", "PAYMENT"]
    assert [task.item for task in decision.tasks] == ["h1", "h2"]


def test_nothing_is_captured_from_an_authorisation_that_has_ended():
    order = offered(paid_until(later(hours=2), a_tender(500, reference="auth-2")))
    order = saved(ship(order, a_step(), a_shipment()))

    with pytest.raises(NotAllowed, match="exceeds the open authorisation of 500; what has ended is not taken"):
        bill(order, 1, later(hours=2))
    in_time, _ = bill(order, 1, later(hours=1))

    assert [tender.captured for tender in in_time.order.payments] == [2000, 0]


def test_the_next_tender_pays_where_the_first_has_ended():
    order = offered(paid_until(later(hours=2), a_tender(2000, reference="auth-2")))
    order = saved(ship(order, a_step(), a_shipment()))

    decision, _ = bill(order, 1, later(hours=2))

    assert [tender.captured for tender in decision.order.payments] == [0, 2000]
    assert payments.settle(decision.order)[0].payments[0].released == 2000


def test_units_to_be_released_after_the_authorisation_ends_are_listed_at_once():
    order = paid_until(later(days=7), requested=(("not_before", "2026-12-24"),))

    _, decision = routed_later(order, the_world())

    (promised,) = decision.event.data["promised"]
    assert promised["authorized_until"] == "2026-11-26"
    order = saved(decision)
    (line,) = queues.waiting_lines(order)["payments"]
    assert line == ("1", 2, f"authorised until 2026-11-26, released on {promised['due']}")

    renewed = resume.resume(order, "payments", "payments", "authorized", "desk", NOW).order

    assert "payments" not in queues.waiting_lines(renewed)
    assert renewed.payments[0].expires_at is None


@pytest.mark.parametrize("waits", [{"ready": True}, {"lane": 2}], ids=["released next", "in a further lane"])
def test_every_item_that_the_queue_lists_can_be_answered(waits):
    order = paid_until(later(days=7), requested=(("not_before", "2026-12-24"),))
    order = saved(routed_later(order, the_world())[1])
    line = order.lines[0]
    units = tuple(replace(a, **waits) for a in line.allocations)
    order = authorisations.with_payment_hold(order.with_lines([replace(line, allocations=units)]), later(days=8))[0]
    assert "payments" in queues.waiting_lines(order)

    renewed = resume.resume(order, "payments", "payments", "authorized", "desk", later(days=8)).order

    assert "payments" not in queues.waiting_lines(renewed)
