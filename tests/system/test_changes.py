"""Changes that add and move units, from their preview to the parcels, through the deployed system."""

from tests.system.retailer import EAST, WEST, line
from tests.system.world import DeployedWorld, Json


def preview(world: DeployedWorld, order: Json, *changes: Json) -> Json:
    body = {"preview": True, "reason": "asked for", "changes": list(changes)}
    answer = world.change(order, "changes", body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def made(world: DeployedWorld, order: Json, shown: Json, *changes: Json) -> Json:
    """Make the changes that a preview showed."""
    body = {"preview_id": shown["preview_id"], "reason": "asked for", "changes": list(changes)}
    answer = world.change(order, "changes", body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_a_preview_promises_what_a_change_adds_and_the_change_ships_it(world: DeployedWorld):
    tea, pot = world.sku(dc_east=5), world.sku(dc_east=1)
    order = world.routed(world.place_order(line(tea, 2)))
    more = {"modification": "add_line", "lines": [{**line(pot, 3, price=0), "line_id": "2"}]}

    shown = preview(world, order, more)
    assert {one["node_id"] for one in shown["promise"]["lines"]} == {EAST}
    assert sum(one["quantity"] for one in shown["promise"]["cannot_promise"]) == 2
    changed = made(world, order, shown, more)

    assert changed["quantities"]["RELEASED"] == 2
    order = world.routed(order, 2)
    assert order["quantities"] == {"RELEASED": 3, "BACKORDERED": 2}


def test_the_office_chooses_another_node_as_its_preview_showed(world: DeployedWorld):
    tea = world.sku(dc_east=3, dc_west=3)
    order = world.routed(world.place_order(line(tea, 2)))
    assert order["fulfillments"][0]["node_id"] == EAST
    west = {"modification": "node", "line_id": "1", "node_id": WEST}

    shown = preview(world, order, west)
    assert [(one["node_id"], one["quantity"]) for one in shown["promise"]["lines"]] == [(WEST, 2)]
    made(world, order, shown, west)
    order = world.routed(order, 2)

    assert [f["node_id"] for f in order["fulfillments"]] == [EAST, WEST]
    assert world.stock(tea)[EAST] == {"free": 3, "reserved": 0, "on_hand": 3}
    world.ship(order["fulfillments"][1]["fulfillment_id"])
    world.closed(order)
