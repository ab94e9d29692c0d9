from comanda.domain.evaluation.why_here import How, MoreStock, NextBest, reasons
from comanda.domain.orders.methods import PICKUP
from comanda.domain.routing.costs import Costs
from comanda.domain.routing.record import lean
from comanda.domain.routing.route import route
from comanda.domain.rules.rule_sets import NodeFilter, Rule
from tests.builders import DENVER, NEW_YORK, NOW, a_line, a_node, a_position, an_order, placed
from tests.domain.models.journeys import a_carrier, a_service, a_shop
from tests.domain.models.routings import a_routing, a_set

BY_ROAD = (a_carrier(a_service(base=5_000_000, per_km=1_000)),)


def decided(order, world):
    return route(order, world, NOW).decision


def test_the_cheapest_node_is_named_with_the_next_best_and_the_nodes_that_were_not_compared():
    near, far, abroad = a_shop("near"), a_shop("far", at=DENVER), a_node("abroad", country="BR")
    positions = [a_position(sku, node) for sku in ("TEA", "POT") for node in ("near", "far")]
    world = a_routing(near, far, abroad, positions=positions, carriers=BY_ROAD, costs=Costs())

    (why,) = reasons(decided(placed(an_order(a_line("TEA", 2), a_line("POT", 1))), world))

    assert (why.node, why.how, why.cost_micros, why.proven) == ("near", How.CHEAPEST, 5_000_000, True)
    assert (why.rule_set, why.version, why.nodes) == ("built-in", 1, ("near",))
    assert why.next_best == NextBest(node="far", cost_micros=6_482_249, more_micros=1_482_249)
    assert why.left_out == (("other-country", ("abroad",)),)
    assert why.more_stock == ()


def test_the_next_best_node_is_chosen_once_the_chosen_one_is_dearer_by_the_difference():
    positions = [a_position("TEA", node) for node in ("near", "far")]
    order = placed(an_order(a_line("TEA", 1)))

    def chosen_when_near_costs(more):
        near, far = a_shop("near", handling=(more, 0)), a_shop("far", at=DENVER, handling=(0, 0))
        world = a_routing(near, far, positions=positions, carriers=BY_ROAD, costs=Costs())
        return reasons(decided(order, world))[0]

    why = chosen_when_near_costs(0)
    assert why.next_best is not None

    assert chosen_when_near_costs(why.next_best.more_micros - 1).node == "near"
    assert chosen_when_near_costs(why.next_best.more_micros + 1).node == "far"


def test_a_split_names_the_units_that_would_have_made_it_one_shipment():
    positions = [a_position("TEA", "a", 2), a_position("POT", "a", 1), a_position("POT", "b", 3)]
    world = a_routing(a_shop("a"), a_shop("b"), positions=positions, carriers=BY_ROAD, costs=Costs())

    whys = reasons(decided(placed(an_order(a_line("TEA", 2), a_line("POT", 3))), world))

    assert {why.node for why in whys} == {"a", "b"}
    assert whys[0].more_stock[0] == MoreStock(
        node="a", missing=(("POT", 2),), shipments=1, saves_micros=whys[0].cost_micros - 5_000_000
    )


def test_a_ranked_node_is_named_with_the_criterion_in_which_it_is_better():
    rule = Rule(name="stores first", nodes=NodeFilter(types=("STORE",)), rank=("coverage", "distance"))
    nodes = (a_shop("store", type="STORE"), a_shop("dc"), a_shop("store-far", type="STORE", at=NEW_YORK))
    world = a_routing(*nodes, positions=[a_position("TEA", n.node_id) for n in nodes], rules=(a_set(rule, version=3),))

    (why,) = reasons(decided(placed(an_order(a_line("TEA", 1))), world))

    assert (why.how, why.criteria, why.version) == (How.RANKED, ("coverage", "distance"), 3)
    assert why.next_best == NextBest(node="store-far", criterion="distance")
    assert why.left_out == (("type-not-allowed", ("dc",)),)
    assert why.cost_micros is None


def test_a_ranked_node_that_has_more_of_the_order_is_better_in_coverage():
    rule = Rule(name="whole first", rank=("coverage", "distance"))
    positions = [a_position("TEA", "near", 1), a_position("TEA", "far", 3)]
    world = a_routing(a_shop("near"), a_shop("far", at=DENVER), positions=positions, rules=(a_set(rule),))

    (why,) = reasons(decided(placed(an_order(a_line("TEA", 2))), world))

    assert (why.node, why.next_best) == ("far", NextBest(node="near", criterion="coverage"))


def test_weighed_costs_are_marked_as_no_money():
    rule = Rule(name="green", weights=(("shipping", 10), ("carbon", 1_000)))
    nodes = (a_shop("near"), a_shop("far", at=DENVER))
    positions = [a_position("TEA", n.node_id) for n in nodes]
    world = a_routing(*nodes, positions=positions, carriers=BY_ROAD, costs=Costs(), rules=(a_set(rule),))

    (why,) = reasons(decided(placed(an_order(a_line("TEA", 1))), world))

    assert why.weighted


def test_the_customers_own_store_needs_no_choice():
    nodes = (a_shop("dc"), a_shop("store", type="STORE", pickup=True))
    world = a_routing(*nodes, positions=[a_position("TEA", "store")])

    (why,) = reasons(decided(placed(an_order(a_line("TEA", 1, method=PICKUP, node="store"))), world))

    assert (why.node, why.how, why.rule) == ("store", How.CUSTOMERS_STORE, "")


def test_a_record_without_the_inputs_of_its_choices_is_still_explained():
    positions = [a_position("TEA", "a", 2), a_position("POT", "b", 3)]
    world = a_routing(a_shop("a"), a_shop("b"), positions=positions, carriers=BY_ROAD, costs=Costs())

    whys = reasons(lean(decided(placed(an_order(a_line("TEA", 2), a_line("POT", 3))), world)))

    assert [why.how for why in whys] == [How.CHEAPEST, How.CHEAPEST]
    assert all(why.more_stock == () for why in whys)


def test_an_old_decision_without_stages_has_no_reasons():
    assert reasons({"candidates": []}) == ()
