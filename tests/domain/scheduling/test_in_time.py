"""Test that units wait for stock no longer than a rule allows, and are cancelled on their day."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from comanda.domain import views
from comanda.domain.lifecycle import next_look
from comanda.domain.lifecycle.backorders.overdue_backorders import cancel_overdue_backorders
from comanda.domain.lifecycle.backorders.preorders import receive_stock
from comanda.domain.lifecycle.cancels.cancel import cancel
from comanda.domain.orders.cancel_reasons import NO_STOCK_IN_TIME
from comanda.domain.orders.queues import Queue
from comanda.domain.orders.status import Status
from comanda.domain.routing.plan import Leftover
from comanda.domain.scheduling import schedule
from tests.builders import (
    NOW,
    a_hold_type,
    a_line,
    a_node,
    a_plan,
    an_allocation,
    an_order,
    later,
    offered,
    placed,
    saved,
)

S = Status
DAY = "2026-11-22"
ON_THE_DAY = datetime(2026, 11, 22, tzinfo=UTC)


def left(order, quantity, cancel_on=DAY, line_id="1"):
    """Return the order after a route that left units of a line to wait."""
    sku = order.line(line_id).sku
    rest = Leftover(
        line_id=line_id, sku=sku, quantity=quantity, queue=Queue.BACKORDER, reason="no-stock", cancel_on=cancel_on
    )
    return saved(schedule.schedule(order, a_plan(order=order, leftovers=[rest]), [], NOW))


def waiting(*kinds, **changes):
    """Make an order of three units of tea: one is at a node, two wait until the day."""
    order = placed(an_order(a_line("TEA", 3), **changes), *kinds)
    return left(offered(order, (a_node(), {"1": 1})), 2)


def test_units_that_still_wait_on_their_day_are_cancelled_and_the_rest_continues():
    order = waiting()

    assert cancel_overdue_backorders(order, later(days=1)) is None
    decision = cancel_overdue_backorders(order, ON_THE_DAY)

    assert decision.order.line("1").allocations == (
        an_allocation(1, S.RELEASED, node="dc-1", fulfillment=1),
        an_allocation(2, S.CANCELLED, reason="no-stock-in-time", blame="retailer"),
    )
    assert (decision.event.type, decision.event.actor) == ("cancelled", "sweep")
    assert decision.event.data == {
        "reason": "no-stock-in-time",
        **NO_STOCK_IN_TIME.facts(),
        "lines": [{"line_id": "1", "quantity": 2}],
        "total": decision.order.totals.total,
        "currency": "USD",
    }
    assert decision.order.totals.total == order.totals.total // 3
    assert decision.stock == decision.capacity == ()
    assert cancel_overdue_backorders(saved(decision), ON_THE_DAY) is None


def test_the_sweeper_looks_at_midnight_of_the_day():
    order = left(placed(an_order(a_line("TEA", 2))), 2)

    assert next_look.next_look(order, later(days=2, hours=10)) == ON_THE_DAY


def test_stock_that_comes_before_the_day_wins_even_if_it_is_routed_after_it():
    order = waiting()

    freed = saved(receive_stock(order, {"1": 2}, later(days=2)))

    assert cancel_overdue_backorders(freed, ON_THE_DAY) is None
    served = offered(freed, (a_node(), {"1": 2}))
    assert served.line("1").cancel_on is None


def test_a_receipt_that_other_orders_took_extends_no_deadline():
    freed = saved(receive_stock(waiting(), {"1": 2}, later(days=1)))

    again = left(freed, 2, cancel_on="2026-11-25")

    assert again.line("1").cancel_on == DAY
    assert cancel_overdue_backorders(again, ON_THE_DAY) is not None


def test_a_hold_on_cancelling_stops_the_clock_too():
    order = waiting(a_hold_type("FRAUD", "cancel", total_at_least=(1, "USD")))

    assert cancel_overdue_backorders(order, ON_THE_DAY) is None
    assert next_look.next_look(order, ON_THE_DAY) > ON_THE_DAY


def test_an_order_of_which_nothing_is_left_is_cancelled_whole():
    order = left(placed(an_order(a_line("TEA", 2))), 2)

    decision = cancel_overdue_backorders(order, ON_THE_DAY)

    assert decision.order.status == "CANCELLED"
    assert decision.order.totals.total == 0


def test_a_second_cancellation_finds_nothing_to_cancel():
    order = waiting()

    mine = saved(cancel(order, {"1": 2}, "changed my mind", "shop", later(days=1)))

    assert cancel_overdue_backorders(mine, ON_THE_DAY) is None


def test_units_that_wait_beyond_the_day_by_which_they_are_wanted_are_cancelled():
    order = waiting(requested=(("deliver_by", "2026-11-20"),))

    assert views.order(order)["lines"][0]["cancel_on"] == DAY
    assert cancel_overdue_backorders(order, ON_THE_DAY - timedelta(seconds=1)) is None
    decision = cancel_overdue_backorders(order, ON_THE_DAY)
    assert decision.event.data["lines"] == [{"line_id": "1", "quantity": 2}]


def test_the_sweeper_looks_when_the_wanted_day_has_passed_everywhere_and_a_later_day_waits_longer():
    order = left(placed(an_order(a_line("TEA", 2), requested=(("deliver_by", "2026-11-20"),))), 2, cancel_on=None)

    assert next_look.next_look(order, later(days=2, hours=10)) == ON_THE_DAY
    longer = replace(order, requested=(("deliver_by", "2026-11-21"),))
    assert cancel_overdue_backorders(longer, ON_THE_DAY) is None
    assert cancel_overdue_backorders(order, ON_THE_DAY).order.status == "CANCELLED"


def test_the_day_of_a_rule_ends_the_wait_if_it_comes_first():
    order = waiting(requested=(("deliver_by", "2026-12-24"),))

    assert cancel_overdue_backorders(order, ON_THE_DAY) is not None


def test_an_order_that_is_wanted_from_a_day_on_waits_for_ever():
    order = left(placed(an_order(a_line("TEA", 2), requested=(("not_before", "2026-11-20"),))), 2, cancel_on=None)

    assert cancel_overdue_backorders(order, later(days=300)) is None
