"""
Change an order after the sale: decide whole which changes it takes, what they cost, and which work comes back.

A preview and the change itself are decided by the same code, so that a change does what its preview said.

Called by   functions/intake
Returns     an outcome: the decision with the event `changed`, what was denied, and what is to be paid
Raises      Invalid with the pointer of a field that does not fit the order, or that is as the order has it already; NotAllowed for
            payments of an order that has ended
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from comanda.domain.billing import unneeded_credit
from comanda.domain.errors import Invalid, Problem
from comanda.domain.lifecycle import told_payments
from comanda.domain.lifecycle.changes import denied_change
from comanda.domain.lifecycle.changes.changing import ChangeBuilder, ChangeTerms
from comanda.domain.lifecycle.changes.wanted_changes import UnitChange, Wanted, WantedChange
from comanda.domain.lifecycle.modifications.denials import Denial
from comanda.domain.lifecycle.modifications.modification_matrix import Matrix
from comanda.domain.lifecycle.moving.wanted import MOVES, NewAddress
from comanda.domain.lifecycle.node_work.work import live_units, unit_rows
from comanda.domain.orders.decision import Decision
from comanda.domain.orders.destination import Destination
from comanda.domain.orders.order import Order, Totals
from comanda.domain.orders.pending_change import PendingChange


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeOutcome:
    """The result of changes: the decision if at least one is allowed, and the denials of the others by their place.

    `to_pay` is what the order costs more than its payments cover, of what the changes add. `recalled` are the units
    (line id: units) that each fulfillment loses, `asked` those that its node is asked for. `addresses` are the places of new
    addresses in the contact, and `destinations` where they lie, by the place of their change.
    """

    before: Totals
    decision: Decision | None
    denied: tuple[tuple[int, tuple[Denial, ...]], ...]
    to_pay: int
    cancelled: Mapping[str, int]
    recalled: Mapping[int, Mapping[str, int]]
    asked: Mapping[int, Mapping[str, int]]
    addresses: Mapping[int, NewAddress]
    destinations: tuple[tuple[int, Destination], ...]

    @property
    def totals(self) -> Totals:
        """Return the totals of the order with the changes that are allowed."""
        return self.decision.order.totals if self.decision else self.before

    def fits(self, pending: PendingChange) -> bool:
        """Return True if the order still takes its pending change, with this outcome.

        A change that waits adds to what the order costs. When other changes came in between so that it would lower that by now,
        or cancel further units, nobody has asked for it.
        """
        cheaper = self.totals.total < self.before.total
        return not self.denied and not cheaper and sum(self.cancelled.values()) <= pending.cancels


def change(order: Order, wanted: Sequence[Wanted], matrix: Matrix, terms: ChangeTerms) -> ChangeOutcome:
    """Decide on changes, in their order; units that are cancelled go last, and together."""
    _require_lines(order, wanted)
    work = ChangeBuilder(order, terms)
    denied: list[tuple[int, tuple[Denial, ...]]] = []
    fewer = {one.line_id: one.cancelled(order) for one in wanted if isinstance(one, UnitChange)}
    for i, one in enumerate(wanted):
        why = denied_change.denials(order, one, fewer, matrix)
        if why is not None:
            denied.append((i, why))
        else:
            work.add(i, one, fewer[one.line_id] if isinstance(one, UnitChange) else 0)
    if work.same:
        raise Invalid(*work.same)
    decision = unneeded_credit.released(order, work.decision(matrix)) if work.rows else None
    if terms.payments and decision:
        told_payments.require_payable(order)
    return ChangeOutcome(
        before=order.totals,
        decision=decision,
        denied=tuple(denied),
        to_pay=_to_pay(order, decision, terms),
        cancelled=work.fewer,
        recalled=_recalled(order, decision.order) if decision else {},
        asked=work.asked,
        addresses=work.addresses,
        destinations=tuple(work.destinations.items()),
    )


def _require_lines(order: Order, wanted: Sequence[Wanted]) -> None:
    """Raise Invalid for each name that does not fit the order, and for each change that stands twice."""
    known = {line.line_id for line in order.as_sent()} | {""}
    wrong: list[Problem] = []
    for i, one in enumerate(wanted):
        if one.line_id not in known:
            message = f"{one.line_id} is not a line of this order"
            wrong.append(Problem(pointer=f"/changes/{i}/line_id", code="unknown-line", message=message))
        elif isinstance(one, UnitChange):
            wrong += one.problems(order, f"/changes/{i}")
    wrong += _twice(order, wanted)
    if not wrong and any(isinstance(one, MOVES) for one in wanted):
        from comanda.domain.lifecycle.moving import apply  # few changes move units

        wrong += apply.unfit(order, wanted)
    if wrong:
        raise Invalid(*wrong)


def _twice(order: Order, wanted: Sequence[Wanted]) -> Iterator[Problem]:
    """Yield a problem for each change that stands twice. Units of a line are changed once: each change counts those of the
    order as it is, and the sets of a bundle are units of its components."""
    seen: set[tuple[object, str]] = set()
    bundle_of = {line.line_id: line.component.bundle for line in order.lines if line.component}
    whose_units = {one.line_id for one in wanted if isinstance(one, UnitChange)}
    for i, one in enumerate(wanted):
        of_units = isinstance(one, UnitChange)
        key = (UnitChange if of_units else one.modification, one.line_id)
        repeats = isinstance(one, WantedChange) and one.repeats
        if (of_units and bundle_of.get(one.line_id) in whose_units) or (key in seen and not repeats):
            yield Problem(pointer=f"/changes/{i}", code="duplicate", message="the same is changed twice")
        seen.add(key)


def _to_pay(order: Order, decision: Decision | None, terms: ChangeTerms) -> int:
    """Return the part of what the changes add that no payment covers.

    What was not covered before is not asked for here, and payments that come with the changes are for the changes.
    """
    if decision is None:
        return 0
    after = decision.order
    valid = [0 if tender.ended(terms.now) else tender.open for tender in after.payments]
    before = len(order.payments)
    covered, paid = after.accounted + sum(valid[:before]), sum(valid[before:])
    added = after.totals.total - order.totals.total
    return max(0, min(added, after.totals.total - covered) - paid)


def _recalled(before: Order, after: Order) -> dict[int, dict[str, int]]:
    found = {}
    for number in (f.number for f in before.fulfillments):
        left = live_units(after, number)
        lost = {line_id: n - left.get(line_id, 0) for line_id, n in live_units(before, number).items()}
        if any(lost.values()):
            found[number] = {line_id: n for line_id, n in lost.items() if n}
    return found


def recalled_rows(outcome: ChangeOutcome, order: Order) -> Iterator[dict[str, Any]]:
    """Yield the units that each node loses, or is asked for, as previews show them."""
    from comanda.domain import ids

    for asked, works in ((False, outcome.recalled), (True, outcome.asked)):
        for number, units in works.items():
            yield {
                "fulfillment_id": ids.fulfillment(order.order_id, number),
                "node_id": order.fulfillment(number).node,
                "lines": unit_rows(units),
                "asked": asked,
            }
