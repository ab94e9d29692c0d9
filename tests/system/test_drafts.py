"""A claimed cart keeps its units, each of its steps is on the bus, and an erasure takes its customer: on the deployed stage."""

import uuid
from typing import Any

from tests.system.retailer import CANARY, EAST, WEB, usd
from tests.system.world import DeployedWorld, eventually, refused


def _stored(world: DeployedWorld, sku: str, **more: Any) -> Any:
    name = f"{CANARY}-{uuid.uuid4().hex[:8]}"
    person = {"id": name, "name": CANARY, "email": f"{name}@example.com", "phone": "+1 312 555 0199"}
    line = {"line_id": "1", "sku": sku, "quantity": 2, "unit_price": usd(1_000), "tax_rate": "0.1"}
    head = {"channel": WEB, "currency": "USD", "locale": "en-US", "open_cart": True}
    return world.shop.post("/v1/drafts", {**head, "customer": person, "lines": [line], **more})


def test_a_claimed_cart_keeps_its_units_and_tells_its_steps(world: DeployedWorld):
    sku = world.sku(dc_east=9)
    line = {"sku": sku, "quantity": 2, "node_id": EAST}
    wanted = {"request_id": uuid.uuid4().hex, "kind": "SOFT", "ttl_seconds": 60, "channel": WEB, "lines": [line]}
    kept = world.shop.post("/v1/reservations", wanted)
    cart = _stored(world, sku, reservation_id=kept["reservation_id"])
    assert cart["totals"]["total"] == usd(2_200)
    path = f"/v1/drafts/{cart['draft_id']}"

    claimed = world.office.post(f"{path}/claim")
    stopped = refused(lambda: world.shop.post(f"{path}/abandon"))
    assert (stopped.status, stopped.document["title"]) == (409, "claimed")
    reserved = world.shop.get(f"/v1/reservations/{kept['reservation_id']}")
    assert reserved["expires_at"] >= claimed["claim"]["until"] > kept["expires_at"]
    world.office.post(f"{path}/release")
    world.shop.post(f"{path}/abandon")

    steps: dict[int, str] = {}

    def all_are_on_the_bus() -> bool:
        for event in world.overheard():
            detail = event["detail"]
            if detail["subject"] == cart["draft_id"]:
                steps[detail["sequence"]] = detail["data"]["step"]
                assert CANARY not in str(detail)
        return len(steps) == 4

    eventually(all_are_on_the_bus, "each step is on the bus")
    assert steps == {1: "created", 2: "claimed", 3: "released", 4: "abandoned"}
    assert [one["step"] for one in world.shop.get(f"{path}/events")["items"]] == [*steps.values()]


def test_an_erasure_takes_the_customer_from_a_cart(world: DeployedWorld):
    cart = _stored(world, world.sku(dc_east=1))
    customer_id, path = cart["customer_id"], f"/v1/drafts/{cart['draft_id']}"
    assert world.office.get(f"{path}/contact")["customer"]["name"] == CANARY

    assert world.office.delete(f"/v1/customers/{customer_id}")["drafts"] == 1

    assert world.office.get(f"{path}/contact") == {}
    assert world.office.get(path)["status"] == "ABANDONED"
    assert world.office.get("/v1/drafts", customer_id=customer_id)["items"] == []
