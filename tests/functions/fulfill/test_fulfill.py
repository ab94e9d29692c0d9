"""Test the steps of a node's work through its doors, and customers that cancel in between."""

from typing import Any

import pytest

from comanda.aws.directory import directory, packs
from comanda.aws.orders import orders
from tests.functions.world import World, at_counter
from tests.invariants import broken


def released(world: World, units: int = 3) -> str:
    world.stocked("TEA-001", dc_1=10)
    order_id = world.placed(("TEA-001", units))
    world.settle()
    return order_id


def some(quantity: int, line_id: str = "1") -> dict[str, Any]:
    return {"lines": [{"line_id": line_id, "quantity": quantity}]}


def labelled(amount: int, currency: str) -> dict[str, Any]:
    return {"packages": [{"package_id": "P1", "label_cost": {"amount": amount, "currency": currency}}]}


def cancelled(world: World, order_id: str, quantity: int | None = None, *, etag: str | None = None) -> Any:
    etag = etag or world.call("GET", f"/v1/orders/{order_id}").etag
    body = {"reason": "changed my mind", **(some(quantity) if quantity else {})}
    return world.call("POST", f"/v1/orders/{order_id}/cancel", body, if_match=etag)


def test_a_node_sees_its_open_work_most_urgent_first_and_what_it_finished(world: World):
    world.stocked("TEA-001", dc_1=10)
    urgent, usual = world.placed(("TEA-001", 1), priority=0), world.placed(("TEA-001", 1))
    world.settle()

    page = world.call("GET", "/v1/fulfillments", who="dc-1-system", query={"node_id": "dc-1"})
    assert [row["order_id"] for row in page.body["items"]] == [urgent, usual]
    world.steps(urgent, "ship")
    world.settle()

    left = world.call("GET", "/v1/fulfillments", who="dc-1-system", query={"node_id": "dc-1"}).body["items"]
    done = world.call("GET", "/v1/fulfillments", who="dc-1-system", query={"node_id": "dc-1", "done": "2026-11"})
    assert [row["order_id"] for row in left] == [usual]
    assert [(row["order_id"], row["status"]) for row in done.body["items"]] == [(urgent, "SHIPPED")]
    assert world.call("GET", "/v1/fulfillments", who="dc-2-system", query={"node_id": "dc-1"}).status == 404
    assert world.call("GET", "/v1/fulfillments", who="dc-1-system", query={"status": "PICKED"}).status == 422
    unheard = world.call("GET", "/v1/fulfillments", who="dc-1-system", query={"node_id": "dc-1", "status": "OPEN"})
    assert unheard.errors == [("/status", "unknown-status")]


def test_staff_read_the_work_of_every_node_and_take_no_step_of_it(world: World):
    world.stocked("TEA-001", dc_1=5)
    order_id = world.placed(("TEA-001", 1))
    world.settle()
    work = f"/v1/fulfillments/ful_{order_id[4:]}-001"

    listed = world.call("GET", "/v1/fulfillments", who="sales", query={"node_id": "dc-1"})
    read = world.call("GET", work, who="sales")
    step = world.call("POST", f"{work}/accept", {}, who="sales")

    assert [item["fulfillment_id"] for item in listed.body["items"]] == [read.body["fulfillment_id"]]
    assert (read.status, step.status, step.problem) == (200, 403, "forbidden")


def test_steps_that_a_partner_left_out_are_recorded_as_implied(world: World):
    order_id = released(world)

    world.steps(order_id, "ship")

    allocation = world.order(order_id)["lines"][0]["allocations"][0]
    assert (allocation["status"], allocation["implied"]) == ("SHIPPED", ["accept", "pick", "pack"])


def test_the_cost_of_a_label_is_stored_with_the_package_and_never_shown(world: World):
    order_id = released(world)
    world.steps(order_id, "accept", "pick", "pack")

    reply = world.step(order_id, "ship", 1, labelled(735, "USD"))

    assert reply.status == 200
    assert [p.label_cost for p in orders.load(order_id).fulfillments[0].packages] == [735]
    assert "label" not in str(reply.body)
    assert "label" not in str(world.order(order_id))


def test_a_package_with_units_that_do_not_leave_is_refused_by_its_line(world: World):
    world.stocked(dc_1=5)
    order_id = world.placed(("TEA-001", 3))
    world.settle()
    contents = [{"line_id": "1", "quantity": 4}, {"line_id": "7", "quantity": 1}]

    refused = world.step(order_id, "ship", 1, {"packages": [{"package_id": "P1", "contents": contents}]})

    assert refused.status == 422
    assert refused.errors == [
        ("/packages/0/contents/0/quantity", "too-many"),
        ("/packages/0/contents/1/line_id", "unknown-line"),
    ]
    assert world.order(order_id)["status"] == "RELEASED"


def test_shipping_less_than_all_moves_the_rest_to_a_fulfillment_of_its_own(world: World):
    order_id = released(world)
    world.steps(order_id, "accept", "pick", "pack")
    parcel = {"package_id": "P1", "carrier": "UPS", "tracking_number": "1Z1"}

    assert world.step(order_id, "ship", 1, {**some(2), "packages": [parcel]}).status == 200
    world.settle()

    order = world.order(order_id)
    assert [(f["status"], f["node_id"]) for f in order["fulfillments"]] == [("SHIPPED", "dc-1"), ("PACKED", "dc-1")]
    assert len(order["invoices"]) == 1
    assert f"ful_{order_id[4:]}-002-1" in world.hops.machines.executions
    world.steps(order_id, "ship", number=2)
    world.settle()
    assert world.order(order_id)["status"] == "SHIPPED"
    assert broken(world.tables()) == []


def test_a_pickup_is_made_ready_and_handed_over_never_shipped(world: World):
    world.stocked("TEA-001", store_1=5)
    order_id = world.placed(at_counter("TEA-001", 2), ship_to=None)
    world.settle()
    world.steps(order_id, "accept", "pick", "pack", "ready")
    world.settle()

    refused = world.step(order_id, "ship")
    assert (refused.status, refused.body["detail"]) == (409, "a PICKUP fulfillment leaves its node by hand-over")
    assert any("ready" in str(mail["EmailTags"]) for mail in world.hops.sent)
    world.steps(order_id, "hand-over")
    world.settle()

    assert world.order(order_id)["status"] == "COMPLETED"
    assert world.order(order_id)["quantities"] == {"PICKED_UP": 2}
    assert broken(world.tables()) == []


def test_a_declined_pickup_asks_customer_care_and_is_never_shipped_by_itself(world: World):
    world.stocked("TEA-001", dc_1=5, store_1=5)
    order_id = world.placed(at_counter("TEA-001", 2))
    world.settle()

    assert world.step(order_id, "decline", 1, {"reason": "CLOSED"}).status == 200
    world.settle()

    assert world.order(order_id)["quantities"] == {"UNSCHEDULED": 2}
    assert world.waiting(order_id) == ["customer-care"]
    assert broken(world.tables()) == []
    path = f"/v1/queues/customer-care/items/{order_id}.customer-care/resolve"
    assert world.call("POST", path, {"answer": "ship"}, who="sales").status == 200
    world.settle()
    assert world.order(order_id)["fulfillments"][1]["method"] == "SHIP"
    assert broken(world.tables()) == []


def test_units_of_a_short_pick_leave_the_count_and_are_routed_to_another_node(world: World):
    world.stocked("TEA-001", dc_1=3, dc_2=3)
    order_id = world.placed(("TEA-001", 3))
    world.settle()
    world.steps(order_id, "accept", "start-pick")

    assert world.step(order_id, "short-pick", 1, {**some(1), "reason": "NOT_FOUND"}).status == 200
    world.settle()

    order = world.order(order_id)
    assert [(f["node_id"], f["status"]) for f in order["fulfillments"]] == [("dc-1", "PICKING"), ("dc-2", "OFFERED")]
    position = next(row for row in world.aws.items("Stock", "S#TEA-001", "P#") if row["node"] == "dc-1")
    assert (position["on_hand"], position["free"]) == ({"sellable": 2}, 0)
    assert broken(world.tables()) == []


def test_an_answer_after_the_offer_ended_comes_too_late(world: World):
    order_id = released(world)
    world.pass_time(3601)

    reply = world.step(order_id, "accept")

    assert (reply.status, reply.problem) == (409, "offer-expired")


@pytest.mark.parametrize(
    ("step", "body", "status", "code"),
    [
        ("accept", {"lines": []}, 422, "too-short"),
        ("accept", some(0), 422, "greater-than-equal"),
        ("accept", some(10**9), 422, "less-than-equal"),
        ("accept", some(1, "7"), 422, "unknown-line"),
        ("pick", {"lines": [{"line_id": "1", "quantity": 1}] * 2}, 422, "duplicate"),
        ("decline", {"reason": "BORED"}, 422, "unknown-decline-reason"),
        ("decline", {"reason": "SILENT"}, 422, "unknown-decline-reason"),
        ("decline", {"reason": "a b"}, 422, ""),
        ("decline", {}, 422, "missing"),
        ("ship", {"shipped_at": "2026-11-19T12:00:00"}, 422, "no-time-zone"),
        ("ship", {"shipped_at": "2026-12-19T12:00:00Z"}, 422, "in-the-future"),
        ("ship", {"shipped_at": "0001-01-01T00:00:00+14:00"}, 422, "too-long-ago"),
        ("ship", {"packages": [{"package_id": "P1"}] * 2}, 422, "duplicate"),
        ("ship", {"surprise": 1}, 422, "extra-forbidden"),
        ("ship", labelled(735, "EUR"), 422, "mixed-currencies"),
        ("ship", labelled(0, "USD"), 422, "greater-than-equal"),
        ("pack", {}, 409, ""),
        ("ready", {}, 409, ""),
        ("hand-over", {}, 409, ""),
    ],
)
def test_a_step_that_is_not_allowed_is_refused_and_changes_nothing(
    world: World, step: str, body: Any, status: int, code: str
):
    order_id = released(world)
    before = world.tables()

    reply = world.step(order_id, step, 1, body)

    assert reply.status == status, reply.body
    assert not code or code in [error["code"] for error in reply.body["errors"]]
    assert world.tables() == before


# A customer who changes their mind


def test_a_cancelled_order_gives_back_stock_and_money_and_stops_the_node(world: World):
    order_id = released(world)

    assert cancelled(world, order_id).status == 200
    world.settle()

    order = world.order(order_id)
    assert (order["status"], order["fulfillments"][0]["status"]) == ("CANCELLED", "CANCELLED")
    assert order["payments"][0]["released"]["amount"] == 3000
    assert world.aws.items("Stock", "S#TEA-001", "P#")[0]["free"] == 10
    assert world.hops.machines.executions[f"ful_{order_id[4:]}-001-1"].entered == ["Release", "StandDown"]
    assert any("cancelled" in str(mail["EmailTags"]) for mail in world.hops.sent)
    assert world.call("GET", "/v1/fulfillments", who="office", query={"node_id": "dc-1"}).body["items"] == []
    assert broken(world.tables()) == []


def test_a_part_is_cancelled_and_the_rest_is_shipped_and_charged(world: World):
    order_id = released(world)

    assert cancelled(world, order_id, 1).status == 200
    world.settle()
    world.steps(order_id, "accept", "ship")
    world.settle()

    order = world.order(order_id)
    assert order["quantities"] == {"SHIPPED": 2, "CANCELLED": 1}
    paid = order["payments"][0]
    assert (paid["captured"]["amount"], paid["released"]["amount"]) == (2000, 1000)
    assert broken(world.tables()) == []


def test_a_cancel_of_picked_units_asks_the_node_to_put_them_back(world: World):
    order_id = released(world)
    world.steps(order_id, "accept", "pick")

    assert cancelled(world, order_id).status == 200
    world.settle()

    assert world.waiting(order_id) == ["put-back"]
    assert broken(world.tables()) == []


def test_a_cancel_after_packing_is_refused_and_names_the_line(world: World):
    order_id = released(world)
    world.steps(order_id, "accept", "pick", "pack")
    before = world.tables()

    reply = cancelled(world, order_id)

    assert (reply.status, reply.problem, reply.errors[0][0]) == (409, "not-allowed", "/lines")
    assert world.tables() == before


def test_a_cancel_of_everything_names_the_units_that_left_and_releases_the_money_of_the_rest(world: World):
    order_id = released(world)
    assert world.step(order_id, "ship", 1, {"lines": [{"line_id": "1", "quantity": 1}]}).status == 200
    world.settle()

    first = world.change(order_id, "cancel", {"reason": "too late"}, key="k-1")
    again = world.change(order_id, "cancel", {"reason": "too late"}, key="k-1")
    world.settle()
    over = world.change(order_id, "cancel", {"reason": "too late"})

    assert first.status == 200
    assert first.body["not_cancelled"] == [{"line_id": "1", "quantity": 1, "status": "SHIPPED", "reason": "left"}]
    assert again.body == first.body
    assert (over.status, over.problem) == (409, "not-allowed")
    order = world.order(order_id)
    assert order["quantities"] == {"SHIPPED": 1, "CANCELLED": 2}
    paid = order["payments"][0]
    assert (paid["captured"]["amount"], paid["released"]["amount"]) == (1000, 2000)
    assert broken(world.tables()) == []


def test_a_quantity_above_the_lines_units_is_refused_at_the_field_that_was_sent(world: World):
    world.stocked("TEA-001", dc_1=10)
    order_id = world.placed(
        {"line_id": "a", "sku": "TEA-001", "quantity": 1}, {"line_id": "b", "sku": "TEA-001", "quantity": 1}
    )
    world.settle()
    lines = [{"line_id": "b", "quantity": 1}, {"line_id": "a", "quantity": 2}]

    declined = world.step(order_id, "decline", body={"reason": "DAMAGED", "lines": lines})
    taken_back = world.change(order_id, "cancel", {"reason": "too many", "lines": lines})

    assert declined.errors == taken_back.errors == [("/lines/1/quantity", "not-allowed")]


@pytest.mark.parametrize(
    ("lines", "pointer", "code"),
    [
        ([{"line_id": "9", "quantity": 1}], "/lines/0/line_id", "unknown-line"),
        ([{"line_id": "1", "quantity": 1}] * 2, "/lines/1/line_id", "duplicate"),
        ([{"line_id": "1", "quantity": 0}], "/lines/0/quantity", "greater-than-equal"),
    ],
)
def test_a_cancel_of_unknown_lines_names_them(world: World, lines: Any, pointer: str, code: str):
    order_id = released(world)

    reply = world.change(order_id, "cancel", {"reason": "x", "lines": lines})

    assert (reply.status, reply.errors) == (422, [(pointer, code)])


def test_the_cancel_comes_first_and_the_picker_is_told(world: World):
    order_id = released(world)
    world.steps(order_id, "accept")
    etag = world.call("GET", f"/v1/orders/{order_id}").etag

    assert cancelled(world, order_id, etag=etag).status == 200
    picked = world.step(order_id, "pick")
    world.settle()

    assert (picked.status, picked.problem) == (409, "not-allowed")
    assert world.order(order_id)["status"] == "CANCELLED"
    assert broken(world.tables()) == []


def test_the_pick_comes_first_and_the_customer_must_look_again(world: World):
    order_id = released(world)
    world.steps(order_id, "accept")
    etag = world.call("GET", f"/v1/orders/{order_id}").etag

    world.steps(order_id, "pick", "pack")
    late = cancelled(world, order_id, etag=etag)
    informed = cancelled(world, order_id)
    world.settle()

    assert (late.status, late.problem) == (412, "if-match-stale")
    assert informed.status == 409
    assert world.order(order_id)["status"] == "PACKED"
    assert broken(world.tables()) == []


def test_two_reservations_of_one_sku_at_one_node_on_two_days_are_cancelled_together(world: World):
    world.stocked("TEA-001", dc_1=2)
    order_id = world.placed(("TEA-001", 3))
    world.settle()
    world.pass_time(86_400)
    world.stocked("TEA-001", dc_1=2)
    path = f"/v1/queues/backorder/items/{order_id}.backorder/resolve"
    assert world.call("POST", path, {"answer": "retry"}, who="sales").status == 200
    world.settle()
    assert world.order(order_id)["quantities"] == {"RELEASED": 3}

    assert cancelled(world, order_id).status == 200
    world.settle()

    assert broken(world.tables()) == []


def test_a_person_decides_when_too_many_nodes_have_declined(world: World):
    for n in range(3, 6):
        world.node(f"dc-{n}", (40.0 + n, -80.0))
    packs.rebuild()
    directory.forget()
    world.stocked("TEA-001", dc_1=1, dc_2=1, dc_3=1, dc_4=1, dc_5=1)
    order_id = world.placed(("TEA-001", 1))

    for number in range(1, 5):
        world.settle()
        assert world.step(order_id, "decline", number, {"reason": "OTHER"}).status == 200
    world.settle()

    nodes = [f["node_id"] for f in world.order(order_id)["fulfillments"]]
    assert len(set(nodes)) == len(nodes) == 4
    (item,) = world.call("GET", "/v1/queues/routing", who="sales").body["items"]
    assert (item["order_id"], item["reason"]) == (order_id, "too-many-declines")
    assert broken(world.tables()) == []
