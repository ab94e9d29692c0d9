"""A hold of a line blocks that line only: the others are routed, worked on, shipped and cancelled."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.errors import Held, Invalid, Rejected
from comanda.domain.lifecycle.cancels.cancel import cancel
from comanda.domain.lifecycle.holds import review
from comanda.domain.lifecycle.node_work.decline import decline, short_pick
from comanda.domain.lifecycle.node_work.ship import ship
from comanda.domain.lifecycle.node_work.work import advance, deadline, live_units
from comanda.domain.orders.status import Status
from comanda.domain.orders.verdict import verdict
from comanda.domain.scheduling.schedule import schedule
from tests.builders import (
    NOW,
    a_hold_type,
    a_line,
    a_position,
    a_shipment,
    a_step,
    an_order,
    offered,
    placed,
    routed,
    saved,
)
from tests.domain.declines import OTHER

S = Status


def of_lines(*blocks, **changes):
    return a_hold_type("ENGRAVING", *blocks, level="line", **changes)


def held(order, *lines, blocks=("schedule",)):
    return saved(review.hold(order, of_lines(*blocks), "is engraved", "desk", NOW, lines))


def an_order_of_two():
    return placed(an_order(a_line("TEA", 2), a_line("POT", 1)))


def test_the_router_places_the_other_lines_and_takes_the_held_one_when_it_is_free():
    order = held(an_order_of_two(), "2")
    stock = [a_position("TEA"), a_position("POT")]
    assert verdict("UntilSettled", "order", order) == "RouteAgain"

    order = saved(schedule(order, routed(order, stock), stock, NOW))

    assert order.quantities() == {S.RELEASED: 2, S.CREATED: 1}
    assert verdict("UntilSettled", "order", order) is None
    free = saved(review.resolve(order, "h1", "holds", "done", "desk", NOW))
    assert verdict("UntilSettled", "order", free) == "RouteAgain"
    assert saved(schedule(free, routed(free, stock), stock, NOW)).quantities() == {S.RELEASED: 3}


def test_a_step_that_names_no_line_leaves_the_held_one_where_it_is():
    order = held(offered(an_order_of_two()), "2", blocks=("accept", "ship"))

    order = saved(advance(order, "accept", a_step()))
    order = saved(ship(order, a_step(), a_shipment()))

    assert order.quantities() == {S.SHIPPED: 2, S.RELEASED: 1}
    assert live_units(order, 2) == {"2": 1}
    assert deadline(order, 2) is None
    with pytest.raises(Held):
        ship(order, a_step(2), a_shipment())
    free = saved(review.resolve(order, "h1", "holds", "done", "desk", NOW))
    assert ship(free, a_step(2), a_shipment()).order.status == "SHIPPED"


def test_a_step_that_names_the_held_line_is_refused_with_its_hold():
    order = held(offered(an_order_of_two()), "2", blocks=("decline", "cancel"))

    with pytest.raises(Held) as refused:
        decline(order, a_step(l2=1), OTHER)
    with pytest.raises(Held):
        cancel(order, {"2": 1}, "x", "shop", NOW)

    assert (refused.value.hold_id, refused.value.hold_type) == ("h1", "ENGRAVING")
    rest = cancel(order, None, "x", "shop", NOW)
    assert rest.event.data["not_cancelled"] == [
        {
            "line_id": "2",
            "quantity": 1,
            "status": "RELEASED",
            "reason": "held",
            "hold_id": "h1",
            "hold_type": "ENGRAVING",
        }
    ]


def test_a_cancel_of_everything_names_the_hold_that_keeps_all_of_it():
    order = held(offered(an_order_of_two()), "1", "2", blocks=("cancel",))

    with pytest.raises(Held) as refused:
        cancel(order, None, "x", "shop", NOW)

    assert (refused.value.hold_id, refused.value.hold_type) == ("h1", "ENGRAVING")


def test_a_rule_holds_the_lines_that_reach_its_amount():
    kind = of_lines("schedule", total_at_least=(1500, "USD"))

    order = placed(an_order(a_line("TEA", 2), a_line("POT", 1)), kind)

    assert [(hold.type, hold.lines) for hold in order.holds] == [("ENGRAVING", ("1",))]
    assert [line.unplaced() for line in order.lines] == [0, 1]


@pytest.mark.parametrize(
    ("kind", "lines", "pointer", "code"),
    [
        (of_lines(), (), "/lines", "missing"),
        (a_hold_type(), ("1",), "/lines", "not-taken"),
        (of_lines(), ("1", "7"), "/lines/1", "unknown-line"),
        (of_lines(), ("1", "1"), "/lines/1", "duplicate"),
    ],
)
def test_a_hold_names_the_lines_that_it_holds_and_no_others(kind, lines, pointer, code):
    with pytest.raises(Invalid) as refused:
        review.hold(an_order_of_two(), kind, "x", "desk", NOW, lines)

    assert [(p.pointer, p.code) for p in refused.value.problems] == [(pointer, code)]


STEPS = ("accept", "start-pick", "pick", "pack", "ship", "decline", "short-pick", "cancel")


@given(st.lists(st.tuples(st.sampled_from(STEPS), st.integers(1, 3), st.sampled_from((None, "1", "2"))), max_size=10))
def test_whatever_is_done_to_an_order_its_held_line_stays_where_it_is(story):
    order = held(offered(an_order_of_two()), "2", blocks=STEPS)

    for name, number, line_id in story:
        step = a_step(number, **({f"l{line_id}": 1} if line_id else {}))
        try:
            order = saved(_did(order, name, step))
        except Rejected:
            continue
        (unit,) = order.line("2").allocations
        assert (unit.status, unit.quantity) == (S.RELEASED, 1)
        assert sum(order.quantities().values()) == 3


def _did(order, name, step):
    match name:
        case "ship":
            return ship(order, step, a_shipment())
        case "decline":
            return decline(order, step, OTHER)
        case "short-pick":
            return short_pick(order, step, "DAMAGED")
        case "cancel":
            return cancel(order, step.units, "x", "shop", NOW)
    return advance(order, name, step)
