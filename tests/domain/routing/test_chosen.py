"""A person's choice of a node goes before the rules of planners, and not before the limits of the node."""

from dataclasses import replace

import pytest

from comanda.domain.evaluation.explain import paragraphs
from comanda.domain.evaluation.why_here import How
from comanda.domain.evaluation.why_here import reasons as why
from comanda.domain.lifecycle.node_work import recall_requests
from comanda.domain.orders.status import Status
from comanda.domain.scheduling.schedule import schedule
from tests.builders import (
    NEW_YORK,
    NOW,
    a_line,
    a_node,
    a_position,
    a_step,
    an_order,
    offered,
    placed,
    routed,
    saved,
    worked,
)

NEAR, FAR = a_node("dc-1"), a_node("dc-2", NEW_YORK)
STOCK = (a_position("TEA", "dc-1"), a_position("TEA", "dc-2"), a_position("POT", "dc-1"), a_position("POT", "dc-2", 1))


def chosen(*lines, **changes):
    order = placed(an_order(*(lines or (a_line("TEA", 2),)), **changes))
    return order.with_lines([replace(order.line("1"), chosen="dc-2", chosen_by="sales")])


def planned(order, *nodes, stock=STOCK):
    plan = routed(order, stock, *(nodes or (NEAR, FAR)))
    sent = {(p.node.node_id, line.line_id): line.quantity for p in plan.fulfillments for line in p.lines}
    return sent, [(left.line_id, left.queue, left.reason) for left in plan.leftovers]


def test_a_chosen_node_sends_although_another_one_is_cheaper():
    order = chosen(a_line("TEA", 2), a_line("POT", 3))

    assert planned(order) == ({("dc-2", "1"): 2, ("dc-1", "2"): 3}, [])
    decision = routed(order, STOCK, NEAR, FAR).decision
    assert decision["chosen"] == [["1", "dc-2", "sales"]]
    assert {(one.node, one.how, one.chosen_by) for one in why(decision)} == {
        ("dc-2", How.CHOSEN, "sales"),
        ("dc-1", How.CHEAPEST, ""),
    }


@pytest.mark.parametrize(
    ("node", "stock", "reason"),
    [
        (FAR, 1, "no-stock"),
        (replace(FAR, ship=False), 9, "does-not-ship"),
        (replace(FAR, country="CA"), 9, "other-country"),
        (replace(FAR, closures=((NOW, None),)), 9, "closed"),
        (replace(FAR, units_per_day=0), 9, "no-capacity"),
        (a_node("dc-3"), 9, "unknown"),
    ],
)
def test_what_a_chosen_node_cannot_send_waits_for_a_person(node, stock, reason):
    shelves = (a_position("TEA", "dc-1"), a_position("TEA", "dc-2", stock))

    assert planned(chosen(), NEAR, node, stock=shelves) == ({}, [("1", "routing", f"chosen-{reason}")])


def test_a_node_that_declined_since_is_not_asked_again():
    order = chosen(a_line("TEA", 2, excluded=("dc-2",)))

    assert planned(order) == ({}, [("1", "routing", "chosen-declined")])


def test_a_kit_leaves_whole_or_not_at_all():
    order = chosen(a_line("TEA", 2, group="k"), a_line("POT", 2, group="k"))
    order = order.with_lines([replace(order.line("2"), chosen="dc-2")])

    assert planned(order) == ({}, [("1", "routing", "chosen-no-stock"), ("2", "routing", "chosen-no-stock")])


def test_lines_of_one_sku_do_not_take_the_same_units():
    order = chosen(a_line("TEA", 6), a_line("TEA", 6))
    order = order.with_lines([replace(order.line("2"), chosen="dc-2")])

    assert planned(order) == ({("dc-2", "1"): 6}, [("2", "routing", "chosen-no-stock")])


def test_a_choice_is_used_up_by_its_route_unless_units_still_come_back():
    order = chosen()
    after = saved(schedule(order, routed(order, STOCK, NEAR, FAR), STOCK, NOW))
    assert (after.line("1").chosen, after.quantities()) == ("", {Status.RELEASED: 2})

    begun = worked(offered(placed(an_order(a_line("TEA", 3))), (NEAR, {"1": 2})), "accept", "start-pick")
    asked = saved(recall_requests.recall(begun, {1: {"1": 2}}, "moves", "sales", NOW))
    asked = asked.with_lines([replace(asked.line("1"), chosen="dc-2", chosen_by="sales")])
    routed_once = saved(schedule(asked, routed(asked, STOCK, NEAR, FAR), STOCK, NOW))
    assert routed_once.line("1").chosen == "dc-2"
    back = saved(recall_requests.agree(routed_once, a_step(1)))
    last = saved(schedule(back, routed(back, STOCK, NEAR, FAR), STOCK, NOW))
    assert (last.line("1").chosen, {f.node for f in last.fulfillments if not f.ended}) == ("", {"dc-2"})


def test_the_explanation_says_that_a_person_chose():
    order = chosen(a_line("TEA", 2), a_line("TEA", 3))

    text = " ".join(paragraphs(routed(order, STOCK, NEAR, FAR).decision))

    assert "A person chose this node for 2 of these." in text
    assert "A person chose this node." in " ".join(paragraphs(routed(chosen(), STOCK, NEAR, FAR).decision))
