"""Test the invoice that a channel reads."""

from tests.functions.world import World, usd


def test_a_channel_reads_the_invoice_of_its_order(world: World):
    world.stocked("TEA-001", dc_1=5)
    line = {"sku": "TEA-001", "quantity": 3, "unit_price": usd(999), "tax": {"rate": "0.1", "amount": usd(300)}}
    order_id = world.placed(line)
    world.settle()
    world.steps(order_id, "ship")
    world.settle()

    reply = world.call("GET", f"/v1/invoices/inv_{order_id[4:]}-001")

    assert reply.status == 200
    assert reply.body["number"] == "dc-1-000001"
    assert reply.body["fulfillment_id"] == f"ful_{order_id[4:]}-001"
    assert reply.body["lines"][0]["goods"] == usd(2997)
    assert reply.body["totals"] == {
        "goods": usd(2997),
        "discounts": usd(0),
        "charges": usd(0),
        "tax": usd(300),
        "total": usd(3297),
    }
    assert world.call("GET", f"/v1/invoices/inv_{order_id[4:]}-002").status == 404
    assert world.call("GET", f"/v1/invoices/inv_{order_id[4:]}-001", who="other-shop").status == 404
    assert world.call("GET", f"/v1/invoices/inv_{order_id[4:]}-001", who="dc-1-system").status == 403
