"""
Show what changes of an order would do, keep the preview, and compare a change with the preview that it names.

Called by   functions/intake/changes/order_changes.py
Returns     previews, and the writes that keep them
Raises      PreviewStale with the preview of now; NotFound, Invalid for a preview that is none of these changes
"""

import secrets
from datetime import datetime
from typing import TYPE_CHECKING, Any

from comanda.aws.dynamodb import transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.orders import previews
from comanda.aws.orders.previews import Kept
from comanda.aws.reservations import of_order
from comanda.aws.runtime.settings import settings
from comanda.domain import ids, views
from comanda.domain.errors import Invalid, NotFound, PreviewStale, Problem
from comanda.domain.lifecycle.changes import changed_taxes
from comanda.domain.lifecycle.changes.change import ChangeOutcome, recalled_rows
from comanda.domain.lifecycle.node_work.work import unit_rows
from comanda.domain.orders.bundle import Bundle
from comanda.domain.orders.line import Line
from comanda.domain.orders.order import Charge, Order
from comanda.domain.orders.status import UNPLACED
from functions.intake.changes.allowed_changes import shown_denial
from functions.intake.changes.asked_changes import AskedChanges

if TYPE_CHECKING:
    from comanda.domain.promise.change_promise import ChangePromise
    from comanda.domain.promise.promise import Option


def shown(order: Order, asked: AskedChanges, outcome: ChangeOutcome) -> tuple[dict[str, Any], Write]:
    """Return the preview of an outcome, and the write that keeps it."""
    return _shown(order, asked, outcome, _promise(order, outcome, asked.now))


def compare(order: Order, asked: AskedChanges, outcome: ChangeOutcome, preview_id: str) -> None:
    """Raise PreviewStale when a preview is not true any more: another change came first, an amount or the work that comes
    back differs, or units would be at the door later."""
    kept = previews.find(order.order_id, preview_id, asked.now)
    if kept is None:
        raise NotFound("preview", preview_id)
    if kept.asked != asked.digest:
        raise Invalid(Problem(pointer="/preview_id", code="another-change", message="is the preview of other changes"))
    promise = _promise(order, outcome, asked.now)
    answered = _answered(_compared(order, outcome))
    if (kept.change_version, kept.answered) != (order.change_version, answered) or _is_later(promise, kept):
        body, write = _shown(order, asked, outcome, promise)
        transaction.commit([write])
        raise PreviewStale(body)


def _shown(
    order: Order, asked: AskedChanges, outcome: ChangeOutcome, promise: "ChangePromise | None"
) -> tuple[dict[str, Any], Write]:
    preview_id = ids.preview(settings.cell, ids.ulid(int(asked.now.timestamp() * 1000), secrets.randbits(80)))
    compared = _compared(order, outcome)
    kept = Kept(
        change_version=order.change_version,
        asked=asked.digest,
        answered=_answered(compared),
        days=promise.last_days() if promise else {},
    )
    body = {
        "preview_id": preview_id,
        "until": views.time(asked.now + previews.KEPT),
        "order_id": order.order_id,
        "version": order.version,
        **compared,
        "promise": _promise_json(promise) if promise else None,
    }
    return body, previews.write(order.order_id, preview_id, kept, asked.now)


def _answered(compared: dict[str, Any]) -> str:
    """Return the digest of what a preview answered. What is to be paid follows from the rest, and from payments that may come
    with the change."""
    return previews.digest({name: value for name, value in compared.items() if name != "to_pay"})


def _compared(order: Order, outcome: ChangeOutcome) -> dict[str, Any]:
    """Return the part of a preview that the change must find as it was."""
    currency, added = order.currency, outcome.totals.total - outcome.before.total
    return {
        "totals_before": views.totals(outcome.before, currency),
        "totals": views.totals(outcome.totals, currency),
        "difference": views.money(added, currency),
        "to_pay": views.money(outcome.to_pay, currency),
        "taxes": [_tax_row(*row, currency) for row in changed_taxes.changed(order, outcome.decision)],
        "cancelled": unit_rows(outcome.cancelled),
        "recalled": list(recalled_rows(outcome, order)),
        "destinations": [{"change": i, "destination": views.destination(to)} for i, to in outcome.destinations],
        "denied": [
            {"change": i, "denials": [shown_denial(denial, "en-US") for denial in denials]}
            for i, denials in outcome.denied
        ],
    }


def _tax_row(name: str, kind: str, before: int, after: Line | Bundle | Charge, currency: str) -> dict[str, Any]:
    """Return a line, or a charge, that the changes tax otherwise."""
    return {
        "line_id": name or None,
        "kind": kind or None,
        "before": views.money(before, currency),
        "after": views.money(after.tax, currency),
        **views.source_of_tax(after),
    }


def _promise(order: Order, outcome: ChangeOutcome, now: datetime) -> "ChangePromise | None":
    """Return the promise of the units that the changes add or move, None if they leave none to place."""
    after = outcome.decision.order if outcome.decision else order
    if outcome.decision is None or after.quantities().keys().isdisjoint(UNPLACED):
        return None
    from comanda.aws.routing import planned_changes  # the code of the router: most changes place no unit

    own = of_order.own_units(order, now)
    return planned_changes.promise_of_change(order, outcome.decision, own, now)


def _is_later(promise: "ChangePromise | None", kept: Kept) -> bool:
    if promise is None:
        return False
    from comanda.domain.promise import change_promise

    return change_promise.is_later(promise, kept.days)


def _promise_json(promise: "ChangePromise") -> dict[str, Any]:
    return {
        "lines": [
            {
                "line_id": one.line_id,
                "quantity": one.quantity,
                "node_id": one.node,
                "method": one.method,
                "service": one.service,
                "due": one.due,
                "deliver_on": one.deliver_on,
                "zone": one.zone or None,
            }
            for one in promise.units
        ],
        "cannot_promise": [
            {"line_id": one.line_id, "quantity": one.quantity, "reason": one.reason} for one in promise.cannot
        ],
        "options": [
            {"destination": number, "recommended": found.recommended, "options": list(map(_option_json, found.options))}
            for number, found in promise.options
        ],
    }


def _option_json(option: "Option") -> dict[str, Any]:
    return {
        "option_id": option.option_id,
        "kind": option.kind,
        "method": option.method,
        "service": option.service,
        "node_id": option.node_id,
        "complete": option.complete,
        "deliver_on": option.deliver_on,
        "zone": option.zone,
    }
