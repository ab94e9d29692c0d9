"""Give the mail tests an order with its contact, the events that arrive, and the requests that SES got."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from comanda.aws.customers import customers
from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys
from comanda.aws.events import bus, streams
from comanda.aws.orders import invoices, orders
from comanda.aws.orders.orders import Saving
from comanda.aws.runtime.clients import client
from comanda.domain.billing import invoices as invoicing
from comanda.domain.lifecycle.node_work.ship import ship
from comanda.domain.lifecycle.place import place_order
from comanda.domain.orders.decision import Decision, Event
from comanda.domain.orders.order import Order
from functions.notify.handler import handler
from tests.builders import NOW, a_shipment, a_step, offered

PAGE = "https://api.example/live/v1/s/token"
ANA = {
    "customer": {"name": "Ana Canary Souza", "email": "ana.canary@example.com"},
    "ship_to": {
        "name": "Ana Canary Souza",
        "line1": "12 Canary Street",
        "city": "Columbus",
        "region": "OH",
        "postal_code": "43004",
        "country": "US",
    },
}


class Crash(BaseException):
    """End the process here: no code after it runs."""


@dataclass
class Outbox:
    """Keep the requests to SES, and let the process die before or after some of them. `waits` are the seconds in which
    messages that failed come again."""

    mails: list[dict[str, Any]] = field(default_factory=list)
    waits: list[int] = field(default_factory=list)
    dies_before: int = 0
    dies_after: int = 0

    def on_request(self, params: dict[str, Any], **_: Any) -> None:
        if self.dies_before:
            self.dies_before -= 1
            raise Crash
        self.mails.append(json.loads(params["body"]))

    def on_answer(self, **_: Any) -> None:
        if self.dies_after:
            self.dies_after -= 1
            raise Crash

    def on_message(self, params: dict[str, Any], **_: Any) -> None:
        self.waits.append(json.loads(params["body"])["VisibilityTimeout"])

    @property
    def subjects(self) -> list[str]:
        return sorted(mail["Content"]["Simple"]["Subject"]["Data"] for mail in self.mails)

    def one(self) -> tuple[str, str, str]:
        """Return the subject, HTML and text of the only mail."""
        (mail,) = self.mails
        simple = mail["Content"]["Simple"]
        return simple["Subject"]["Data"], simple["Body"]["Html"]["Data"], simple["Body"]["Text"]["Data"]


@pytest.fixture
def outbox(aws: Any) -> Iterator[Outbox]:
    """Give a shop named Tea & Co with a counter in Columbus, and all mails that it sends."""
    aws.put("Directory", **keys.entry(directory.CHANNEL, "web"), id="web", doc=json.dumps({"name": "Tea & Co"}))
    aws.put("Directory", **keys.entry(directory.NODE, "store-7"), id="store-7", doc=json.dumps({"name": "Store 7"}))
    carrier = {"name": "UPS", "tracking_url": "https://www.ups.com/track?tracknum={number}"}
    aws.put("Directory", **keys.entry(directory.CARRIER, "ups"), id="ups", doc=json.dumps(carrier))
    ses, kept = client("sesv2"), Outbox()
    ses.create_email_identity(EmailIdentity="orders@shop.example")
    sqs = client("sqs")
    sqs.create_queue(QueueName="milestones")
    hooks = (
        (ses, "before-call.sesv2", kept.on_request),
        (ses, "after-call.sesv2", kept.on_answer),
        (sqs, "before-call.sqs.ChangeMessageVisibility", kept.on_message),
    )
    for service, name, hook in hooks:
        service.meta.events.register(name, hook)
    yield kept
    for service, name, hook in hooks:
        service.meta.events.unregister(name, hook)


def store(decision: Decision, before: Order | None = None, contact: dict[str, Any] | None = None) -> Order:
    """Save the decision as a door does; a new order is saved with its contact."""
    if before is not None:
        return orders.save(before, decision)
    also = [customers.write(decision.order.order_id, 1, contact or ANA, decision.event.at)]
    return orders.save(None, Saving(decision=decision, also=also))


def placed(order: Order, *kinds: Any, contact: dict[str, Any] | None = None) -> Order:
    return store(place_order(order, kinds, "shop", NOW), contact=contact)


def given_out(order: Order) -> Order:
    """Save the order with its units offered to a node."""
    routed = replace(offered(order), version=order.version)
    return orders.save(order, Decision(order=routed, event=Event(type="routed", actor="t", at=NOW, data={})))


def unstocked(decision: Decision) -> Decision:
    """Return the decision without its movements of stock, because a mail needs no shelf."""
    return replace(decision, stock=())


def shipped(order: Order, *packages: Any, invoice: bool = True, **units: int) -> Order:
    """Return the order with these units of its first fulfillment shipped, and invoiced if `invoice`."""
    order = given_out(order)
    order = orders.save(order, unstocked(ship(order, a_step(**units), a_shipment("S1", *packages))))
    if invoice:
        gone = {line.line_id: units.get(f"l{line.line_id}", 0 if units else line.quantity) for line in order.lines}
        billed, made = invoicing.invoice(
            order, {k: q for k, q in gone.items() if q}, number=1, fulfillment=1, series="dc-1", at=NOW
        )
        decision = Decision(order=billed, event=Event(type="invoiced", actor="t", at=NOW, data={}))
        order = orders.save(order, Saving(decision=decision, also=[invoices.write(made, order.channel)]))
    return order


def events(order_id: str, *types: str) -> list[dict[str, Any]]:
    """Return the order's events as the relay puts them on the bus."""
    rows = orders.children(order_id, "E#")
    return [bus.cloud_event(streams.order_event(row)) for row in rows if not types or row["type"] in types]


def deliver(*published: dict[str, Any]) -> None:
    """Pass events to the room as the queue of milestones does."""
    records = [
        {
            "messageId": f"m{n}",
            "receiptHandle": "r",
            "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:milestones",
            "body": json.dumps({"detail-type": event["type"], "source": "comanda.us1", "detail": event}),
            "attributes": {},
            "messageAttributes": {},
            "awsRegion": "us-east-1",
        }
        for n, event in enumerate(published)
    ]
    handler({"Records": records}, None)


def notify(order: Order, number: int = 1) -> None:
    """Call the room as the fulfillment's machine does."""
    handler({"order_id": order.order_id, "fulfillment": number, "state": "Notify"}, None)


def mail_rows(aws: Any, order: Order) -> dict[str, dict[str, Any]]:
    return {row["sk"]: row for row in aws.items("Orders", f"O#{order.order_id}", "M#")}


def logged_text(caplog: pytest.LogCaptureFixture) -> str:
    """Return the whole log, with its fields."""
    return " ".join(str(vars(record)) for record in caplog.records)


def amounts(html: str) -> list[str]:
    """Return the texts of the column of amounts, top to bottom."""
    return re.findall(r'<td class="number(?: sum)?">([^<]*\d[.,]\d\d)</td>', html)
