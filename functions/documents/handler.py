"""
Show the invoices of an order's shipments.

Called by   API Gateway: GET /v1/invoices/{id} (see comanda.aws.api.routes)
Returns     the invoice as JSON; problem+json for each error
Raises      no error of this project; `comanda.aws.api.http` answers them
"""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import Response

from comanda.aws.api import http
from comanda.aws.api.callers import caller
from comanda.aws.api.http import Answer
from comanda.aws.orders import invoices, orders
from comanda.aws.runtime.room import room
from comanda.aws.runtime.settings import settings
from comanda.domain import ids
from comanda.domain.errors import NotFound

logger = Logger()
app = http.door()


@room
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return http.serve(app, event, context)


@app.get("/v1/invoices/<invoice_id>")
def get_invoice(invoice_id: str) -> Response[str]:
    who = caller(app.current_event.raw_event)
    order_id, number = ids.parse("inv", invoice_id, settings.cell)
    order = orders.find(order_id)
    if order is None or not who.sees_channel(order.channel):
        raise NotFound("invoice", invoice_id)
    return http.respond(Answer(status=200, body=invoices.view(order.order_id, number)))
