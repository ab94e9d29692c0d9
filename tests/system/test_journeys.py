"""The ways of an order through the deployed system, from the shop's request to the customer's last mail."""

from uuid import uuid4

from tests.system.retailer import CHECKED, EAST, MANY, REVIEWED, STORE_1, WEB, WEST, basket, bundle, line, usd
from tests.system.world import WORK, DeployedWorld, eventually

PLACE = ("country", "region", "postal_code", "latitude", "longitude")
WANTED = ("line_id", "sku", "quantity", "kind", "parent_line_id", "ratio", "price_share")  # of a line of a promise


def test_an_order_with_one_shipment_is_placed_routed_shipped_invoiced_and_mailed(world: DeployedWorld):
    tea, mug, jar = (world.sku(dc_east=5) for _ in range(3))
    lines = (line(tea, 2, price=1299, tax=214), line(mug, 1, price=505, discount=55), line(jar, 3, price=333, tax=99))

    placed = world.place_order(*lines, shipping=599, discount=101)
    assert placed["status"] == "CREATED"
    order = world.routed(placed)
    (fulfillment,) = order["fulfillments"]
    assert fulfillment["node_id"] == EAST
    world.ship(fulfillment["fulfillment_id"], by="east")
    timeline = world.closed(order)

    order = world.order(order)
    assert timeline == [
        "placed", "routed", "accepted", "picking", "picked", "packed", "shipped", "invoiced", "completed",
    ]  # fmt: skip
    assert sorted(world.states(order)) == ["Complete", "Invoice", "Notify", "Release", "Route", "UntilSettled"]
    assert {one["status"] for one in world.executions(order).values()} == {"SUCCEEDED"}
    (invoice,) = world.numbered(order)
    # 25.98 + 5.05 + 9.99 = 41.02 of goods; 0.55 and 1.01 off, 5.99 to ship, 3.13 of tax.
    assert {name: amount["amount"] for name, amount in invoice["totals"].items()} == {
        "goods": 4102, "discounts": 156, "charges": 599, "tax": 313, "total": 4858,
    }  # fmt: skip
    assert invoice["totals"] == order["totals"]
    assert sum(row["charges"]["amount"] for row in invoice["lines"]) == 599
    assert invoice["number"].startswith(EAST)
    assert [tender["captured"]["amount"] for tender in order["payments"]] == [4858]
    name = order["external_id"]
    assert world.mailed(order, 2) == [
        f"We have received your order {name}",
        f"Your order {name} is on its way",
    ]
    assert world.stock(tea)[EAST] == {"free": 3, "reserved": 0, "on_hand": 3}


def test_an_order_that_no_node_has_whole_is_split_and_each_shipment_invoiced(world: DeployedWorld):
    tea, mug = world.sku(dc_east=5), world.sku(dc_west=5)

    order = world.routed(world.place_order(line(tea, 2, price=1001), line(mug, 1, price=500), shipping=299), 2)
    assert {f["node_id"] for f in order["fulfillments"]} == {EAST, WEST}
    for fulfillment in order["fulfillments"]:
        world.ship(fulfillment["fulfillment_id"])
    timeline = world.closed(order)

    order = world.order(order)
    totals = [world.shop.get(f"/v1/invoices/{invoice}")["totals"]["total"]["amount"] for invoice in order["invoices"]]
    assert len(totals) == 2
    assert sum(totals) == order["totals"]["total"]["amount"] == 2801
    assert timeline.count("invoiced") == timeline.count("shipped") == 2
    assert len(world.states(order)) == 9  # 3 + 3 for each shipment
    assert len(world.mailed(order, 3)) == 3
    assert world.order(order)["status"] == "SHIPPED"


def test_a_bundle_is_promised_shipped_in_sets_cancelled_in_part_and_invoiced_to_the_cent(world: DeployedWorld):
    tea_set, pot, cup = world.sku(), world.sku(dc_east=4), world.sku(dc_east=8)
    lines = bundle(tea_set, 4, 1999, 561, (pot, 1, 666_667), (cup, 2, 333_333))
    sent = basket(*lines)
    wanted = [{name: one[name] for name in WANTED if name in one} for one in lines]
    promise = world.shop.post(
        "/v1/promises", {"channel": WEB, "lines": wanted, "to": {name: sent["ship_to"][name] for name in PLACE}}
    )

    order = world.routed(world.shop.post("/v1/orders", sent | {"promise_id": promise["promise_id"]}))
    (first,) = order["fulfillments"]
    fewer = [{"reason": "less", "lines": [{"line_id": line_id, "quantity": 1}]} for line_id in ("b1", "b")]
    answers = [world.change(order, "cancel", body).status_code for body in fewer]
    world.work(first["fulfillment_id"], *WORK, by="east")
    one_set = {"lines": [{"line_id": "b1", "quantity": 1}, {"line_id": "b2", "quantity": 2}]}
    world.clients["east"].post(f"/v1/fulfillments/{first['fulfillment_id']}/ship", one_set)
    order = world.invoiced(world.routed(order, 2))
    world.clients["east"].post(f"/v1/fulfillments/{order['fulfillments'][1]['fulfillment_id']}/ship")
    world.closed(order)

    order = world.order(order)
    assert answers == [409, 200]  # a part of a set alone is not cancelled
    assert order["lines"][0]["sets"] == {"SHIPPED": 3, "CANCELLED": 1}
    bills = [world.shop.get(f"/v1/invoices/{invoice}") for invoice in order["invoices"]]
    assert [(b["bundles"][0]["quantity"], b["bundles"][0]["goods"]["amount"]) for b in bills] == [(1, 1999), (2, 3998)]
    assert [b["totals"]["tax"]["amount"] for b in bills] == [140, 280]
    assert sum(b["totals"]["total"]["amount"] for b in bills) == order["totals"]["total"]["amount"] == 3 * 1999 + 420
    assert len(world.mailed(order, 4)) == 4
    assert world.stock(cup)[EAST] == {"free": 2, "reserved": 0, "on_hand": 2}


def test_goods_to_two_addresses_and_a_digital_item_are_invoiced_to_the_cent_and_completed(world: DeployedWorld):
    tea, voucher = world.sku(dc_east=5, dc_west=5), world.sku()
    gran = {
        "name": "Grace Elm",
        "line1": "7 Elm St",
        "city": "Denver",
        "region": "CO",
        "postal_code": "80202",
        "country": "US",
    }
    other = {"ship_to": gran, "gift": {"message": "For Grace", "wrap": True}}
    lines = (
        line(tea, 2, price=1001, tax=83),
        line(tea, 1, price=1001, tax=42) | other,
        line(voucher, 3, price=333, tax=10),
    )
    digital = lines[2] | {"kind": "DIGITAL"}

    order = world.routed(world.place_order(*lines[:2], digital, shipping=299, discount=100), 2)
    path = f"/v1/orders/{order['order_id']}"
    for quantity in (1, 2):
        proof = {"line_id": "3", "quantity": quantity, "proof": {"kind": "CODE", "text": f"CODE-{quantity}-7F3A"}}
        world.shop.post(f"{path}/provide", proof)
    assert {f["destination"] for f in order["fulfillments"]} == {0, 1}
    for fulfillment in order["fulfillments"]:
        world.ship(fulfillment["fulfillment_id"])
    world.closed(order)
    for fulfillment in order["fulfillments"]:
        world.office.post(f"/v1/fulfillments/{fulfillment['fulfillment_id']}/deliver")

    order = world.order(order)
    assert (order["status"], order["quantities"]) == ("COMPLETED", {"DELIVERED": 3, "PROVIDED": 3})
    bills = [world.shop.get(f"/v1/invoices/{invoice}") for invoice in order["invoices"]]
    # 30.03 and 9.99 of goods; 1.00 off, 2.99 to ship, 1.35 of tax.
    assert sum(bill["totals"]["total"]["amount"] for bill in bills) == order["totals"]["total"]["amount"] == 4336
    assert sum(tender["captured"]["amount"] for tender in order["payments"]) == 4336
    assert {bill["fulfillment_id"] is None for bill in bills} == {True, False}
    contact = world.shop.get(f"{path}/contact")
    assert [row["ship_to"]["name"] for row in contact["ship_tos"]] == ["Grace Elm"]
    assert [row["text"] for row in contact["proofs"]] == ["CODE-1-7F3A", "CODE-2-7F3A"]
    mailed = world.mailed(order, 7)  # received, two parcels on their way and delivered, two codes
    assert sum("here is what you bought" in subject for subject in mailed) == 2
    assert "InvoiceProvided" in world.states(order)


def test_a_declined_shipment_is_routed_again_at_once_without_waiting_for_its_sibling(world: DeployedWorld):
    tea, mug = world.sku(dc_east=5, dc_west=5), world.sku(st_2=5)
    order = world.routed(world.place_order(line(tea, 2), line(mug, 1)), 2)
    declined = next(f for f in order["fulfillments"] if f["node_id"] == EAST)

    world.clients["east"].post(f"/v1/fulfillments/{declined['fulfillment_id']}/decline", {"reason": "NO_CAPACITY"})
    order = world.routed(order, 3)

    again = order["fulfillments"][-1]
    assert (again["node_id"], again["lines"][0]["sku"]) == (WEST, tea)
    sibling = next(f for f in order["fulfillments"] if f["node_id"] not in (EAST, WEST))
    assert sibling["status"] == "OFFERED"
    assert world.stock(tea)[EAST] == {"free": 5, "reserved": 0, "on_hand": 5}
    for fulfillment in (again, sibling):
        world.ship(fulfillment["fulfillment_id"])
    world.closed(order)
    assert world.states(order).count("Route") == 2


def test_units_that_are_not_on_the_shelf_are_sent_from_elsewhere(world: DeployedWorld):
    tea = world.sku(dc_east=3, dc_west=3)
    order = world.routed(world.place_order(line(tea, 3, price=700)))
    first = order["fulfillments"][0]["fulfillment_id"]
    world.work(first, "accept", "start-pick")

    short = {"reason": "NOT_FOUND", "lines": [{"line_id": "1", "quantity": 1}]}
    world.clients["east"].post(f"/v1/fulfillments/{first}/short-pick", short)
    order = world.routed(order, 2)
    world.ship(first, by="east", steps=("pick", "pack"))
    world.ship(order["fulfillments"][1]["fulfillment_id"], by="acme")
    world.closed(order)

    assert world.stock(tea)[EAST] == {"free": 0, "reserved": 0, "on_hand": 0}
    assert world.stock(tea)[WEST]["on_hand"] == 2
    totals = [world.shop.get(f"/v1/invoices/{i}")["totals"]["total"]["amount"] for i in world.order(order)["invoices"]]
    assert sorted(totals) == [700, 1400]


def test_a_pickup_order_is_made_ready_and_handed_over_at_the_counter(world: DeployedWorld):
    tea = world.sku(st_1=2, dc_east=9)
    order = world.routed(world.place_order(line(tea, 2, method="PICKUP", node_id=STORE_1)))
    (fulfillment,) = order["fulfillments"]
    assert (fulfillment["node_id"], fulfillment["method"]) == (STORE_1, "PICKUP")

    world.work(fulfillment["fulfillment_id"], *WORK, "ready", by="stores")
    assert f"Your order {order['external_id']} is ready" in world.mailed(order, 2)[1]
    world.work(fulfillment["fulfillment_id"], "hand-over", by="stores")
    timeline = world.closed(order)

    assert timeline[-4:] == ["ready", "handed_over", "invoiced", "completed"]
    assert world.order(order)["status"] == "COMPLETED"
    assert len(world.mailed(order, 3)) == 3
    assert world.stock(tea)[STORE_1] == {"free": 0, "reserved": 0, "on_hand": 0}


def test_an_order_in_review_is_routed_when_sales_confirms_it(world: DeployedWorld):
    tea = world.sku(dc_east=1)
    order = world.place_order(line(tea), tags=[REVIEWED])
    assert world.queue("sales-review", order)["reason"] == REVIEWED
    assert world.stock(tea)[EAST]["reserved"] == 0

    assert world.change(order, "confirm", {}).is_success
    order = world.routed(order)

    assert order["status"] == "RELEASED"
    assert world.timeline(order)[:3] == ["placed", "confirmed", "routed"]


def test_an_order_that_sales_rejects_is_cancelled_and_its_customer_gets_a_mail(world: DeployedWorld):
    tea = world.sku(dc_east=1)
    order = world.place_order(line(tea), tags=[REVIEWED])
    world.queue("sales-review", order)

    assert world.change(order, "reject", {"reason": "too good"}).is_success
    world.closed(order)

    assert world.order(order)["status"] == "CANCELLED"
    assert world.order(order)["payments"][0]["released"]["amount"] == 1000
    assert world.mailed(order, 2)[1] == f"Your order {order['external_id']} is cancelled"
    assert world.stock(tea)[EAST] == {"free": 1, "reserved": 0, "on_hand": 1}


def test_a_held_order_waits_until_its_hold_is_resolved(world: DeployedWorld):
    order = world.place_order(line(world.sku(dc_east=1)), tags=[CHECKED])
    item = world.queue("holds", order)
    (hold,) = world.order(order)["holds"]
    assert item["item_id"] == f"{order['order_id']}.{hold['hold_id']}"

    assert world.change(order, f"holds/{hold['hold_id']}/resolve", {"resolution": "paid"}).is_success

    assert world.routed(order)["fulfillments"][0]["node_id"] == EAST


def test_a_second_order_of_one_mailbox_is_held_and_a_dry_run_finds_it(world: DeployedWorld):
    tea = world.sku(dc_east=2)
    mailbox = f"ada{uuid4().hex}"
    first, second = (
        world.place_order(line(tea), tags=[MANY], customer={"name": "Ada", "email": f"{name}@example.com"})
        for name in (mailbox, f"{mailbox.upper()}+2")
    )

    tried = world.office.post("/v1/hold-types/MANY_ORDERS/dry-run", {"channel": WEB, "last": 500})

    assert [[hold["type"] for hold in order["holds"]] for order in (first, second)] == [[], ["MANY_ORDERS"]]
    found = {row["order_id"] for row in tried["would_hold"]}
    assert (first["order_id"] in found, second["order_id"] in found) == (False, True)
    assert tried["held_now"] >= 1
    for order in (first, second):
        assert world.change(order, "cancel", {"reason": "tried"}).is_success


def test_units_without_stock_are_backordered_and_go_on_with_the_next_receipt(world: DeployedWorld):
    tea = world.sku(dc_east=1)
    order = world.place_order(line(tea, 3))
    item = world.queue("backorder", order)
    assert item["data"]["units"] == "2"

    world.office.post(f"/v1/queues/backorder/items/{item['item_id']}/resolve", {"answer": "retry"})
    assert world.queue("backorder", order)["data"]["units"] == "2"
    world.receive(tea, dc_west=2)
    order = world.routed(order, 2)

    assert sorted((f["node_id"], f["lines"][0]["quantity"]) for f in order["fulfillments"]) == [(EAST, 1), (WEST, 2)]
    assert "backorder" not in {
        item["queue"] for item in world.office.pages("/v1/queues/backorder") if item["order_id"] == order["order_id"]
    }


def test_a_cancelled_order_gives_everything_back(world: DeployedWorld):
    tea = world.sku(dc_east=4)
    order = world.routed(world.place_order(line(tea, 3, price=800)))
    assert world.stock(tea)[EAST]["reserved"] == 3

    assert world.change(order, "cancel", {"reason": "changed my mind"}, by=world.shop).is_success
    world.closed(order)

    order = world.order(order)
    assert order["status"] == "CANCELLED"
    assert order["payments"][0]["released"]["amount"] == 2400
    assert world.stock(tea)[EAST] == {"free": 4, "reserved": 0, "on_hand": 4}
    assert world.mailed(order, 2)[1] == f"Your order {order['external_id']} is cancelled"
    assert eventually(lambda: "StandDown" in world.states(order), "the node is told")


def test_a_partly_cancelled_order_ships_and_invoices_what_is_left_with_the_changes_that_waited(world: DeployedWorld):
    tea = world.sku(dc_east=4)
    order = world.routed(world.place_order(line(tea, 3, price=800), shipping=300))

    def charge(kind: str, amount: int) -> int:
        change = {"modification": "charge", "kind": kind, "amount": usd(amount)}
        return world.change(order, "changes", {"reason": "asked for", "changes": [change], "pending": True}).status_code

    assert charge("GIFT_WRAP", 200) == 202
    more = {"method": "CARD", "reference": f"tok_{order['order_id']}", "authorized": usd(200)}
    paid = world.shop.post(f"/v1/orders/{order['order_id']}/payments", {"payments": [more]})
    assert (paid["pending_change"], paid["totals"]["charges"]["amount"]) == (None, 500)
    assert charge("ENGRAVING", 100) == 202
    body = {"reason": "one is enough", "lines": [{"line_id": "1", "quantity": 2}]}
    assert world.change(order, "cancel", body, by=world.shop).is_success  # it leaves enough for the engraving
    world.ship(order["fulfillments"][0]["fulfillment_id"])
    timeline = world.closed(order)

    order = world.order(order)
    (invoice,) = order["invoices"]
    total = world.shop.get(f"/v1/invoices/{invoice}")["totals"]["total"]["amount"]
    first, second = ([tender[name]["amount"] for tender in order["payments"]] for name in ("captured", "released"))
    assert total == sum(first) == order["totals"]["total"]["amount"] == 800 + 300 + 200 + 100
    assert sum(first) + sum(second) == 2900
    changes = ("change_pending", "changed", "cancelled")
    assert [one for one in timeline if one in changes] == [
        "change_pending", "changed", "change_pending", "cancelled", "changed",
    ]  # fmt: skip
    assert world.stock(tea)[EAST] == {"free": 3, "reserved": 0, "on_hand": 3}
