"""Test that the explanation of a decision is exact and short, and has a text for each reason."""

import ast
import re
from dataclasses import replace
from pathlib import Path

from comanda.domain.evaluation import explain, reason_texts
from comanda.domain.orders.methods import PICKUP
from comanda.domain.routing import reachable
from comanda.domain.routing.costs import Costs
from comanda.domain.routing.route import IN_ONE, route
from comanda.domain.rules.rule_sets import ORDER, NodeFilter, Rest, Rule, Splits
from comanda.domain.stock.changes import ReservedUnits
from tests.builders import DENVER, NEW_YORK, NOW, a_line, a_node, a_position, an_order, placed
from tests.domain.models.journeys import a_carrier, a_service, a_shop
from tests.domain.models.routings import a_routing, a_set

DOMAIN = Path(reachable.__file__).parent
BY_ROAD = (a_carrier(a_service(base=5_000_000, per_km=1_000)),)


def explained(order, world):
    return explain.paragraphs(route(order, world, NOW).decision)


def an_order_by(day, *lines):
    return replace(placed(an_order(*lines)), requested=(("deliver_by", day),))


def test_a_shipment_is_explained_with_its_date_its_cost_and_the_cost_of_the_next_best():
    near, far, abroad = a_shop("near"), a_shop("far", at=DENVER), a_node("abroad", country="BR")
    positions = [a_position(sku, node) for sku in ("TEA", "POT") for node in ("near", "far")]
    world = a_routing(near, far, abroad, positions=positions, carriers=BY_ROAD, costs=Costs())

    (paragraph,) = explained(an_order_by("2026-11-26", a_line("TEA", 2), a_line("POT", 1)), world)

    assert paragraph == (
        "2 of TEA (line 1) and 1 of POT (line 2) are sent from near, 0 km away, as STANDARD. "
        "Leaves on 2026-11-19 with road-1 in 1 package and arrives on 2026-11-24, 2 days before the wanted 2026-11-26. "
        "Costs USD 5.00 (shipping 5.00), as modelled and as priced. "
        'Chosen by rule "cheapest" of rule set built-in, version 1, as the cheapest plan. '
        "All of it from far, the next best, would cost USD 6.48 against USD 5.00. "
        "Proven to be the cheapest under these costs in 1 step of search. "
        "2 nodes have some of what was wanted, 1 to choose from; 1 is needless: another has as much and is nowhere dearer. "
        "May not send there at all: 1 is in another country."
    )


def test_a_ranking_is_explained_with_its_criteria_and_the_nodes_it_leaves_out():
    rule = Rule(name="stores first", nodes=NodeFilter(types=("STORE",), max_km=500), rank=("coverage", "distance"))
    nodes = (a_shop("store", type="STORE"), a_shop("dc"), a_shop("store-far", type="STORE", at=NEW_YORK))
    world = a_routing(*nodes, positions=[a_position("TEA", n.node_id) for n in nodes], rules=(a_set(rule, version=3),))

    (paragraph,) = explained(placed(an_order(a_line("TEA", 1))), world)

    assert "1 of TEA (line 1) is sent from store" in paragraph
    assert (
        'Chosen by rule "stores first" of rule set mine, version 3, first by coverage, then distance. 3 nodes have some of '
        "what was wanted, 1 to choose from; 1 is farther away than the rule allows; 1 is of a type that the rule leaves out."
    ) in paragraph
    assert "Proven" not in paragraph


def test_leftovers_are_explained_with_their_queue_and_reason():
    rule = Rule(name="near only", nodes=NodeFilter(max_km=100), rest=Rest(cancel_after_days=5))
    world = a_routing(a_shop("far", at=DENVER), positions=[a_position("TEA", "far")], rules=(a_set(rule),))

    paragraphs = explained(placed(an_order(a_line("TEA", 2), a_line("POT", 1))), world)

    assert paragraphs == [
        (
            "2 of TEA (line 1) are left over: nodes have it, and no rule lets them send it. Waits for stock, in the backorder "
            "queue, and is cancelled on 2026-11-24 if it still does. Of the nodes that have some of what was wanted, 1 is farther "
            "away than the rule allows."
        ),
        (
            "1 of POT (line 2) is left over: no node that may send there has any left. Waits for stock, in the backorder queue, "
            "and is cancelled on 2026-11-24 if it still does."
        ),
    ]


def test_lateness_is_explained_with_the_nodes_that_were_left_out_for_it():
    world = a_routing(a_shop("dc"), positions=[a_position("TEA", "dc")], carriers=BY_ROAD, costs=Costs())

    (paragraph,) = explained(an_order_by("2026-11-20", a_line("TEA", 1)), world)

    assert "4 days after the wanted 2026-11-20" in paragraph
    assert "lateness 12.00" in paragraph
    assert "At first 1 node was left out as late; then lateness was a cost and no limit." in paragraph


def test_weighted_costs_are_not_explained_as_money():
    rule = Rule(name="green", weights=(("shipping", 10), ("carbon", 1_000)))
    nodes = (a_shop("near"), a_shop("far", at=DENVER))
    positions = [a_position("TEA", n.node_id) for n in nodes]
    world = a_routing(*nodes, positions=positions, carriers=BY_ROAD, costs=Costs(), rules=(a_set(rule),))

    (sent,) = explained(placed(an_order(a_line("TEA", 1))), world)

    assert "Costs USD 5.00 (shipping 5.00)" in sent
    assert (
        "The rule weighs shipping at 10 % and carbon at 1000 %: the next figures are so weighed, and no money." in sent
    )
    assert "All of it from far, the next best, would cost 0.65 against 0.50." in sent


def test_a_node_that_a_rule_leaves_out_is_not_said_to_lack_the_goods():
    rule = Rule(name="near only", nodes=NodeFilter(max_km=100))
    nodes = (a_shop("near"), a_shop("far", at=DENVER), a_shop("full", units_per_day=0))
    positions = [a_position("TEA", node, units) for node, units in (("near", 1), ("far", 50), ("full", 50))]
    world = a_routing(*nodes, positions=positions, carriers=BY_ROAD, costs=Costs(), rules=(a_set(rule),))

    sent, _ = explained(placed(an_order(a_line("TEA", 2))), world)

    assert "No node to choose from could send all of it." in sent
    assert (
        "3 nodes have some of what was wanted, 1 to choose from; 1 has too little room left; "
        "1 is farther away than the rule allows."
    ) in sent
    assert "at all" not in sent


def test_units_that_must_leave_one_node_are_explained_as_too_many_for_each():
    rule = Rule(name="whole", splits=Splits(complete=ORDER))
    positions = [a_position("TEA", node, 1) for node in ("a", "b")]
    world = a_routing(a_shop("a"), a_shop("b"), positions=positions, rules=(a_set(rule),))

    (left,) = explained(placed(an_order(a_line("TEA", 2))), world)

    assert "It is to leave one node whole, and no node to choose from could send all of it." in left


def test_a_pickup_and_reserved_units_need_no_choice():
    nodes = (a_shop("dc"), a_shop("store", type="STORE", pickup=True))
    positions = [a_position("TEA", "dc"), a_position("POT", "store")]
    order = placed(an_order(a_line("POT", 1, method=PICKUP, node="store"), a_line("TEA", 1)))
    kept = ReservedUnits(sku="TEA", node="dc", quantity=1, due="2026-11-19", source="rsv", line="1", n="1")

    picked, sent = explain.paragraphs(route(order, a_routing(*nodes, positions=positions), NOW, (kept,)).decision)

    assert picked.startswith("1 of POT (line 1) is handed over at store. Ready on 2026-11-19, with no date")
    assert "It is the customer's own store." in picked
    assert "Its units were reserved there before, for this order." in sent
    assert "Chosen by" not in picked + sent


def test_a_pickup_that_is_declined_waits_for_customer_care():
    order = placed(an_order(a_line("POT", 1, method=PICKUP, node="store")))
    order = replace(order, lines=tuple(replace(line, excluded=("store",)) for line in order.lines))
    store = a_shop("store", type="STORE", pickup=True)

    assert explained(order, a_routing(store, positions=[a_position("POT", "store")])) == [
        (
            "1 of POT (line 1) is left over: the customer's store gave it back, and a pickup is never sent instead. "
            "Waits for customer care, in its queue."
        )
    ]


def test_a_thousand_lines_are_explained_in_a_short_paragraph():
    world = a_routing(a_shop("dc"), positions=[a_position("TEA", "dc", 5_000)])

    (paragraph,) = explained(placed(an_order(*(a_line("TEA", 2) for _ in range(1_000)))), world)

    assert "2 of TEA (line 5) and 1990 units of 995 more lines are sent from dc" in paragraph
    assert len(paragraph) < 1_200


def test_a_decision_from_before_stages_is_explained_in_a_sentence():
    assert explain.paragraphs({"candidates": [], "fulfillments": []}) == [explain.WITHOUT_STAGES]


def test_every_reason_that_the_router_can_give_has_words():
    out = reasons("reachable") | reasons("candidates")
    left = reasons("assignment") | reasons("counter") | reasons("route")

    assert {"closed", "late", "dominated", "no-capacity", "too-far"} <= out
    assert {"no-stock", "pickup-declined", "too-many-declines"} <= left
    assert out - reason_texts.OUT.keys() == set()
    assert left - reason_texts.LEFT_OVER.keys() == set()


def reasons(module):
    """Return the texts of a module that look like a reason's code: returned, kept as `why` or in `found`, or given to a
    leftover."""
    tree = ast.parse((DOMAIN / f"{module}.py").read_text())
    said = set()
    for node in ast.walk(tree):
        match node:
            case ast.Return(value=value) | ast.Assign(value=value) | ast.keyword(arg="reason", value=value):
                said |= texts(value)
            case ast.Call(func=ast.Attribute(attr="_leave"), args=args):
                said |= {text for arg in args[2:] for text in texts(arg)}
    said.discard(IN_ONE)
    return {text for text in said if re.fullmatch(r"[a-z]+(-[a-z]+)*", text)}


def texts(value):
    """Return the constants that an expression may have as its value."""
    match value:
        case ast.Constant(value=str() as text):
            return {text}
        case ast.IfExp(body=body, orelse=orelse):
            return texts(body) | texts(orelse)
    return set()
