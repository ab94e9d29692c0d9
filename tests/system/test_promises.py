"""Availability, promises, carts and orders agree in the deployed system, also when a supplier changes a date."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.system.retailer import ACME, EAST, WEST, line
from tests.system.world import DeployedWorld, eventually, refused

HERE = {"country": "US", "region": "NY", "city": "New York", "postal_code": "10001"}


def _day(ahead: int) -> str:
    return (datetime.now(UTC) + timedelta(days=ahead)).date().isoformat()


def _basket(sku: str, quantity: int, **more: Any) -> dict[str, Any]:
    return {"channel": "web", "to": HERE, "lines": [{"line_id": "1", "sku": sku, "quantity": quantity}], **more}


def _expected(world: DeployedWorld, sku: str, quantity: int, days: int) -> tuple[str, str]:
    """Announce a purchase order of a sku, due in so many days. Returns its id and that day."""
    name, eta = f"PO-{uuid.uuid4().hex[:8]}", _day(days)
    supply(world, name, "CREATE", type="PURCHASE_ORDER", sku=sku, node_id=EAST, quantity=quantity, eta=eta)
    return name, eta


def supply(world: DeployedWorld, name: str, action: str, *, type: str | None = None, **said: Any) -> None:  # noqa: A002  the API's word
    step = {"supply_id": name, "reference": uuid.uuid4().hex[:8], "action": action, "lines": [{"line": 1, **said}]}
    (row,) = world.office.post("/v1/stock/supplies", step | ({"type": type} if type else {}))["rows"]
    assert row["status"] == "APPLIED", row


def available(world: DeployedWorld, sku: str, method: str = "SHIP") -> int:
    asked = {"skus": [sku], "channel": "web", "methods": [method]}
    (item,) = world.shop.post("/v1/availability", asked)["items"] or [{"methods": [{"available": -1}]}]
    return int(item["methods"][0]["available"])


def allocations(world: DeployedWorld, order: Any) -> list[Any]:
    found: list[Any] = world.order(order)["lines"][0]["allocations"]
    return found


def test_a_page_a_promise_a_cart_and_an_order_agree(world: DeployedWorld):
    sku = world.sku(dc_east=5)
    eventually(lambda: available(world, sku) == 5, "five on the page")

    promise = world.shop.post("/v1/promises", _basket(sku, 3))
    (standard,) = [option for option in promise["options"] if option["option_id"] == promise["recommended"]]
    assert (standard["complete"], [s["node_id"] for s in standard["shipments"]]) == (True, [EAST])
    kept = {"request_id": uuid.uuid4().hex, "promise_id": promise["promise_id"], "option_id": standard["option_id"]}
    reservation = world.shop.post("/v1/reservations", kept)
    eventually(lambda: available(world, sku) == 2, "three of them in a cart")
    assert refused(lambda: world.shop.post("/v1/reservations", {
        "request_id": uuid.uuid4().hex, "lines": [{"sku": sku, "quantity": 3, "node_id": EAST}]
    })).status == 409  # fmt: skip

    order = world.place_order(
        line(sku, 3), reservation_id=reservation["reservation_id"], promise_id=promise["promise_id"]
    )
    routed = world.routed(order)

    assert (routed["quantities"], world.stock(sku)[EAST]["free"]) == ({"RELEASED": 3}, 2)
    assert routed["promised"]["deliver_on"] == routed["fulfillments"][0]["deliver_on"] == standard["deliver_on"]
    world.ship(routed["fulfillments"][0]["fulfillment_id"])
    world.invoiced(order)
    eventually(lambda: available(world, sku) == 2, "two on the page")


def test_a_pre_order_moves_with_its_supply_and_ships_when_it_is_there(world: DeployedWorld):
    sku = world.sku()
    supplier, eta = _expected(world, sku, 10, 5)
    order = world.place_order(line(sku, 4))
    world.until(order, lambda now: now["quantities"] == {"SCHEDULED": 4}, "promised for its day")
    assert [a["due"] for a in allocations(world, order)] == [eta]

    later = _day(9)
    supply(world, supplier, "CHANGE", eta=later)
    world.until(order, lambda now: now["lines"][0]["allocations"][0]["due"] == later, "moved with it")
    supply(world, supplier, "RECEIVE", quantity=10)
    routed = world.routed(order)
    world.ship(routed["fulfillments"][0]["fulfillment_id"])

    assert world.closed(order)[:5] == ["placed", "promised_later", "redated", "stock_arrived", "routed"]
    assert len(world.mailed(order, 4)) == 4  # received, its date, its new date, on its way


def test_a_cancelled_supply_queues_the_orders_that_relied_on_it_and_a_receipt_serves_them(world: DeployedWorld):
    sku = world.sku()
    supplier, _ = _expected(world, sku, 4, 5)
    order = world.place_order(line(sku, 4))
    world.until(order, lambda now: now["quantities"] == {"SCHEDULED": 4}, "promised for its day")

    supply(world, supplier, "CANCEL")
    world.until(order, lambda now: now["quantities"] == {"BACKORDERED": 4}, "starved")
    assert world.queue("backorder", order)["reason"] == "no-stock"
    world.receive(sku, dc_east=4)

    assert world.routed(order)["quantities"] == {"RELEASED": 4}


def test_a_count_by_file_is_answered_row_by_row_and_missing_units_raise_an_alert(world: DeployedWorld):
    sku = world.sku(dc_west=6)
    world.routed(world.place_order(line(sku, 5), to=WEST))
    now = datetime.now(UTC).isoformat()  # to the second, it would be before the shelf was filled
    rows = [f"c1,{sku},{WEST},count,4,{now}", f"c1,NOPE,{WEST},count,4,{now}", f"c2,{sku},{EAST},count,-1,{now}"]

    header = "reference,sku,node,mode,quantity,counted_at"
    receipt = world.drop(ACME, f"{sku}.csv", "\n".join([header, *rows]) + "\n", kind="stock")

    assert [row["status"] for row in receipt[:-1]] == ["APPLIED", "REJECTED", "REJECTED"]
    assert world.stock(sku)[WEST] == {"free": -1, "reserved": 5, "on_hand": 4}

    def alerted(kind: str) -> Any:
        return [a for a in world.office.pages("/v1/stock-alerts", kind=kind, limit=100) if a["sku"] == sku]

    assert [a["quantity"] for a in eventually(lambda: alerted("OVER_RESERVED"), "over-reserved")] == [1]
    assert [a["quantity"] for a in eventually(lambda: alerted("VARIANCE"), "a variance")] == [1]
    world.receive(sku, dc_west=3)
    eventually(lambda: not alerted("OVER_RESERVED"), "nothing is over-reserved")


def test_an_unknown_sku_or_place_is_refused_by_its_field(world: DeployedWorld):
    sku = world.sku()
    wrong_place = _basket(sku, 1) | {"to": HERE | {"postal_code": "01310-100"}}

    for path, body, pointer in (
        ("/v1/promises", _basket("NOPE", 1), "/lines/0/sku"),
        ("/v1/promises", wrong_place, "/to/postal_code"),
        ("/v1/promises", _basket(sku, 0), "/lines/0/quantity"),
        ("/v1/reservations", {"request_id": "r", "lines": [{"sku": sku, "quantity": 1, "node_id": "x"}]}, "/lines/0/node_id"),
        ("/v1/reservations", {"request_id": "r", "ttl_seconds": 14_401,
                              "lines": [{"sku": sku, "quantity": 1, "node_id": EAST}]}, "/ttl_seconds"),
    ):  # fmt: skip
        problem = refused(lambda path=path, body=body: world.shop.post(path, body))  # type: ignore[misc]  # defaults bind the loop's
        assert (problem.status, [e["pointer"] for e in problem.document["errors"]]) == (422, [pointer])
