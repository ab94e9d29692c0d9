"""Work ends without leaving: the customer does not come, or does not want it, or the node hands it back."""

import pytest

from comanda.domain.errors import NotAllowed
from comanda.domain.lifecycle.cancels.no_show import no_show
from comanda.domain.lifecycle.node_work.decline import CUSTOMER_REFUSED, hand_back
from comanda.domain.lifecycle.node_work.ship import ship
from comanda.domain.orders.status import Status
from comanda.domain.orders.verdict import verdict
from tests.builders import a_line, a_shipment, a_step, an_order, offered, placed, saved, worked

S = Status
AT_COUNTER = ("accept", "pick", "pack", "ready")


def test_units_that_nobody_collects_are_cancelled_and_go_back_on_the_shelf(pickup):
    waiting = worked(pickup, *AT_COUNTER)

    decision = no_show(waiting, a_step())

    assert decision.order.status == "CANCELLED"
    assert decision.order.fulfillment_status(1) == "NO_SHOW"
    assert {c.kind for c in decision.stock} == {"release"}
    (task,) = decision.tasks
    assert (task.queue, task.reason, task.node) == ("put-back", "2 x TEA", "store-7")
    assert (decision.event.type, decision.event.data["total"]) == ("no_show", 0)
    assert decision.order.totals.total == 0
    assert verdict("Release", "001", decision.order) == "Cancelled"
    assert verdict("UntilSettled", "order", decision.order) == "Settled"


def test_what_was_collected_stays_collected(pickup):
    waiting = worked(pickup, *AT_COUNTER)
    part = saved(ship(waiting, a_step(l1=1), a_shipment("S-1")))

    decision = no_show(part, a_step(2))

    assert decision.order.quantities() == {S.PICKED_UP: 1, S.CANCELLED: 1}
    assert decision.order.fulfillment_status(1) == "PICKED_UP"


@pytest.mark.parametrize("steps", [(), ("accept", "pick", "pack")])
def test_only_what_waits_at_a_counter_is_not_collected(pickup, steps):
    with pytest.raises(NotAllowed, match="no unit can no-show"):
        no_show(worked(pickup, *steps), a_step())


@pytest.mark.parametrize(
    ("steps", "goods"),
    [(("accept",), None), (("accept", "start-pick"), None), (("accept", "pick"), "3 x TEA; 2 x POT")],
)
def test_work_that_a_node_hands_back_is_routed_to_another_node(order, steps, goods):
    decision = hand_back(worked(order, *steps), a_step(), "CANNOT_FINISH")

    assert decision.order.quantities() == {S.UNSCHEDULED: 5}
    assert decision.order.fulfillment_status(1) == "HANDED_BACK"
    assert {line.excluded for line in decision.order.lines} == {("dc-1",)}
    assert [task.reason for task in decision.tasks] == ([goods] if goods else [])
    assert {c.kind for c in decision.stock} == {"release"}
    assert (decision.event.type, "cancelled" in decision.event.data) == ("handed_back", False)
    assert verdict("UntilSettled", "order", decision.order) == "RouteAgain"


def test_an_offer_is_declined_and_not_handed_back(order):
    with pytest.raises(NotAllowed, match="no unit can hand-back"):
        hand_back(order, a_step(), "OTHER")


def test_what_a_customer_refuses_at_the_counter_is_cancelled(pickup):
    decision = hand_back(worked(pickup, *AT_COUNTER), a_step(l1=1), CUSTOMER_REFUSED)

    assert decision.order.quantities() == {S.READY_FOR_PICKUP: 1, S.CANCELLED: 1}
    assert decision.order.totals.total == 1000
    assert decision.event.data["cancelled"]
    assert [task.reason for task in decision.tasks] == ["1 x TEA"]
    whole = hand_back(saved(decision), a_step(), CUSTOMER_REFUSED)
    assert whole.order.status == "CANCELLED"
    assert whole.order.fulfillment_status(1) == "HANDED_BACK"
    assert verdict("UntilSettled", "order", whole.order) == "Settled"


def test_a_customer_refuses_only_at_a_counter(order):
    with pytest.raises(NotAllowed, match="at a counter only"):
        hand_back(worked(order, "accept"), a_step(), CUSTOMER_REFUSED)


def test_a_pickup_that_its_store_hands_back_asks_customer_care(pickup):
    decision = hand_back(worked(pickup, *AT_COUNTER), a_step(), "CANNOT_FINISH")

    assert decision.order.line("1").waits_in == "customer-care"


def test_a_kit_is_handed_back_whole():
    order = worked(
        offered(placed(an_order(a_line("POT", 2, group="set"), a_line("CUP", 4, group="set")))), "accept", "pick"
    )

    decision = hand_back(order, a_step(l1=1), "CANNOT_FINISH")

    assert decision.order.quantities() == {S.UNSCHEDULED: 3, S.PICKED: 3}
    assert decision.tasks[0].reason == "1 x POT; 2 x CUP"
