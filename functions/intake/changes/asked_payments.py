"""
Ask the customer to pay by a link what an order or its pending change lacks, or mail an open link again; or ask the provider of the
order's card to authorise it besides.

Called by   functions/intake/handler.py: POST /v1/orders/{order_id}/payment-links
Returns     the order as a response of the API (202): the room pay has the provider make the link
Raises      Invalid for a method that the channel has no provider for; NotAllowed, NotFound, PreconditionFailed
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from aws_lambda_powertools import Logger

from comanda.aws.api.http import Answer
from comanda.aws.api.resolver import Response
from comanda.aws.directory import directory, hold_types
from comanda.aws.orders import orders
from comanda.domain.errors import Invalid, Problem
from comanda.domain.lifecycle import payment_increases, payment_links
from comanda.domain.orders import holds
from comanda.domain.orders.decision import Decision
from comanda.domain.orders.order import Order
from comanda.domain.orders.tender import CARD, OWN, misses_currency
from functions.intake import rules
from functions.intake.changes.change_contract import PaymentLinkIn
from functions.intake.changes.pending_changes import drop_expired
from functions.intake.order_steps import OrderRequest
from functions.intake.orders import answer

logger = Logger()
_ACCEPTED = 202


def ask_by_link(event: dict[str, Any], order_id: str) -> Response[str]:
    request = OrderRequest(event, order_id)
    with request.request:
        given = request.read(PaymentLinkIn)
        order = request.who.require_order(orders.load(request.order_id))
        asks = _asks(request, order, given)
        drop_expired(request.order_id, request.now)
        request.save(asks, lambda decision: _accepted(decision.saved), unchanged=_accepted)
        logger.info("payment asked", extra={"order_id": order.order_id, "method": given.method})
    return request.request.response()


def _asks(request: OrderRequest, order: Order, given: PaymentLinkIn) -> Callable[[Order], Decision | None]:
    """Return the rule that asks for the payment. Raises Invalid for a method that the channel has no provider for."""
    if given.method == CARD:
        if given.again:
            message = "nothing is mailed about a card: leave it out"
            raise Invalid(Problem(pointer="/again", code="not-taken", message=message))
        return partial(payment_increases.ask, actor=request.who.id, now=request.now)
    payment_links.require_needed(order, request.now)
    return partial(
        payment_links.ask,
        method=given.method,
        provider=_provider(order, given.method),
        actor=request.who.id,
        now=request.now,
        kind=next((one for one in hold_types.hold_types() if one.id == holds.PAYMENT), None),
        again=given.again,
    )


def _provider(order: Order, method: str) -> str:
    """Return the provider of a method in the order's channel. Raises Invalid if no one outside makes links for it."""
    provider = rules.payment_providers(directory.find(directory.CHANNEL, order.channel)).get(method, OWN)
    if provider == OWN:
        message = f"the channel names no payment provider for {method}"
        raise Invalid(Problem(pointer="/method", code="no-provider", message=message))
    if why := misses_currency(method, order.currency):
        message = f"{why}, the order is in {order.currency}"
        raise Invalid(Problem(pointer="/method", code="another-currency", message=message))
    return provider


def _accepted(order: Order) -> Answer:
    return replace(answer(order), status=_ACCEPTED)
