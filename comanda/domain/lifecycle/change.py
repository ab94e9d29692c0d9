"""
Change an order after the sale: decide whole which changes it takes, what they cost, and which work comes back.

A preview and the change itself are decided by the same code, so that a change does what its preview said.

Called by   functions/intake
Returns     an outcome: the decision with the event `changed`, what was denied, and what is to be paid
Raises      Invalid with the pointer of a field that does not fit the order
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from comanda.domain.errors import Invalid, Problem
from comanda.domain.lifecycle import authorisations, cancel
from comanda.domain.lifecycle.allowed_changes import AllowedChange, Denial, of_line, of_order
from comanda.domain.lifecycle.modification_matrix import Level, Matrix, Modification
from comanda.domain.lifecycle.wanted_changes import (
    NewDiscount,
    NewPrice,
    NewPriority,
    NewQuantity,
    NewTags,
    Wanted,
    applied,
)
from comanda.domain.lifecycle.work import live_units, unit_rows
from comanda.domain.orders.bundle import Bundle
from comanda.domain.orders.cancel_reasons import CancelReason
from comanda.domain.orders.decision import Decision, Event, EventType, Task
from comanda.domain.orders.line import Line
from comanda.domain.orders.order import Order, Tender, Totals

# What the event says of units that are cancelled, as `cancelled` does.
_OF_CANCELLED = ("lines", "bundles", "along", "quarantined")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The result of changes: the decision if at least one is allowed, and the denials of the others by their place.

    `to_pay` is what the order costs more than its payments cover, of what the changes add. `recalled` are the units
    (line id: units) that each fulfillment loses.
    """

    before: Totals
    decision: Decision | None
    denied: tuple[tuple[int, tuple[Denial, ...]], ...]
    to_pay: int
    cancelled: Mapping[str, int]
    recalled: Mapping[int, Mapping[str, int]]

    @property
    def totals(self) -> Totals:
        """Return the totals of the order with the changes that are allowed."""
        return self.decision.order.totals if self.decision else self.before


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Say what holds for all changes of a request. `payments` pay for what they add."""

    reason: str
    actor: str
    now: datetime
    payments: tuple[Tender, ...] = ()
    why: CancelReason | None = None  # of the retailer's list; it stays with the units that are cancelled


def change(order: Order, wanted: Sequence[Wanted], matrix: Matrix, terms: Terms) -> Outcome:
    """Decide on changes, in their order; units that are cancelled go last, and together."""
    _require_lines(order, wanted)
    fewer: dict[str, int] = {}
    denied: list[tuple[int, tuple[Denial, ...]]] = []
    rows: list[dict[str, Any]] = []
    after = order
    for i, one in enumerate(wanted):
        less = _fewer(order, one)
        row = _allowed_row(order, one, matrix, less)
        if row.units < max(less, 1):
            denied.append((i, row.denials))
            continue
        rows.append(_fact(after, one))
        if less:
            fewer[_line_of(one)] = less
        elif not (isinstance(one, NewQuantity) and one.quantity == _live(order, one.line_id)):
            after = applied(after, one, terms.actor, f"/changes/{i}")
    decision = _decision(order, after, fewer, rows, matrix, terms) if rows else None
    return Outcome(
        before=order.totals,
        decision=decision,
        denied=tuple(denied),
        to_pay=_to_pay(order, decision, terms),
        cancelled=fewer,
        recalled=_recalled(order, decision.order) if decision else {},
    )


def _require_lines(order: Order, wanted: Sequence[Wanted]) -> None:
    known = {line.line_id for line in order.as_sent()}
    seen: set[tuple[Modification, str]] = set()
    wrong = []
    for i, one in enumerate(wanted):
        line_id = _line_of(one)
        if line_id and line_id not in known:
            message = f"{line_id} is not a line of this order"
            wrong.append(Problem(pointer=f"/changes/{i}/line_id", code="unknown-line", message=message))
        if (one.modification, line_id) in seen and one.modification not in (Modification.DISCOUNT, Modification.CHARGE):
            wrong.append(Problem(pointer=f"/changes/{i}", code="duplicate", message="the same is changed twice"))
        seen.add((one.modification, line_id))
    if wrong:
        raise Invalid(*wrong)


def _line_of(wanted: Wanted) -> str:
    return wanted.line_id if isinstance(wanted, NewPrice | NewQuantity) else ""


def _sold(order: Order, line_id: str) -> Line | Bundle:
    return next(line for line in order.as_sent() if line.line_id == line_id)


def _live(order: Order, line_id: str) -> int:
    """Return the live units of a line, or the sets of a bundle of which a unit is live."""
    line = _sold(order, line_id)
    if isinstance(line, Line):
        return line.live
    from comanda.domain.orders import bundles  # few orders have bundles

    return max((-(-part.live // bundles.ratio(part)) for part in bundles.components(order, line_id)), default=0)


def _fewer(order: Order, wanted: Wanted) -> int:
    """Return the units that a change cancels."""
    return max(0, _live(order, wanted.line_id) - wanted.quantity) if isinstance(wanted, NewQuantity) else 0


def _allowed_row(order: Order, wanted: Wanted, matrix: Matrix, fewer: int) -> AllowedChange:
    line_id = _line_of(wanted)
    if not line_id:
        return of_order(order, wanted.modification, matrix)
    modification = Modification.CANCEL if fewer else wanted.modification
    return of_line(order, _sold(order, line_id), modification, matrix)


def _fact(order: Order, wanted: Wanted) -> dict[str, Any]:
    """Return what the event says of a change: never a text about the customer."""
    fact: dict[str, Any] = {"modification": wanted.modification.value}
    match wanted:
        case NewPriority():
            return {**fact, "before": order.priority, "after": wanted.priority}
        case NewTags():
            return {**fact, "before": list(order.tags), "after": list(wanted.tags)}
        case NewPrice():
            before = order.line(wanted.line_id).unit_price
            return {**fact, "line_id": wanted.line_id, "before": before, "after": wanted.unit_price}
        case NewQuantity():
            before = _live(order, wanted.line_id)
            return {**fact, "line_id": wanted.line_id, "before": before, "after": wanted.quantity}
        case NewDiscount():
            return {**fact, "after": wanted.amount}
    return fact


def _decision(
    order: Order,
    after: Order,
    fewer: Mapping[str, int],
    rows: Sequence[Mapping[str, Any]],
    matrix: Matrix,
    terms: Terms,
) -> Decision:
    after, tasks = _paid(after, terms)
    data: dict[str, Any] = {"changes": [*rows]}
    event = Event(type=EventType.CHANGED, actor=terms.actor, at=terms.now, data=data)
    if fewer:
        may = matrix.allowed(Modification.CANCEL, Level.LINE, order.channel)
        decision = cancel.cancel(after, fewer, terms.reason, terms.actor, terms.now, may, terms.why)
        data |= {name: decision.event.data[name] for name in _OF_CANCELLED if name in decision.event.data}
    else:
        decision = Decision(order=after, event=event)
    data |= terms.why.facts() if terms.why else {}
    data |= {"reason": terms.reason, "was": order.totals.total, "total": decision.order.totals.total}
    data["currency"] = order.currency
    return replace(decision, event=event, tasks=(*decision.tasks, *tasks))


def _paid(order: Order, terms: Terms) -> tuple[Order, tuple[Task, ...]]:
    if not terms.payments:
        return order, ()
    return authorisations.with_payment_hold(replace(order, payments=(*order.payments, *terms.payments)), terms.now)


def _to_pay(order: Order, decision: Decision | None, terms: Terms) -> int:
    """Return the part of what the changes add that no payment covers. What was not covered before is not asked for here."""
    if decision is None:
        return 0
    after = decision.order
    covered = after.captured + sum(tender.open for tender in after.payments if not tender.ended(terms.now))
    added = after.totals.total - order.totals.total
    return max(0, min(added, after.totals.total - covered))


def _recalled(before: Order, after: Order) -> dict[int, dict[str, int]]:
    found = {}
    for number in (f.number for f in before.fulfillments):
        left = live_units(after, number)
        lost = {line_id: n - left.get(line_id, 0) for line_id, n in live_units(before, number).items()}
        if any(lost.values()):
            found[number] = {line_id: n for line_id, n in lost.items() if n}
    return found


def recalled_rows(outcome: Outcome, order: Order) -> Iterator[dict[str, Any]]:
    """Yield the units that each node loses, as previews show them."""
    from comanda.domain import ids

    for number, units in outcome.recalled.items():
        yield {
            "fulfillment_id": ids.fulfillment(order.order_id, number),
            "node_id": order.fulfillment(number).node,
            "lines": unit_rows(units),
        }


def given_after_sale(order: Order) -> int:
    """Return the sum of the discounts that were given after the sale."""
    return sum(discount.amount for discount in order.discounts if discount.by)
