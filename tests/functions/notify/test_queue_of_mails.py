"""Test how a mail that could not be sent is shown to the people who work on orders."""

from types import SimpleNamespace
from typing import Any

import pytest

from comanda.aws.runtime.clients import client
from comanda.aws.runtime.room import Fault
from tests.functions.world import World


def refuses(**_: Any) -> Any:
    error = {
        "Code": "AccessDeniedException",
        "Message": "is not authorized to perform: ses:SendEmail on ada@example.org",
    }
    return SimpleNamespace(status_code=403), {"Error": error, "ResponseMetadata": {}}


def test_a_mail_that_failed_is_in_the_orders_history_and_in_a_queue_until_a_person_answers_it(world: World):
    world.stocked(dc_1=5)
    order_id = world.placed()
    client("sesv2").meta.events.register_first("before-call.sesv2", refuses, unique_id="refuses")
    try:
        with pytest.raises(Fault, match=r"ses:SendEmail is not granted"):
            world.settle()
    finally:
        client("sesv2").meta.events.unregister("before-call.sesv2", unique_id="refuses")

    (item,) = world.call("GET", "/v1/queues/mails", who="office").body["items"]
    events = world.call("GET", f"/v1/orders/{order_id}/events", who="office").body["items"]
    resolved = world.call("POST", f"/v1/queues/mails/items/{item['item_id']}/resolve", {"answer": "done"}, who="office")

    assert (item["order_id"], item["reason"], item["data"]["mail"]) == (order_id, "AccessDeniedException", "placed")
    assert [event["data"]["reason"] for event in events if event["type"] == "mail_failed"] == ["AccessDeniedException"]
    assert resolved.status == 200
    assert world.call("GET", "/v1/queues/mails", who="office").body["items"] == []


def test_a_person_is_asked_about_a_shipment_whose_mail_failed_with_the_code_of_ses(world: World):
    world.stocked(dc_1=5)
    order_id = world.placed()
    world.settle()
    world.steps(order_id, "accept", "pick")
    client("sesv2").meta.events.register_first("before-call.sesv2", refuses, unique_id="refuses")
    try:
        world.steps(order_id, "ship")
        world.settle()
    finally:
        client("sesv2").meta.events.unregister("before-call.sesv2", unique_id="refuses")

    (item,) = world.call("GET", "/v1/queues/exceptions", who="office").body["items"]
    assert (item["order_id"], item["reason"]) == (order_id, "AccessDeniedException")
