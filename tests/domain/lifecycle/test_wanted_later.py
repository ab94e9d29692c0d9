"""An order that is wanted later keeps its stock under a later day, and is released on the day that fits its arrival."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.days import days_later
from comanda.domain.lifecycle import next_look
from comanda.domain.lifecycle.backorders import preorders
from comanda.domain.lifecycle.cancels.cancel import cancel
from comanda.domain.orders import queues
from comanda.domain.orders.methods import PICKUP
from comanda.domain.orders.status import Status
from comanda.domain.orders.verdict import verdict
from comanda.domain.routing.inputs import RouterInputs
from comanda.domain.routing.plan import Limits, Rules
from comanda.domain.routing.route import route
from comanda.domain.scheduling.schedule import schedule
from comanda.domain.stock import stock
from comanda.domain.stock.apply_change import apply_change, with_effect
from tests.builders import NOW, TODAY, a_line, a_position, an_order, placed, saved
from tests.domain.lifecycle.backorders.test_preorders import TENTH, a_supply, a_waiting
from tests.domain.promise.test_promise import ROAD, a_basket, a_shop, found

LATER = "2026-12-24"  # a Thursday


def wanted(*lines, not_before=LATER, **changes):
    return placed(an_order(*(lines or (a_line("TEA", 2),)), requested=(("not_before", not_before),), **changes))


def the_world(*positions, carriers=(ROAD,), nodes=(), **changes):
    return RouterInputs(
        positions=positions or (a_position("TEA"),),
        nodes=nodes or (a_shop(),),
        carriers=carriers,
        rules=Rules(future_days=90),
        limits=Limits(),
        **changes,
    )


def routed(order, world, now=NOW):
    plan = route(order, world, now)
    return plan, schedule(order, plan, world.positions, now, world.nodes)


def test_an_order_wanted_in_five_weeks_is_not_released_today_and_its_stock_is_kept_under_the_day_of_its_release():
    plan, decision = routed(wanted(), the_world())

    (fulfillment,) = plan.fulfillments
    assert fulfillment.deliver_on == LATER
    (a,) = decision.order.line("1").allocations
    assert (a.status, a.node, a.fulfillment) == (Status.SCHEDULED, "dc-1", None)
    assert TODAY < a.release_on == a.due < LATER
    (change,) = decision.stock
    assert change.demand == ((a.due, 2),)
    assert decision.order.fulfillments == ()
    assert verdict("UntilSettled", "order", decision.order) is None
    assert queues.waiting_lines(decision.order)["pre-order"] == (
        ("1", 2, f"wanted later: released on {a.due} at dc-1"),
    )
    assert decision.event.data["promised"][0]["deliver_on"] == LATER


def test_a_day_earlier_it_would_arrive_too_early():
    _, decision = routed(wanted(), the_world())
    (a,) = decision.order.line("1").allocations
    before = datetime.fromisoformat(f"{days_later(a.due, -1)}T00:00:00Z")

    early, at_once = (
        route(placed(an_order(a_line("TEA", 2))), the_world(), on)
        for on in (before, before.replace(day=before.day + 1))
    )

    assert early.fulfillments[0].deliver_on < LATER <= at_once.fulfillments[0].deliver_on


def test_an_order_that_arrives_late_enough_is_released_at_once():
    plan, decision = routed(wanted(not_before=days_later(TODAY, 1)), the_world())

    assert plan.fulfillments[0].deliver_on >= days_later(TODAY, 1)
    assert decision.order.quantities() == {Status.RELEASED: 2}


def test_an_order_without_a_carriers_day_is_released_on_the_wanted_day():
    _, decision = routed(wanted(), the_world(carriers=()))

    assert [a.release_on for a in decision.order.line("1").allocations] == [LATER]


def test_a_pickup_is_ready_on_the_wanted_day():
    store = a_shop("store-7", type="STORE")
    world = the_world(a_position("TEA", "store-7"), nodes=(store,))

    plan, decision = routed(wanted(a_line("TEA", 1, method=PICKUP, node="store-7")), world)

    assert plan.fulfillments[0].deliver_on == LATER
    assert decision.order.quantities() == {Status.SCHEDULED: 1}


def test_a_promise_says_the_same_day_as_the_route_keeps():
    world = the_world()

    by_id, _ = found(replace(a_basket(("TEA", 2)), not_before=LATER), world, NOW)

    plan, _ = routed(wanted(), world)
    assert by_id["standard"].deliver_on == plan.fulfillments[0].deliver_on == LATER
    assert by_id["standard"].fulfillments[0].due == plan.fulfillments[0].due
    assert by_id["standard"].kind == "STANDARD"


def test_a_supply_that_comes_before_does_not_release_it_early():
    position = a_position("TEA", on_hand=0, supplies=(a_supply(5),))
    _, decision = routed(wanted(), the_world(position))
    (a,) = decision.order.line("1").allocations
    assert a.release_on == a.due > TENTH

    arrived = apply_change(replace(position, supplies=(), on_hand=((stock.SELLABLE, 5),), free=5), decision.stock[0])
    row = replace(a_waiting(2, a.due), order_id=decision.order.order_id, release_on=a.release_on)
    day = datetime.fromisoformat(f"{a.due}T00:00:00Z")

    assert preorders.reconcile(arrived, [row], NOW) == ()
    (move,) = preorders.reconcile(arrived, [row], day)
    assert move.ready
    released = preorders.apply_moves(saved(decision), [move], [arrived], day).order
    assert verdict("UntilSettled", "order", released) == "RouteAgain"


def test_units_of_a_supply_after_the_release_day_wait_for_the_supply():
    position = a_position("TEA", on_hand=0, supplies=(a_supply(5, eta="2027-01-10"),))

    _, decision = routed(wanted(), the_world(position))

    (a,) = decision.order.line("1").allocations
    assert a.due > LATER > a.release_on


def test_other_orders_may_use_the_shelf_when_a_supply_comes_before_the_release_day():
    position = a_position("TEA", on_hand=2, supplies=(a_supply(5),))
    _, decision = routed(wanted(), the_world(position))

    after = apply_change(position, with_effect(position, decision.stock[0], NOW))

    assert stock.available(after, NOW) == 2


def test_the_sweeper_looks_at_the_order_on_its_release_day():
    _, decision = routed(wanted(not_before=days_later(TODAY, 4)), the_world(carriers=()))
    order = saved(decision)
    day = datetime(2026, 11, 23, tzinfo=UTC)

    assert next_look.next_look(order, datetime(2026, 11, 22, 12, tzinfo=UTC)) == day
    assert preorders.skus_wanted_by_now(order, NOW) == ()
    assert preorders.skus_wanted_by_now(order, day) == ("TEA",)


def test_an_order_wanted_later_can_be_cancelled_while_it_waits():
    _, decision = routed(wanted(), the_world())

    gone = cancel(saved(decision), None, "changed my mind", "shop", NOW)

    assert gone.order.status == "CANCELLED"
    assert [(c.kind, c.demand) for c in gone.stock] == [("release", ((decision.stock[0].demand[0][0], -2),))]


def test_units_in_a_further_lane_are_released_by_time_alone():
    hot = a_position("TEA", on_hand=0, lanes=1)
    lane = a_position("TEA", on_hand=9, lane=1)
    order = wanted()
    plan = route(order, the_world(*stock.join_lanes((hot, lane))), NOW)
    order = saved(schedule(order, plan, (hot, lane), NOW, (a_shop(),)))
    (a,) = order.line("1").allocations
    day = datetime.fromisoformat(f"{a.release_on}T00:00:00Z")

    assert queues.units_promised_later(order) == {}
    assert preorders.release_from_lanes(order, NOW) is None
    assert verdict("UntilSettled", "order", preorders.release_from_lanes(order, day).order) == "RouteAgain"


@given(st.integers(0, 60), st.integers(0, 20), st.integers(0, 20), st.integers(-2, 40))
def test_whatever_is_on_its_way_nothing_arrives_before_the_wanted_day(ahead, on_hand, coming, eta):
    supplies = (a_supply(coming, eta=days_later(TODAY, eta)),) if coming else ()
    bare = a_position("TEA", on_hand=on_hand, supplies=supplies)
    position = replace(bare, free=stock.free(bare, NOW))
    day = days_later(TODAY, ahead)

    plan, decision = routed(wanted(not_before=day), the_world(position))

    assert all(f.deliver_on >= day for f in plan.fulfillments)
    after = position
    for change in decision.stock:
        after = apply_change(after, change)
    assert all(units >= 0 for _, units in after.hard)
