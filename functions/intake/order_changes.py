"""
Preview changes of an order after the sale, and make them.

Called by   functions/intake/handler.py: POST /v1/orders/{order_id}/changes
Returns     the preview, or the changed order, as a response of the API
Raises      Invalid, Forbidden, NotAllowed, NeedsPayment, PreviewStale, PreconditionFailed, NotFound

If-Match guards a change against other changes, not against steps of the work: a scan of the picker refuses no change.
"""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import Response

from comanda.aws.api import http
from comanda.aws.api.http import Answer
from comanda.aws.directory.modification_matrices import modification_matrix
from comanda.aws.dynamodb import transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.orders import orders, previews
from comanda.aws.orders.orders import Saving
from comanda.aws.orders.previews import Kept
from comanda.aws.reservations import of_order
from comanda.aws.runtime.settings import settings
from comanda.domain import ids, views
from comanda.domain.errors import Invalid, NeedsPayment, NotAllowed, NotFound, PreconditionFailed, PreviewStale, Problem
from comanda.domain.lifecycle.change import Outcome, change, recalled_rows
from comanda.domain.lifecycle.changing import Terms
from comanda.domain.lifecycle.moving.wanted import Move
from comanda.domain.lifecycle.wanted_changes import Wanted
from comanda.domain.lifecycle.work import unit_rows
from comanda.domain.orders.decision import changed_by_decision
from comanda.domain.orders.order import Order
from functions.intake import change_rules, changed_contact, checks, of_moves, rules
from functions.intake.allowed_changes import shown_denial
from functions.intake.cancel_reasons import reason_of
from functions.intake.change_contract import ChangeIn, ChangesIn
from functions.intake.change_holds import rules_about_units
from functions.intake.changes import Change
from functions.intake.orders import answer

if TYPE_CHECKING:
    from functions.intake.change_lines import LineMaker

logger = Logger()


def change_order(event: dict[str, Any], order_id: str) -> Response[str]:
    request = Change(event, order_id)
    with request.request:
        given = http.read(event, ChangesIn)
        change_rules.check_fields(given.changes)
        if wrong := list(checks.problems_of_payments(given.payments, request.now, request.now)):
            raise Invalid(*wrong)
        asked = _Asked(request, given)
        if given.preview:
            asked.preview()
        else:
            asked.make(http.if_match(event))
    return request.request.response()


class _Asked:
    """A request for changes, which is decided anew for each version of the order that it meets."""

    def __init__(self, request: Change, given: ChangesIn) -> None:
        self.request, self.given, self.now = request, given, request.now
        self.reason, self.why = reason_of(given.reason, given.reason_code)
        self.matrix = modification_matrix()
        self.lines: LineMaker | None = None  # for the version of the order that is decided on
        self.digest = previews.digest(change_rules.without_personal_data(given))

    def preview(self) -> None:
        """Answer what the changes would do, and keep the preview."""
        order = self.request.who.require_order(orders.load(self.request.order_id))
        shown, kept = self._shown(order, self._outcome(order))
        record = self.request.request.record(Answer(status=201, body=shown, headers=http.order_headers(order)))
        transaction.commit([record, kept])

    def make(self, version: int | None) -> None:
        """Make the changes, all of them or none."""

        def decide(order: Order) -> Saving:
            self.request.who.require_order(order)
            if version is not None and not order.change_version <= version <= order.version:
                raise PreconditionFailed(order.version)
            outcome = self._outcome(order)
            self._compare(order, outcome)
            _require_allowed(order, outcome)
            if outcome.decision is None:
                raise RuntimeError("changes that are all allowed have a decision")
            decision, also = of_order.settle(order, changed_by_decision(outcome.decision), self.now)
            first = [self.request.request.record(answer(decision.saved))]
            also = [*also, *changed_contact.writes(order, outcome, self.given.changes, self.lines, self.now)]
            return Saving(decision=decision, first=first, also=also)

        saved = orders.decide(self.request.order_id, decide).order
        logger.info("changed", extra={"order_id": saved.order_id, "changes": len(self.given.changes)})

    def _outcome(self, order: Order) -> Outcome:
        change_rules.check_currency(self.given, order)
        moves = of_moves.read(order, self.given.changes, self.now)
        wanted = self._wanted(order, moves.wanted)
        if self.request.who.person:
            change_rules.check_limits(order, wanted, self.request.who.limits)
        terms = Terms(
            reason=self.reason,
            why=self.why,
            actor=self.request.who.id,
            now=self.now,
            payments=tuple(map(rules.tender, self.given.payments)),
            rules=rules_about_units(order, wanted, self.lines),
            judge=moves.rules_of_holds,
        )
        return change(order, wanted, self.matrix, terms)

    def _wanted(self, order: Order, moves: Mapping[int, Move]) -> list[Wanted]:
        """Return the changes as the domain knows them. `moves` are those that move units, by their place."""
        self.lines = None
        found: list[Wanted] = []
        for i, one in enumerate(self.given.changes):
            made = moves.get(i) or change_rules.made(one)
            if made is None:
                self.lines = self.lines or _line_maker(order, self.given.changes, self.request.who.id, self.now)
                made = self.lines.make(i, one)
            found.append(made)
        return found

    def _compare(self, order: Order, outcome: Outcome) -> None:
        """Raise PreviewStale when the preview that the caller names is not true any more, with the preview of now."""
        if self.given.preview_id is None:
            return
        kept = previews.find(order.order_id, self.given.preview_id, self.now)
        if kept is None:
            raise NotFound("preview", self.given.preview_id)
        if kept.asked != self.digest:
            message = "is the preview of other changes"
            raise Invalid(Problem(pointer="/preview_id", code="another-change", message=message))
        answered = previews.digest(_compared(order, outcome))
        if (kept.change_version, kept.answered) != (order.change_version, answered):
            shown, write = self._shown(order, outcome)
            transaction.commit([write])
            raise PreviewStale(shown)

    def _shown(self, order: Order, outcome: Outcome) -> tuple[dict[str, Any], Write]:
        """Return the preview of an outcome, and the write that keeps it."""
        preview_id = ids.preview(settings.cell, _ulid(self.now))
        compared = _compared(order, outcome)
        kept = Kept(change_version=order.change_version, asked=self.digest, answered=previews.digest(compared))
        shown = {
            "preview_id": preview_id,
            "until": views.time(self.now + previews.KEPT),
            "order_id": order.order_id,
            "version": order.version,
            **compared,
        }
        return shown, previews.write(order.order_id, preview_id, kept, self.now)


def _line_maker(order: Order, changes: Sequence[ChangeIn], actor: str, now: datetime) -> "LineMaker":
    from functions.intake.change_lines import LineMaker  # most changes add no line

    return LineMaker(order, changes, actor, now)


def _compared(order: Order, outcome: Outcome) -> dict[str, Any]:
    """Return the part of a preview that the change must find as it was."""
    currency, added = order.currency, outcome.totals.total - outcome.before.total
    return {
        "totals_before": views.totals(outcome.before, currency),
        "totals": views.totals(outcome.totals, currency),
        "difference": views.money(added, currency),
        "to_pay": views.money(outcome.to_pay, currency),
        "cancelled": unit_rows(outcome.cancelled),
        "recalled": list(recalled_rows(outcome, order)),
        "destinations": [{"change": i, "destination": views.destination(to)} for i, to in outcome.destinations],
        "denied": [
            {"change": i, "denials": [shown_denial(denial, "en-US") for denial in denials]}
            for i, denials in outcome.denied
        ],
    }


def _require_allowed(order: Order, outcome: Outcome) -> None:
    """Raise NotAllowed for the first change that is denied, and NeedsPayment for what no payment covers."""
    for i, denials in outcome.denied:
        told = "; ".join(dict.fromkeys(f"{d.code}{f': {d.reason}' if d.reason else ''}" for d in denials))
        message = f"the order does not take this change now: {told or 'too few units may be cancelled'}"
        raise NotAllowed(message, pointer=f"/changes/{i}")
    if outcome.to_pay:
        raise NeedsPayment(outcome.to_pay, order.currency)


def _ulid(now: datetime) -> str:
    return ids.ulid(int(now.timestamp() * 1000), secrets.randbits(80))
