"""Changes that move units: exactly the touched work comes back, its stock to the unit, and what has left keeps its address."""

from dataclasses import replace

import pytest

from comanda.domain.errors import Invalid
from comanda.domain.lifecycle.changes.allowed_changes import of_line, of_order
from comanda.domain.lifecycle.changes.change import change
from comanda.domain.lifecycle.changes.changed_units import NewQuantity
from comanda.domain.lifecycle.changes.changing import ChangeTerms
from comanda.domain.lifecycle.holds import review
from comanda.domain.lifecycle.modifications.modification_matrix import Matrix, Modification, Rule
from comanda.domain.lifecycle.moving.wanted import NewMethod, NewNode, NewRequested, NewService, NewShipTo, NewStore
from comanda.domain.lifecycle.node_work import recall_requests
from comanda.domain.lifecycle.node_work.ship import ship
from comanda.domain.orders.destination import Destination
from comanda.domain.orders.methods import PICKUP, SHIP
from comanda.domain.orders.order import Order, Promised
from comanda.domain.orders.queues import Queue
from comanda.domain.orders.rule_holds import RuleResult
from comanda.domain.orders.status import Status
from tests.builders import (
    NOW,
    a_bundle,
    a_hold_type,
    a_line,
    a_line_in,
    a_node,
    a_shipment,
    a_step,
    an_allocation,
    an_order,
    offered,
    placed,
    saved,
    worked,
)
from tests.domain.told import plain_sentence

S = Status
BUILT_IN = Matrix()
TERMS = ChangeTerms(reason="moved house", actor="care", now=NOW)
NEW_YORK = Destination(country="US", region="NY", postal_prefix="100", latitude=40.7, longitude=-74.0)
ELSEWHERE = NewShipTo(to=NEW_YORK)
DC_1, DC_2 = a_node("dc-1"), a_node("dc-2")


def changed(order, *wanted, matrix=BUILT_IN, **terms):
    return change(order, wanted, matrix, replace(TERMS, **terms))


def two_lines(*steps: str) -> Order:
    """Return an order with a line at each of two nodes, the first of which has done these steps."""
    order = placed(an_order(a_line("TEA", 2), a_line("POT", 1)))
    return worked(offered(order, (DC_1, {"1": 2}), (DC_2, {"2": 1})), *steps)


def given_back(decision):
    return sorted((c.sku, c.node, c.free) for c in decision.stock)


def test_an_address_of_the_order_after_one_of_its_only_line_moves_nothing_more():
    order = placed(an_order(a_line("TEA", 2)))
    colorado = Destination(country="US", region="CO", latitude=39.7, longitude=-105.0)

    made = changed(order, NewShipTo(to=colorado, line_id="1"), ELSEWHERE)

    assert made.denied == ()
    assert (made.decision.order.destination, made.decision.order.destination_of(1)) == (NEW_YORK, colorado)
    assert made.decision.order.lines[0].destination == 1
    before_and_after = [(row["before"], row["after"]) for row in made.decision.event.data["changes"]]
    assert before_and_after == [("US-IL", "US-CO"), ("US-IL", "US-NY")]


def test_another_address_takes_work_back_that_no_node_has_begun():
    order = two_lines("accept")

    outcome = changed(order, ELSEWHERE)

    after = outcome.decision.order
    assert after.destination == NEW_YORK
    assert after.quantities() == {S.UNSCHEDULED: 3}
    assert given_back(outcome.decision) == [("POT", "dc-2", 1), ("TEA", "dc-1", 2)]
    assert outcome.recalled == {1: {"1": 2}, 2: {"2": 1}}
    assert (outcome.asked, outcome.to_pay, after.destinations) == ({}, 0, ())
    assert [f.ended for f in after.fulfillments] == ["RECALLED", "RECALLED"]
    assert after.contact == 2
    assert (after.routable, {line.waits_in for line in after.lines}) == (True, {None})
    assert outcome.decision.event.data["changes"] == [{"modification": "ship_to", "before": "US-IL", "after": "US-NY"}]


def test_a_node_is_asked_for_work_that_it_has_begun_and_that_goes_where_it_went():
    order = two_lines("accept", "start-pick")

    outcome = changed(order, ELSEWHERE)

    after = outcome.decision.order
    assert after.quantities() == {S.PICKING: 2, S.UNSCHEDULED: 1}
    assert (outcome.recalled, outcome.asked) == ({2: {"2": 1}}, {1: {"1": 2}})
    assert after.fulfillment(1).destination == 1
    assert after.destination_of(1) == order.destination
    assert (after.destination, outcome.addresses[0].kept) == (NEW_YORK, 1)
    refused = recall_requests.refuse(saved(outcome.decision), a_step(1), "LEAVING")
    kept = saved(refused)
    assert refused.event.data["for_change"]
    assert [task.reason for task in refused.tasks] == ["recall for a change refused: LEAVING"]
    said = plain_sentence("recall_refused", refused.event.data)
    assert said == (
        "dc-1 keeps, of fulfillment 1: 2 units of line 1, Leaves now; the change of the order does not hold for them"
    )
    assert kept.fulfillment(1).destination == 1
    given = saved(recall_requests.agree(saved(outcome.decision), a_step(1)))
    assert given.quantities() == {S.UNSCHEDULED: 3}
    assert given.routable


def test_parcels_that_have_left_keep_their_address():
    order = two_lines()
    order = saved(ship(order, a_step(1), a_shipment()))

    after = changed(order, ELSEWHERE).decision.order

    assert after.quantities() == {S.SHIPPED: 2, S.UNSCHEDULED: 1}
    assert [after.destination_of(f.destination).region for f in after.fulfillments] == ["IL", "NY"]


def test_a_line_goes_to_an_address_of_its_own_and_no_other_work_moves():
    order = two_lines("accept")

    outcome = changed(order, replace(ELSEWHERE, line_id="2"))

    after = outcome.decision.order
    assert after.quantities() == {S.ACCEPTED: 2, S.UNSCHEDULED: 1}
    assert [line.destination for line in after.lines] == [0, 1]
    assert (after.destination, after.destinations) == (order.destination, (NEW_YORK,))
    back = changed(saved(outcome.decision), NewShipTo(to=order.destination, line_id="2", number=0)).decision.order
    assert [line.destination for line in back.lines] == [0, 0]


def test_scheduled_units_lose_their_node_and_units_without_stock_are_tried_again():
    parts = (
        an_allocation(2, S.SCHEDULED, node="dc-1", due="2026-12-01", promise="2026-12-04"),
        an_allocation(3, S.SCHEDULED, node="dc-1", due="2026-11-19", wave="2026-11-19T13:00:00+00:00", lane=1),
        an_allocation(1, S.BACKORDERED),
    )
    order = an_order(a_line_in(*parts))

    outcome = changed(order, ELSEWHERE)

    assert outcome.decision.order.lines[0].allocations == (an_allocation(6, S.UNSCHEDULED),)
    assert [(c.lane, c.demand, c.free) for c in outcome.decision.stock] == [
        (0, (("2026-12-01", -2),), 2),
        (1, (("2026-11-19", -3),), 3),
    ]
    data = outcome.decision.event.data
    assert data["unscheduled"] == [
        {"line_id": "1", "quantity": 2, "node": "dc-1", "was": "2026-12-01"},
        {"line_id": "1", "quantity": 3, "node": "dc-1"},
    ]
    assert data["again"] == [{"line_id": "1", "quantity": 1}]


def test_packed_units_deny_it_unless_the_matrix_allows_and_the_node_agrees():
    order = two_lines("accept", "pick", "pack")
    allows = Matrix(rules=(Rule(modification=Modification.SHIP_TO, allow=True, statuses=frozenset({S.PACKED})),))

    (denied,) = changed(order, ELSEWHERE).denied
    outcome = changed(order, ELSEWHERE, matrix=allows)

    assert [(d.code, d.status, d.quantity) for d in denied[1]] == [("packed", S.PACKED, 2)]
    assert outcome.asked == {1: {"1": 2}}
    assert outcome.decision.order.quantities() == {S.PACKED: 2, S.UNSCHEDULED: 1}


def test_units_that_move_and_units_that_go_are_one_decision():
    order = two_lines("accept")

    outcome = changed(order, ELSEWHERE, NewQuantity(line_id="1", quantity=1))

    assert outcome.decision.order.quantities() == {S.CANCELLED: 1, S.UNSCHEDULED: 2}
    assert given_back(outcome.decision) == [("POT", "dc-2", 1), ("TEA", "dc-1", 2)]
    assert len({c.movement_id for c in outcome.decision.stock}) == 2


def test_a_kit_and_the_parts_of_a_bundle_move_together():
    order = placed(an_order(*a_bundle("SET", 2, 1000), a_line("TEA", 1, line_id="3")))
    order = offered(order, (DC_1, {"b1": 2, "b2": 4, "3": 1}))

    after = changed(order, replace(ELSEWHERE, line_id="b")).decision.order

    assert {line.line_id: line.destination for line in after.lines} == {"b1": 1, "b2": 1, "3": 0}
    assert after.quantities() == {S.UNSCHEDULED: 6, S.RELEASED: 1}
    part = of_line(order, order.line("b1"), Modification.SHIP_TO, Matrix())
    assert [d.code for d in part.denials] == ["bundle"]


def test_a_pickup_line_has_no_address():
    collected = placed(an_order(a_line("TEA", 2, method=PICKUP, node="store-7"), a_line("POT", 1)))

    with pytest.raises(Invalid) as refused:
        changed(collected, replace(ELSEWHERE, line_id="1"))

    assert [(p.pointer, p.code) for p in refused.value.problems] == [("/changes/0/ship_to", "picked-up")]
    row = of_line(collected, collected.line("1"), Modification.SHIP_TO, Matrix())
    assert [d.code for d in row.denials] == ["pickup"]
    assert of_order(collected, Modification.SHIP_TO, Matrix()).units == 1


def test_a_digital_line_has_no_address():
    order = placed(an_order(a_line("EBOOK", 1, kind="DIGITAL"), a_line("TEA", 1)))

    with pytest.raises(Invalid) as refused:
        changed(order, replace(ELSEWHERE, line_id="1"))

    assert [(p.pointer, p.code) for p in refused.value.problems] == [("/changes/0/line_id", "not-for-this-kind")]
    assert changed(order, ELSEWHERE).decision.order.destination == NEW_YORK


def test_no_order_has_more_addresses_than_the_most():
    order = replace(placed(an_order(a_line("TEA", 1))), destinations=(NEW_YORK,) * 19)

    with pytest.raises(Invalid) as refused:
        changed(order, replace(ELSEWHERE, line_id="1"))

    assert [p.code for p in refused.value.problems] == ["too-many-destinations"]


def test_rules_about_addresses_hold_the_order_at_its_new_one():
    kind = a_hold_type("ADDRESS", "schedule", "release")

    outcome = changed(two_lines(), ELSEWHERE, judge=lambda order, i: [RuleResult(kind=kind)])

    after = outcome.decision.order
    assert [(hold.type, hold.active) for hold in after.holds] == [("ADDRESS", True)]
    assert [task.item for task in outcome.decision.tasks] == ["h1"]
    assert outcome.decision.event.data["holds"] == ["h1"]


def test_a_hold_of_the_change_or_of_its_recall_denies_it():
    order = two_lines("accept")
    for blocked in ("ship_to", "recall"):
        held = review.hold(order, a_hold_type("AUDIT", blocked), "audit", "office", NOW).saved
        assert [d.code for _, denials in changed(held, ELSEWHERE).denied for d in denials] == ["held"]


def test_the_promise_was_for_another_address():
    promise = Promised(promise_id="p", option_id="o", deliver_on="2026-11-23", zone="UTC", nodes=("dc-1",))

    assert changed(replace(two_lines(), promised=promise), ELSEWHERE).decision.order.promised is None


def test_an_open_recall_and_that_of_a_change_are_one():
    order = placed(an_order(a_line("TEA", 2), a_line("POT", 1)))
    order = worked(offered(order, (DC_1, {"1": 2, "2": 1})), "accept", "start-pick")
    order = saved(recall_requests.recall(order, {1: {"1": 2}}, "fraud", "care", NOW, exclude_node=True))

    after = changed(order, replace(ELSEWHERE, line_id="2")).decision.order

    assert after.requested_back(1) == {"2": 1, "1": 2}
    assert after.fulfillment(1).recall.exclude_node


def dated(order, **days):
    """Return the order with these days at the customer's door, by f<number of the fulfillment>."""
    for name, day in days.items():
        order = order.with_fulfillment(replace(order.fulfillment(int(name[1:])), deliver_on=day))
    return order


@pytest.mark.parametrize(
    ("wanted", "moves"),
    [
        (NewRequested(deliver_by="2026-11-24"), {2}),
        (NewRequested(not_before="2026-11-24"), {1}),
        (NewRequested(not_before="2026-11-24", deliver_by="2026-11-24"), {1, 2}),
        (NewRequested(not_before="2026-11-23", deliver_by="2026-11-25"), set()),
    ],
)
def test_only_work_on_a_day_that_is_not_wanted_moves(wanted, moves):
    outcome = changed(dated(two_lines("accept"), f1="2026-11-23", f2="2026-11-25"), wanted)

    assert outcome.recalled.keys() == moves
    days = {name: day for name in ("deliver_by", "not_before") if (day := getattr(wanted, name))}
    assert dict(outcome.decision.order.requested) == days
    assert outcome.decision.event.data["changes"][0] == {"modification": "requested", "before": {}, "after": days}


def test_units_that_wait_for_the_day_of_before_are_placed_again_and_a_kit_moves_whole():
    waits = an_allocation(2, S.SCHEDULED, node="dc-1", due="2026-12-01", release_on="2026-12-01", promise="2026-12-04")
    fits = an_allocation(2, S.SCHEDULED, node="dc-1", due="2026-12-03", promise="2026-12-04")
    lines = [
        a_line_in(part, line_id=str(n), group=group)
        for n, (part, group) in enumerate(((waits, "k"), (fits, "k"), (fits, None)), 1)
    ]
    order = an_order(*lines, requested=(("not_before", "2026-12-01"),))

    after = changed(order, NewRequested(not_before="2026-12-02")).decision.order

    assert [line.allocations[0].status for line in after.lines] == [S.UNSCHEDULED, S.UNSCHEDULED, S.SCHEDULED]


def test_another_service_moves_the_shipped_lines_that_have_another_one():
    line = a_line("TEA", 2, method=PICKUP, node="store-7")
    order = placed(an_order(line, a_line("POT", 1), a_line("CUP", 1, service="EXPRESS")))
    store = a_node("store-7", type="STORE")
    order = offered(order, (store, {"1": 2}), (DC_1, {"2": 1}), (DC_2, {"3": 1}))

    outcome = changed(order, NewService(service="EXPRESS"))

    assert outcome.recalled == {2: {"2": 1}}
    assert [line.service for line in outcome.decision.order.lines] == ["STANDARD", "EXPRESS", "EXPRESS"]


def at_store(**changes) -> Order:
    line = a_line("TEA", 2, method=PICKUP, node="store-7")
    return offered(placed(an_order(line, **changes)), (a_node("store-7", type="STORE"), {"1": 2}))


def test_a_pickup_is_sent_instead_or_collected_elsewhere():
    order = at_store()

    sent = changed(order, NewMethod(line_id="1", method=SHIP))
    elsewhere = changed(order, NewStore(line_id="1", node_id="store-8"))

    for outcome in (sent, elsewhere):
        assert outcome.recalled == {1: {"1": 2}}
        (line,) = outcome.decision.order.lines
        assert (line.waits_in, outcome.decision.order.quantities()) == (None, {S.UNSCHEDULED: 2})
    assert [(x.decision.order.lines[0].method, x.decision.order.lines[0].node_id) for x in (sent, elsewhere)] == [
        (SHIP, None),
        (PICKUP, "store-8"),
    ]
    assert sent.decision.event.data["changes"] == [
        {"modification": "method", "line_id": "1", "before": PICKUP, "after": SHIP}
    ]


def test_a_line_without_an_address_is_not_sent_and_the_first_address_is_the_orders_own():
    nowhere = Destination(country="US", latitude=39.7, longitude=-105.0, address=False)
    order = at_store(destination=nowhere)

    with pytest.raises(Invalid) as refused:
        changed(order, NewMethod(line_id="1", method=SHIP))
    outcome = changed(order, NewMethod(line_id="1", method=SHIP, to=NEW_YORK))

    assert [(p.pointer, p.code) for p in refused.value.problems] == [("/changes/0/ship_to", "missing")]
    assert (outcome.decision.order.destination, outcome.decision.order.destinations) == (NEW_YORK, ())
    assert (outcome.addresses[0].number, outcome.decision.order.contact) == (0, 2)


def test_a_change_of_the_method_answers_what_customer_care_was_asked():
    line = a_line_in(an_allocation(2, S.UNSCHEDULED), method=PICKUP, node="store-7", waits_in="customer-care")
    order = an_order(replace(line, excluded=("store-7",), attempts=3))

    (free,) = changed(order, NewStore(line_id="1", node_id="store-8")).decision.order.lines

    assert (free.waits_in, free.excluded, free.attempts) == (None, (), 0)


def test_another_counter_is_for_a_pickup_line_alone():
    order = placed(an_order(a_line("TEA", 2)))

    with pytest.raises(Invalid) as refused:
        changed(order, NewStore(line_id="1", node_id="store-8"))

    assert [(p.pointer, p.code) for p in refused.value.problems] == [("/changes/0/line_id", "not-picked-up")]
    row = of_line(order, order.line("1"), Modification.STORE, Matrix())
    assert [d.code for d in row.denials] == ["sent"]


def test_a_chosen_node_takes_the_units_that_are_elsewhere_and_is_not_excluded_any_more():
    order = placed(an_order(a_line("TEA", 5, excluded=("dc-2",), attempts=2)))
    order = offered(order, (DC_1, {"1": 3}), (DC_2, {"1": 2}))

    outcome = changed(order, NewNode(line_id="1", node_id="dc-2", by="office"))

    (line,) = outcome.decision.order.lines
    assert outcome.recalled == {1: {"1": 3}}
    assert (line.chosen, line.chosen_by, line.excluded, line.attempts) == ("dc-2", "office", (), 0)
    assert outcome.decision.event.data["changes"] == [
        {"modification": "node", "line_id": "1", "before": ["dc-1", "dc-2"], "after": "dc-2"}
    ]
    with pytest.raises(Invalid) as refused:
        changed(at_store(), NewNode(line_id="1", node_id="dc-2", by="office"))
    assert [(p.pointer, p.code) for p in refused.value.problems] == [("/changes/0/line_id", "picked-up")]


def test_a_pickup_line_that_a_change_takes_back_asks_no_customer():
    line = a_line("TEA", 2, method=PICKUP, node="store-7")
    order = worked(offered(placed(an_order(line))), "accept", "start-pick")
    asked = recall_requests.RecallBuilder(order, NOW, exclude_node=False, for_change=True)
    asked.take_or_ask(1, {"1": 2}, "changed")

    given = recall_requests.agree(asked.order, a_step(1)).order

    assert [line.waits_in for line in given.lines] == [None]
    assert Queue.CUSTOMER_CARE not in {line.waits_in for line in given.lines}
