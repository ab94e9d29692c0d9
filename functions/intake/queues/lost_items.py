"""
Take a person's answer about units that a carrier lost: send them again, refund them, or note a claim against the carrier.

A refund of units that the customer has not paid is a credit note.

Called by   functions/intake/queues/answers.py
Returns     the decision on the order, and the writes of the order that sends the units again, or of a credit note
Raises      Invalid for a reference that is missing or not taken; NotFound; NotAllowed, also for an erased customer; Forbidden
"""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from comanda.aws.api.callers import Caller
from comanda.aws.customers import customer_rows, customers, legal_copies
from comanda.aws.dynamodb import keys, transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.orders import credit_notes, invoices, orders
from comanda.aws.runtime.settings import settings
from comanda.domain import credit_view, ids
from comanda.domain.errors import Invalid, NotAllowed, Problem, StaleOrder
from comanda.domain.lifecycle.parcels import lost_money, resend
from comanda.domain.lifecycle.parcels.lost_units import CLAIM, REFUND, REPLACEMENT, RESEND, find_loss
from comanda.domain.lifecycle.resume import resume
from comanda.domain.orders.decision import Decision
from comanda.domain.orders.order import Order
from comanda.domain.orders.queues import Queue
from functions.intake.queues import answer_rights


def decide(
    order: Order, item: str, answer: str, reference: str | None, who: Caller, now: datetime
) -> tuple[Decision, Sequence[Write]]:
    """Decide an item of the queue `lost`. A claim needs the `reference` that the carrier gave it."""
    check_reference(answer, reference)
    if answer == REFUND and lost_money.is_owed(order, item):
        return _without_what_is_owed(order, item, who, now)
    if answer != RESEND:
        detail = {"reference": reference} if reference else {}
        return resume(order, Queue.LOST, item, answer, who.id, now, detail), ()
    order_id = ids.order(settings.cell, ids.ulid(int(now.timestamp() * 1000), secrets.randbits(80)))
    decision = resume(order, Queue.LOST, item, answer, who.id, now, {REPLACEMENT: order_id})
    placed = resend.replacement(order, item, order_id, _free_external_id(order), who.id, now)
    new = placed.saved
    fulfillment, _ = find_loss(order, item)
    known = customers.find(order.order_id, order.contact)
    if known is None:
        raise NotAllowed("the customer of this order was erased: nothing can be sent to them again", pointer="/answer")
    contact = _of_lines(customers.to_destination(known, fulfillment.destination), new)
    natural = {**keys.natural(new.channel, new.external_id), "order_id": order_id}
    return decision, [
        *orders.writes_of_new(placed),
        *customer_rows.of_new(new, contact, now, customers.customer_of(order.order_id)),
        transaction.put_once(settings.orders_table, natural, StaleOrder(order.order_id)),
    ]


def _without_what_is_owed(order: Order, item: str, who: Caller, now: datetime) -> tuple[Decision, Sequence[Write]]:
    """Decide the refund of units that the customer has not paid whole, with the writes of the credit note that it issues."""
    number = find_loss(order, item)[0].invoice or 0
    invoice = credit_view.invoiced(invoices.view(order.order_id, number), number)
    earlier = credit_notes.lines_of_invoice(order, number)
    decision, note = lost_money.refunded(order, item, invoice, earlier, who.id, now)
    if note is None:
        return decision, ()
    answer_rights.require_scope(who, REFUND)
    return decision, [credit_notes.write(note, order), *legal_copies.prolonged(order.order_id, number, now)]


def _of_lines(contact: dict[str, Any], new: Order) -> dict[str, Any]:
    """Return the contact with the gifts of lines that the new order has alone: a later line of it may get the id of another."""
    there = {line.line_id for line in new.lines} | {bundle.line_id for bundle in new.bundles}
    gifts = [gift for gift in contact.get("gifts", ()) if gift["line_id"] in there]
    kept = {name: value for name, value in contact.items() if name != "gifts"}
    return {**kept, "gifts": gifts} if gifts else kept


def check_reference(answer: str, reference: str | None) -> None:
    """Raise Invalid when a claim has no reference, or another answer has one."""
    if answer == CLAIM and not reference:
        message = "a claim needs the reference that the carrier gave it"
        raise Invalid(Problem(pointer="/reference", code="missing", message=message))
    if answer != CLAIM and reference:
        raise Invalid(Problem(pointer="/reference", code="not-taken", message=f"{answer} takes no reference"))


def _free_external_id(order: Order) -> str:
    """Return an external id for the next replacement that the channel has given to no order."""
    n = 1 + sum(bool(loss.replacement) for f in order.fulfillments for loss in f.losses)
    while orders.id_of_natural_key(order.channel, resend.external_id(order, n)):
        n += 1
    return resend.external_id(order, n)
