"""Rule sets route an order: the set that applies, its rules in sequence, and the treatment of the rest."""

from dataclasses import replace
from datetime import timedelta

import pytest

from comanda.domain.orders.order import Promised
from comanda.domain.promise.promise import Basket, options
from comanda.domain.routing.costs import Costs, Handling, Level
from comanda.domain.routing.inputs import RouterInputs
from comanda.domain.routing.plan import Rules, Want
from comanda.domain.routing.record import replay
from comanda.domain.routing.route import route
from comanda.domain.rules.rule_sets import (
    CARBON,
    COMPONENTS,
    COVERAGE,
    DISTANCE,
    LINE,
    NEXT,
    ORDER,
    PRIORITY,
    AppliesTo,
    Goods,
    NodeFilter,
    Rest,
    Rule,
    RuleSet,
    Splits,
    When,
)
from comanda.domain.scheduling.schedule import schedule
from comanda.domain.shipping.rate_cards import RateCard, Tariff
from tests.builders import CHICAGO, DENVER, NEW_YORK, NOW, a_line, a_node, a_position, an_order, placed
from tests.domain.models.journeys import a_carrier, a_service, a_shop

NEAR, MID, FAR = a_node("near", CHICAGO), a_node("mid", DENVER), a_node("yonder", NEW_YORK)
SHOP = a_node("shop", CHICAGO, type="STORE", groups=("city",))
NEAREST = Rule(name="nearest", rank=(DISTANCE,))
FEWEST = Rule(name="fewest", rank=(COVERAGE, DISTANCE))


def a_set(*rules, rule_set_id="ours", **changes):
    return RuleSet(rule_set_id=rule_set_id, version=1, rules=rules, **changes)


def routed(order, stock, *nodes, sets=(), **world):
    positions = [a_position(sku, node, units) for (sku, node), units in stock.items()]
    return route(
        placed(order), RouterInputs(positions=positions, nodes=nodes, rules=Rules(sets=tuple(sets)), **world), NOW
    )


def sent(plan):
    return [(f.node.node_id, {line.line_id: line.quantity for line in f.lines}) for f in plan.fulfillments]


def left(plan):
    return [(x.line_id, x.quantity, x.queue, x.reason) for x in plan.leftovers]


def rules_that_ran(plan):
    return [(stage["rule_set"], stage["rule"]) for stage in plan.decision["stages"]]


# The rule set that applies


def test_the_more_exact_set_applies_and_a_set_of_another_method_never_does():
    everyone = a_set(NEAREST, rule_set_id="everyone")
    of_region = a_set(NEAREST, rule_set_id="of-region", applies_to=AppliesTo(regions=("US-IL",)))
    of_sku = a_set(NEAREST, rule_set_id="of-sku", applies_to=AppliesTo(skus=("POT",)))
    fetched = a_set(NEAREST, rule_set_id="fetched", applies_to=AppliesTo(method="PICKUP", sellers=("web",)))
    order = an_order(a_line("TEA", 1), a_line("POT", 1))

    plan = routed(order, {("TEA", "near"): 9, ("POT", "near"): 9}, NEAR, sets=(everyone, of_region, of_sku, fetched))

    assert sorted(rules_that_ran(plan)) == [("of-region@1", "nearest"), ("of-sku@1", "nearest")]


def test_a_set_is_used_from_its_start_until_its_end():
    old = a_set(NEAREST, rule_set_id="old", ends=NOW)
    new = a_set(NEAREST, rule_set_id="new", starts=NOW, ends=NOW + timedelta(hours=1))
    later = a_set(NEAREST, rule_set_id="later", starts=NOW + timedelta(seconds=1))

    plan = routed(an_order(a_line("TEA", 1)), {("TEA", "near"): 1}, NEAR, sets=(old, new, later))

    assert rules_that_ran(plan) == [("new@1", "nearest")]


# Rules in sequence


def test_each_rule_places_the_units_of_its_nodes_and_the_next_rule_the_rest():
    stores = Rule(name="stores", nodes=NodeFilter(groups=("city",)), rank=(DISTANCE,), rest=Rest(then=NEXT))
    dcs = Rule(name="warehouses", nodes=NodeFilter(types=("WAREHOUSE",)))

    plan = routed(
        an_order(a_line("TEA", 5)), {("TEA", "shop"): 2, ("TEA", "mid"): 9}, SHOP, MID, sets=[a_set(stores, dcs)]
    )

    assert sent(plan) == [("shop", {"1": 2}), ("mid", {"1": 3})]
    assert rules_that_ran(plan) == [("ours@1", "stores"), ("ours@1", "warehouses")]


def test_a_rule_for_other_orders_is_skipped_and_without_a_rule_a_planner_decides():
    dear = Rule(name="dear", when=When(value_from=(100_000, "USD")), rank=(DISTANCE,))

    plan = routed(an_order(a_line("TEA", 1, 500)), {("TEA", "near"): 1}, NEAR, sets=[a_set(dear)])

    assert (sent(plan), left(plan)) == ([], [("1", 1, "routing", "no-rule-applies")])


@pytest.mark.parametrize("queue", ["routing", "customer-care", "backorder"])
def test_the_rest_waits_where_the_rule_says(queue):
    rule = replace(NEAREST, nodes=NodeFilter(max_km=100), rest=Rest(then=queue, cancel_after_days=3))

    plan = routed(an_order(a_line("TEA", 2)), {("TEA", "near"): 1, ("TEA", "mid"): 9}, NEAR, MID, sets=[a_set(rule)])

    assert sent(plan) == [("near", {"1": 1})]
    assert left(plan) == [("1", 1, queue, "no-node-allowed")]
    assert plan.leftovers[0].cancel_on == ("2026-11-22" if queue == "backorder" else None)


# Limits and costs


def test_a_promised_day_goes_before_cost_and_a_day_that_no_node_keeps_costs_lateness():
    slow, fast = a_service(bands=((500, 6), (None, 1))), {"deliver_by": "2026-11-23"}
    order = replace(an_order(a_line("TEA", 3)), requested=tuple(fast.items()))
    nodes = (a_shop("near"), a_shop("mid", at=DENVER))

    plan = routed(order, {("TEA", "near"): 9, ("TEA", "mid"): 2}, *nodes, carriers=(a_carrier(slow),))

    assert sent(plan) == [("mid", {"1": 2}), ("near", {"1": 1})]
    in_time, late = plan.decision["stages"]
    assert (in_time["in_time"], in_time["out"]["late"]) == (True, ["near"])
    assert late["in_time"] is False
    assert plan.fulfillments[1].deliver_on == "2026-11-27"
    assert plan.decision["fulfillments"][1]["priced_micros"]["lateness"] == 4 * 3_000_000


def test_goods_go_only_from_nodes_that_may_handle_them():
    able = replace(MID, tags=("hazmat", "cold"))
    acid = Goods(requires=("hazmat",))

    plan = routed(
        an_order(a_line("ACID", 2), a_line("TEA", 1)),
        {("ACID", "near"): 9, ("ACID", "mid"): 1, ("TEA", "near"): 9},
        NEAR, able, goods={"ACID": acid},
    )  # fmt: skip

    assert sent(plan) == [("mid", {"1": 1}), ("near", {"2": 1})]
    assert left(plan) == [("1", 1, "backorder", "lacks-tag")]


def test_a_kit_stays_together_in_whole_sets_whatever_it_costs():
    kit = an_order(a_line("POT", 2, group="kit"), a_line("CUP", 4, group="kit"), a_line("TEA", 1))
    stock = {("POT", "near"): 2, ("CUP", "near"): 3, ("POT", "mid"): 1, ("CUP", "mid"): 9, ("TEA", "near"): 1}

    for rule in (Rule(name="cheapest"), FEWEST):
        plan = routed(kit, stock, NEAR, MID, sets=[a_set(rule)])

        assert sorted(sent(plan)) == [("mid", {"1": 1, "2": 2}), ("near", {"1": 1, "2": 2, "3": 1})]


def test_an_order_may_have_to_go_whole_from_one_node_and_a_line_likewise():
    stock = {("TEA", "near"): 3, ("POT", "near"): 1, ("TEA", "mid"): 4, ("POT", "mid"): 0, ("POT", "yonder"): 1}
    order = an_order(a_line("TEA", 4), a_line("POT", 1))
    whole = replace(NEAREST, splits=Splits(complete=ORDER))
    lines = replace(NEAREST, splits=Splits(complete=LINE))

    nowhere = routed(order, stock, NEAR, MID, FAR, sets=[a_set(whole)])
    by_line = routed(order, stock, NEAR, MID, FAR, sets=[a_set(lines)])

    assert (sent(nowhere), len(nowhere.leftovers)) == ([], 2)
    assert sorted(sent(by_line)) == [("mid", {"1": 4}), ("near", {"2": 1})]


def test_a_split_needs_a_least_value_of_the_shipment_and_of_the_rest():
    order = an_order(a_line("TEA", 2, 1_000), a_line("POT", 1, 6_000))
    stock = {("TEA", "near"): 2, ("POT", "mid"): 1}
    worth = {name: Splits(min_value=(amount, "USD")) for name, amount in (("little", 2_000), ("more", 2_001))}

    for rule in (Rule(name="cheapest"), NEAREST):
        both = routed(order, stock, NEAR, MID, sets=[a_set(replace(rule, splits=worth["little"]))])
        none = routed(order, stock, NEAR, MID, sets=[a_set(replace(rule, splits=worth["more"]))])

        assert sorted(sent(both)) == [("mid", {"2": 1}), ("near", {"1": 2})]
        assert sent(none) == []


def test_no_more_shipments_than_the_rule_allows():
    order = an_order(a_line("TEA", 3))
    stock = {("TEA", node): 1 for node in ("near", "mid", "yonder")}

    plan = routed(order, stock, NEAR, MID, FAR, sets=[a_set(replace(NEAREST, splits=Splits(most=2)))])

    assert sent(plan) == [("near", {"1": 1}), ("yonder", {"1": 1})]
    assert left(plan) == [("1", 1, "backorder", "splits-used-up")]


# Weights and ranks


def test_weights_change_the_plan():
    costs = Costs(handling={"STORE": Handling(per_package=1_000_000), "WAREHOUSE": Handling(per_package=900_000)},
                  last_units={"STORE": Level(micros=50_000, units=10)})  # fmt: skip
    stock = {("TEA", "shop"): 5, ("TEA", "near"): 5}
    order = an_order(a_line("TEA", 1))

    plain = routed(order, stock, SHOP, NEAR, sets=[a_set(Rule(name="all"))], costs=costs)
    careless = Rule(name="careless", weights=(("handling", 0), ("stockout", 0)))
    free = routed(order, stock, SHOP, NEAR, sets=[a_set(careless)], costs=costs)

    assert (sent(plain), sent(free)) == ([("near", {"1": 1})], [("near", {"1": 1})])
    assert plain.decision["fulfillments"][0]["modelled_micros"] == {"shipping": 8_000_000, "handling": 900_000}
    assert free.decision["fulfillments"][0]["modelled_micros"] == plain.decision["fulfillments"][0]["modelled_micros"]
    assert (plain.decision["stages"][0]["cost_micros"], free.decision["stages"][0]["cost_micros"]) == (
        8_900_000,
        8_000_000,
    )
    assert dict(plain.decision["stages"][0]["alone_micros"]) == {"near": 8_900_000, "shop": 9_030_000}
    assert dict(free.decision["stages"][0]["alone_micros"]) == {"near": 8_000_000, "shop": 8_000_000}


def test_a_shadow_price_keeps_a_unit_for_an_order_that_is_worth_more():
    stock = {("TEA", "near"): 5, ("TEA", "mid"): 5}

    plan = routed(an_order(a_line("TEA", 1)), stock, NEAR, MID, prices={("TEA", "near"): 5_000_000})

    assert sent(plan) == [("mid", {"1": 1})]


def test_units_that_would_be_marked_down_go_first_though_that_makes_a_cost_fall_below_nothing():
    costs = Costs(per_shipment=0, per_km=0, overstock={"STORE": Level(micros=2_000_000, units=3)})
    stock = {("TEA", "shop"): 9, ("TEA", "near"): 9}

    plan = routed(an_order(a_line("TEA", 2)), stock, SHOP, NEAR, costs=costs)

    assert sent(plan) == [("shop", {"1": 2})]
    assert plan.decision["stages"][0]["cost_micros"] == -4_000_000
    assert plan.decision["fulfillments"][0]["modelled_micros"] == {"markdown": -4_000_000}


@pytest.mark.parametrize(
    ("rank", "first"), [((PRIORITY, DISTANCE), "yonder"), ((DISTANCE,), "near"), ((CARBON,), "near")]
)
def test_nodes_are_taken_in_the_order_of_the_rank(rank, first):
    nodes = (NEAR, MID, replace(FAR, priority=1))
    stock = {("TEA", node.node_id): 1 for node in nodes}

    plan = routed(an_order(a_line("TEA", 1)), stock, *nodes, sets=[a_set(Rule(name="r", rank=rank))],
                  carriers=(a_carrier(),))  # fmt: skip

    assert sent(plan) == [(first, {"1": 1})]


def test_a_decision_is_made_again_from_what_is_stored_of_it():
    stock = {("TEA", node): 2 for node in ("near", "mid", "yonder")}

    plan = routed(an_order(a_line("TEA", 5)), stock, NEAR, MID, FAR, sets=[a_set(NEAREST)])

    assert [again.same for again in replay(plan.decision)] == [True]
    assert set(plan.decision["fulfillments"][0]["modelled_micros"]) <= set(COMPONENTS)


# All in one shipment, as was promised


def test_an_order_wanted_in_one_shipment_gets_one_though_later_or_dearer():
    stock = {("TEA", "near"): 1, ("POT", "mid"): 1, ("TEA", "yonder"): 1, ("POT", "yonder"): 1}
    positions = [a_position(sku, node, units) for (sku, node), units in stock.items()]
    world = RouterInputs(
        positions=positions, nodes=[NEAR, replace(NEAR, node_id="mid"), FAR], costs=Costs(per_shipment=100, per_km=1)
    )
    order = placed(an_order(a_line("TEA", 1), a_line("POT", 1)))
    split = route(order, world, NOW)
    basket = Basket(
        wants=(Want(line_id="1", sku="TEA", quantity=1), Want(line_id="2", sku="POT", quantity=1)),
        to=order.destination,
        methods=("SHIP",),
    )
    promise = {option.option_id: option for option in options(basket, world, NOW).options}
    promised = Promised(promise_id="p", option_id="standard-whole", deliver_on=None, zone="", nodes=("yonder",))

    whole = route(replace(order, promised=promised), world, NOW)

    assert sorted(sent(split)) == [("mid", {"2": 1}), ("near", {"1": 1})]
    assert sent(whole) == [("yonder", {"1": 1, "2": 1})]
    assert whole.fulfillments == promise["standard-whole"].fulfillments
    assert schedule(order, whole, positions, NOW).order.fulfillments[0].node == "yonder"


def test_large_and_light_goods_have_the_carriers_charged_weight():
    card = RateCard(
        card_id="card", version=1, currency="USD", dim_divisor=5_000, bands=((None, "A"),),
        zones={"A": Tariff(steps=((1_000, 1_000_000), (2_000, 3_000_000), (90_000, 9_000_000)))},
    )  # fmt: skip
    pillow = Goods(dims_mm=(200, 200, 200))  # 8,000,000 mm3 and a quarter of air: 2,000 g

    plan = routed(
        an_order(a_line("PILLOW", 1, weight_g=300)), {("PILLOW", "near"): 1}, NEAR,
        goods={"PILLOW": pillow}, carriers=(a_carrier(a_service(card=card, g_per_tonne_km=0, carton_mm=(500, 500, 500))),),
    )  # fmt: skip

    (sent_from,) = plan.decision["fulfillments"]
    assert sent_from["modelled_micros"] == sent_from["priced_micros"] == {"shipping": 3_000_000}


def test_units_that_go_with_other_units_add_no_shipment():
    shops = Rule(name="shops", nodes=NodeFilter(types=("STORE",)), rank=(DISTANCE,), rest=Rest(then=NEXT))
    rest = Rule(name="rest", splits=Splits(most=2))
    stock = {("TEA", "shop"): 1, ("POT", "shop"): 1, ("POT", "mid"): 1, ("CUP", "mid"): 1}
    both = replace(shops, nodes=NodeFilter(types=("STORE",), min_stock=1), splits=Splits(complete=LINE))

    plan = routed(
        an_order(a_line("TEA", 1), a_line("POT", 2), a_line("CUP", 1)), stock, SHOP, MID, sets=[a_set(both, rest)]
    )

    assert sorted(sent(plan)) == [("mid", {"2": 1, "3": 1}), ("shop", {"1": 1, "2": 1})]
    assert plan.leftovers == ()
