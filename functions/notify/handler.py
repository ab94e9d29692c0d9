"""
Mail the customer once for each fact about the order.

Called by   statemachines/fulfillment.asl.json, state "Notify", with {"order_id", "fulfillment"}: units were shipped or handed
            over; the queue of milestones, which the bus feeds with CloudEvents of orders that were placed, confirmed,
            cancelled, rejected, routed, promised for later, given another date, backordered, made ready for pickup, not
            collected, refused at the counter, delivered, or provided; of parcels that are out for delivery, or wait at
            a pickup point of the carrier; of credit notes that got their number; and of drafts that were quoted; intake, with
            {"lookup"}: somebody asks for a new link to an order
Returns     nothing; the rows `M#` record which mails were sent
Raises      MailClaimed (another attempt may be sending the mail: a message of the queue comes again when the lease of that
            attempt is over), Throttled (-> retried); SES's code if SES refuses the mail (-> a person: the
            machine's question, or the queue `mails`, and the dead letters). A batch is processed to its end and then its first
            error is raised; no part of a batch is reported as done

A mail can be sent twice in one short window only. comanda/aws/customers/mails.py names the window and the reason.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import MetricUnit, single_metric

from comanda.aws.customers import customers, mails
from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys
from comanda.aws.events import queued_messages, streams
from comanda.aws.orders import credit_notes, invoices, order_links, orders
from comanda.aws.runtime import clock, formats
from comanda.aws.runtime.room import room
from comanda.domain.errors import MailClaimed
from comanda.domain.orders import bought_cards
from comanda.domain.orders.decision import EventType
from comanda.domain.orders.order import Order
from comanda.domain.shipping.tracking import FRESH, possible_ids
from functions.notify import dates, rules
from functions.notify.failed_mails import FailureRecord
from functions.notify.render import render
from functions.notify.rules import Letter

CUSTOMER = "customer"  # the only role that gets mails so far
_MILESTONE, _SCAN, _DRAFT = "comanda.order.", "comanda.tracking.", "comanda.draft."
# Credit notes of before had their number at once, and may still be in the queue.
_OF_CREDIT_NOTES = ("comanda.credit_note.numbered.v1", "comanda.order.credited.v1")
_FIRST_ROUTE = 2  # the version of a route that follows the placing of its order at once

# The letters that are made of an order and of the data of its event.
_LETTERS: Mapping[str, Callable[[Order, Mapping[str, Any]], Letter | None]] = {
    EventType.DELIVERED: rules.delivered_letter,
    EventType.READY: rules.ready_letter,
    EventType.PROVIDED: rules.provided_letter,
    EventType.CARDS_ACTIVATED: rules.provided_letter,
}

logger = Logger()


@room
def handler(event: dict[str, Any], _context: object) -> None:
    if "Records" in event:
        _milestones(event["Records"])
        return
    if "lookup" in event:
        _lookup(event["lookup"])
        return
    order = orders.load(event["order_id"])
    _mail(order, _shipment_letter(order, event["fulfillment"]))


def _lookup(lookup: dict[str, str]) -> None:
    """Mail a new link to the customer of the order that was asked for."""
    from functions.notify import lookups  # most mails are of other kinds

    found = lookups.order_and_letter(lookup, clock.now())
    if found is None:
        logger.info("nothing to mail", extra={"mail": "link", "channel": lookup["channel"]})
    else:
        _mail(*found)


def _milestones(records: list[dict[str, Any]]) -> None:
    """Send the mails of a batch of milestones. Raises the first error, after all of them were tried."""
    from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType  # a third of the room's start-up

    batch = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    with batch(records, _deliver):
        batch.process()
    for _kind, error, _trace in batch.exceptions:
        if error is not None:
            raise error


def _deliver(record: dict[str, Any]) -> None:
    """Send the mail of a record. While another attempt holds it, let its message come again when that one's lease is over.

    A process that was killed leaves a claim, and the message would stay hidden six minutes for a lease of half a minute.
    """
    try:
        _milestone(json.loads(record["body"])["detail"])
    except MailClaimed as claimed:
        queued_messages.show_after(record, claimed.seconds)
        raise


def _milestone(event: dict[str, Any]) -> None:
    if event["type"].startswith(_SCAN):
        _scan(event)
        return
    if event["type"].startswith(_DRAFT):
        from functions.notify import quote_mail  # with the code of drafts; most mails are about orders

        quote_mail.send(event, CUSTOMER)
        return
    if event["type"] in _OF_CREDIT_NOTES:
        _credit_note(event)
        return
    kind = event["type"].removeprefix(_MILESTONE).removesuffix(".v1")
    order_id, version = event["subject"], event["sequence"]
    if kind == EventType.ROUTED and version == _FIRST_ROUTE and not dates.leaves_units_waiting(event["data"]):
        return  # nearly every order: its nodes have all units, and no mail named a date before
    with FailureRecord(order_id, kind, version):
        order = orders.load(order_id)
        _mail(order, _letter(order, kind, version, event["data"]))


def _scan(event: dict[str, Any]) -> None:
    """Mail the customer about a scan of a parcel, unless it happened too long ago: today's delivery is no news tomorrow."""
    order_id, data = event["subject"], event["data"]
    if clock.now() - datetime.fromisoformat(data["occurred_at"]) > FRESH:
        return
    with FailureRecord(order_id, data["status"].lower(), data["fulfillment"]):
        order = orders.load(order_id)
        _mail(order, rules.parcel_letter(order, data))


def _credit_note(event: dict[str, Any]) -> None:
    """Mail the customer about a credit note, once it has its number."""
    order_id, number = event["subject"], int(event["data"]["credit_note"].rpartition("-")[2])
    with FailureRecord(order_id, EventType.CREDITED, number):
        note = credit_notes.view(order_id, number)
        _mail(orders.load(order_id), rules.credited_letter(note) if note["number"] else None)


def _letter(order: Order, kind: str, version: int, data: dict[str, Any]) -> Letter | None:
    """Return the letter about an event of the order, or None if the customer gets no mail about it."""
    match kind:
        case EventType.PLACED | EventType.CONFIRMED:  # a draft is received when it is confirmed
            received = rules.received_letter(order, confirmed=kind == EventType.CONFIRMED)
            return received if rules.is_announced([(kind, data["status"])]) else None
        case _ if _is_quiet(kind, data):
            return None
        case EventType.PAYMENT_ASKED:
            return rules.asked_letter(order, version, data)
        case EventType.CHANGE_DROPPED:
            return rules.change_dropped_letter(version) if _is_announced(order, version) else None
        case EventType.CANCELLED | EventType.CHANGED | EventType.REJECTED | EventType.NO_SHOW | EventType.HANDED_BACK:
            if not _is_announced(order, version):
                return None
            return rules.cancelled_letter(order, version, data, uncollected=kind == EventType.NO_SHOW)
        case EventType.PROVIDED if data["proof"] == bought_cards.PROOF:
            return None  # they are mailed when they are paid
        case EventType.DELIVERED | EventType.READY | EventType.PROVIDED | EventType.CARDS_ACTIVATED:
            return _LETTERS[kind](order, data)
        case (
            EventType.ROUTED
            | EventType.PROMISED_LATER
            | EventType.REDATED
            | EventType.STOCK_ARRIVED
            | EventType.BACKORDERED
        ):
            return _delayed_letter(order, version)
    return None


def _is_quiet(kind: str, data: dict[str, Any]) -> bool:
    """Return True if the customer need not know of this event: it cancelled nothing, or they withdrew a change themselves."""
    if kind == EventType.CHANGE_DROPPED:
        from comanda.domain.lifecycle.changes import pending_changes  # few changes are dropped

        return bool(data["why"] == pending_changes.WITHDRAWN)
    return (kind == EventType.HANDED_BACK and not data.get("cancelled")) or (
        kind == EventType.CHANGED and not data.get("lines")
    )


def _delayed_letter(order: Order, version: int) -> Letter | None:
    history = [
        streams.order_event(row) for row in orders.children(order.order_id, keys.EVENTS) if row["version"] <= version
    ]
    if not rules.is_announced((event.type, event.status) for event in history):
        return None
    *_, latest = dates.news((event.type, event.data) for event in history)
    return rules.delayed_letter(order, version, latest)


def _is_announced(order: Order, version: int) -> bool:
    """Return True if the customer was mailed about the order before this version. Nearly always its first event says so."""
    first = orders.children(order.order_id, keys.event(order.order_id, 1)["sk"])
    return rules.is_announced(_statuses_before(first, version)) or rules.is_announced(
        _statuses_before(orders.children(order.order_id, keys.EVENTS), version)
    )


def _statuses_before(events: list[dict[str, Any]], version: int) -> list[tuple[str, str]]:
    """Return the (type, status) of the events before this version."""
    return [(event["type"], event["status"]) for event in events if event["version"] < version]


def _shipment_letter(order: Order, number: int) -> Letter | None:
    invoice = order.fulfillment(number).invoice
    return rules.shipment_letter(order, number, None if invoice is None else invoices.view(order.order_id, invoice))


def _mail(order: Order, letter: Letter | None) -> None:
    """Send the letter, unless it was sent before. Note it if the customer has no address."""
    fact = {"order_id": order.order_id, "mail": letter and letter.event}
    contact = (customers.find(order.order_id, order.contact) if letter else None) or {}  # it may be erased
    to = rules.mail_address(contact)
    if letter is None:
        logger.info("nothing to mail", extra=fact)
        return
    if to is None:
        mails.note_no_address(order.order_id, letter.event, CUSTOMER, clock.now())
        logger.info("no address to mail to", extra=fact)
        return
    channel = directory.find(directory.CHANNEL, order.channel) or {}
    shop = str(channel.get("name") or order.channel)
    order = replace(order, locale=formats.chosen(order.locale, channel.get("locales") or ()))
    places = directory.entries(directory.NODE, rules.named_nodes(letter))
    carriers = directory.entries(directory.CARRIER, {name for p in letter.packages for name in possible_ids(p.carrier)})
    text = render(
        letter,
        order,
        contact,
        shop=shop,
        places={node: doc["name"] for node, doc in places.items()},
        links=rules.tracking_links(letter.packages, carriers),
        proof=_proof(order, letter.provision) if letter.provision else _code(letter),
        page=order_links.address(order.order_id, clock.now()),
    )
    mail = mails.Mail(to=to, shop=shop, subject=text.subject, html=text.html, text=text.plain)
    sent = mails.send_once(order.order_id, letter.event, CUSTOMER, mail, clock.now())
    if sent:
        with single_metric(name="MailsSent", unit=MetricUnit.Count, value=1):
            pass
    logger.info("mailed" if sent else "mailed before", extra=fact)


def _code(letter: Letter) -> Mapping[str, str] | None:
    return {"kind": "PIX", "text": letter.code} if letter.code else None


def _proof(order: Order, provision: int) -> Mapping[str, str] | None:
    """Return the proof of what was provided: of gift cards their codes, which are in this mail and on the customer's page alone."""
    if order.provisions[provision - 1].cards is None:
        return customers.load_proof(order.order_id, provision)
    from comanda.aws.orders import bought_cards as codes  # few orders sell gift cards

    return codes.proof(order, provision)
