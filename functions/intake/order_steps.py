"""
Take the steps of an order that a caller decides: confirm or reject it, cancel units, hold it, and resolve a hold.

Called by   functions/intake/handler.py: the POST routes below /v1/orders/{order_id}
Returns     the changed order as a response of the API
Raises      PreconditionFailed for a version that is not the order's, Forbidden, Invalid, NotAllowed, NotFound
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from comanda.aws.api import http, idempotency
from comanda.aws.api.callers import Caller, caller
from comanda.aws.api.contracts import Nothing
from comanda.aws.api.http import Answer
from comanda.aws.api.resolver import Response
from comanda.aws.directory import hold_types
from comanda.aws.dynamodb import transaction
from comanda.aws.orders import orders, payment_owners
from comanda.aws.orders.claims import Answered, Item, require_unclaimed
from comanda.aws.orders.orders import Saving
from comanda.aws.reservations import of_order
from comanda.aws.runtime import clock
from comanda.aws.runtime.settings import settings
from comanda.domain import ids
from comanda.domain.errors import Forbidden, Invalid, NotFound, Problem
from comanda.domain.lifecycle.cancels import cancel, cancellable
from comanda.domain.lifecycle.holds import review
from comanda.domain.orders import holds
from comanda.domain.orders.decision import Decision, changed_by_decision
from comanda.domain.orders.order import Order
from comanda.domain.orders.queues import Queue
from functions.intake import contract, rules
from functions.intake.orders import answer


class OrderRequest:
    """A request to change an order that the caller has read: the request names the order's version in If-Match."""

    def __init__(self, event: dict[str, Any], order_id: str) -> None:
        self.event, self.who, self.now = event, caller(event), clock.now()
        self.order_id, _ = ids.parse("ord", order_id, settings.cell)
        self.version: int | None = None
        self.request = idempotency.begin(
            event, self.who, settings.orders_table, self.now, require_own=lambda: self._own(orders.load(self.order_id))
        )

    def _own(self, order: Order) -> Order:
        return self.who.require_order(order)

    def read[Model](self, model: type[Model]) -> Model:
        """Return the body. Raises Invalid, and PreconditionMissing for a request without If-Match."""
        given = http.read(self.event, model)
        self.version = http.if_match(self.event)
        return given

    def save(
        self,
        rule: Callable[[Order], Decision | None],
        shown: Callable[[Decision], Answer] = lambda d: answer(d.saved),
        answers: Callable[[Decision], tuple[Item, ...]] = lambda _: (),
        unchanged: Callable[[Order], Answer] = answer,
    ) -> None:
        """Save the decision of the rule with its answer and with what it changes of the order's reservation.

        `answers` returns the items of queues that the decision answers. Raises Claimed while another caller has one. `unchanged`
        answers when the rule returns None: nothing is to be done.
        """

        def decide(order: Order) -> Saving | None:
            http.require_version(self.version, self._own(order).version)
            made = rule(order)
            if made is None:
                transaction.commit([self.request.record(unchanged(order))])
                return None
            decision, reservation = of_order.settle(order, changed_by_decision(made), self.now)
            answered = Answered(items=answers(decision), by=self.who.id, now=self.now)
            require_unclaimed(order.order_id, answered, names=self.who.office)
            first = [self.request.record(shown(decision))]
            return Saving(decision=decision, first=first, also=reservation, answered=answered)

        review_pending(orders.decide(self.order_id, decide).order, self.now)


def review_pending(saved: Order, now: datetime) -> None:
    """Make the pending change of a saved order if it is covered by now, or tell what it costs by now, or drop it."""
    if saved.pending is not None:
        from functions.intake.changes import pending_reviews  # few orders have one

        pending_reviews.review_after(saved.order_id, now)


def confirm(event: dict[str, Any], order_id: str) -> Response[str]:
    change = OrderRequest(event, order_id)

    with change.request:
        change.read(Nothing)
        change.save(lambda order: confirmed(order, change.who, change.now), answers=of_sales)
    return change.request.response()


def reject(event: dict[str, Any], order_id: str) -> Response[str]:
    change = OrderRequest(event, order_id)
    with change.request:
        given = change.read(contract.Reason)
        change.save(lambda order: rejected(order, given.reason, change.who, change.now), answers=of_sales)
    return change.request.response()


def confirmed(order: Order, who: Caller, now: datetime) -> Decision:
    """Confirm an order for sales. Raises Forbidden when its review is for other roles."""
    _require_roles_of_reviews(who, order)
    return review.confirm(order, Queue.SALES_REVIEW, who.id, now)


def rejected(order: Order, reason: str, who: Caller, now: datetime) -> Decision:
    """Reject an order for sales. Raises Forbidden when its review is for other roles."""
    _require_roles_of_reviews(who, order)
    return review.reject(order, Queue.SALES_REVIEW, reason, who.id, now)


def of_sales(decision: Decision) -> tuple[Item, ...]:
    """Return the items that a confirm or a reject answers. Others may end with them, as the tasks of other holds do."""
    return tuple(item for item in decision.done if item[0] in (Queue.SALES_REVIEW, Queue.DRAFTS))


def cancel_order(event: dict[str, Any], order_id: str) -> Response[str]:
    """Cancel the named units, or everything that can still be cancelled, as the modification matrix allows. Matrix and reasons
    are imported here, because most containers cancel nothing."""
    from comanda.aws.directory.cancel_reasons import reason_of
    from comanda.aws.directory.modification_matrices import modification_matrix
    from comanda.domain.lifecycle.modifications.modification_matrix import Level

    change = OrderRequest(event, order_id)
    with change.request:
        given = change.read(contract.CancelIn)
        reason, why = reason_of(given.reason, given.reason_code, office=change.who.office)
        matrix, level = modification_matrix(), Level.ORDER if given.lines is None else Level.LINE
        steps = cancellable.OF_ORDERS if given.lines is None else cancellable.OF_LINES

        def rule(order: Order) -> Decision:
            may = matrix.cancels(level, order.channel)
            units = (
                None if given.lines is None else rules.quantities(order, [(c.line_id, c.quantity) for c in given.lines])
            )
            with http.lines_as_sent(units):
                return cancel.cancel(order, units, reason, change.who.id, change.now, may, why, steps)

        change.save(rule, _cancelled)
    return change.request.response()


def _cancelled(decision: Decision) -> Answer:
    """Return the order, and the units that a cancel of everything could not cancel."""
    shown = answer(decision.saved)
    return replace(shown, body={**shown.body, "not_cancelled": decision.event.data.get("not_cancelled", [])})


def hold(event: dict[str, Any], order_id: str) -> Response[str]:
    change = OrderRequest(event, order_id)
    with change.request:
        given = change.read(contract.HoldIn)
        kind = hold_types.find_hold_type(given.type)
        if kind is None:
            message = f"there is no type of hold {given.type}"
            raise Invalid(Problem(pointer="/type", code="unknown-hold-type", message=message))
        lines = tuple(given.lines or ())
        change.save(lambda order: review.hold(order, kind, given.reason, change.who.id, change.now, lines))
    return change.request.response()


def resolve_hold(event: dict[str, Any], order_id: str, hold_id: str) -> Response[str]:
    change = OrderRequest(event, order_id)
    with change.request:
        given = change.read(contract.ResolutionIn)

        def rule(order: Order) -> Decision:
            return without_hold(order, hold_id, given.resolution, change.who, change.now)

        change.save(rule, answers=lambda decision: of_hold(decision, hold_id))
    return change.request.response()


def without_hold(order: Order, hold_id: str, resolution: str, who: Caller, now: datetime) -> Decision:
    """Resolve a hold. Raises NotFound without an active hold of this id, Forbidden when it is for other roles."""
    held = next((held for held in order.holds if held.hold_id == hold_id and held.active), None)
    if held is None:
        raise NotFound("active hold", hold_id)
    _require_role(who, order, held.type)
    kind = hold_types.find_hold_type(held.type)
    queue = held.queue or (kind.queue if kind else Queue.HOLDS)
    return review.resolve(order, hold_id, queue, resolution, who.id, now, payment_owners.elsewhere(order))


def of_hold(decision: Decision, hold_id: str) -> tuple[Item, ...]:
    """Return the item that the resolution of a hold answers. Another system resolves its holds whoever looks at them."""
    (held,) = (held for held in decision.order.holds if held.hold_id == hold_id)
    kind = hold_types.find_hold_type(held.type)
    return () if kind and kind.resolved_by == holds.EVENT else decision.done


def _require_roles_of_reviews(who: Caller, order: Order) -> None:
    """Raise Forbidden when a review of the order is for other roles, or for another system, to end."""
    for held in review.reviews_of(order):
        _require_role(who, order, held.type)


def _require_role(who: Caller, order: Order, hold_type: str) -> None:
    """Raise Forbidden when an active hold of this type is for other roles, or for another system, to resolve."""
    if not any(held.active and held.type == hold_type for held in order.holds):
        return
    kind = hold_types.find_hold_type(hold_type)
    if kind and kind.roles and who.kinds.isdisjoint(kind.roles):
        raise Forbidden(f"a hold of type {hold_type} is resolved by {' or '.join(kind.roles)}")
    if kind and kind.resolved_by == holds.EVENT and who.person:
        raise Forbidden(f"a hold of type {hold_type} is resolved by another system, not by a person")
