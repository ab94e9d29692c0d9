"""A canary: the name and the address of a customer are found in the Customers table and nowhere else."""

import json
import logging
import traceback
from dataclasses import dataclass, field
from importlib import import_module
from io import StringIO
from types import SimpleNamespace
from typing import Any, Self

import pytest

from comanda.aws.dynamodb.items import unpack
from comanda.aws.runtime.clients import client
from comanda.aws.runtime.room import Fault
from comanda.domain.errors import Busy, ComandaError, Edge
from tests import faults
from tests.functions.world import Reply, World, a_body

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
        "region": "GA",
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
ROOMS = (
    "intake",
    "customers",
    "conduct",
    "relay",
    "route",
    "wait",
    "release",
    "invoice",
    "fulfill",
    "notify",
    "sweep",
    "documents",
    "cases",
)


REFUSED = "ValidationException"


@dataclass
class Refusals:
    """AWS refuses the first call of each kind that each room makes, and quotes all that it was sent and who the customer is."""

    world: World
    seen: set[tuple[str, str]] = field(default_factory=set)
    said: list[str] = field(default_factory=list)  # all that left a room
    room: str = ""

    def __enter__(self) -> Self:
        run = self.world.hops.invoke

        def invoke(room: str, payload: dict[str, Any]) -> Any:
            while True:
                self.room = room
                try:
                    return run(room, payload)
                except (Fault, ComandaError) as error:
                    self.said += [*traceback.format_exception(error), json.dumps(payload)]
                    if room in ("route", "wait", "release", "invoice") or isinstance(error, Edge | Busy):
                        raise  # a machine has its own ways on

        self.world.hops.invoke = invoke  # type: ignore[method-assign]
        self.world.hops.begin = self._begin
        for service in faults.SERVICES:
            hook = f"before-call.{faults.service_id(service)}"
            client(service).meta.events.register_first(hook, self._refuse, unique_id="refusals")
        return self

    def __exit__(self, *_: object) -> None:
        for service in faults.SERVICES:
            client(service).meta.events.unregister(f"before-call.{faults.service_id(service)}", unique_id="refusals")

    def call(self, *asked: Any, **more: Any) -> Reply:
        """A request by somebody who asks again after each answer of 5xx."""
        reply = self.world.call(*asked, **more)
        while reply.status >= 500:
            self.said.append(json.dumps([reply.body, reply.headers]))
            assert reply.problem == "internal"
            reply = self.world.call(*asked, **more)
        return reply

    def _begin(self, room: str) -> None:
        self.room = room

    def _refuse(self, model: Any, params: dict[str, Any], **_: Any) -> Any:
        if (self.room, model.name) in self.seen:
            return None
        self.seen.add((self.room, model.name))
        text = f"{params.get('body')} is not valid for {json.dumps(PEOPLE)}"
        refused = {"Error": {"Code": REFUSED, "Message": text}, "Item": PEOPLE, "ResponseMetadata": {}}
        return SimpleNamespace(status_code=400), refused


def test_no_room_repeats_the_words_of_an_aws_refusal(world: World, logs: StringIO, capfd: pytest.CaptureFixture[str]):
    world.stocked("TEA-001", dc_1=3, dc_2=200)
    body = a_body(("TEA-001", 20), **PEOPLE)

    with Refusals(world) as refusals:
        order_id = refusals.call("POST", "/v1/orders", body, key="k").body["order_id"]
        for _ in range(20):
            world.settle()
            for item in refusals.call("GET", "/v1/queues/exceptions", who="office").body["items"]:
                refusals.call(
                    "POST", f"/v1/queues/exceptions/items/{item['item_id']}/resolve", {"answer": "retry"}, who="office"
                )
            for row in refusals.call("GET", f"/v1/orders/{order_id}", who="office").body["fulfillments"]:
                for step in ("accept", "pick", "ship") if row["status"] == "OFFERED" else ():
                    refusals.call("POST", f"/v1/fulfillments/{row['fulfillment_id']}/{step}", {}, who="office")
            world.hops.invoke("sweep", {})
            world.pass_time(60)
    tables = world.tables()

    assert {room for room, _ in refusals.seen} >= {
        "conduct",
        "fulfill",
        "intake",
        "invoice",
        "notify",
        "relay",
        "route",
    }
    assert ("notify", "SendEmail") in refusals.seen
    assert world.order(order_id)["status"] == "SHIPPED"
    assert "mail_failed" in [row["type"] for row in world.order_items(order_id, "E#")]
    assert world.waiting(order_id) == []
    elsewhere = {
        **{name: [_text(row) for row in rows] for name, rows in tables.items() if name != "Customers"},
        "errors": refusals.said,
        "executions": [str(execution) for execution in world.hops.machines.executions.values()],
        "logs": [logs.getvalue(), *capfd.readouterr()],
    }
    assert REFUSED in "".join(refusals.said)
    assert f'"error":"{REFUSED}"' in logs.getvalue()
    for where, texts in elsewhere.items():
        for canary in CANARIES:
            assert not [text for text in texts if canary.casefold() in text.casefold()], (where, canary)


@pytest.fixture
def logs() -> StringIO:
    """Collect everything that the rooms log."""
    logged = StringIO()
    for module in ("comanda.aws.runtime.room", *(f"functions.{room}.handler" for room in ROOMS)):
        logger = import_module(module).__dict__.get("logger")
        for handler in logging.getLogger(logger.name if logger else "").handlers if logger else ():
            if isinstance(handler, logging.StreamHandler):
                handler.setStream(logged)
    return logged


def test_a_canary_is_found_in_customers_and_nowhere_else(
    world: World, logs: StringIO, capfd: pytest.CaptureFixture[str]
):
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
        "logs": [logs.getvalue(), *capfd.readouterr()],
    }
    assert {where: len(texts) for where, texts in elsewhere.items() if texts} == {
        where: len(texts) for where, texts in elsewhere.items()
    }
    assert "placed" in logs.getvalue()
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
    answers += _cases(world, order_id)
    answers.append(world.call("GET", f"/v1/orders/{order_id}"))
    answers.append(world.call("GET", f"/v1/orders/{order_id}/events"))
    answers.append(world.call("GET", f"/v1/orders/{order_id}/decisions", who="office"))
    (invoice, *_) = answers[-3].body["invoices"]
    answers.append(world.call("GET", f"/v1/invoices/{invoice}/pdf", who="office"))
    assert answers[-1].status == 303
    return [json.dumps([answer.body, answer.headers]) for answer in answers]


def _cases(world: World, order_id: str) -> list[Reply]:
    """Open and close cases whose words are personal, by the shop, the office and mails, rightly and wrongly."""
    path, words = f"/v1/orders/{order_id}/cases", {"kind": "LATE", "text": "Canary Nightingale asks: canary-note"}
    mail = {
        "message_id": "<canary-31415@nightingale.example>",
        "from": "Canary <canary@nightingale.example>",
        "subject": "Canary",
        "text": "canary-note 4111 1111 1111 1111",
        "authentication_results": "mx; dmarc=pass header.from=nightingale.example",
        "headers": [{"name": "Received", "value": "from Canary"}],
    }
    answers = [
        world.call("POST", path, words),
        world.call("POST", path, {**words, "kind": "Canary", "surprise": "Canary"}),
        world.call("POST", path, {**words, "text": "canary-note 4111 1111 1111 1111"}),
        world.call("POST", "/v1/case-mails", mail, who="mailbox"),
        world.call("POST", "/v1/case-mails", mail, who="mailbox"),
        world.call("POST", "/v1/case-mails", {**mail, "from": "Canary", "format": "Canary"}, who="mailbox"),
    ]
    case_id = answers[0].body["case_id"]
    answers.append(world.call("POST", f"/v1/cases/{case_id}/note", {"text": "Canary again"}, who="office"))
    answers.append(
        world.call("POST", f"/v1/cases/{case_id}/close", {"outcome": "ANSWERED", "text": "Canary"}, who="office")
    )
    answers.append(world.call("GET", "/v1/cases", who="office", query={"order_id": order_id}))
    assert [answer.status for answer in answers] == [201, 422, 422, 201, 200, 422, 200, 200, 200]
    world.settle()
    world.pass_time(90_000)
    world.sweep()
    assert {event["type"] for event in world.hops.published} >= {"comanda.case.opened.v1", "comanda.case.overdue.v1"}
    return answers


def _text(row: dict[str, Any]) -> str:
    packed = {name: unpack(value) if isinstance(value, bytes) else value for name, value in row.items()}
    return json.dumps(packed, default=str)
