"""Test the router: each unit gets a node that has it, or a queue and a reason."""

from dataclasses import replace
from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.nodes.calendars import Calendar
from comanda.domain.orders.destination import Destination
from comanda.domain.orders.methods import PICKUP
from comanda.domain.routing.inputs import RouterInputs
from comanda.domain.routing.plan import NO_GOODS, Limits, Rules
from comanda.domain.routing.route import route
from tests.builders import (
    CHICAGO,
    DENVER,
    NEW_YORK,
    NOW,
    a_line,
    a_node,
    a_position,
    an_order,
    later,
    offered,
    placed,
    routed,
)
from tests.domain.models.journeys import a_carrier, a_service, a_shop
from tests.domain.shipping.test_rate_cards import a_card

CLOSED = Calendar(timezone="America/Chicago", hours=())


def units_by_node(plan):
    return [(f.node.node_id, f.method, {p.line_id: p.quantity for p in f.lines}) for f in plan.fulfillments]


def left(plan):
    return [(x.line_id, x.quantity, x.queue, x.reason) for x in plan.leftovers]


def test_the_nearest_node_that_has_everything_ships_it():
    order = placed(an_order(a_line("TEA", 2), a_line("POT", 1)))  # to Chicago
    nodes = [a_node("new-york", NEW_YORK), a_node("denver", DENVER)]
    positions = [a_position(sku, node.node_id) for sku in ("TEA", "POT") for node in nodes]

    assert units_by_node(routed(order, positions, *nodes)) == [("new-york", "SHIP", {"1": 2, "2": 1})]


def test_one_parcel_from_afar_beats_two_from_near():
    order = placed(an_order(a_line("TEA", 2), a_line("POT", 1)))
    nodes = [a_node("near-1", CHICAGO), a_node("near-2", CHICAGO), a_node("far", NEW_YORK)]
    positions = [
        a_position("TEA", "near-1"),
        a_position("POT", "near-2"),
        *(a_position(s, "far") for s in ("TEA", "POT")),
    ]

    assert units_by_node(routed(order, positions, *nodes)) == [("far", "SHIP", {"1": 2, "2": 1})]


def test_an_order_is_split_when_no_node_has_all_of_it_and_the_rest_waits_for_stock():
    order = placed(an_order(a_line("TEA", 10)))
    nodes = [a_node("a", CHICAGO), a_node("b", NEW_YORK)]

    plan = routed(order, [a_position("TEA", "a", 3), a_position("TEA", "b", 5)], *nodes)

    assert units_by_node(plan) == [("a", "SHIP", {"1": 3}), ("b", "SHIP", {"1": 5})]
    assert left(plan) == [("1", 2, "backorder", "no-stock")]


def test_ties_go_to_the_first_node_by_id_whatever_the_order_of_the_input():
    order = placed(an_order(a_line("TEA", 1)))
    nodes = [a_node(f"n-{i}") for i in (3, 1, 2)]
    positions = [a_position("TEA", node.node_id) for node in nodes]

    assert units_by_node(routed(order, positions, *nodes)) == [("n-1", "SHIP", {"1": 1})]
    assert units_by_node(routed(order, positions[::-1], *nodes[::-1])) == [("n-1", "SHIP", {"1": 1})]


def test_an_address_without_coordinates_is_equally_far_from_everywhere():
    order = replace(placed(an_order(a_line("TEA", 1))), destination=Destination(country="US"))
    nodes = [a_node("z", CHICAGO), a_node("b", NEW_YORK)]

    assert units_by_node(routed(order, [a_position("TEA", "z"), a_position("TEA", "b")], *nodes)) == [
        ("b", "SHIP", {"1": 1})
    ]


def test_two_lines_of_one_sku_share_what_the_node_has():
    order = placed(an_order(a_line("TEA", 3), a_line("TEA", 3)))

    plan = routed(order, [a_position("TEA", "dc-1", 4)])

    assert units_by_node(plan) == [("dc-1", "SHIP", {"1": 3, "2": 1})]
    assert left(plan) == [("2", 2, "backorder", "no-stock")]


def test_safety_stock_and_units_promised_to_other_orders_are_not_taken():
    order = placed(an_order(a_line("TEA", 10)))

    plan = routed(order, [a_position("TEA", "dc-1", 10, safety=2, hard=(("2026-11-18", 3),))])

    assert units_by_node(plan) == [("dc-1", "SHIP", {"1": 5})]


def test_an_over_reserved_position_gives_nothing():
    assert units_by_node(routed(placed(an_order(a_line("TEA", 1))), [a_position("TEA", "dc-1", 1, free=-2)])) == []


def test_express_and_standard_never_share_a_parcel():
    order = placed(an_order(a_line("TEA", 1, service="STANDARD"), a_line("POT", 1, service="EXPRESS")))

    plan = routed(order, [a_position("TEA"), a_position("POT")])

    assert [(f.service, [p.line_id for p in f.lines]) for f in plan.fulfillments] == [
        ("EXPRESS", ["2"]),
        ("STANDARD", ["1"]),
    ]


@pytest.mark.parametrize(
    ("node", "reason"),
    [
        ({"ship": False}, "does-not-ship"),
        ({"country": "BR"}, "other-country"),
        ({"calendar": CLOSED}, "closed"),
    ],
)
def test_a_node_that_is_not_fit_is_left_out_and_the_decision_says_why(node, reason):
    plan = routed(placed(an_order(a_line("TEA", 1))), [a_position("TEA", "dc-1")], a_node("dc-1", **node))

    assert plan.fulfillments == ()
    assert plan.decision["excluded"] == {reason: ["dc-1"]}
    assert [stage["stage"]["nodes"] for stage in plan.decision["stages"]] == [()]


def test_a_node_that_opens_tomorrow_takes_orders_tonight():
    hours = tuple((day, time(9), time(17)) for day in range(5))
    node = a_node(calendar=Calendar(timezone="America/Chicago", hours=hours))
    friday_night = later(days=1, hours=16)

    order, positions = placed(an_order(a_line("TEA", 1))), [a_position("TEA")]

    assert units_by_node(routed(order, positions, node, now=friday_night)) != []
    impatient = RouterInputs(positions=positions, nodes=[node], rules=Rules(open_days=1))
    assert route(order, impatient, friday_night).fulfillments == ()


def test_a_position_may_be_switched_off_for_shipping_or_for_pickup():
    store = a_node("store-1", type="STORE")
    order = placed(an_order(a_line("TEA", 1), a_line("TEA", 1, method=PICKUP, node="store-1")))

    no_ship = routed(order, [a_position("TEA", "store-1", ship=False)], store)
    no_pickup = routed(order, [a_position("TEA", "store-1", pickup=False)], store)

    assert units_by_node(no_ship) == [("store-1", "PICKUP", {"2": 1})]
    assert left(no_ship) == [("1", 1, "backorder", "no-stock")]
    assert units_by_node(no_pickup) == [("store-1", "SHIP", {"1": 1})]
    assert left(no_pickup) == [("2", 1, "customer-care", "pickup-out-of-stock")]


def test_a_declined_line_never_returns_to_the_node_that_declined_it():
    order = placed(an_order(a_line("TEA", 1, excluded=("dc-1",), attempts=1), a_line("TEA", 1)))

    plan = routed(order, [a_position("TEA", "dc-1")])

    assert units_by_node(plan) == [("dc-1", "SHIP", {"2": 1})]
    assert left(plan) == [("1", 1, "backorder", "no-stock")]


def test_after_so_many_declines_a_person_decides():
    order = placed(an_order(a_line("TEA", 2, attempts=4), a_line("POT", 1, attempts=3)))

    plan = routed(order, [a_position("TEA"), a_position("POT")], limits=Limits(attempts=4))

    assert units_by_node(plan) == [("dc-1", "SHIP", {"2": 1})]
    assert left(plan) == [("1", 2, "routing", "too-many-declines")]


def test_an_order_is_not_split_into_more_parcels_than_the_limit():
    order = placed(an_order(a_line("TEA", 6)))
    nodes = [a_node(f"n-{i}") for i in range(6)]

    plan = routed(order, [a_position("TEA", n.node_id, 1) for n in nodes], *nodes, limits=Limits(splits=2))

    assert len(plan.fulfillments) == 2
    assert left(plan) == [("1", 4, "routing", "too-many-splits")]


def test_only_units_without_a_node_are_routed():
    order = offered(placed(an_order(a_line("TEA", 3), a_line("POT", 1))), (a_node("dc-2"), {"1": 2}))

    plan = routed(order, [a_position("TEA"), a_position("POT")])

    assert units_by_node(plan) == [("dc-1", "SHIP", {"1": 1, "2": 1})]
    assert units_by_node(routed(offered(order), [a_position("TEA")])) == []


# Pickup


def a_pickup(**changes):
    return placed(an_order(a_line("TEA", 2, method=PICKUP, node="store-1", **changes)))


def test_a_pickup_line_is_filled_at_the_customers_store_even_when_another_is_nearer_or_it_does_not_ship():
    nodes = [a_node("near", CHICAGO, type="STORE"), a_node("store-1", DENVER, type="STORE", ship=False, country="CA")]

    plan = routed(a_pickup(), [a_position("TEA", "near"), a_position("TEA", "store-1", 2)], *nodes)

    assert units_by_node(plan) == [("store-1", "PICKUP", {"1": 2})]


@pytest.mark.parametrize(
    ("node", "position", "line", "reason"),
    [
        ({}, {"on_hand": 1}, {}, "pickup-out-of-stock"),
        ({"pickup": False}, {}, {}, "pickup-node-closed"),
        ({"calendar": CLOSED}, {}, {}, "pickup-node-closed"),
        ({"node_id": "another"}, {}, {}, "pickup-node-closed"),
        ({}, {}, {"excluded": ("store-1",)}, "pickup-declined"),
    ],
)
def test_an_impossible_pickup_goes_to_customer_care_and_never_into_a_parcel(node, position, line, reason):
    nodes = [a_node(**({"node_id": "store-1", "type": "STORE"} | node)), a_node("dc-1")]

    plan = routed(a_pickup(**line), [a_position("TEA", "store-1", **position), a_position("TEA", "dc-1")], *nodes)

    assert units_by_node(plan) == []
    assert left(plan) == [("1", 2, "customer-care", reason)]


def test_a_pickup_line_without_a_store_goes_to_customer_care():
    order = placed(an_order(a_line("TEA", 1, method=PICKUP)))

    assert left(routed(order, [a_position("TEA")])) == [("1", 1, "customer-care", "pickup-node-closed")]


def test_pickup_lines_of_one_store_are_one_fulfillment_and_come_before_parcels():
    order = placed(
        an_order(
            a_line("TEA", 4),
            a_line("TEA", 3, method=PICKUP, node="store-1"),
            a_line("POT", 1, method=PICKUP, node="store-1"),
        )
    )

    plan = routed(
        order, [a_position("TEA", "store-1", 5), a_position("POT", "store-1")], a_node("store-1", type="STORE")
    )

    assert units_by_node(plan) == [("store-1", "PICKUP", {"2": 3, "3": 1}), ("store-1", "SHIP", {"1": 2})]


# The record of the decision


def test_the_decision_keeps_its_inputs_and_its_costs():
    order = placed(an_order(a_line("TEA", 2)))
    nodes = [a_node("dc-1", CHICAGO), a_node("dc-2", NEW_YORK), a_node("dc-3", country="BR")]
    positions = [a_position("TEA", "dc-1", 1, rev=4), a_position("TEA", "dc-2", 9), a_position("TEA", "dc-3", 9)]

    decision = routed(order, positions, *nodes).decision

    assert decision["at"] == NOW.isoformat()
    assert (decision["costs"], decision["order_version"]) == ("built-in@1", 1)
    assert decision["nodes"] == {"dc-1": 0.0, "dc-2": 1142.7}
    assert decision["revs"] == [["TEA", "dc-2", 0]]
    assert decision["excluded"] == {"other-country": ["dc-3"]}
    (choice,) = decision["stages"]
    assert (choice["rule_set"], choice["rule"]) == ("built-in@1", "cheapest")
    assert (choice["stage"]["nodes"], choice["stage"]["stock"]) == (("dc-1", "dc-2"), ((1, 9),))
    assert (choice["assignment"], choice["proven"]) == ([[0, 1, 2]], True)
    assert choice["cost_micros"] == choice["lower_bound_micros"] == 9_142_684
    assert decision["fulfillments"] == [
        {
            "node": "dc-2",
            "method": "SHIP",
            "service": "STANDARD",
            "km": 1142.7,
            "lines": [["1", "TEA", 2]],
            "modelled_micros": {"shipping": 9_142_684},
            "priced_micros": {"shipping": 9_142_684},
        }
    ]
    assert decision["leftovers"] == []


STOCK = st.dictionaries(
    st.tuples(st.sampled_from(("TEA", "POT")), st.sampled_from(("n-1", "n-2", "n-3", "store-1"))), st.integers(0, 6)
)
LINES = st.lists(
    st.builds(
        lambda sku, quantity, pickup, excluded, service, attempts: a_line(
            sku,
            quantity,
            method=PICKUP if pickup else "SHIP",
            node="store-1" if pickup else None,
            excluded=tuple(excluded),
            service=service,
            attempts=attempts,
        ),
        st.sampled_from(("TEA", "POT")),
        st.integers(1, 8),
        st.booleans(),
        st.sets(st.sampled_from(("n-1", "n-2", "store-1")), max_size=2).map(sorted),
        st.sampled_from(("STANDARD", "EXPRESS")),
        st.integers(0, 4),
    ),
    min_size=1,
    max_size=5,
)


@given(LINES, STOCK, st.randoms(use_true_random=False), st.integers(1, 4))
def test_whatever_the_stock_every_unit_is_assigned_or_left_over_and_no_node_gives_more_than_it_has(
    lines, stock, random, splits
):
    order = placed(an_order(*lines))
    nodes = [
        a_node("n-1", CHICAGO),
        a_node("n-2", DENVER),
        a_node("n-3", DENVER),
        a_node("store-1", NEW_YORK, type="STORE"),
    ]
    positions = [a_position(sku, node, on_hand) for (sku, node), on_hand in stock.items()]

    plan = routed(order, positions, *nodes, limits=Limits(splits=splits))
    random.shuffle(nodes)
    random.shuffle(positions)
    again = routed(order, positions, *nodes, limits=Limits(splits=splits))

    assert (units_by_node(again), left(again)) == (units_by_node(plan), left(plan))
    assigned = {line.line_id: 0 for line in order.lines}
    used = dict.fromkeys(stock, 0)
    for f in plan.fulfillments:
        for p in f.lines:
            line = order.line(p.line_id)
            assert p.quantity > 0
            assert f.node.node_id not in line.excluded
            assert f.method == line.method
            assert f.service == line.service
            assert f.node.node_id == line.node_id or line.method != PICKUP
            assigned[p.line_id] += p.quantity
            used[p.sku, f.node.node_id] += p.quantity
    for x in plan.leftovers:
        assert x.quantity > 0
        assert x.reason
        assigned[x.line_id] += x.quantity
    assert assigned == {line.line_id: line.quantity for line in order.lines}
    assert all(quantity <= stock[at] for at, quantity in used.items())
    assert len({(f.node.node_id, f.method, f.service) for f in plan.fulfillments}) == len(plan.fulfillments)


@given(st.integers(1, 6), st.dictionaries(st.sampled_from(("n-1", "n-2", "n-3")), st.integers(0, 6), min_size=1))
def test_when_one_node_has_everything_one_node_ships_it_and_it_is_the_nearest_such(quantity, stock):
    nodes = [a_node("n-1", NEW_YORK), a_node("n-2", CHICAGO), a_node("n-3", DENVER)]
    order = placed(an_order(a_line("TEA", quantity)))

    plan = routed(order, [a_position("TEA", node, on_hand) for node, on_hand in stock.items()], *nodes)

    enough = [node for node in ("n-2", "n-1", "n-3") if stock.get(node, 0) >= quantity]  # by distance from Chicago
    if enough:
        assert units_by_node(plan) == [(enough[0], "SHIP", {"1": quantity})]
    else:
        assert sum(x.quantity for x in plan.leftovers) == max(0, quantity - sum(stock.values()))


def test_weight_and_size_of_the_channel_count_where_the_directory_has_none():
    carrier = a_carrier(a_service(card=a_card()))

    def grams(goods=NO_GOODS, **said):
        order = placed(an_order(a_line("TEA", 1, **said)))
        world = RouterInputs(
            positions=(a_position("TEA"),), nodes=(a_shop(),), carriers=(carrier,), goods={"TEA": goods}
        )
        (planned,) = route(order, world, NOW).fulfillments
        return planned.leg.billable_g

    small, large = (100, 100, 100), (600, 500, 400)

    assert grams(weight_g=700) > grams(weight_g=70)
    assert grams(weight_g=70, dims_mm=large) > grams(weight_g=70, dims_mm=small)
    assert grams(replace(NO_GOODS, dims_mm=small), weight_g=70, dims_mm=large) == grams(weight_g=70, dims_mm=small)
