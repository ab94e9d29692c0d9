"""Summaries follow every sale within seconds, and an alert is sent once, on the bus and in its list."""

from typing import Any

from infra import names
from infra.stages import LOCAL
from tests.system.retailer import EAST, line
from tests.system.world import DeployedWorld, eventually


def available(world: DeployedWorld, sku: str, method: str = "SHIP") -> int:
    answer = world.shop.send("POST", "/v1/availability", body={"skus": [sku], "methods": [method]})
    assert answer.is_success, answer.text
    return int(answer.json()["items"][0]["methods"][0]["available"])


def alerts(world: DeployedWorld, kind: str, sku: str) -> list[Any]:
    return [row for row in world.office.pages("/v1/stock-alerts", kind=kind) if row["sku"] == sku]


def test_availability_follows_a_sale_and_its_cancellation(world: DeployedWorld):
    sku = world.sku(dc_east=7)
    eventually(lambda: available(world, sku) == 7, "what is there")

    order = world.routed(world.place_order(line(sku, 3)))
    eventually(lambda: available(world, sku) == 4, "what is left")
    assert world.change(order, "cancel", {"reason": "changed my mind"}).is_success

    eventually(lambda: available(world, sku) == 7, "what was given back")


def test_a_sku_that_sells_out_raises_one_alert_and_its_return_ends_it_once(world: DeployedWorld):
    sku = world.sku(dc_east=2)
    world.routed(world.place_order(line(sku, 2)))
    eventually(lambda: alerts(world, "OUT", sku), "an alert")
    world.receive(sku, dc_east=5)
    eventually(lambda: not alerts(world, "OUT", sku), "no alert")

    def stock_events() -> list[Any]:
        stock = (one["detail"] for one in world.overheard() if one["detail-type"].startswith("comanda.stock."))
        return [event for event in stock if event["subject"] == sku]

    eventually(lambda: len({event["type"] for event in stock_events()}) == 2, "both events")

    mine = stock_events()
    assert [event["type"] for event in mine] == ["comanda.stock.out.v1", "comanda.stock.back_in_stock.v1"]
    assert mine[0]["data"] == {"sku": sku, "node": EAST, "kind": "OUT", "quantity": 0}
    assert mine[0]["sequence"] < mine[1]["sequence"]


def test_the_night_goes_through_every_sku(world: DeployedWorld):
    sku = world.sku(dc_east=3)
    eventually(lambda: available(world, sku) == 3, "what is there")

    world.aws("lambda").invoke(FunctionName=names.function(LOCAL, "daily"), Payload=b"{}")

    def counted() -> Any:
        rows = world.aws("dynamodb").query(
            TableName=world.deployed[names.STOCK],
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": "KPI#stock"}},
        )
        return rows["Items"]

    assert eventually(counted, "the figures of the day")
