"""Follow bundles from the order to the last invoice: sets leave their node, and are invoiced and mailed to the cent."""

from typing import Any

from comanda.aws.directory import directory
from openapi.answers import orders as answers
from openapi.answers.invoices import Invoice
from tests.functions.world import World, a_set, usd
from tests.invariants import broken

TWO_SETS = a_set(
    2,
    1999,
    product={"gtin": "4006381333931"},
    tax={"rate": "0.07", "amount": usd(281)},
    discounts=[{"code": "SET", "amount": usd(101)}],
)
TOTALS = {
    "goods": usd(1000 + 2 * 1999),
    "discounts": usd(101),
    "charges": usd(0),
    "tax": usd(281),
    "total": usd(1000 + 2 * 1999 - 101 + 281),
}


def an_order_of_sets(world: World) -> str:
    world.stocked("TEA-001", dc_1=9)
    world.stocked("POT-001", dc_1=9)
    world.stocked("CUP-001", dc_1=9)
    order_id = world.placed(("TEA-001", 1), *TWO_SETS, totals=TOTALS)
    world.settle()
    return order_id


def sent(world: World, order_id: str, number: int, **units: int) -> Any:
    lines = [{"line_id": line_id, "quantity": n} for line_id, n in units.items()]
    return world.step(order_id, "ship", number, {"shipment_id": f"S-{number}", **({"lines": lines} if lines else {})})


def bills(world: World, order_id: str) -> list[dict[str, Any]]:
    return [world.call("GET", f"/v1/invoices/{one}", who="office").body for one in world.order(order_id)["invoices"]]


def test_sets_are_picked_shipped_and_invoiced_until_the_books_close(world: World) -> None:
    order_id = an_order_of_sets(world)
    (work,) = world.call("GET", "/v1/fulfillments", who="dc-1-system", query={"node_id": "dc-1"}).body["items"]
    world.steps(order_id, "accept", "start-pick", "pick", "pack")

    broken_set = sent(world, order_id, 1, b1=1, b2=1)
    one_set = sent(world, order_id, 1, b1=1, b2=2)
    world.settle()
    half_done = world.order(order_id)
    rest = sent(world, order_id, 2)
    world.settle()

    names = [line.get("bundle") for line in work["lines"]]
    tea_set = {"line_id": "b", "sku": "TEA-002", "title": "A TEA-002", "gtin": "4006381333931"}
    assert names == [None, tea_set | {"ratio": 1}, tea_set | {"ratio": 2}]
    assert broken_set.status == 409
    assert one_set.status == rest.status == 200
    assert half_done["lines"][1]["sets"] == {"SHIPPED": 1, "PACKED": 1}
    assert half_done["lines"][1]["invoiced"] == 1
    first, second = bills(world, order_id)
    assert [(b["quantity"], b["unit_price"], b["goods"]) for b in first["bundles"]] == [(1, usd(1999), usd(1999))]
    answers.Order.model_validate(half_done)
    answers.Fulfillment.model_validate(work)
    Invoice.model_validate(first)
    assert [(x["parent_line_id"], x["sku"], x["goods"]) for x in first["lines"]] == [
        ("b", "POT-001", usd(1199)), ("b", "CUP-001", usd(800)),
    ]  # fmt: skip
    for name in ("goods", "discounts", "tax", "total"):
        assert first["totals"][name]["amount"] + second["totals"][name]["amount"] == TOTALS[name]["amount"]
    done = world.order(order_id)
    assert (done["status"], done["lines"][1]["sets"]) == ("SHIPPED", {"SHIPPED": 2})
    assert done["payments"][0]["captured"] == TOTALS["total"]
    shipped_mail = str(world.hops.sent[1]["Content"])
    assert "1 x A TEA-002: $19.99" in shipped_mail
    assert broken(world.tables()) == []


def test_a_set_that_a_node_declines_goes_to_another_node_whole(world: World) -> None:
    world.stocked("POT-001", dc_1=9, dc_2=9)
    world.stocked("CUP-001", dc_1=9, dc_2=9)
    order_id = world.placed(*a_set(2))
    world.settle()

    world.step(order_id, "decline", 1, {"reason": "NO_STOCK", "lines": [{"line_id": "b2", "quantity": 1}]})
    world.settle()

    order = world.order(order_id)
    assert {f["node_id"]: [x["quantities"].get("RELEASED", 0) for x in f["lines"]] for f in order["fulfillments"]} == {
        "dc-1": [1, 2], "dc-2": [1, 2],
    }  # fmt: skip
    assert order["lines"][0]["sets"] == {"RELEASED": 2}
    assert broken(world.tables()) == []


def test_sets_without_stock_wait_and_are_cancelled_with_their_money(world: World) -> None:
    world.stocked("POT-001", dc_1=9)
    world.stocked("CUP-001", dc_1=3)
    order_id = world.placed(*a_set(2))
    world.settle()
    waits = world.order(order_id)

    world.change(order_id, "cancel", {"reason": "no cups", "lines": [{"line_id": "b", "quantity": 1}]})
    world.settle()
    sent(world, order_id, 1)
    world.settle()

    assert waits["lines"][0]["sets"] == {"RELEASED": 1, "BACKORDERED": 1}
    assert world.waiting(order_id) == []
    (bill,) = bills(world, order_id)
    done = world.order(order_id)
    assert (done["lines"][0]["sets"], done["totals"]["total"]) == ({"SHIPPED": 1, "CANCELLED": 1}, usd(1000))
    assert bill["totals"]["total"] == done["payments"][0]["captured"] == usd(1000)
    assert done["payments"][0]["released"] == usd(1000)
    later, cancelled, shipped = (str(mail["Content"]) for mail in world.hops.sent[1:])
    assert "1 x A POT-001 (Part of: A TEA-002)" in later
    assert "1 x A TEA-002" in cancelled
    assert "1 x A TEA-002: $10.00" in shipped
    assert broken(world.tables()) == []


def test_the_components_of_a_breakable_channel_leave_and_are_invoiced_one_by_one(world: World) -> None:
    doc = {"name": "web", "currencies": ["USD"], "countries": ["US"], "locales": ["en-US"], "breakable": True}
    world.entry(directory.CHANNEL, "web", doc)
    directory.forget()
    order_id = an_order_of_sets(world)
    world.steps(order_id, "accept", "start-pick", "pick", "pack")

    assert sent(world, order_id, 1, b2=3).status == 200
    world.settle()
    assert sent(world, order_id, 2).status == 200
    world.settle()

    first, second = bills(world, order_id)
    assert [(b["quantity"], b["goods"]) for b in first["bundles"]] == [(0, usd(1200))]
    assert second["bundles"][0]["quantity"] == 2
    for name in ("goods", "discounts", "tax", "total"):
        assert first["totals"][name]["amount"] + second["totals"][name]["amount"] == TOTALS[name]["amount"]
    assert "3 x A CUP-001: $12.00 (Part of: A TEA-002)" in str(world.hops.sent[1]["Content"])
    assert broken(world.tables()) == []
