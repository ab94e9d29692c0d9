"""The room with the solver finds prices at night, and the router weighs them in its choices."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from comanda.aws.dynamodb import keys
from comanda.aws.dynamodb.items import item, pack
from comanda.aws.routing import regional_demand
from infra import names
from infra.stages import LOCAL
from tests.system.retailer import CANARY, CHANNELS, STORE_2, WEST, line
from tests.system.world import DeployedWorld, eventually

OMAHA = {
    "name": f"{CANARY} Ann",
    "line1": f"1 {CANARY} Road",
    "city": f"{CANARY}ville",
    "region": "NE",
    "postal_code": "68102",
    "country": "US",
    "latitude": 41.3,
    "longitude": -95.9,
}


def as_if_asked_for(world: DeployedWorld, sku: str, units: int) -> None:
    """Count four weeks of days: on each day, customers beside the store wanted so many units."""
    today = datetime.now(UTC).date()
    beside = {"country": "US", "region": "IL", "orders": 1, "latitude": 41.9, "longitude": -87.6}
    counted = pack({"wanted": {sku: {"US-IL": units}}, "regions": {"US-IL": beside}})
    rows = [
        {**keys.asked_on(channel, f"{day:%Y%m%d}"), "doc": counted, "parts": 1}
        for day in (
            *regional_demand.forecast_days(today),
            *(one + timedelta(days=1) for one in regional_demand.forecast_days(today)),
        )
        for channel in CHANNELS
    ]
    for row in {json.dumps([row["pk"], row["sk"]]): row for row in rows}.values():
        world.aws("dynamodb").put_item(TableName=world.deployed[names.STOCK], Item=item(row))


def the_night(world: DeployedWorld) -> dict[str, int]:
    answer = world.aws("lambda").invoke(FunctionName=names.function(LOCAL, "price"), Payload=b"{}")
    said: dict[str, int] = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, said
    return said


def price_items(world: DeployedWorld, sku: str) -> list[Any]:
    key = item(dict(keys.prices(sku)))
    found = world.aws("dynamodb").get_item(TableName=world.deployed[names.STOCK], Key=key)
    return [found["Item"]] if "Item" in found else []


def sent_from(world: DeployedWorld, order: Any) -> list[str]:
    return [one["node_id"] for one in world.routed(order)["fulfillments"]]


def test_an_order_leaves_scarce_units_to_customers_beside_them(world: DeployedWorld):
    sku = world.sku(st_2=6, dc_west=90)
    before = sent_from(world, world.place_order(line(sku, 2), ship_to=OMAHA))
    as_if_asked_for(world, sku, 3)

    done = the_night(world)

    assert done["unsolved"] == 0
    (said,) = price_items(world, sku)
    node, micros = said["prices"]["S"].split(" ")
    assert (node, int(micros) > 500_000) == (STORE_2, True)
    eventually(lambda: sent_from(world, world.place_order(line(sku, 2), ship_to=OMAHA)) == [WEST], "the priced way")
    assert before == [STORE_2]
