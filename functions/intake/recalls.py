"""
Recall units of an order from nodes: from one fulfillment, or wherever they are.

Called by   functions/intake/handler.py: POST /v1/orders/{order_id}/recall
Returns     the order as a response of the API
Raises      Invalid, NotAllowed, Held, NotFound, PreconditionFailed
"""

from typing import Any

from comanda.aws.api import http
from comanda.aws.api.resolver import Response
from comanda.domain import ids
from comanda.domain.errors import Invalid, Problem
from comanda.domain.lifecycle.node_work import recall_requests
from comanda.domain.lifecycle.node_work.work import live_units
from comanda.domain.orders.decision import Decision
from comanda.domain.orders.order import Order
from functions.intake import contract, rules
from functions.intake.order_steps import OrderRequest


def recall_order(event: dict[str, Any], order_id: str) -> Response[str]:
    change = OrderRequest(event, order_id)
    with change.request:
        given = change.read(contract.RecallIn)
        if given.fulfillment_id is None and given.lines is None:
            message = "name a fulfillment, or lines"
            raise Invalid(Problem(pointer="/fulfillment_id", code="missing", message=message))

        def rule(order: Order) -> Decision:
            units = (
                None if given.lines is None else rules.quantities(order, [(x.line_id, x.quantity) for x in given.lines])
            )
            if units is not None and order.bundles:
                from comanda.domain.orders import bundles  # few orders have bundles

                units = bundles.units_in_sets(order, units)
            with http.lines_as_sent(units):
                wanted = _wanted(order, given.fulfillment_id, units)
                return recall_requests.recall(
                    order, wanted, given.reason, change.who.id, change.now, exclude_node=given.exclude_node
                )

        change.save(rule)
    return change.request.response()


def _wanted(order: Order, fulfillment_id: str | None, units: dict[str, int] | None) -> recall_requests.Wanted:
    if fulfillment_id is None:
        return recall_requests.choose_fulfillments(order, units or {})
    numbers = {ids.fulfillment(order.order_id, f.number): f.number for f in order.fulfillments}
    if fulfillment_id not in numbers:
        message = f"{fulfillment_id} is no fulfillment of this order"
        raise Invalid(Problem(pointer="/fulfillment_id", code="unknown-fulfillment", message=message))
    number = numbers[fulfillment_id]
    return {number: live_units(order, number) if units is None else units}
