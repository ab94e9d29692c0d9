"""The work of a store that closes goes to other nodes by itself, with the rights that the rooms really have."""

from tests.system.retailer import STORE_2, WEST, line
from tests.system.world import DeployedWorld


def test_the_work_of_a_store_that_closes_goes_to_other_nodes(world: DeployedWorld):
    tea = world.sku(st_2=5)
    offered, begun, fetched = (world.routed(world.place_order(line(tea, 1, **how))) for how in (
        {}, {}, {"method": "PICKUP", "node_id": STORE_2},
    ))  # fmt: skip
    assert {o["fulfillments"][0]["node_id"] for o in (offered, begun, fetched)} == {STORE_2}
    world.work(begun["fulfillments"][0]["fulfillment_id"], "accept", "start-pick", by="stores")
    world.receive(tea, dc_west=5)

    closure = world.clients["stores"].post(f"/v1/nodes/{STORE_2}/closures", {"reason": "water in the cellar"})
    order = world.routed(offered, 2)

    assert [f["node_id"] for f in order["fulfillments"]] == [STORE_2, WEST]
    assert world.queue("late-work", begun)["reason"] == "node closed"
    assert world.queue("customer-care", fetched)["reason"] == "pickup-declined: CLOSED"
    assert world.stock(tea)[WEST]["reserved"] == 1
    end = f"/v1/nodes/{STORE_2}/closures/{closure['closure_id']}/end"
    assert world.clients["stores"].post(end, {})["closed"] is False
    world.ship(order["fulfillments"][1]["fulfillment_id"])
    world.ship(begun["fulfillments"][0]["fulfillment_id"], steps=("pick", "pack"))
    for one in (order, begun):
        world.closed(one)
    assert world.change(fetched, "cancel", {"reason": "the store was closed"}).status_code == 200
