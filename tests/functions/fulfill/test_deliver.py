"""A carrier's end of a shipment through the doors: delivered, lost, sent again, found, also after the order's end."""

from typing import Any

import pytest

from comanda.aws.dynamodb import keys
from tests.functions.world import World, usd
from tests.invariants import broken

PARCELS = [
    {"package_id": "P1", "tracking_number": "1Z1", "contents": [{"line_id": "1", "quantity": 2}]},
    {"package_id": "P2", "tracking_number": "1Z2", "contents": [{"line_id": "1", "quantity": 1}]},
]


def shipped(world: World, *parcels: Any, settle: bool = True) -> str:
    world.stocked("TEA-001", dc_1=10)
    order_id = world.placed(("TEA-001", 3))
    world.settle()
    assert world.step(order_id, "ship", 1, {"packages": list(parcels)} if parcels else {}).status == 200
    if settle:
        world.settle()
    return order_id


def answered(world: World, order_id: str, answer: str, key: str | None = "", **more: str) -> Any:
    (loss,) = world.order(order_id)["losses"]
    path = f"/v1/queues/lost/items/{loss['item_id']}/resolve"
    return world.call("POST", path, {"answer": answer, **more}, who="sales", key=key)


def is_open(world: World, order_id: str) -> bool:
    return bool(world.order_items(order_id, keys.open_row(order_id)["sk"]))


def mails(world: World, kind: str) -> list[Any]:
    return [mail for mail in world.hops.sent if kind in str(mail["EmailTags"])]


def test_a_delivery_after_the_books_closed_completes_the_order_and_is_mailed_once(world: World):
    order_id = shipped(world, *PARCELS)
    assert not is_open(world, order_id)

    first = world.step(order_id, "deliver", 1, {"packages": ["P2"]}, who="dc-1-system")
    world.settle()
    assert (first.status, first.body["status"], mails(world, "delivered")) == (200, "SHIPPED", [])
    rest = world.step(order_id, "deliver", 1, {"delivered_at": "2026-11-19T12:00:00Z"}, who="sales")
    assert is_open(world, order_id)  # until its event is on the bus
    world.settle()
    again = world.step(order_id, "deliver", 1, {"packages": ["P1"]})
    world.settle()

    assert (rest.body["status"], rest.body["delivered_at"]) == ("DELIVERED", "2026-11-19T12:00:00.000Z")
    assert [p["delivered_at"] is not None for p in again.body["packages"]] == [True, True]
    assert again.headers["ETag"] == rest.etag
    assert world.order(order_id)["status"] == "COMPLETED"
    assert len(mails(world, "delivered")) == 1
    assert not is_open(world, order_id)
    assert broken(world.tables()) == []


def test_a_delivery_whose_event_was_lost_is_published_by_the_sweep(world: World):
    order_id = shipped(world)
    world.hops.stopped |= {"conduct", "relay"}
    world.step(order_id, "deliver")
    world.settle()
    assert mails(world, "delivered") == []

    world.pass_time(360)
    world.sweep()

    assert len(mails(world, "delivered")) == 1
    world.pass_time(360)
    world.sweep()
    assert not is_open(world, order_id)


def test_a_shipment_may_be_delivered_before_it_is_invoiced(world: World):
    order_id = shipped(world, settle=False)

    assert world.step(order_id, "deliver").status == 200
    world.settle()

    order = world.order(order_id)
    assert (order["status"], len(order["invoices"])) == ("COMPLETED", 1)
    assert not is_open(world, order_id)
    assert broken(world.tables()) == []


def test_lost_units_are_sent_again_by_an_order_without_a_price(world: World):
    order_id = shipped(world, *PARCELS)
    lost = world.step(order_id, "lose", 1, {"packages": ["P1"], "reason": "CARRIER_LOST"}, who="sales")
    assert lost.status == 200
    assert world.waiting(order_id) == ["lost"]

    reply = answered(world, order_id, "resend", "again")
    assert answered(world, order_id, "resend", "again").body == reply.body
    world.settle()

    (loss,) = world.order(order_id)["losses"]
    new = world.order(loss["replacement_order_id"])
    assert (new["kind"], new["external_id"]) == ("REPLACEMENT", f"{world.order(order_id)['external_id']}-R1")
    assert new["replaces"] == [{"order_id": order_id, "line_id": "1", "quantity": 2}]
    assert (new["totals"]["total"]["amount"], new["payments"]) == (0, [])
    assert (new["status"], new["customer_id"]) == ("RELEASED", world.order(order_id)["customer_id"])
    assert len(mails(world, "placed")) == 2
    assert world.waiting(order_id) == []
    world.steps(new["order_id"], "accept", "ship", "deliver")
    world.settle()
    assert world.order(new["order_id"])["status"] == "COMPLETED"
    assert broken(world.tables()) == []


@pytest.mark.parametrize("who", ["shop", "sales", "office"])
def test_an_order_that_sends_lost_units_again_takes_no_more_than_was_lost(world: World, who: str):
    world.stocked("TEA-001", dc_1=50)
    order_id = shipped(world, *PARCELS)
    world.step(order_id, "lose", 1, {"packages": ["P1"], "reason": "CARRIER_LOST"})
    answered(world, order_id, "resend")
    world.settle()
    (loss,) = world.order(order_id)["losses"]
    again, before = loss["replacement_order_id"], world.tables()
    free = {"line_id": "9", "sku": "TEA-001", "quantity": 1, "unit_price": usd(0)}

    for change in (
        {"modification": "quantity", "line_id": "1", "quantity": 50},
        {"modification": "add_line", "lines": [free]},
    ):
        asked = {"changes": [change], "reason": "more"}
        assert world.change(again, "changes", asked, who=who).problem == "not-allowed"
    assert world.tables()["Stock"] == before["Stock"]
    rows = world.call("GET", f"/v1/orders/{again}/allowed-changes", who=who).body["changes"]
    denied = {row["modification"] for row in rows if "replacement" in [denial["code"] for denial in row["denials"]]}
    assert denied == {"quantity", "add_line"}


@pytest.mark.parametrize("priority", [1, 5, 9])
def test_units_that_are_sent_again_wait_in_line_as_those_of_every_order(world: World, priority: int):
    order_id = shipped(world)
    world.step(order_id, "lose", 1, {"reason": "CARRIER_LOST"})
    lost = world.order(order_id)["lines"][0]["quantity"]
    left = sum(row["free"] for row in world.call("GET", "/v1/stock/TEA-001", who="office").body["positions"])
    waits = world.placed(("TEA-001", left + lost), priority=priority)
    world.settle()
    assert "BACKORDERED" in world.order(waits)["quantities"]
    world.pass_time(60)

    answered(world, order_id, "resend")
    world.settle()
    (loss,) = world.order(order_id)["losses"]
    again = loss["replacement_order_id"]
    assert world.order(again)["quantities"] == {"BACKORDERED": lost}
    assert broken(world.tables()) == []
    world.stocked("TEA-001", dc_1=lost)
    world.settle()

    first, second = (again, waits) if priority > 5 else (waits, again)
    assert "BACKORDERED" not in world.order(first)["quantities"]
    assert "BACKORDERED" in world.order(second)["quantities"]
    assert broken(world.tables()) == []


def test_the_name_of_a_replacement_is_one_that_the_channel_has_not_used(world: World):
    order_id = shipped(world)
    name = world.order(order_id)["external_id"]
    world.placed(external_id=f"{name}-R1")
    world.step(order_id, "lose", 1, {"reason": "DESTROYED"})

    assert answered(world, order_id, "resend").status == 200

    (loss,) = world.order(order_id)["losses"]
    assert world.order(loss["replacement_order_id"])["external_id"] == f"{name}-R2"


def test_a_refund_waits_until_a_person_says_that_it_was_paid(world: World):
    order_id = shipped(world)
    world.step(order_id, "lose", 1, {"reason": "NOT_ARRIVED"})

    assert answered(world, order_id, "refund").status == 200
    world.settle()

    assert world.waiting(order_id) == ["refunds"]
    assert world.order(order_id)["payments"][0]["refunded"]["amount"] == 0
    (item,) = world.call("GET", "/v1/queues/refunds", who="office").body["items"]
    path = f"/v1/queues/refunds/items/{item['item_id']}/resolve"
    assert world.call("POST", path, {"answer": "done"}, who="office").status == 200
    assert world.waiting(order_id) == []
    assert answered(world, order_id, "refund").status == 404


def test_a_claim_needs_a_reference_and_keeps_the_item(world: World):
    order_id = shipped(world)
    world.step(order_id, "lose", 1, {"reason": "NOT_ARRIVED"})

    assert answered(world, order_id, "claim").errors == [("/reference", "missing")]
    assert answered(world, order_id, "refund", reference="C-1").errors == [("/reference", "not-taken")]
    assert answered(world, order_id, "claim", reference="C-1").status == 200

    assert world.waiting(order_id) == ["lost"]
    events = world.call("GET", f"/v1/orders/{order_id}/events", who="office").body["items"]
    assert events[-1]["data"]["reference"] == "C-1"
    world.settle()
    assert broken(world.tables()) == []


def test_chosen_losses_are_sent_again_together(world: World):
    orders = [shipped(world), shipped(world)]
    for order_id in orders:
        world.step(order_id, "lose", 1, {"reason": "DESTROYED"})
    items = [world.order(order_id)["losses"][0]["item_id"] for order_id in orders]

    refused = world.call("POST", "/v1/queues/lost/resolve", {"items": items, "answer": "claim"}, who="office")
    done = world.call("POST", "/v1/queues/lost/resolve", {"items": items, "answer": "resend"}, who="office")

    assert refused.errors == [("/answer", "unknown-answer")]
    assert [row["status"] for row in done.body["rows"]] == ["done", "done"]
    assert all(world.order(order_id)["losses"][0]["replacement_order_id"] for order_id in orders)


def test_lost_units_that_arrive_after_they_were_sent_again_ask_a_person(world: World):
    order_id = shipped(world)
    world.step(order_id, "lose", 1, {"reason": "NOT_ARRIVED"})
    answered(world, order_id, "resend")
    world.settle()

    assert world.step(order_id, "deliver").body["status"] == "LOST"
    world.settle()

    assert world.waiting(order_id) == ["lost"]
    (item,) = world.call("GET", "/v1/queues/lost", who="office").body["items"]
    assert item["reason"] == "found-after-resend"
    path = f"/v1/queues/lost/items/{item['item_id']}/resolve"
    assert world.call("POST", path, {"answer": "done"}, who="sales").status == 200
    assert world.waiting(order_id) == []


@pytest.mark.parametrize(
    ("step", "body", "status", "code"),
    [
        ("deliver", {"lines": [{"line_id": "1", "quantity": 1}], "packages": ["P1"]}, 422, "value-error"),
        ("deliver", {"packages": []}, 422, "too-short"),
        ("deliver", {"packages": ["P9"]}, 422, "unknown-package"),
        ("deliver", {"packages": ["P1", "P1"]}, 422, "duplicate"),
        ("deliver", {"lines": [{"line_id": "9", "quantity": 1}]}, 422, "unknown-line"),
        ("deliver", {"lines": [{"line_id": "1", "quantity": 4}]}, 409, "/lines/0/quantity"),
        ("deliver", {"delivered_at": "2026-12-19T12:00:00Z"}, 422, "in-the-future"),
        ("deliver", {"delivered_at": "2026-11-18T12:00:00Z"}, 422, "before-the-order"),
        ("lose", {}, 422, "missing"),
        ("lose", {"reason": "EATEN"}, 422, "literal-error"),
        ("lose", {"reason": "DESTROYED", "lines": [{"line_id": "1", "quantity": 4}]}, 409, "/lines/0/quantity"),
    ],
)
def test_a_report_that_does_not_fit_is_refused_and_changes_nothing(
    world: World, step: str, body: Any, status: int, code: str
):
    order_id = shipped(world, *PARCELS)
    before = world.tables()

    reply = world.step(order_id, step, 1, body)

    assert reply.status == status, reply.body
    assert code in str(reply.body)
    assert world.tables() == before


def test_a_node_or_partner_reports_its_own_shipments_alone(world: World):
    order_id = shipped(world)

    for stranger in ("dc-2-system", "rival", "other-picker"):
        assert world.step(order_id, "deliver", who=stranger).status == 404
        assert world.step(order_id, "lose", 1, {"reason": "DESTROYED"}, who=stranger).status == 404
    assert world.step(order_id, "deliver", who="shop").status == 403
    assert world.step(order_id, "deliver", who="picker").status == 200
