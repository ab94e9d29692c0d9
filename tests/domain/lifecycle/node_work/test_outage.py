"""Work of a node that closes, or can do less on a day, is routed again; a person decides about begun work."""

from dataclasses import replace
from datetime import UTC, datetime, time

import pytest

from comanda.domain.lifecycle.node_work import kits
from comanda.domain.lifecycle.node_work.decline import short_pick
from comanda.domain.lifecycle.node_work.outage import withdraw, withdraw_from_day
from comanda.domain.lifecycle.node_work.ship import ship
from comanda.domain.lifecycle.node_work.work import advance, deadline
from comanda.domain.nodes import closures
from comanda.domain.nodes.calendars import Calendar
from comanda.domain.orders.methods import PICKUP
from comanda.domain.orders.queues import Queue
from comanda.domain.orders.status import Status
from comanda.domain.orders.verdict import verdict
from comanda.domain.routing import workload
from tests.builders import (
    NOW,
    TODAY,
    a_line,
    a_node,
    a_position,
    a_shipment,
    a_step,
    an_order,
    later,
    offered,
    placed,
    routed,
    saved,
)

S = Status
CHICAGO = Calendar(timezone="America/Chicago", hours=tuple((day, time(9), time(17)) for day in range(7)))
SLOW = a_node("dc-1", units_per_day=3)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_units_of_a_closed_node_are_routed_again_and_no_attempt_is_counted(order):
    decision = withdraw(saved(advance(order, "accept", a_step())), 1, NOW)

    for line in decision.order.lines:
        assert (line.unplaced(), line.excluded, line.attempts) == (line.quantity, (), 0)
    assert [(c.sku, c.kind, c.free) for c in decision.stock] == [("POT", "release", 2), ("TEA", "release", 3)]
    assert (decision.event.type, decision.event.actor) == ("line_declined", "outage")
    assert verdict("Release", "001", decision.order) == "Declined"
    assert verdict("UntilSettled", "order", decision.order) == "RouteAgain"
    assert withdraw(saved(decision), 1, NOW) is None


def test_the_tasks_about_work_that_a_closed_node_loses_are_done(order):
    order = saved(advance(order, "accept", a_step()))
    order = saved(withdraw(saved(advance(order, "start-pick", a_step(l1=3))), 1, NOW))
    order = saved(short_pick(order, a_step(l1=3), "NOT_FOUND"))

    decision = withdraw(order, 1, NOW)

    assert (order.quantities()[S.ACCEPTED], decision.done) == (2, ((Queue.LATE_WORK, "late-001"),))


def test_begun_work_of_a_closed_node_is_one_task_for_a_person(order):
    order = saved(advance(order, "accept", a_step()))
    order = saved(advance(order, "start-pick", a_step(l1=1)))

    decision = withdraw(order, 1, NOW)

    assert [(task.queue, task.item, task.reason) for task in decision.tasks] == [
        (Queue.LATE_WORK, "late-001", "node closed")
    ]
    assert decision.order.quantities() == order.quantities()
    assert deadline(decision.order, 1) is None
    assert withdraw(saved(decision), 1, NOW) is None


def test_a_pickup_of_a_closed_store_waits_for_the_customer():
    order = offered(placed(an_order(a_line("TEA", 2, method=PICKUP, node="store-7"))))

    decision = withdraw(order, 1, NOW)

    (line,) = decision.order.lines
    assert (line.waits_in, line.because, line.unplaced()) == (Queue.CUSTOMER_CARE, "pickup-declined: CLOSED", 0)


def test_units_that_left_a_closed_node_stay_shipped(order):
    assert withdraw(saved(ship(order, a_step(), a_shipment())), 1, NOW) is None


def test_the_rest_of_a_set_of_which_a_part_left_waits_for_customer_care():
    """Older orders may have shipped half a kit; today a kit leaves in whole sets."""
    order = offered(placed(an_order(a_line("POT", 1), a_line("CUP", 2))))
    order = saved(ship(order, a_step(l1=1), a_shipment()))
    order = order.with_lines(replace(line, group="g") for line in order.lines)

    decision = withdraw(order, 2, NOW)

    assert decision.order.line("2").because == f"{kits.INCOMPLETE}: CLOSED"
    assert decision.order.line("2").waits_in == Queue.CUSTOMER_CARE


def test_work_of_a_day_with_less_capacity_is_withdrawn_if_it_is_not_begun():
    order = offered(placed(an_order(a_line("TEA", 2))), (SLOW, {"1": 2}))

    assert withdraw_from_day(order, 1, "2026-11-20", NOW) is None
    decision = withdraw_from_day(order, 1, TODAY, NOW)

    assert [(slot.node, slot.day, slot.units) for slot in decision.capacity] == [("dc-1", TODAY, -2)]
    assert decision.order.fulfillment(1).work_days == ()
    assert decision.order.line("1").excluded == ()
    begun = saved(advance(saved(advance(order, "accept", a_step())), "start-pick", a_step()))
    assert withdraw_from_day(begun, 1, TODAY, NOW) is None


def test_a_closed_node_is_unfit_while_it_is_and_no_longer():
    closed = replace(a_node("dc-1"), closures=((NOW, later(hours=2)),))
    order = placed(an_order(a_line("TEA", 1)))

    def plan(now):
        return routed(order, [a_position("TEA", "dc-1")], closed, now=now)

    assert plan(NOW).fulfillments == ()
    assert plan(later(hours=2)).fulfillments[0].node.node_id == "dc-1"


def test_a_day_of_another_number_holds_that_number():
    node = replace(SLOW, limits=((TODAY, 1), ("2026-11-21", 0)))

    assert workload.turns(node, NOW, 5, {}) == ((TODAY, 1), ("2026-11-20", 3), ("2026-11-22", 1))
    assert workload.room(node, NOW, {(node.node_id, TODAY): 3}) == 3 + 0 + 3 + 3
    assert a_node("dc-1", limits=((TODAY, 0),)).units_on(TODAY) is None


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        ("2026-11-19T12:00", None, 60),  # until further notice: as far as one looks
        ("2026-11-19T12:00", "2026-11-20T12:00", 0),  # no day whole
        ("2026-11-20T06:00", "2026-11-21T06:00", 1),  # Friday in Chicago, to the minute
        ("2026-11-20T06:01", "2026-11-22T06:00", 1),
        ("2026-11-01T05:00", "2026-11-20T06:00", 1),  # past days do not count
    ],
)
def test_the_days_that_lie_whole_in_a_closure_are_closed_days(start, end, days):
    span = (at(start), at(end) if end else None)

    assert len(closures.closed_days(CHICAGO, [span], NOW)) == days


def test_a_node_is_watched_while_it_is_closed_and_a_while_after_anything_changed():
    node = a_node("dc-1", closures=((later(hours=1), later(hours=9)),), watched_until=later(minutes=15))

    watched = [closures.needs_watching(node, later(minutes=m)) for m in (0, 14, 16, 61, 300, 541, 556)]

    assert watched == [True, True, False, True, True, True, False]
    assert [closures.reopened(node, later(minutes=m)) for m in (539, 541, 556)] == [False, True, False]
