"""The office recalls work: at once what is not begun, with the node's answer or its silence what is."""

import pytest

from comanda.domain.errors import Held, Invalid, NotAllowed, NotFound
from comanda.domain.lifecycle import resume as answers
from comanda.domain.lifecycle.cancels.cancel import cancel
from comanda.domain.lifecycle.cancels.no_show import no_show
from comanda.domain.lifecycle.holds import review
from comanda.domain.lifecycle.next_look import next_look
from comanda.domain.lifecycle.node_work.decline import miss_deadline
from comanda.domain.lifecycle.node_work.recall import reserved
from comanda.domain.lifecycle.node_work.recall_requests import (
    agree,
    choose_fulfillments,
    end_unanswered_recall,
    recall,
    refuse,
)
from comanda.domain.lifecycle.node_work.ship import ship
from comanda.domain.lifecycle.node_work.work import advance
from comanda.domain.orders.status import Status
from comanda.domain.orders.verdict import verdict
from tests.builders import (
    NOW,
    a_hold_type,
    a_line,
    a_node,
    a_shipment,
    a_step,
    an_allocation,
    an_order,
    later,
    offered,
    placed,
    saved,
    worked,
)

S = Status
ALL = {1: {"1": 3, "2": 2}}


def recalled(order, wanted=ALL, **how):
    return saved(recall(order, wanted, "fraud", "care", NOW, **how))


@pytest.mark.parametrize("steps", [(), ("accept",)])
def test_work_that_is_not_begun_comes_back_at_once(order, steps):
    decision = recall(worked(order, *steps), ALL, "fraud", "care", NOW)

    assert decision.order.quantities() == {S.UNSCHEDULED: 5}
    assert decision.order.fulfillment(1).ended == "RECALLED"
    assert {c.kind for c in decision.stock} == {"release"}
    assert decision.tasks == ()
    assert (decision.event.type, decision.event.data["reason"]) == ("recalled", "fraud")
    assert verdict("Release", "001", decision.order) == "Declined"
    assert verdict("UntilSettled", "order", decision.order) == "RouteAgain"
    assert {line.excluded for line in decision.order.lines} == {()}
    assert {line.attempts for line in decision.order.lines} == {0}


def test_units_that_come_back_are_named_by_their_fulfillment_or_by_none():
    """Two movements of a line with one name would be one movement: the other units would never come back."""
    order = placed(an_order(a_line("TEA", 2)))
    order = offered(offered(order, (a_node(), {"1": 1})), (a_node(), {"1": 1}))
    scheduled = an_allocation(1, S.SCHEDULED, node="dc-1", due="2026-11-19")

    (change,) = recall(order, {2: {"1": 1}}, "fraud", "care", NOW).stock

    assert change.n == f"002.{order.version + 1}"
    assert reserved(order, order.lines[0], scheduled).n == f"000.{order.version + 1}"


def test_a_node_is_excluded_only_when_it_is_asked_for(order):
    assert {line.excluded for line in recalled(order, exclude_node=True).lines} == {("dc-1",)}


def test_a_part_comes_back_and_the_rest_stays_at_the_node(order):
    decision = recall(order, {1: {"1": 1}}, "fewer", "care", NOW)

    assert decision.order.quantities() == {S.UNSCHEDULED: 1, S.RELEASED: 4}
    assert decision.order.fulfillment(1).ended is None


def test_the_node_is_asked_for_work_that_it_has_begun(order):
    begun = worked(order, "accept", "start-pick")

    decision = recall(begun, ALL, "fraud", "care", NOW)

    assert decision.event.type == "recall_requested"
    assert decision.order.quantities() == begun.quantities()
    assert decision.order.requested_back(1) == {"1": 3, "2": 2}
    assert decision.order.fulfillment(1).recall.until == later(hours=2)
    assert decision.stock == ()
    assert next_look(saved(decision), later(minutes=110)) == later(hours=2)


def test_a_node_that_agrees_puts_picked_goods_back(order):
    asked = recalled(worked(order, "accept", "pick"))

    decision = agree(asked, a_step())

    assert decision.order.quantities() == {S.UNSCHEDULED: 5}
    assert decision.event.type == "recalled"
    (task,) = decision.tasks
    assert (task.queue, task.node, task.reason) == ("put-back", "dc-1", "3 x TEA; 2 x POT")
    assert decision.order.fulfillment(1).ended == "RECALLED"


def test_a_node_may_agree_for_a_part_and_refuse_the_rest(order):
    asked = recalled(worked(order, "accept", "pick"))

    part = saved(agree(asked, a_step(l1=2)))
    assert part.requested_back(1) == {"1": 1, "2": 2}
    with pytest.raises(NotAllowed, match="the recall asks for 1, not 2"):
        agree(part, a_step(l1=2))

    rest = refuse(part, a_step(), "LEAVING")
    assert rest.order.requested_back(1) == {}
    assert rest.order.quantities() == {S.UNSCHEDULED: 2, S.PICKED: 3}
    assert rest.event.data["lines"] == [{"line_id": "1", "quantity": 1}, {"line_id": "2", "quantity": 2}]


def test_the_office_is_told_of_work_that_a_node_keeps_until_it_is_over(order):
    asked = recalled(worked(order, "accept", "pick"))

    decision = refuse(asked, a_step(), "LEAVING")

    (task,) = decision.tasks
    assert (task.queue, task.item, task.node) == ("refused-recalls", "refused-001", None)
    assert (task.reason, dict(task.data)["node"]) == ("recall refused: LEAVING", "dc-1")
    kept = saved(decision)
    assert ship(kept, a_step(), a_shipment()).done == (("refused-recalls", "refused-001"),)
    assert cancel(kept, None, "x", "shop", NOW).done == (("refused-recalls", "refused-001"),)
    again = recall(kept, {1: {"1": 3}}, "now really", "care", NOW)
    assert again.done == (("refused-recalls", "refused-001"),)
    done = answers.resume(kept, "refused-recalls", "refused-001", "done", "care", NOW)
    assert done.done == (("refused-recalls", "refused-001"),)
    assert ship(saved(done), a_step(), a_shipment()).done == ()
    for item in ("refused-001", "refused-009", "x"):
        with pytest.raises(NotFound):
            answers.resume(saved(done), "refused-recalls", item, "done", "care", NOW)


def test_a_part_that_leaves_ends_the_task_about_a_refused_recall(order):
    kept = saved(refuse(recalled(worked(order, "accept", "pick")), a_step(), "LEAVING"))

    decision = ship(kept, a_step(l1=1), a_shipment())

    assert decision.done == (("refused-recalls", "refused-001"),)
    assert [f.recall_refused for f in decision.order.fulfillments] == [True, False]


def test_a_node_cannot_refuse_what_it_has_not_begun_to_pick(order):
    order = saved(advance(worked(order, "accept"), "start-pick", a_step(l1=3)))
    asked = recalled(order)

    decision = refuse(asked, a_step(), "LEAVING")

    assert decision.order.quantities() == {S.PICKING: 3, S.UNSCHEDULED: 2}
    only_early = recalled(order, {1: {"2": 2}})
    with pytest.raises(NotAllowed, match="it can only agree"):
        refuse(only_early, a_step(), "LEAVING")


def test_a_silent_node_loses_what_it_has_not_begun_and_a_person_gets_the_rest(order):
    asked = recalled(saved(advance(worked(order, "accept"), "start-pick", a_step(l1=3))))
    assert end_unanswered_recall(asked, 1, later(minutes=119)) is None

    decision = end_unanswered_recall(asked, 1, later(hours=2))

    assert decision.event.type == "recall_unanswered"
    assert decision.order.quantities() == {S.PICKING: 3, S.UNSCHEDULED: 2}
    (task,) = decision.tasks
    assert (task.queue, task.item, task.reason) == ("late-work", "late-001", "recall unanswered")
    assert end_unanswered_recall(saved(decision), 1, later(hours=9)) is None
    assert agree(saved(decision), a_step()).done == (("late-work", "late-001"),)


def test_a_person_gets_a_recall_of_goods_that_wait_at_the_counter_though_they_were_late_before(pickup):
    late = saved(miss_deadline(worked(pickup, "accept", "pick", "pack"), 1, later(days=2), 60))
    asked = recalled(saved(advance(late, "ready", a_step())), {1: {"1": 2}})

    decision = end_unanswered_recall(asked, 1, later(hours=2))

    assert [(task.queue, task.item) for task in decision.tasks] == [("late-work", "late-001")]


def test_a_person_keeps_an_unanswered_recall_when_the_goods_are_made_ready(pickup):
    asked = recalled(worked(pickup, "accept", "pick", "pack"), {1: {"1": 2}})
    unanswered = saved(end_unanswered_recall(asked, 1, later(hours=2)))

    ready = advance(unanswered, "ready", a_step())

    assert (ready.done, ready.order.fulfillment(1).late) == ((), True)
    assert no_show(saved(ready), a_step()).done == (("late-work", "late-001"),)


def test_a_person_gets_what_a_silent_nodes_part_shipment_leaves_of_a_recall(order):
    unanswered = saved(end_unanswered_recall(recalled(worked(order, "accept", "pick")), 1, later(hours=2)))
    shipped = saved(ship(unanswered, a_step(l1=3), a_shipment()))
    assert next_look(shipped, later(hours=2)) < later(hours=3)

    decision = end_unanswered_recall(shipped, 2, later(hours=3))

    assert [task.item for task in decision.tasks] == ["late-002"]


def test_a_silent_node_loses_all_that_it_has_not_begun(order):
    order = saved(advance(worked(order, "accept"), "start-pick", a_step(l1=3)))

    decision = end_unanswered_recall(recalled(order, {1: {"2": 2}}), 1, later(hours=2))

    assert (decision.event.type, decision.event.actor) == ("recalled", "sweep")
    assert decision.order.fulfillment(1).recall is None
    assert decision.tasks == ()


def test_a_shipment_wins_over_a_recall_and_closes_it(order):
    asked = recalled(worked(order, "accept", "pick"), {1: {"1": 3}})

    decision = ship(asked, a_step(), a_shipment())

    assert decision.order.status == "SHIPPED"
    assert decision.order.requested_back(1) == {}
    with pytest.raises(NotAllowed):
        agree(saved(decision), a_step())
    assert end_unanswered_recall(saved(decision), 1, later(hours=3)) is None


def test_what_a_part_shipment_leaves_is_still_asked_for(order):
    asked = recalled(worked(order, "accept", "pick"), {1: {"1": 3}})

    shipped = saved(ship(asked, a_step(l1=2), a_shipment()))

    assert shipped.requested_back(2) == {"1": 1}
    assert agree(shipped, a_step(2)).order.quantities() == {S.SHIPPED: 2, S.PICKED: 2, S.UNSCHEDULED: 1}


def test_a_customer_who_cancels_leaves_less_to_recall(order):
    asked = recalled(worked(order, "accept", "pick"))

    left = saved(cancel(asked, {"1": 2}, "less", "shop", NOW))

    assert left.requested_back(1) == {"1": 1, "2": 2}
    assert cancel(left, None, "none", "shop", NOW).order.requested_back(1) == {}


def test_a_later_recall_replaces_an_open_one(order):
    asked = recalled(recalled(worked(order, "accept", "pick")), {1: {"2": 1}})

    assert asked.requested_back(1) == {"2": 1}


def test_a_kit_comes_back_whole():
    kit = an_order(a_line("POT", 2, group="set"), a_line("CUP", 4, group="set"))
    order = offered(placed(kit))

    at_once = recall(order, {1: {"2": 1}}, "fraud", "care", NOW)
    assert at_once.order.quantities() == {S.UNSCHEDULED: 3, S.RELEASED: 3}
    assert at_once.event.data["taken"][0]["along"]

    asked = recalled(worked(order, "accept", "pick"), {1: {"2": 1}})
    assert asked.requested_back(1) == {"1": 1, "2": 2}


def test_parts_that_come_back_with_a_set_are_not_asked_for_again():
    kit = an_order(a_line("POT", 4, group="set"), a_line("CUP", 8, group="set"))
    order = worked(offered(placed(kit)), "accept", "start-pick")
    asked = recalled(order, {1: {"1": 2}})
    assert asked.requested_back(1) == {"1": 2, "2": 4}

    half = saved(agree(asked, a_step(l1=1)))
    whole = saved(agree(half, a_step()))

    assert half.requested_back(1) == {"1": 1, "2": 2}
    assert whole.quantities() == {S.UNSCHEDULED: 6, S.PICKING: 6}


def test_a_recalled_pickup_asks_customer_care(pickup):
    decision = recall(pickup, {1: {"1": 2}}, "the shelf is wet", "care", NOW)

    assert (decision.order.line("1").waits_in, decision.order.line("1").because) == ("customer-care", "pickup-recalled")


def test_lines_are_taken_first_where_their_work_is_not_begun():
    order = offered(placed(an_order(a_line("TEA", 4))), (a_node("dc-1"), {"1": 2}), (a_node("dc-2"), {"1": 2}))
    order = worked(order, "accept", "start-pick")

    assert choose_fulfillments(order, {"1": 3}) == {2: {"1": 2}, 1: {"1": 1}}
    decision = recall(order, choose_fulfillments(order, {"1": 3}), "fraud", "care", NOW)
    assert decision.event.type == "recalled"
    assert [row["node"] for row in decision.event.data["requested"]] == ["dc-1"]
    with pytest.raises(NotAllowed, match="cannot recall 5, nodes have 4"):
        choose_fulfillments(order, {"1": 5})
    with pytest.raises(Invalid, match="7 is not a line"):
        choose_fulfillments(order, {"7": 1})


def test_what_cannot_be_recalled_is_refused(order):
    with pytest.raises(NotAllowed, match="cannot recall 4, the node has 3"):
        recall(order, {1: {"1": 4}}, "fraud", "care", NOW)
    with pytest.raises(NotAllowed, match="no recall of this fulfillment is open"):
        agree(order, a_step())
    with pytest.raises(NotAllowed, match="the fulfillment is SHIPPED"):
        recall(saved(ship(order, a_step(), a_shipment())), ALL, "fraud", "care", NOW)
    held = saved(review.hold(order, a_hold_type("FRAUD", "recall"), "odd", "risk", NOW))
    with pytest.raises(Held):
        recall(held, ALL, "fraud", "care", NOW)
