"""An order of a sourcing class goes where its rule set sends it; a trial of a draft moves nothing."""

from tests.system.retailer import EAST, WEST, WESTERN, line
from tests.system.world import DeployedWorld, eventually, refused


def test_an_order_goes_where_the_rule_set_of_its_class_sends_it(world: DeployedWorld):
    sku = world.sku(dc_east=50, dc_west=50)

    def western() -> str:  # the router reads a new set within a minute
        order = world.routed(world.place_order(line(sku), to=EAST, sourcing_class=WESTERN))
        return str(order["order_id"]) if order["fulfillments"][0]["node_id"] == WEST else ""

    order_id = eventually(western, "sent from the west", 70)

    (decision,) = world.office.get(f"/v1/orders/{order_id}/decisions")["items"]
    assert decision["rule_sets"] == ["west-only@1"]
    usual = world.routed(world.place_order(line(sku), to=EAST))
    assert usual["fulfillments"][0]["node_id"] == EAST


def test_a_draft_is_tried_on_stored_orders_and_nothing_moves(world: DeployedWorld):
    sku = world.sku(dc_east=1, dc_west=1)
    order = world.routed(world.place_order(line(sku), to=EAST))
    draft = {"name": "West", "rules": [{"name": "west", "nodes": {"nodes": [WEST]}, "rank": ["distance"]}]}
    made = world.office.put("/v1/rule-sets/a-draft", draft)

    (one,) = world.office.post("/v1/rule-sets/a-draft/dry-run", {"orders": [order["order_id"]]})["orders"]

    assert made["state"] == "draft"
    assert [one[when]["fulfillments"][0]["node_id"] for when in ("live", "then")] == [EAST, WEST]
    assert (one["differs"], one["then"]["carbon_g"] > one["live"]["carbon_g"]) == (True, True)
    assert world.order(order)["version"] == order["version"]


def test_a_rule_set_that_names_an_unknown_thing_is_refused_with_the_field(world: DeployedWorld):
    wrong = {"name": "Wrong", "rules": [{"name": "a", "nodes": {"nodes": [EAST, "dc-9"]}, "optimise": {}}]}

    problem = refused(lambda: world.office.put("/v1/rule-sets/wrong", wrong))

    assert (problem.status, problem.document["errors"][0]["pointer"]) == (422, "/rules/0/nodes/nodes/1")
