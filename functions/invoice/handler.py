"""
Invoice a shipment and capture its money; close the books of a settled order.

Called by   statemachines/fulfillment.asl.json, state "Invoice": {"order_id", "fulfillment"}
            statemachines/order.asl.json, state "Complete": {"order_id"}
Returns     nothing: the order, its invoices `I#` and its money operations `P#` are the truth
Raises      NotAllowed (nothing shipped, too little authorised -> AskAPerson), StaleOrder, Throttled (-> retried)

The money operation is written with the invoice, before the provider hears of it; the provider is asked under the
operation's id, so asking twice moves the money once.
"""

from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from comanda.aws import clock, invoices, orders, payments
from comanda.aws.leaving import room
from functions.invoice.rules import bill, close

logger = Logger()
metrics = Metrics()


@room
@metrics.log_metrics
def handler(event: dict[str, Any], _context: object) -> None:
    now = clock.now()
    order = orders.load(event["order_id"])
    if event["state"] == "Complete":
        orders.decide(order.order_id, lambda order: close(order, now))
        payments.perform(order.order_id)
        return
    number = event["fulfillment"]
    last = invoices.last_serial(order.fulfillment(number).node)
    billed = bill(order, number, last + 1, now)
    if billed is not None:
        decision, made = billed
        orders.save(order, decision, also=lambda _: invoices.writes(made, last))
        logger.info("invoiced", extra={"order_id": order.order_id, "invoice": made.invoice_id})
        metrics.add_metric("ShipmentsInvoiced", MetricUnit.Count, 1)
    payments.perform(order.order_id)
