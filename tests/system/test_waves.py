"""A wave routes two orders that compete for a unit together, and sends both."""

import json
from typing import Any

from infra import names
from infra.stages import LOCAL
from tests.system.retailer import CANARY, HOURLY, STORE_2, WEST, line
from tests.system.world import DeployedWorld


def beside(latitude: float, longitude: float, region: str, postal_code: str) -> dict[str, Any]:
    return {
        "name": f"{CANARY} Ann",
        "line1": f"1 {CANARY} Road",
        "city": f"{CANARY}ville",
        "region": region,
        "postal_code": postal_code,
        "country": "US",
        "latitude": latitude,
        "longitude": longitude,
    }


IN_THE_MIDDLE, IN_CHICAGO = beside(39.5, -102.5, "CO", "80758"), beside(41.9, -87.6, "IL", "60601")


def the_hour(world: DeployedWorld) -> dict[str, int]:
    answer = world.aws("lambda").invoke(FunctionName=names.function(LOCAL, "wave"), Payload=b"{}")
    said: dict[str, int] = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, said
    return said


def kept_at(order: Any) -> list[tuple[str, str]]:
    return [(a["status"], a["node_id"]) for one in order["lines"] for a in one["allocations"]]


def test_two_that_compete_are_both_sent_from_where_they_cost_least_together(world: DeployedWorld):
    sku = world.sku(st_2=1, dc_west=2)
    waits = [("SCHEDULED", STORE_2), ("SCHEDULED", WEST)]
    orders = []
    for ship_to, place in zip((IN_THE_MIDDLE, IN_CHICAGO), waits, strict=True):
        order = world.place_order(line(sku), ship_to=ship_to, sourcing_class=HOURLY)
        orders.append(world.until(order, lambda now, at=place: kept_at(now) == [at], "kept for the wave"))
    assert world.queue("wave", orders[0])["queue"] == "wave"

    done = the_hour(world)

    assert (done["moved"], done["released"], done["saved_micros"] > 0) == (2, 2, True), done
    for order, node in zip(orders, (WEST, STORE_2), strict=True):
        (work,) = world.routed(order)["fulfillments"]
        assert work["node_id"] == node
        world.ship(work["fulfillment_id"])
        world.invoiced(order)
