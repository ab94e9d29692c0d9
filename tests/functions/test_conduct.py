"""An order on its way through the house."""

from tests.functions.world import World


def test_an_order_goes_from_the_shop_to_the_customer_without_anybody_calling_a_machine(world: World):
    world.stocked("TEA-001", dc_1=5)

    order_id = world.placed(("TEA-001", 2))
    world.settle()
    assert world.order(order_id)["status"] == "RELEASED"
    world.steps(order_id, "accept", "start-pick", "pick", "pack", "ship")
    world.settle()

    order = world.order(order_id)
    assert order["status"] == "SHIPPED"
    assert order["invoices"] == [f"inv_{order_id[4:]}-001"]
    assert order["payments"][0]["captured"]["amount"] == 2000
    assert world.rows(order_id, "W#") == []
    assert [e.entered for e in world.hops.machines.executions.values()] == [
        ["Route", "UntilSettled", "Complete"],
        ["Release", "Invoice", "Notify"],
    ]
