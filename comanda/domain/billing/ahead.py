"""
Invoice goods when they are packed, before they leave, and capture their money when they have left.

A step that changes the units of such an invoice voids it in the same version of the order: units are cancelled, go to another
fulfillment or back to the shelf. What is packed then is invoiced anew. A step that leaves its units as they are leaves it.

Called by   the rooms that invoice packed goods, and those that change the units of orders
Returns     orders, decisions and money operations, in minor units of the order's currency
Raises      NotAllowed when the goods are not packed or have left, or less is authorised than is to be captured
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from comanda.domain.billing import invoices, leaving, nfe_results, payments, voids
from comanda.domain.billing.invoices import Invoice
from comanda.domain.errors import NotAllowed
from comanda.domain.orders import papers
from comanda.domain.orders.decision import Decision, MoneyOperation
from comanda.domain.orders.order import Order
from comanda.domain.orders.status import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuing:
    """The facts of an invoice that its order does not have: the series, the time, and the days that the buyer has to pay it."""

    series: str
    at: datetime
    payment_days: int | None = None


def issue(order: Order, number: int, how: Issuing) -> tuple[Order, Invoice] | None:
    """Invoice a packed fulfillment, without a capture. Return None if it is invoiced already. Raises NotAllowed if a unit is not
    packed."""
    if order.fulfillment(number).invoice is not None:
        return None
    if not papers.is_packed(order, number):
        raise NotAllowed(
            f"fulfillment {number} is {order.fulfillment_status(number)}: it is invoiced when it is packed"
        )
    billed, made = invoices.invoice(
        order,
        _units(order, number),
        number=len(order.invoices) + 1,
        fulfillment=number,
        series=how.series,
        at=how.at,
        payment_days=how.payment_days,
    )
    return billed.with_fulfillment(replace(billed.fulfillment(number), to_capture=made.totals.total)), made


def capture(order: Order, number: int, now: datetime) -> tuple[Order, tuple[MoneyOperation, ...]]:
    """Capture the money of a fulfillment that was invoiced before it left. A second call finds nothing to capture.

    Raises NotAllowed if it has not left, or if less is authorised; then nothing is captured.
    """
    fulfillment = order.fulfillment(number)
    if fulfillment.invoice is None or fulfillment.shipped_at is None:
        raise NotAllowed(f"fulfillment {number} is not invoiced, or has not left")
    if fulfillment.billed:
        return order, ()
    return payments.capture(order.with_fulfillment(replace(fulfillment, to_capture=0)), fulfillment.invoice, now)


def decide(
    order: Order, made: Callable[[], Mapping[int, Invoice]], step: Callable[[Order], Decision | None]
) -> Decision | None:
    """Take a step of an order, and void the invoices of goods that have not left, if it changes their units.

    `made` returns all invoices of the order, by number: it is asked of an order with such an invoice alone. The step is tried without
    them first, because it may not cancel a unit that is invoiced. The last time that it is called is the one that counts.
    """
    ahead = {f.number: f.invoice for f in order.fulfillments if f.invoiced_ahead and f.invoice is not None}
    if not ahead:
        return _with_papers(order, step(order))
    known = made()
    tried = step(_without(order, known, ahead.values()))
    broken = [number for number in ahead if tried and _units(order, number) != _units(tried.order, number)]
    if not broken:
        return _with_papers(order, step(order))
    voided = [ahead[number] for number in broken]
    decision = tried if len(broken) == len(ahead) else step(_without(order, known, voided))
    return None if decision is None else _with_voids(order, _with_papers(order, decision, broken), voided)


def _with_papers[Step: (Decision, Decision | None)](order: Order, decision: Step, broken: Sequence[int] = ()) -> Step:
    """Return a decision if no goods leave by it, or are made ready, without their papers. Raises NotAllowed otherwise.

    `broken` are the fulfillments whose invoice has other units than leave.
    """
    if decision is None or not order.papers:
        return decision
    for before in order.fulfillments:
        if _moves_out(order, decision.order, before.number):
            if before.number in broken:
                raise NotAllowed(
                    "the invoice has all packed goods: give back, or cancel, what stays, and pack the rest again"
                )
            leaving.require_papers(order, before.number, nfe=order.papers == papers.NFE)
    return decision


def _moves_out(before: Order, after: Order, number: int) -> bool:
    """Return True if goods of a fulfillment leave, or are made ready for their customer."""
    if before.fulfillment(number).shipped_at != after.fulfillment(number).shipped_at:
        return True
    was, there = ({a.status for _, a in one.units_of(number)} for one in (before, after))
    return Status.READY_FOR_PICKUP in there - was


def _with_voids(order: Order, decision: Decision, voided: Sequence[int]) -> Decision:
    """Return a decision with the voided invoices in its event, and with what is to do about their NF-e."""
    event = replace(
        decision.event, data={**decision.event.data, "voided": [order.invoices[number - 1] for number in voided]}
    )
    for number in voided:
        opened, ended = nfe_results.of_voided(order, number, event.at)
        decision = replace(decision, tasks=(*decision.tasks, *opened), done=(*decision.done, *ended))
    return replace(decision, event=event)


def _without(order: Order, made: Mapping[int, Invoice], numbers: Iterable[int]) -> Order:
    """Return the order after these invoices are voided, the last one first."""
    for number in sorted(numbers, reverse=True):
        order = voids.taken_back(order, made[number], made.values())
    return order


def _units(order: Order, number: int) -> dict[str, int]:
    """Return the units (line id: units) that a fulfillment has, at its node or gone."""
    units: dict[str, int] = {}
    for line, a in order.units_of(number):
        if a.status is not Status.CANCELLED:
            units[line.line_id] = units.get(line.line_id, 0) + a.quantity
    return units
