"""
Invoice a shipment or provided units and capture their money, or close the books of a settled order.

A shipment that was invoiced before it left is captured alone.

Called by   statemachines/fulfillment.asl.json, states "InvoicePacked" and "Invoice", with {"order_id", "fulfillment"};
            statemachines/order.asl.json, states "InvoiceProvided" and "Complete", with {"order_id"}
Returns     nothing; the order, its invoices `I#` and its money operations `P#` have the result, and Customers the copy of the
            buyer that the law keeps
Raises      NotAllowed (nothing was shipped, or too little is authorised -> AskAPerson), StaleOrder, Throttled (-> retried),
            MailPending (the mail of a shipment is being sent -> retried)

An invoice is issued without its number: the room `number` gives numbers in batches (docs/decisions/0061).

The money operation is written with the invoice, before the provider is called. The provider is called with the operation's
id, so a repeated call moves the money once.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from comanda.aws.customers import legal_copies
from comanda.aws.directory import legal_entities
from comanda.aws.orders import invoices, orders, payments, task_tokens
from comanda.aws.orders.orders import Saving
from comanda.aws.runtime import clock
from comanda.aws.runtime.room import room
from comanda.domain.billing.invoices import Invoice
from comanda.domain.errors import MailPending
from comanda.domain.orders import bought_cards
from comanda.domain.orders.decision import Decision
from comanda.domain.orders.order import Order
from functions.invoice.rules import bill, bill_packed, bill_provided, capture_shipped, close

logger = Logger()
metrics = Metrics()

PATIENCE = timedelta(minutes=1)  # from the last invoice until the books close without its mail


@room
@metrics.log_metrics
def handler(event: dict[str, Any], _context: object) -> None:
    now = clock.now()
    order = orders.load(event["order_id"])
    if event["state"] == "Complete":
        _await_mails(order, now)
        if order.pending is not None:  # an order that is settled takes no change that costs more
            from comanda.domain.lifecycle.changes import pending_changes

            orders.decide(order.order_id, lambda order: pending_changes.drop_not_possible(order, now))
        orders.decide(order.order_id, lambda order: close(order, now))
        payments.perform(order.order_id)
        return
    if event["state"] == "Invoice" and order.fulfillment(event["fulfillment"]).invoice is not None:
        orders.decide(order.order_id, lambda order: capture_shipped(order, event["fulfillment"], now))
        payments.perform(order.order_id)
        return
    seller = legal_entities.seller(order.channel)
    days, prefix = (seller or {}).get("payment_days"), (seller or {}).get("number_prefix")
    if event["state"] == "InvoiceProvided":
        order = _with_cards(order, now)
        _save(order, bill_provided(order, now, days, prefix), seller, "ProvisionsInvoiced")
    elif event["state"] == "InvoicePacked":
        _save(order, bill_packed(order, event["fulfillment"], now, days, prefix), seller, "PackedInvoiced")
    else:
        _save(order, bill(order, event["fulfillment"], now, days, prefix), seller, "ShipmentsInvoiced")
    payments.perform(order.order_id)


def _with_cards(order: Order, now: datetime) -> Order:
    """Return the order after its gift cards were provided, each line by a version of its own."""
    while bought_cards.to_make(order):
        from comanda.aws.directory import directory  # few orders sell gift cards
        from comanda.domain.lifecycle import provide

        days = (directory.find(directory.CHANNEL, order.channel) or {}).get("gift_card_days")
        order = orders.decide(order.order_id, partial(provide.provide_cards, days=days, now=now)).order
    return order


def _save(order: Order, billed: tuple[Decision, Invoice] | None, seller: Mapping[str, Any] | None, metric: str) -> None:
    """Save an invoice, for which the room `number` then finds a number. None: it was made before."""
    if billed is None:
        return
    decision, made = billed
    if seller is not None and seller.get("nfe") and made.fulfillment is not None:
        from functions.invoice import nfe  # of companies in Brazil

        decision = replace(decision, tasks=(*decision.tasks, nfe.task(decision.order, made, seller, made.at)))
    also = [
        invoices.write(made, order.channel),
        *legal_copies.writes(order, made.number, made.at, seller, made.fulfillment),
    ]
    orders.save(order, Saving(decision=decision, also=also))
    logger.info("invoiced", extra={"order_id": order.order_id, "invoice": made.invoice_id})
    metrics.add_metric(metric, MetricUnit.Count, 1)


def _await_mails(order: Order, now: datetime) -> None:
    """Raise MailPending while the mail of a shipment is being sent. After a minute the mail is left to a person."""
    shipments = [f for f in order.fulfillments if f.shipped_at is not None]
    if order.closed or not shipments or task_tokens.all_mailed(order.order_id, [f.number for f in shipments]):
        return
    issued = [
        datetime.fromisoformat(invoices.view(order.order_id, f.invoice)["issued_at"])
        for f in shipments
        if f.invoice is not None
    ]
    if issued and max(issued) > now - PATIENCE:
        raise MailPending(order.order_id)
