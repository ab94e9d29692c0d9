"""Test what limits make of an order: dates, shipments, rooms, and units that were reserved before."""

from dataclasses import replace

import pytest

from comanda.domain.orders.order import Promised
from comanda.domain.routing import workload
from comanda.domain.routing.inputs import RouterInputs
from comanda.domain.routing.plan import Limits, Rules
from comanda.domain.routing.record import lean, replay
from comanda.domain.routing.route import route
from comanda.domain.rules.rule_sets import DISTANCE, AppliesTo, Goods, NodeFilter, Rule, RuleSet, Splits
from comanda.domain.stock.changes import ReservedUnits
from tests.builders import CHICAGO, DENVER, NOW, a_bundle, a_line, a_node, a_position, an_order, placed
from tests.domain.models.journeys import EVERY_DAY, a_calendar, a_carrier, a_service, a_shop

NEAR, MID = a_node("near", CHICAGO), a_node("mid", DENVER)


def a_set(*rules, rule_set_id="ours", **changes):
    return RuleSet(rule_set_id=rule_set_id, version=1, rules=rules, **changes)


def routed(order, stock, *nodes, sets=(), kept=(), **world):
    positions = [a_position(sku, node, units) for (sku, node), units in stock.items()]
    seen = RouterInputs(positions=positions, nodes=nodes, rules=Rules(sets=tuple(sets)), **world)
    return route(placed(order), seen, NOW, kept)


def sent(plan):
    return sorted((f.node.node_id, {line.line_id: line.quantity for line in f.lines}) for f in plan.fulfillments)


def left(plan):
    return [(x.line_id, x.quantity, x.queue, x.reason) for x in plan.leftovers]


def held(sku, node, units):
    return ReservedUnits(sku=sku, node=node, quantity=units, due="2026-11-19", source="rsv", line="1", n="1", lane=0)


def wanted_by(day, *lines):
    return replace(an_order(*lines), requested=(("deliver_by", day),))


def test_a_date_does_not_take_the_only_shipment_that_all_of_it_would_have_needed():
    road = a_carrier(a_service(bands=((500, 1), (None, 6))))
    nodes = (a_shop("near"), a_shop("mid", at=DENVER))
    one = a_set(Rule(name="one", splits=Splits(most=1)))
    order = wanted_by("2026-11-23", a_line("TEA", 1), a_line("POT", 9))

    plan = routed(
        order, {("TEA", "near"): 1, ("TEA", "mid"): 1, ("POT", "mid"): 9}, *nodes, sets=[one], carriers=(road,)
    )

    assert (sent(plan), left(plan)) == ([("mid", {"1": 1, "2": 9})], [])


def test_a_node_is_dated_by_what_it_could_send_and_not_by_the_whole_order():
    busy = a_shop("near", calendar=a_calendar("America/Chicago", EVERY_DAY), units_per_day=5)
    far = a_shop("mid", at=DENVER, calendar=a_calendar("America/Chicago", EVERY_DAY))
    road = a_carrier(a_service(base=1, per_km=10_000), calendar=a_calendar(hours=EVERY_DAY))
    order = wanted_by("2026-11-22", a_line("TEA", 5), a_line("POT", 60))

    plan = routed(order, {("TEA", "near"): 5, ("TEA", "mid"): 9, ("POT", "mid"): 60}, busy, far, carriers=(road,))

    assert ("near", {"1": 5}) in sent(plan) or sent(plan) == [("mid", {"1": 5, "2": 60})]
    assert all("near" not in stage["out"].get("late", []) for stage in plan.decision["stages"])


def test_shipments_of_another_rule_set_are_not_counted_against_a_limit():
    cold = a_set(
        Rule(name="cold", nodes=NodeFilter(nodes=("near",))), rule_set_id="a", applies_to=AppliesTo(skus=("ICE",))
    )
    usual = a_set(Rule(name="usual", nodes=NodeFilter(nodes=("mid",)), splits=Splits(most=1)), rule_set_id="b")

    plan = routed(
        an_order(a_line("ICE", 1), a_line("TEA", 1)),
        {("ICE", "near"): 1, ("TEA", "mid"): 1},
        NEAR,
        MID,
        sets=[cold, usual],
    )

    assert sent(plan) == [("mid", {"2": 1}), ("near", {"1": 1})]


def test_a_limit_on_shipments_is_one_for_each_service_as_no_two_services_travel_together():
    one = a_set(Rule(name="one", splits=Splits(most=1)))
    order = an_order(a_line("TEA", 1), a_line("POT", 1, service="EXPRESS"))

    plan = routed(order, {("TEA", "near"): 1, ("POT", "mid"): 1}, NEAR, MID, sets=[one])

    assert (sent(plan), left(plan)) == ([("mid", {"2": 1}), ("near", {"1": 1})], [])


def test_units_that_no_node_has_wait_for_stock_even_if_no_more_shipments_are_allowed():
    plan = routed(
        an_order(a_line("TEA", 2), a_line("NONE", 1)), {("TEA", "near"): 1, ("TEA", "mid"): 1}, NEAR, MID,
        limits=Limits(splits=1),
    )  # fmt: skip

    assert left(plan) == [("1", 1, "routing", "too-many-splits"), ("2", 1, "backorder", "no-stock")]


def test_reserved_units_ship_from_their_node_unless_tags_room_or_kits_forbid_it():
    stock = {("TEA", "near"): 30, ("TEA", "mid"): 30, ("POT", "mid"): 9}
    small = replace(NEAR, units_per_day=1)

    kept_there = routed(an_order(a_line("TEA", 3)), stock, NEAR, MID, kept=[held("TEA", "mid", 2)])
    in_its_room = routed(an_order(a_line("TEA", 30)), stock, small, MID, kept=[held("TEA", "near", 30)])
    goods = {"TEA": Goods(requires=("hazmat",))}
    untagged = routed(
        an_order(a_line("TEA", 1)),
        stock,
        NEAR,
        replace(MID, tags=("hazmat",)),
        kept=[held("TEA", "near", 1)],
        goods=goods,
    )
    kit = an_order(a_line("TEA", 2, group="set"), a_line("POT", 4, group="set"))
    together = routed(kit, stock, NEAR, MID, kept=[held("TEA", "near", 2), held("POT", "mid", 2)])

    assert sent(kept_there) == [("mid", {"1": 3})]  # the third goes along
    assert sum(units for _, units in in_its_room.fulfillments[0].turns) == len(workload.days(small, NOW)) == 5
    assert sent(untagged) == [("mid", {"1": 1})]
    assert sent(together) == [("mid", {"1": 2, "2": 4})]
    assert kept_there.decision["fulfillments"][0]["modelled_micros"]["shipping"] > 8_000_000


def test_of_a_reserved_bundle_whole_sets_are_used_as_its_ratios_say_and_as_the_room_allows():
    far = replace(NEAR, node_id="far")
    stock = {(sku, node): 12 for sku in ("TEA", "POT") for node in ("near", "mid", "far")}
    kept = [held("TEA", "mid", 5), held("POT", "mid", 8)]

    def two_sets():
        return an_order(*a_bundle("SET", 2, 900, ("TEA", 2, 500_000), ("POT", 4, 500_000)))

    both = routed(two_sets(), stock, NEAR, MID, kept=kept)
    one = routed(two_sets(), stock, MID, kept=[held("TEA", "mid", 3), held("POT", "mid", 8)])
    a_day = -(-8 // len(workload.days(MID, NOW)))
    in_room = routed(two_sets(), stock, NEAR, replace(MID, units_per_day=a_day), kept=kept)
    single = an_order(*a_bundle("SIX", 2, 900, ("TEA", 6, 1_000_000)))

    assert sent(both) == [("mid", {"b1": 4, "b2": 8})]
    assert sent(one) == [("mid", {"b1": 4, "b2": 8})]
    assert sent(in_room) == [("mid", {"b1": 2, "b2": 4}), ("near", {"b1": 2, "b2": 4})]
    assert sent(routed(single, {}, NEAR, far, kept=[held("TEA", "far", 11)])) == [("far", {"b1": 6})]


def test_an_order_in_one_shipment_uses_one_rule_set_even_if_two_would_apply():
    other = a_set(Rule(name="pots", rank=(DISTANCE,)), rule_set_id="pots", applies_to=AppliesTo(skus=("POT",)))
    promised = Promised(promise_id="p", option_id="standard-whole", deliver_on=None, zone="", nodes=())
    order = replace(an_order(a_line("TEA", 1), a_line("POT", 1)), promised=promised)
    stock = {("TEA", "near"): 1, ("POT", "near"): 1, ("TEA", "mid"): 1, ("POT", "mid"): 1}

    assert len(routed(order, stock, NEAR, MID, sets=[other]).fulfillments) == 1


def test_a_record_too_large_for_its_item_is_explained_but_not_replayed():
    plan = routed(an_order(a_line("TEA", 1)), {("TEA", "near"): 1}, NEAR)

    small = lean(plan.decision)

    assert small["fulfillments"] == plan.decision["fulfillments"]
    assert set(small["stages"][0]["stage"]) == {"nodes", "skus", "quantity"}
    with pytest.raises(ValueError, match="too large"):
        replay(small)
