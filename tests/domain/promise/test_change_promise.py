"""The promise of a change: every unit that it adds or moves is promised, or named among those that cannot be."""

from dataclasses import replace

from comanda.domain.lifecycle.changes.change import change
from comanda.domain.lifecycle.changes.changed_units import NewQuantity
from comanda.domain.lifecycle.changes.changing import ChangeTerms
from comanda.domain.lifecycle.changes.wanted_changes import NewTags
from comanda.domain.lifecycle.holds import review
from comanda.domain.lifecycle.modifications.modification_matrix import Matrix
from comanda.domain.lifecycle.moving.wanted import NewRequested, NewShipTo
from comanda.domain.lifecycle.node_work.ship import ship
from comanda.domain.orders.destination import Destination
from comanda.domain.promise.change_promise import Unpromised, kept_from_router, lines_to_promise
from tests.builders import (
    NOW,
    a_bundle,
    a_hold_type,
    a_line,
    a_node,
    a_shipment,
    a_step,
    an_order,
    offered,
    placed,
    saved,
    worked,
)

TERMS = ChangeTerms(reason="moved house", actor="care", now=NOW)
ELSEWHERE = NewShipTo(to=Destination(country="US", region="NY"))
DC_1, DC_2 = a_node("dc-1"), a_node("dc-2")


def after(order, *wanted):
    return change(order, wanted, Matrix(), TERMS).decision.order


def torn(*rows):
    """Return an order whose first line has left from one node, while the second one is at another."""
    order = placed(an_order(*rows))
    first, second = (line.line_id for line in order.lines)
    order = offered(order, (DC_1, {first: 1}), (DC_2, {second: order.line(second).quantity}))
    return saved(ship(worked(order, "accept", "pick"), a_step(1), a_shipment()))


def test_the_rest_of_a_bundle_of_which_a_part_has_left_cannot_be_promised():
    order = torn(*a_bundle("SET", 1, 1000))

    moved = after(order, ELSEWHERE)

    assert lines_to_promise(order, moved) == frozenset()
    assert kept_from_router(order, moved) == (Unpromised(line_id="b2", quantity=2, reason="kit-incomplete"),)


def test_the_rest_of_a_kit_waits_whichever_change_moves_it():
    order = torn(a_line("TEA", 1, group="set"), a_line("POT", 1, group="set"))
    rest = (Unpromised(line_id="2", quantity=1, reason="kit-incomplete"),)

    waits = after(order, ELSEWHERE)

    assert kept_from_router(order, waits) == rest
    assert kept_from_router(waits, after(waits, NewTags(tags=("vip",)))) == ()
    assert kept_from_router(waits, after(waits, NewRequested(not_before="2026-12-24"))) == rest


def test_units_of_a_held_line_cannot_be_promised():
    order = placed(an_order(a_line("TEA", 2)))
    held = review.hold(order, a_hold_type("LOOK", "schedule", level="line"), "look", "office", NOW, ("1",)).saved

    more = after(held, NewQuantity(line_id="1", quantity=3))

    assert lines_to_promise(held, more) == frozenset()
    assert kept_from_router(held, more) == (Unpromised(line_id="1", quantity=3, reason="held"),)
    assert kept_from_router(order, after(order, NewQuantity(line_id="1", quantity=3))) == ()


def test_another_day_asks_again_for_all_units_that_wait_for_the_router_and_a_tag_for_none():
    order = placed(an_order(a_line("TEA", 2)))

    assert lines_to_promise(order, after(order, NewRequested(not_before="2026-12-24"))) == {"1"}
    assert lines_to_promise(order, after(order, NewTags(tags=("vip",)))) == frozenset()


def test_units_that_are_provided_need_no_promise():
    order = placed(an_order(a_line("EBOOK", 1, kind="DIGITAL")))

    assert kept_from_router(order, after(order, NewQuantity(line_id="1", quantity=2))) == ()
    assert kept_from_router(replace(order, lines=()), order) == ()
