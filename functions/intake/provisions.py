"""
Take that a digital item or a service was provided, with its proof.

Called by   functions/intake/handler.py: POST /v1/orders/{order_id}/provide
Returns     the order as a response of the API
Raises      Invalid for a line that is not provided; NotAllowed for units that are not scheduled; Held; NotFound

Providing is a step, not a change: it needs no If-Match, and is decided again when another process saved the order first.
"""

from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from comanda.aws.api import http, idempotency
from comanda.aws.api.callers import caller
from comanda.aws.api.resolver import Response
from comanda.aws.customers import customers
from comanda.aws.orders import orders
from comanda.aws.orders.orders import Saving
from comanda.aws.runtime import clock
from comanda.aws.runtime.settings import settings
from comanda.domain import ids
from comanda.domain.lifecycle import provide
from comanda.domain.orders.order import Order
from functions.intake.orders import answer
from functions.intake.provision_contract import ProvideIn

logger = Logger()
metrics = Metrics()


def provide_units(event: dict[str, Any], order_id: str) -> Response[str]:
    """Record that units were provided, with the proof in the Customers table, and show the order."""
    who, now = caller(event), clock.now()
    plain, _ = ids.parse("ord", order_id, settings.cell)
    with idempotency.begin(
        event, who, settings.orders_table, now, require_own=lambda: who.require_order(orders.load(plain))
    ) as request:
        given, expected = http.read(event, ProvideIn), http.if_match(event, required=False)

        def decide(order: Order) -> Saving:
            http.require_version(expected, who.require_order(order).version)
            decision = provide.provide(order, given.line_id, given.quantity, given.proof.kind, who.id, now)
            made = decision.order.provisions[-1]
            proof = customers.write_proof(order.order_id, made.number, made.proof, given.proof.text)
            return Saving(decision=decision, first=[request.record(answer(decision.saved))], also=[proof])

        saved = orders.decide(plain, decide).order
        logger.info("provided", extra={"order_id": saved.order_id, "provision": len(saved.provisions)})
        metrics.add_metric("UnitsProvided", MetricUnit.Count, given.quantity)
    return request.response()
