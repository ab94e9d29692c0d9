"""
Collect money when the customer gets the goods: cash on delivery, and payment in the store.

What a payment of such a method covers is an open authorisation until the hand-over. Its part of an invoice is noted as not captured,
and becomes captured when the carrier, the store or a person tells how much was collected. What differs is a question for a person.

Called by   functions/fulfill, comanda.domain.lifecycle: resume and parcels.lost_money; comanda.domain.views, comanda.domain.documents.sale_document
Returns     decisions with the event `collected`; amounts in minor units of the order's currency
Raises      NotAllowed when nothing can be collected, or something else was told under the same reference
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from comanda.domain.billing import failed_money, invoices, payments
from comanda.domain.billing.failed_money import CAPTURE
from comanda.domain.errors import NotAllowed, NotFound
from comanda.domain.orders.decision import Decision, Event, EventType, MoneyOperation, Task
from comanda.domain.orders.methods import PICKUP
from comanda.domain.orders.order import Order
from comanda.domain.orders.queues import Queue
from comanda.domain.orders.status import Status
from comanda.domain.orders.tender import (
    AT_HAND_OVER,
    COLLECTED_LESS,
    NOT_COLLECTED,
    TO_COLLECT,
    Collected,
    FailedMovement,
    Tender,
)

_ITEM = "collected-"  # begins the name of an item about more than was due
MORE = "collected-more"  # its reason


def due(order: Order, number: int) -> int:
    """Return what is to be collected for a fulfillment; before its invoice, what that will leave to be collected."""
    fulfillment = order.fulfillment(number)
    if fulfillment.invoice is not None:
        if fulfillment.billed:
            return to_collect(order, fulfillment.invoice)
        return _to_be_collected(order.with_fulfillment(replace(fulfillment, to_capture=0)), fulfillment.invoice)
    units: dict[str, int] = {}
    for line, a in order.units_of(number):
        if a.status is not Status.CANCELLED:
            units[line.line_id] = units.get(line.line_id, 0) + a.quantity
    if fulfillment.ended or not units:
        return 0
    invoice = len(order.invoices) + 1
    billed, _ = invoices.invoice(order, units, number=invoice, fulfillment=number, series="", at=fulfillment.offered_at)
    return _to_be_collected(billed, invoice)


def _to_be_collected(billed: Order, invoice: int) -> int:
    """Return what the capture of an invoice will leave to be collected."""
    try:
        paid, _ = payments.capture(billed, invoice)
    except NotAllowed:  # too little is authorised: a person is asked, and all that there is has to be collected
        return sum(tender.open for tender in billed.payments if tender.provider == AT_HAND_OVER)
    return to_collect(paid, invoice)


def to_collect(order: Order, invoice: int) -> int:
    """Return what of an invoice is to be collected, or was not collected and is asked about."""
    return sum(one.amount for one in _waiting(order, invoice))


def collect(order: Order, number: int, amount: int, reference: str, actor: str, now: datetime) -> Decision | None:
    """Note how much was collected for a fulfillment; 0: the customer did not pay.

    `reference` is unique for the fulfillment: each collector counts its own money. Returns None when the same was told before, or
    nothing once more. A counter may collect before the invoice.
    """
    for one in order.collected:
        if (one.fulfillment, one.reference) == (number, reference):
            if one.amount != amount:
                raise NotAllowed(f"another amount was told as {reference}")
            return None
    fulfillment, left = order.fulfillment(number), due(order, number)
    if not left and not (amount and _is_first_money(order, number)):
        raise NotAllowed("nothing is to be collected for this fulfillment")
    invoice = fulfillment.invoice if fulfillment.billed else None
    if invoice is None and (fulfillment.method != PICKUP or not amount):
        raise NotAllowed("the fulfillment is not invoiced yet, or has not left")
    if not amount and _is_asked_about(order, invoice):
        return None
    work, ahead = _Work(order), 0
    if invoice is None:
        ahead = min(amount, left)
        work.take_ahead(ahead)
    else:
        work.take(invoice, amount, now)
    excess = max(0, amount - left)
    note = Collected(reference=reference, fulfillment=number, amount=amount, at=now, excess=excess, ahead=ahead)
    more = (_task_of_more(order, len(order.collected) + 1, excess, now),) if excess else ()
    data = {"fulfillment": number, "amount": amount, "currency": order.currency, "excess": excess}
    data["missing"] = 0 if invoice is None else left - min(left, amount)
    return Decision(
        order=replace(
            order,
            payments=tuple(work.tenders),
            failed_money=tuple(work.waiting),
            operations=order.operations + len(work.money),
            collected=(*order.collected, note),
        ),
        event=Event(type=EventType.COLLECTED, actor=actor, at=now, data=data),
        money=tuple(work.money),
        tasks=(*work.tasks, *more),
        done=tuple(work.done),
    )


def _is_first_money(order: Order, number: int) -> bool:
    """Return True for an invoiced fulfillment of which no money was told: what was due may be credited or answered since it left."""
    told = any(one.amount for one in order.collected if one.fulfillment == number)
    of_cash = any(tender.provider == AT_HAND_OVER for tender in order.payments)
    return of_cash and order.fulfillment(number).billed and not told


def _is_asked_about(order: Order, invoice: int | None) -> bool:
    """Return True if it is known already that all that waits of an invoice was not collected: a further visit adds no note."""
    return invoice is not None and all(one.reason != TO_COLLECT for one in _waiting(order, invoice))


def is_of_more(name: str) -> bool:
    """Return True for the name of an item about more money than was due."""
    return name.startswith(_ITEM)


def with_excess_answered(order: Order, name: str) -> Order:
    """Return the order after a person has dealt with money that was more than due. Raises NotFound when there is none."""
    place = name.removeprefix(_ITEM)
    number = int(place) if place.isdecimal() else 0
    if not 0 < number <= len(order.collected) or not order.collected[number - 1].excess:
        raise NotFound("collected money", name)
    notes = list(order.collected)
    notes[number - 1] = replace(notes[number - 1], excess=0)
    return replace(order, collected=tuple(notes))


def items_of_more(order: Order) -> Iterator[str]:
    """Yield the names of the items about more money than was due."""
    for number, one in enumerate(order.collected, 1):
        if one.excess:
            yield f"{_ITEM}{number:03d}"


def _waiting(order: Order, invoice: int) -> list[FailedMovement]:
    """Return the captures of an invoice that are to be collected, or were not collected."""
    return [
        one
        for one in order.failed_money
        if one.purpose == CAPTURE and one.invoice == invoice and order.payments[one.tender].provider == AT_HAND_OVER
    ]


def _task_of_more(order: Order, number: int, excess: int, now: datetime) -> Task:
    return Task(
        queue=Queue.PAYMENTS,
        item=f"{_ITEM}{number:03d}",
        due=now,
        reason=MORE,
        priority=order.priority,
        data=(("amount", str(excess)), ("currency", order.currency)),
    )


@dataclass(slots=True)
class _Work:
    """The tenders, notes and operations of an order while money is collected."""

    order: Order
    tenders: list[Tender] = field(init=False)
    waiting: list[FailedMovement] = field(init=False)
    money: list[MoneyOperation] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)
    done: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.tenders, self.waiting = list(self.order.payments), list(self.order.failed_money)

    def take(self, invoice: int, amount: int, now: datetime) -> None:
        """Capture what waits of an invoice as far as the amount goes. The rest is a question for a person."""
        for one in _waiting(self.order, invoice):
            part = min(amount, one.amount)
            amount -= part
            tender = self.tenders[one.tender]
            self.tenders[one.tender] = replace(tender, uncaptured=tender.uncaptured - part)
            if part:
                self._capture(one.tender, part, invoice)
            at = self.waiting.index(one)
            if part == one.amount:
                del self.waiting[at]
                self.done.append((Queue.PAYMENTS, failed_money.item(one.number)))
                continue
            reason = COLLECTED_LESS if part else NOT_COLLECTED
            self.waiting[at] = replace(one, amount=one.amount - part, reason=reason)
            self.tasks.append(failed_money.task(self.order, self.waiting[at], now))

    def take_ahead(self, amount: int) -> None:
        """Capture money that a counter has collected before the invoice."""
        for i, tender in enumerate(self.tenders):
            part = min(amount, tender.open) if tender.provider == AT_HAND_OVER else 0
            if part:
                amount -= part
                self._capture(i, part, None)

    def _capture(self, at: int, amount: int, invoice: int | None) -> None:
        self.tenders[at] = replace(self.tenders[at], captured=self.tenders[at].captured + amount)
        number = self.order.operations + len(self.money) + 1
        self.money.append(MoneyOperation(purpose=CAPTURE, number=number, tender=at, amount=amount, invoice=invoice))
