"""Lines of a group are a kit: units of a kit leave a node in whole sets only."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.errors import NotAllowed, Rejected
from comanda.domain.lifecycle import resume
from comanda.domain.lifecycle.cancels.cancel import cancel
from comanda.domain.lifecycle.node_work import kits
from comanda.domain.lifecycle.node_work.decline import decline, short_pick
from comanda.domain.lifecycle.node_work.ship import ship
from comanda.domain.lifecycle.node_work.work import advance, live_units
from comanda.domain.orders.methods import PICKUP
from comanda.domain.orders.queues import Queue
from comanda.domain.orders.status import GONE, UNPLACED, Status
from tests.builders import NOW, a_line, a_node, a_shipment, a_step, an_order, offered, placed, saved
from tests.domain.declines import NO_STOCK, OTHER

S = Status
DC, BRANCH = a_node("dc-1"), a_node("dc-2")


def a_kit(pots=2, cups=4, **changes):
    """An order with a kit of one pot and two cups, and a line outside the kit."""
    lines = (a_line("POT", pots, group="tea-set"), a_line("CUP", cups, group="tea-set"), a_line("TEA", 3))
    return placed(an_order(*lines, **changes))


def at_two_nodes():
    """An order with one set of the kit at each of two nodes."""
    return offered(a_kit(), (DC, {"1": 1, "2": 2, "3": 3}), (BRANCH, {"1": 1, "2": 2}))


def worked(order, number, *transactions, **units):
    for transaction in transactions:
        order = saved(advance(order, transaction, a_step(number, **units)))
    return order


def free(order):
    return {line.line_id: line.units(lambda a: a.status in UNPLACED) for line in order.lines}


def test_a_declined_cup_takes_its_set_along_and_the_other_set_stays():
    order = offered(a_kit())

    decision = decline(order, a_step(l2=1), NO_STOCK)

    assert live_units(decision.order, 1) == {"1": 1, "2": 2, "3": 3}
    assert free(decision.order) == {"1": 1, "2": 2, "3": 0}
    assert [(c.sku, c.kind, c.free) for c in decision.stock] == [
        ("CUP", "release", 1), ("CUP", "short", 0), ("POT", "release", 1),
    ]  # fmt: skip
    pot, cup, tea = decision.order.lines
    assert (pot.excluded, pot.attempts) == (cup.excluded, cup.attempts) == (("dc-1",), 1)
    assert (tea.excluded, tea.attempts) == ((), 0)
    assert decision.event.data["lines"] == [{"line_id": "2", "quantity": 1}]
    assert decision.event.data["along"] == [{"line_id": "1", "quantity": 1}, {"line_id": "2", "quantity": 1}]


def test_picked_units_of_a_broken_set_go_back_on_the_shelf():
    order = worked(offered(a_kit(1, 2)), 1, "accept")
    order = worked(order, 1, "start-pick", "pick", l1=1)

    decision = short_pick(order, a_step(l2=1), "NOT_FOUND")

    assert live_units(decision.order, 1) == {"3": 3}
    assert [(task.queue, task.reason) for task in decision.tasks] == [(Queue.PUT_BACK, "1 x POT")]
    assert {(c.sku, c.kind): c.free for c in decision.stock} == {
        ("POT", "release"): 1, ("CUP", "short"): 0, ("CUP", "release"): 1,
    }  # fmt: skip
    assert all(line.waits_in is None for line in decision.order.lines)


def test_a_cancelled_part_of_a_set_lets_the_rest_wait_for_customer_care():
    order = offered(a_kit())

    decision = cancel(order, {"1": 1}, "too many", "shop", NOW)

    assert live_units(decision.order, 1) == {"1": 1, "2": 2, "3": 3}
    assert free(decision.order) == {"1": 0, "2": 2, "3": 0}
    cup = decision.order.line("2")
    assert (cup.waits_in, cup.because) == (Queue.CUSTOMER_CARE, "kit-incomplete: cancelled")
    assert cup.unplaced() == 0
    assert decision.event.data["along"] == [{"line_id": "2", "quantity": 2}]
    assert [(c.sku, c.kind, c.free) for c in decision.stock] == [("CUP", "release", 2), ("POT", "release", 1)]


def test_a_person_may_route_the_rest_of_a_set():
    torn = saved(cancel(offered(a_kit(1, 2)), {"1": 1}, "x", "shop", NOW))

    order = resume.resume(torn, Queue.CUSTOMER_CARE, Queue.CUSTOMER_CARE, "retry", "ann", NOW).order

    assert (order.line("2").group, order.line("2").unplaced()) == (None, 2)
    assert live_units(cancel(offered(order), {"3": 1}, "x", "shop", NOW).order, 2) == {"2": 2}


def test_a_whole_set_is_cancelled_without_a_question():
    decision = cancel(offered(a_kit()), {"1": 1, "2": 2}, "x", "shop", NOW)

    assert live_units(decision.order, 1) == {"1": 1, "2": 2, "3": 3}
    assert "along" not in decision.event.data
    assert all(line.waits_in is None for line in decision.order.lines)


def test_units_of_two_half_sets_make_a_whole_one_for_the_router():
    order = worked(at_two_nodes(), 1, "accept")
    order = worked(order, 1, "start-pick", "pick", l1=1)  # so that the pot is cancelled at the other node
    order = worked(order, 2, "accept")
    order = worked(order, 2, "start-pick", "pick", l2=2)  # and the cups at this one

    decision = cancel(order, {"1": 1, "2": 2}, "x", "shop", NOW)

    assert live_units(decision.order, 1) == {"3": 3}
    assert live_units(decision.order, 2) == {}
    assert decision.order.fulfillment_status(2) == "CANCELLED"
    assert free(decision.order) == {"1": 1, "2": 2, "3": 0}
    assert all(line.waits_in is None for line in decision.order.lines)
    assert sorted(task.reason for task in decision.tasks) == ["1 x POT", "2 x CUP"]


def test_half_a_kit_does_not_leave_and_a_whole_set_does():
    order = worked(offered(a_kit()), 1, "accept", "start-pick", "pick", "pack")

    for half in ({"l1": 1}, {"l2": 4}, {"l1": 2, "l2": 3}, {"l1": 1, "l2": 1, "l3": 3}):
        with pytest.raises(NotAllowed, match="whole sets: a set is 1 of POT and 2 of CUP"):
            ship(order, a_step(**half), a_shipment())
    one_set = saved(ship(order, a_step(l1=1, l2=2), a_shipment()))
    with pytest.raises(NotAllowed, match="whole sets"):
        ship(one_set, a_step(2, l1=1), a_shipment())

    assert live_units(one_set, 2) == {"1": 1, "2": 2, "3": 3}
    assert live_units(ship(one_set, a_step(2, l3=3), a_shipment()).order, 3) == {"1": 1, "2": 2}


def test_half_a_kit_is_not_handed_over_at_a_counter():
    lines = (a_line(sku, n, method=PICKUP, node="store-7", group="set") for sku, n in (("POT", 1), ("CUP", 2)))
    order = offered(placed(an_order(*lines)))

    with pytest.raises(NotAllowed, match="whole sets"):
        ship(order, a_step(l1=1), a_shipment())


def test_the_rest_of_a_kit_that_left_by_halves_before_may_still_leave():
    order = worked(offered(a_kit(1, 2)), 1, "accept", "start-pick", "pick", "pack")
    loose = replace(order, lines=tuple(replace(line, group=None) for line in order.lines))
    half = saved(ship(loose, a_step(l1=1), a_shipment()))
    order = half.with_lines(replace(line, group="tea-set") for line in half.lines if line.line_id != "3")

    assert live_units(ship(order, a_step(2, l2=1), a_shipment()).order, 3) == {"2": 1, "3": 3}


@st.composite
def steps(draw):
    name = draw(st.sampled_from(("decline", "short-pick", "cancel", "accept", "start-pick", "pick", "ship")))
    units = draw(st.dictionaries(st.sampled_from("123"), st.integers(1, 4), min_size=1))
    return name, draw(st.integers(1, 2)), units


@given(st.lists(steps(), max_size=8))
def test_no_node_keeps_a_part_of_a_set_and_no_part_is_routed(story):
    order = offered(a_kit(4, 8), (DC, {"1": 3, "2": 6, "3": 2}), (BRANCH, {"1": 1, "2": 2, "3": 1}))

    for name, number, units in story:
        try:
            order = saved(_did(order, name, number, units))
        except Rejected:
            continue

        assert all(kits.broken_sets(order, f.number) == {} for f in order.fulfillments)
        routable = {line.line_id: line.unplaced() for line in order.lines}
        assert routable["2"] == 2 * routable["1"] or any(line.waits_in for line in order.lines)
        gone = {line.line_id: line.units(lambda a: a.status in GONE) for line in order.lines}
        assert gone["2"] == 2 * gone["1"]
        for line in order.lines:
            assert sum(a.quantity for a in line.allocations) == line.quantity


def _did(order, name, number, units):
    step = a_step(number, **{f"l{line_id}": quantity for line_id, quantity in units.items()})
    match name:
        case "decline":
            return decline(order, step, OTHER)
        case "short-pick":
            return short_pick(order, step, "NOT_FOUND")
        case "cancel":
            return cancel(order, units, "x", "shop", NOW)
        case "accept":
            return advance(order, "accept", a_step(number))
        case "ship":
            return ship(order, step, a_shipment())
    return advance(order, name, step)
