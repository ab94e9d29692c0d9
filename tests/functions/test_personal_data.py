"""A canary: who the customer is, and where they live, is found in Customers and nowhere else."""

import json
import logging
from importlib import import_module
from io import StringIO
from typing import Any

import pytest

from comanda.aws.items import unpack
from tests.functions.world import World, a_body

CANARIES = ("Canary", "canary-note", "Nightingale", "31415")
PEOPLE: dict[str, Any] = {
    "customer": {
        "name": "Canary Nightingale",
        "email": "canary@nightingale.example",
        "phone": "+1 555 31415",
        "tax_id": "CANARY-31415",
    },
    "ship_to": {
        "name": "Canary Nightingale",
        "line1": "31415 Canary Wharf",
        "line2": "Nightingale wing",
        "city": "Canary City",
        "region": "IL",
        "postal_code": "31415-0001",
        "country": "US",
    },
    "bill_to": {
        "name": "Canary Nightingale",
        "line1": "31415 Canary Wharf",
        "city": "Canary City",
        "postal_code": "31415-0001",
        "country": "US",
    },
    "note": "canary-note: ring twice",
    "gift": "from Canary",
    "attributes": {"wishes": "canary-note"},
}
ROOMS = ("intake", "conduct", "relay", "route", "wait", "release", "invoice", "fulfill", "notify", "sweep", "documents")


def test_a_canary_is_found_in_customers_and_nowhere_else(world: World, capfd: pytest.CaptureFixture[str]):
    logged = StringIO()
    for room in ROOMS:
        logger = import_module(f"functions.{room}.handler").__dict__.get("logger")
        for handler in logging.getLogger(logger.name if logger else "").handlers if logger else ():
            if isinstance(handler, logging.StreamHandler):
                handler.setStream(logged)
    answers = _lived(world)

    tables = world.tables()
    sung = [_text(row) for row in tables["Customers"]]
    assert all(canary in "".join(sung) for canary in CANARIES)
    elsewhere = {
        **{name: [_text(row) for row in rows] for name, rows in tables.items() if name != "Customers"},
        "the stream": [json.dumps(row, default=str) for row in world.hops.events()],
        "events": [json.dumps(event) for event in world.hops.published],
        "executions": [*world.hops.inputs, *(str(e) for e in world.hops.machines.executions.values())],
        "names of mails": [str(mail["EmailTags"]) for mail in world.hops.sent],
        "answers": answers,
        "logs": [logged.getvalue(), *capfd.readouterr()],
    }
    assert {where: len(texts) for where, texts in elsewhere.items() if texts} == {
        where: len(texts) for where, texts in elsewhere.items()
    }
    assert "placed" in logged.getvalue()
    for where, texts in elsewhere.items():
        for canary in CANARIES:
            assert not [text for text in texts if canary.casefold() in text.casefold()], (where, canary)
    assert len(world.hops.sent) >= 3


def _lived(world: World) -> list[str]:
    """Every way that an order can go: split, reviewed, declined, part cancelled, shipped, refused, repeated, in error."""
    world.hold_type()
    world.stocked("TEA-001", dc_1=3, dc_2=200)
    body = a_body(("TEA-001", 150), **PEOPLE)
    answers = [world.call("POST", "/v1/orders", body, key="k") for _ in range(2)]
    order_id = answers[0].body["order_id"]
    answers.append(world.call("POST", "/v1/orders", {**body, "totals": body["totals"] | {"tax": 1}}, key="l"))
    answers.append(world.call("POST", "/v1/orders", {**body, "note": "canary-note 4111 1111 1111 1111"}, key="m"))
    answers.append(world.call("POST", "/v1/orders", {**body, "customer": "Canary"}, key="n"))
    answers.append(world.call("POST", "/v1/orders", {**body, "external_id": "X", "surprise": "Canary"}, key="o"))
    world.settle()
    world.change(order_id, "confirm")
    world.settle()
    part = {"reason": "too many", "lines": [{"line_id": "1", "quantity": 2}]}
    answers.append(world.change(order_id, "cancel", part))
    world.settle()
    world.step(order_id, "decline", 1, {"reason": "NO_CAPACITY"})
    world.settle()
    for fulfillment in world.order(order_id)["fulfillments"]:
        if fulfillment["status"] == "OFFERED":
            world.steps(order_id, "accept", "pick", "ship", number=int(fulfillment["fulfillment_id"][-3:]))
    world.settle()
    world.pass_time(90_000)
    world.sweep()
    answers.append(world.call("GET", f"/v1/orders/{order_id}"))
    answers.append(world.call("GET", f"/v1/orders/{order_id}/events"))
    answers.append(world.call("GET", f"/v1/orders/{order_id}/decisions", who="office"))
    assert answers[-3].body["invoices"]
    return [json.dumps([answer.body, answer.headers]) for answer in answers]


def _text(row: dict[str, Any]) -> str:
    packed = {name: unpack(value) if isinstance(value, bytes) else value for name, value in row.items()}
    return json.dumps(packed, default=str)
