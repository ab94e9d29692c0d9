"""Work that ends another way than by leaving, and what becomes of a shipment, through the deployed system."""

import uuid

from tests.system.retailer import EAST, STORE_1, WEST, line
from tests.system.world import DeployedWorld, eventually, refused

PICKED = ("accept", "pick")


def step(world: DeployedWorld, order, name: str, body=None, *, by: str = "admin"):
    """Take a step of the order's first fulfillment."""
    path = f"/v1/fulfillments/{order['fulfillments'][0]['fulfillment_id']}/{name}"
    return world.clients[by].post(path, body or {})


def test_a_shipment_is_delivered_after_its_order_closed_and_mailed_once(world: DeployedWorld):
    order = world.routed(world.place_order(line(world.sku(dc_east=5), 2)))
    world.ship(order["fulfillments"][0]["fulfillment_id"], by="east")
    world.closed(order)

    first = step(world, order, "deliver", by="east")
    again = step(world, order, "deliver", by="east")

    assert (first["status"], again["status"]) == ("DELIVERED", "DELIVERED")
    assert world.order(order)["status"] == "COMPLETED"
    name = order["external_id"]
    assert f"Your order {name} was delivered" in world.mailed(order, 3)
    eventually(lambda: world.broken() == [], "the delivered order is at rest")


def test_lost_units_are_sent_again_by_an_order_of_their_own(world: DeployedWorld):
    tea = world.sku(dc_east=5)
    order = world.routed(world.place_order(line(tea, 2, price=700)))
    world.ship(order["fulfillments"][0]["fulfillment_id"], by="east")
    world.closed(order)

    step(world, order, "lose", {"reason": "CARRIER_LOST"})
    item = world.queue("lost", order)
    answered = world.office.post(f"/v1/queues/lost/items/{item['item_id']}/resolve", {"answer": "resend"})
    replacement = world.routed(world.office.get(f"/v1/orders/{answered['losses'][0]['replacement_order_id']}"))
    world.ship(replacement["fulfillments"][0]["fulfillment_id"], by="east")
    world.closed(replacement)

    replacement = world.order(replacement)
    assert (replacement["kind"], replacement["totals"]["total"]["amount"]) == ("REPLACEMENT", 0)
    assert replacement["external_id"] == f"{order['external_id']}-R1"
    assert world.stock(tea)[EAST] == {"free": 1, "reserved": 0, "on_hand": 1}
    assert world.order(order)["quantities"] == {"LOST": 2}


def test_recalled_work_goes_to_another_node_when_its_node_agrees(world: DeployedWorld):
    tea = world.sku(dc_east=3, dc_west=3)
    order = world.routed(world.place_order(line(tea, 2)))
    (work,) = order["fulfillments"]
    assert work["node_id"] == EAST
    world.work(work["fulfillment_id"], *PICKED, by="east")

    recall = {"reason": "the shelf is wet", "fulfillment_id": work["fulfillment_id"], "exclude_node": True}
    asked = world.change(order, "recall", recall).json()
    assert asked["fulfillments"][0]["recall"]["lines"] == [{"line_id": "1", "quantity": 2}]
    assert step(world, order, "recall-agree", by="east")["status"] == "RECALLED"
    order = world.routed(order, 2)

    assert [f["node_id"] for f in order["fulfillments"]] == [EAST, WEST]
    assert world.queue("put-back", order)["data"]["node"] == EAST
    assert world.stock(tea)[EAST] == {"free": 3, "reserved": 0, "on_hand": 3}
    world.ship(order["fulfillments"][1]["fulfillment_id"])
    world.closed(order)


def test_a_pickup_that_nobody_collects_gives_everything_back(world: DeployedWorld):
    tea = world.sku(st_1=2)
    order = world.routed(world.place_order(line(tea, 2, method="PICKUP", node_id=STORE_1)))
    world.work(order["fulfillments"][0]["fulfillment_id"], *PICKED, "pack", "ready")

    assert step(world, order, "no-show")["status"] == "NO_SHOW"
    world.closed(order)

    order = world.order(order)
    assert order["status"] == "CANCELLED"
    assert order["payments"][0]["released"] == order["payments"][0]["authorized"]
    assert world.stock(tea)[STORE_1] == {"free": 2, "reserved": 0, "on_hand": 2}
    assert len(world.mailed(order, 3)) == 3


def test_work_that_a_node_hands_back_goes_to_another_node(world: DeployedWorld):
    tea = world.sku(dc_east=2, dc_west=2)
    order = world.routed(world.place_order(line(tea, 2)))
    assert order["fulfillments"][0]["node_id"] == EAST
    world.work(order["fulfillments"][0]["fulfillment_id"], *PICKED, by="east")

    assert step(world, order, "hand-back", {"reason": "CANNOT_FINISH"}, by="east")["status"] == "HANDED_BACK"
    order = world.routed(order, 2)

    assert [f["node_id"] for f in order["fulfillments"]] == [EAST, WEST]
    assert world.queue("put-back", order)["data"]["node"] == EAST
    assert world.stock(tea)[EAST] == {"free": 2, "reserved": 0, "on_hand": 2}
    world.ship(order["fulfillments"][1]["fulfillment_id"])
    world.closed(order)


def test_a_person_of_two_customers_is_exported_and_erased_when_no_parcel_is_on_its_way(world: DeployedWorld):
    office, tea, name = world.office, world.sku(dc_east=4), uuid.uuid4().hex[:12]
    first, second = (
        world.routed(world.place_order(line(tea, 1), customer={"id": f"{n}-{name}", "name": f"Canary {name}"}))
        for n in range(2)
    )
    into, merged = (office.get(f"/v1/orders/{one['order_id']}/contact")["customer_id"] for one in (first, second))
    page = f"/v1/customers/{into}"

    for expected in (2, 1, 2):  # merged, not any more, merged again
        verb, body = ("unmerge", {}) if expected == 1 else ("merge", {"into": into})
        office.post(f"/v1/customers/{merged}/{verb}", body)
        assert len(office.get(page)["items"]) == expected
    exported = office.get(f"{page}/export")
    assert [item["contacts"][0]["customer"]["name"] for item in exported["items"]] == [f"Canary {name}"] * 2

    for order in (first, second):
        world.ship(order["fulfillments"][0]["fulfillment_id"], by="east")
        world.closed(order)
    step(world, first, "deliver", by="east")
    open_orders = refused(lambda: office.delete(page))
    assert (open_orders.status, open_orders.document["type"]) == (409, "urn:comanda:problem:open-orders")
    assert [error["code"] for error in open_orders.document["errors"]] == ["on-its-way"]
    step(world, second, "deliver", by="east")
    erased = office.delete(page)

    assert (erased["orders"], erased["left"], erased["kept"]) == (2, 0, [])
    for order in (first, second):
        assert refused(lambda one=order: office.get(f"/v1/orders/{one['order_id']}/contact")).status == 404
        assert world.order(order)["status"] == "COMPLETED"
    assert refused(lambda: office.get(page)).status == 404
    assert office.get("/v1/customers", name=name)["items"] == []
