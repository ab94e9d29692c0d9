"""
Decide what a credit note does with money: it lowers what is still owed, and gives back what was captured beyond.

Captures that failed are lowered first, those of the same invoice before others: what they kept of the authorisation is released.
What is to be collected with the goods of another invoice stays as it is.
Then comes what the shop gave up, then everything else that is owed, such as what a bank took back by a dispute that was lost.
Refunds go to the last tender first, because the first tenders are captured from first; no tender gives back more than was captured of it.

Called by   comanda.domain.billing.credit_notes, comanda.domain.lifecycle.parcels.lost_money (`owed`)
Returns     the order with its tenders up to date, money operations, and the tasks that change or end
Raises      nothing
"""

from dataclasses import dataclass, replace
from datetime import datetime

from comanda.domain.billing import failed_money, paying_out
from comanda.domain.orders.decision import MoneyOperation, Task
from comanda.domain.orders.dispute import lost
from comanda.domain.orders.fulfillment import to_capture_later
from comanda.domain.orders.order import Order
from comanda.domain.orders.queues import Queue
from comanda.domain.orders.tender import TO_COLLECT, FailedMovement


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """An order after a credit. `lowered` is the part of the amount that was owed."""

    order: Order
    lowered: int
    money: tuple[MoneyOperation, ...]
    tasks: tuple[Task, ...] = ()
    done: tuple[tuple[str, str], ...] = ()

    @property
    def refunds(self) -> tuple[MoneyOperation, ...]:
        return tuple(one for one in self.money if one.purpose == failed_money.REFUND)


def give_back(order: Order, amount: int, invoice: int, credit_note: int, now: datetime) -> Moved:
    """Lower what is owed by an amount, and refund the rest of it."""
    lowered = min(amount, owed(order, invoice))
    work = _Work(order, credit_note)
    work.lower(lowered, invoice, now)
    work.refund(amount - lowered)
    return work.moved(lowered)


def lower_needless(order: Order, now: datetime) -> Moved:
    """Lower what is still asked of the customer, or was given up, by what they paid too much and no payment gives back.

    So it is once refunds wait for an answer, and other payments gave back what they have, while a capture had failed, too.
    """
    needless = order.accounted + order.open_authorization - lost(order.disputes)
    needless -= max(order.totals.total, order.invoiced_total)
    work = _Work(order)
    work.lower(max(0, needless), None, now)
    return work.moved(needless)


def owed(order: Order, invoice: int) -> int:
    """Return what the customer still owes of the order, without what is captured or collected with goods that are not paid with
    this invoice. What was paid beyond the invoices pays none of them: it is for goods without an invoice, or goes back."""
    gone = lost(order.disputes)
    paid = sum(tender.captured - tender.refunded - tender.unrefunded for tender in order.payments) - gone
    paid -= max(0, order.accounted - gone + to_capture_later(order.fulfillments) - order.invoiced_total)
    elsewhere = sum(one.amount for one in order.failed_money if _is_collected_with_another(one, invoice))
    elsewhere += to_capture_later(order.fulfillments)
    return max(0, order.invoiced_total - order.credited_total - paid - elsewhere)


def _is_collected_with_another(one: FailedMovement, invoice: int) -> bool:
    """Return True for money that is to be collected with the goods of another invoice: its customer pays the printed amount."""
    return one.reason == TO_COLLECT and one.invoice != invoice


class _Work:
    """The tenders, failed movements and operations of an order while they change."""

    def __init__(self, order: Order, credit_note: int | None = None) -> None:
        self.order, self.credit_note = order, credit_note
        self.tenders, self.failed = list(order.payments), list(order.failed_money)
        self.disputes = list(order.disputes)
        self.money: list[MoneyOperation] = []
        self.tasks: list[Task] = []
        self.done: list[tuple[str, str]] = []

    def moved(self, lowered: int) -> Moved:
        order = replace(
            self.order,
            payments=tuple(self.tenders),
            disputes=tuple(self.disputes),
            failed_money=tuple(self.failed),
            operations=self.order.operations + len(self.money),
        )
        return Moved(
            order=paying_out.noted(order, self.money),
            lowered=lowered,
            money=tuple(self.money),
            tasks=tuple(self.tasks),
            done=tuple(self.done),
        )

    def lower(self, amount: int, invoice: int | None, now: datetime) -> None:
        """Lower captures that failed, then what the shop gave up. What else is owed needs no movement.

        Those of the invoice come first. None: of any, what is to be collected too.
        """
        captures = [
            one
            for one in self.failed
            if one.purpose == failed_money.CAPTURE and (invoice is None or not _is_collected_with_another(one, invoice))
        ]
        for one in sorted(captures, key=lambda failed: failed.invoice != invoice):
            part = min(amount, one.amount)
            if not part:
                break
            amount -= part
            tender = self.tenders[one.tender]
            self.tenders[one.tender] = replace(
                tender, uncaptured=tender.uncaptured - part, released=tender.released + part
            )
            self._move(failed_money.RELEASE, one.tender, part)
            at = self.failed.index(one)
            if part == one.amount:
                del self.failed[at]
                self.done.append((Queue.PAYMENTS, failed_money.item(one.number)))
            else:
                self.failed[at] = replace(one, amount=one.amount - part)
                self.tasks.append(failed_money.task(self.order, self.failed[at], now))
        for i, tender in enumerate(self.tenders):
            part = min(amount, tender.written_off)
            amount -= part
            self.tenders[i] = replace(tender, written_off=tender.written_off - part)
        for i, dispute in enumerate(self.disputes):
            part = min(amount, dispute.written_off)
            amount -= part
            self.disputes[i] = replace(dispute, written_off=dispute.written_off - part)

    def refund(self, amount: int) -> None:
        for i in reversed(range(len(self.tenders))):
            tender = self.tenders[i]
            part = min(amount, max(0, tender.refundable - lost(self.disputes, i)))
            if part:
                amount -= part
                self.tenders[i] = replace(tender, refunded=tender.refunded + part)
                self._move(failed_money.REFUND, i, part)

    def _move(self, purpose: str, tender: int, amount: int) -> None:
        number = self.order.operations + len(self.money) + 1
        note = self.credit_note if purpose == failed_money.REFUND else None
        self.money.append(
            MoneyOperation(purpose=purpose, number=number, tender=tender, amount=amount, credit_note=note)
        )
