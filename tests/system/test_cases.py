"""A shop opens a case, the office works on it, the customer answers by mail: on the deployed stage, from outside."""

import uuid
from typing import Any

from tests.system.retailer import line
from tests.system.world import DeployedWorld, eventually, refused


def _mail(world: DeployedWorld, **changes: Any) -> Any:
    mail = {"message_id": f"<{uuid.uuid4()}@mail.example>", "from": "ada@example.org", "text": "Here I am.", **changes}
    return world.clients["mailbox"].post("/v1/case-mails", mail)


def test_a_case_goes_from_a_shop_to_the_office_and_a_customer_answers_by_mail(world: DeployedWorld):
    order = world.routed(world.place_order(line(world.sku(dc_east=1))))
    path = f"/v1/orders/{order['order_id']}/cases"

    case = world.shop.post(path, {"kind": "ADDRESS", "text": "I have moved.", "line_ids": ["1"]})
    name = f"/v1/cases/{case['case_id']}"
    world.office.post(f"{name}/wait", {"for": "CUSTOMER", "text": "Where to?", "internal": False})
    token = world.office.get(name)["reply_token"]
    assert _mail(world, reply_token=token, text="To Elm St. My card is 4111 1111 1111 1111.")["result"] == "ADDED"
    assert world.office.post(f"{name}/close", {"outcome": "CORRECTED"})["status"] == "CLOSED"

    found = world.shop.get(name)
    assert [text["text"] for text in found["items"]] == [
        "I have moved.",
        "Where to?",
        "To Elm St. My card is •••• •••• •••• 1111.",
    ]
    assert [event["type"] for event in found["events"]] == ["opened", "waiting", "noted", "closed"]
    assert world.office.get("/v1/cases", order_id=order["order_id"])["items"][0]["case_id"] == case["case_id"]
    assert refused(lambda: world.clients["market"].get(name)).status == 404
    assert refused(lambda: world.clients["market"].post(path, {"kind": "LATE", "text": "x"})).status == 404

    def types_on_the_bus() -> set[str]:
        mine = (event for event in world.overheard() if event["detail"]["subject"] == case["case_id"])
        return {event["detail-type"] for event in mine}

    eventually(lambda: len(types_on_the_bus()) == 4, "the events of the case are on the bus")
    world.rested()


def test_a_mail_that_proves_nothing_opens_a_case_without_an_order(world: DeployedWorld):
    opened = _mail(world, authentication_results="mx; dmarc=fail header.from=example.org")

    assert opened["result"] == "OPENED"
    assert world.office.get(f"/v1/cases/{opened['case_id']}")["order_id"] is None
    assert _mail(world, headers=[{"name": "Auto-Submitted", "value": "auto-replied"}])["reason"] == "automatic"
