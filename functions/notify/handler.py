"""
Tell the customer, by mail, once for each fact.

Called by   statemachines/fulfillment.asl.json, state "Notify": {"order_id", "fulfillment"}: shipped, or handed over
            the queue of milestones, fed by the bus: CloudEvents of orders that were placed, confirmed, cancelled, rejected,
            routed, promised for later, given another date, backordered, or made ready for pickup
Returns     nothing: the rows `M#` say what was sent
Raises      MailClaimed (another attempt may be sending it), Throttled (-> retried); SES's code where it refuses (-> a person:
            the machine's question, or the queue `mails`, and the dead letters). A batch is done to its end, then its first
            error is raised: nothing is answered partially

A mail can go out twice in one window only; comanda/aws/orders/mails.py says which, and why.
"""

import json
from dataclasses import replace
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import MetricUnit, single_metric

from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys
from comanda.aws.events import streams
from comanda.aws.orders import customers, invoices, mails, orders
from comanda.aws.runtime import clock
from comanda.aws.runtime.room import room
from comanda.domain.orders.decision import EventType
from comanda.domain.orders.order import Order
from functions.notify import dates, rules
from functions.notify.failing import Visible
from functions.notify.render import render
from functions.notify.rules import Letter

CUSTOMER = "customer"  # the only role that is written to so far
_MILESTONE = "comanda.order."
_FIRST_ROUTE = 2  # the version of a route that only the placing of its order came before

logger = Logger()


@room
def handler(event: dict[str, Any], _context: object) -> None:
    if "Records" in event:
        _milestones(event["Records"])
        return
    order = orders.load(event["order_id"])
    _tell(order, _gone(order, event["fulfillment"]))


def _milestones(records: list[dict[str, Any]]) -> None:
    from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType  # a third of the room's start-up

    batch = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    with batch(records, _milestone):
        batch.process()
    for _kind, error, _trace in batch.exceptions:
        if error is not None:
            raise error


def _milestone(record: dict[str, Any]) -> None:
    event = json.loads(record["body"])["detail"]
    kind = event["type"].removeprefix(_MILESTONE).removesuffix(".v1")
    order_id, version = event["subject"], event["sequence"]
    if kind == EventType.ROUTED and version == _FIRST_ROUTE and not dates.left_waiting(event["data"]):
        return  # nearly every order: its nodes have all of it, and no date was told before
    with Visible(order_id, kind, version):
        order = orders.load(order_id)
        _tell(order, _letter(order, kind, version, event["data"]))


def _letter(order: Order, kind: str, version: int, data: dict[str, Any]) -> Letter | None:
    match kind:
        case EventType.PLACED | EventType.CONFIRMED:  # a draft is received when it is confirmed
            return rules.received(order) if rules.heard_of([(kind, data["status"])]) else None
        case EventType.CANCELLED | EventType.REJECTED:
            return rules.cancelled(order, version, data) if _heard_of(order, version) else None
        case EventType.READY:
            return rules.ready(order, data)
        case (
            EventType.ROUTED
            | EventType.PROMISED_LATER
            | EventType.REDATED
            | EventType.STOCK_ARRIVED
            | EventType.BACKORDERED
        ):
            return _delayed(order, version)
    return None


def _delayed(order: Order, version: int) -> Letter | None:
    history = [streams.order_event(row) for row in orders.children(order.order_id, "E#") if row["version"] <= version]
    if not rules.heard_of((event.type, event.status) for event in history):
        return None
    *_, now = dates.news((event.type, event.data) for event in history)
    return rules.delayed(order, version, now)


def _heard_of(order: Order, version: int) -> bool:
    """Whether the customer knew of the order before this version. Nearly always its first event says so."""
    first = orders.children(order.order_id, keys.event(order.order_id, 1)["sk"])
    return rules.heard_of(_known(first, version)) or rules.heard_of(
        _known(orders.children(order.order_id, "E#"), version)
    )


def _known(events: list[dict[str, Any]], version: int) -> list[tuple[str, str]]:
    return [(event["type"], event["status"]) for event in events if event["version"] < version]


def _gone(order: Order, number: int) -> Letter | None:
    invoice = order.fulfillment(number).invoice
    return rules.gone(order, number, None if invoice is None else invoices.view(order.order_id, invoice))


def _tell(order: Order, letter: Letter | None) -> None:
    fact = {"order_id": order.order_id, "mail": letter and letter.event}
    contact = customers.load(order.order_id, order.contact) if letter else {}
    to = rules.address(contact)
    if letter is None:
        logger.info("nothing to mail", extra=fact)
        return
    if to is None:
        mails.note_no_address(order.order_id, letter.event, CUSTOMER, clock.now())
        logger.info("no address to mail to", extra=fact)
        return
    channel = directory.find(directory.CHANNEL, order.channel) or {}
    shop = str(channel.get("name") or order.channel)
    order = replace(order, locale=rules.written_in(order.locale, channel.get("locales") or ()))
    places = directory.entries(directory.NODE, rules.nodes(letter))
    carriers = directory.entries(
        directory.CARRIER, {name for p in letter.packages for name in rules.carrier_ids(p.carrier)}
    )
    text = render(
        letter,
        order,
        contact,
        shop=shop,
        places={node: doc["name"] for node, doc in places.items()},
        links=rules.tracking_links(letter.packages, carriers),
    )
    mail = mails.Mail(to=to, shop=shop, subject=text.subject, html=text.html, text=text.plain)
    sent = mails.send_once(order.order_id, letter.event, CUSTOMER, mail, clock.now())
    if sent:
        with single_metric(name="MailsSent", unit=MetricUnit.Count, value=1):
            pass
    logger.info("mailed" if sent else "mailed before", extra=fact)
