"""
Leave a change pending until money is authorised, take the authorisations of an order, and withdraw a pending change.

Called by   functions/intake/changes/order_changes.py; functions/intake/handler.py: POST /v1/orders/{order_id}/payments and
            /v1/orders/{order_id}/pending-change/withdraw
Returns     the order as a response of the API
Raises      Invalid, NotAllowed, ChangePending, NotFound, PreconditionFailed

A payment that covers a pending change makes it: the change is decided anew on the order as it is by then.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from aws_lambda_powertools import Logger

from comanda.aws.api import http
from comanda.aws.api.http import Answer
from comanda.aws.api.resolver import Response
from comanda.aws.orders import orders
from comanda.aws.orders import pending_changes as stored
from comanda.aws.orders.orders import Saving
from comanda.aws.reservations import of_order
from comanda.domain import views
from comanda.domain.errors import Invalid
from comanda.domain.lifecycle.changes import pending_changes
from comanda.domain.lifecycle.changes.change import ChangeOutcome
from comanda.domain.lifecycle.changes.giving import given_after_sale
from comanda.domain.orders.decision import Decision, changed_by_decision
from comanda.domain.orders.order import Order
from functions.intake import checks, contract
from functions.intake.changes import change_holds, change_rules, new_payments, pending_outcomes
from functions.intake.changes.asked_changes import AskedChanges
from functions.intake.changes.change_contract import PaymentsIn
from functions.intake.contract import PaymentIn
from functions.intake.order_steps import OrderRequest
from functions.intake.orders import answer
from functions.intake.own_payments import OwnPayments

logger = Logger()
_ACCEPTED = 202


def drop_expired(order_id: str, now: datetime) -> None:
    """Drop the pending change of an order if its time is over and the sweeper was not there yet."""
    orders.decide(order_id, lambda order: pending_changes.drop_expired(order, now))


def saving(request: OrderRequest, asked: AskedChanges, order: Order, outcome: ChangeOutcome) -> Saving:
    """Return what is saved when the changes wait for their payment. Raises ChangePending while another one waits."""
    if outcome.decision is None:
        raise RuntimeError("a change that asks for money has no decision")
    after = outcome.decision.order
    given = max(0, given_after_sale(after) - given_after_sale(order))  # it takes nothing back before it is made
    limits = asked.limits.in_currency(order.currency) if asked.limits else None
    made = pending_changes.leave_pending(
        order,
        outcome.decision.event.data["changes"],
        outcome.to_pay,
        asked.reason,
        asked.actor,
        asked.now,
        given=given,
        limits=limits,
        office=asked.office,
        cancels=sum(outcome.cancelled.values()),
    )
    if made.order.pending is None:
        raise RuntimeError("a change that is left pending is pending")
    body = asked.given.model_dump(
        mode="json", by_alias=True, exclude_none=True, include={"reason", "reason_code", "changes"}
    )
    # Its amount is that of this moment, and what was asked for is stored with it: nothing is decided anew here.
    shown = Answer(status=_ACCEPTED, body=views.order(made.saved), headers=http.order_headers(made.saved))
    first = [request.request.record(shown)]
    return Saving(decision=made, first=first, also=[stored.write(order.order_id, made.order.pending, body)])


def add_payments(event: dict[str, Any], order_id: str) -> Response[str]:
    request = OrderRequest(event, order_id)
    with request.request:
        given = http.read(event, PaymentsIn)
        if wrong := list(checks.problems_of_payments(given.payments, request.now, request.now)):
            raise Invalid(*wrong)
        request.who.require_order(orders.load(request.order_id))
        drop_expired(request.order_id, request.now)
        own = own_payments(request)

        def decide(order: Order) -> Saving:
            request.who.require_order(order)
            change_rules.check_payments(order, given.payments)
            return _paid(request, order, given.payments, own)

        saved = orders.decide(request.order_id, decide).order
        logger.info("payment added", extra={"order_id": saved.order_id, "payments": len(given.payments)})
    return request.request.response()


def own_payments(request: OrderRequest) -> OwnPayments:
    """Return what finds the accounts of ours that pay in a request."""
    return OwnPayments(who=request.who, request=request.request, now=request.now)


def _paid(request: OrderRequest, order: Order, payments: Sequence[PaymentIn], own: OwnPayments) -> Saving:
    """Return what is saved with further payments: the pending change is made, goes on waiting, or is dropped."""
    tenders = new_payments.tenders(order, payments, own)  # first: what is wrong with them drops no change
    if any(line.gift_card for line in order.lines):
        from functions.intake.changes import card_payments  # few orders sell gift cards

        card_payments.require(order, replace(order, payments=(*order.payments, *tenders)))
    decided = pending_outcomes.decided(order, payments, request.now, payer=request.who.id, own=own)
    if decided and decided.outcome.decision and not decided.outcome.to_pay:
        made = pending_changes.made(decided.outcome.decision)
        return _saving(request, order, changed_by_decision(made), decided.contact_writes())
    still = decided.outcome.to_pay if decided else None
    asked = change_holds.rules_about(order, (), None, request.now)
    made = pending_changes.with_payments(order, tenders, request.who.id, request.now, still=still, rules=asked)
    return _saving(request, order, made, [])


def _saving(request: OrderRequest, order: Order, made: Decision, also: Sequence[Any]) -> Saving:
    decision, of_reservation = of_order.settle(order, made, request.now)
    return Saving(
        decision=decision, first=[request.request.record(answer(decision.saved))], also=[*of_reservation, *also]
    )


def withdraw(event: dict[str, Any], order_id: str) -> Response[str]:
    change = OrderRequest(event, order_id)
    with change.request:
        given = change.read(contract.Reason)
        change.save(
            lambda order: pending_changes.drop(
                order, pending_changes.WITHDRAWN, change.who.id, change.now, given.reason
            )
        )
    return change.request.response()
