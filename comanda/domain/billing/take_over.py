"""
Let a payment take over what is left of another one: its captures that were not made, and the rest of its authorisation.

Called by   comanda.domain.lifecycle.holds.renewals
Returns     the order, money operations, and the failed movements that are answered by it
Raises      nothing
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from comanda.domain.billing.failed_money import CAPTURE, RELEASE
from comanda.domain.orders.decision import MoneyOperation
from comanda.domain.orders.order import Order
from comanda.domain.orders.tender import FailedMovement, Tender


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenOver:
    """The order after it. `again` are the numbers of captures that are made anew, `answered` those of failed ones."""

    order: Order
    money: tuple[MoneyOperation, ...]
    again: tuple[int, ...]
    answered: tuple[int, ...]


def taken_over(
    order: Order,
    at: int,
    new: Tender,
    unsent: Iterable[MoneyOperation],
    over: Collection[str],
    now: datetime,
    lasting: datetime,
) -> TakenOver:
    """Put `new` in the place of the payment with the index `at`, and have it take over the payment that it renews.

    `unsent` are captures that no provider was asked for: they stay while the old payment lasts. Of the captures that failed
    those are made again whose reason is in `over`. What does not fit into the new authorisation stays where it is. Both
    payments are released as far as the order is covered without it. What ends before `lasting` is renewed itself if it is needed,
    so the new payment is not released for it.
    """
    moving = _Moving(order, at, new)
    for operation in unsent if moving.old.ended(now) else ():
        moving.take_unsent(operation)
    for failed in order.failed_money:
        if failed.reason in over:
            moving.take_failed(failed)
    moving.release_rest(now, lasting)
    return moving.result()


class _Moving:
    """The two payments while what is left moves from `old` to `new`."""

    def __init__(self, order: Order, at: int, new: Tender) -> None:
        assert new.renews is not None
        self.before, self.at, self.first = order, at, new.renews
        self.new, self.old = new, order.payments[new.renews]
        self.money: list[MoneyOperation] = []
        self.again: list[int] = []
        self.answered: list[int] = []

    def take_unsent(self, one: MoneyOperation) -> None:
        """Take over a capture, unless more was refunded than would be left without it."""
        if self._fits(one) and self.old.captured - one.amount >= self.old.refunded:
            self.old = replace(self.old, captured=self.old.captured - one.amount)
            self._capture(one)
            self.again.append(one.number)

    def take_failed(self, one: FailedMovement) -> None:
        if self._fits(one):
            self.old = replace(self.old, uncaptured=self.old.uncaptured - one.amount)
            self._capture(one)
            self.answered.append(one.number)

    def release_rest(self, now: datetime, lasting: datetime) -> None:
        """Release what is left of both payments and not needed; all of it if the books are closed.

        More may be needed than was asked for, because the order was changed meanwhile: that much of the old payment stays, also
        when it is over, so that the order is known to lack it. The new one keeps what rounding up added.
        """
        worth = max(self.before.totals.total, self.before.invoiced_total)
        # More than the customer has authorised on the card is never asked for, so no more of it is kept either.
        left = max(0, self.before.payments[self.first].open - self.new.open)
        valid = 0 if self.old.ended(now) else self.old.open
        rest = self.old.open - min(left, self.old.open, max(0, worth - self._covered(now) + valid))
        if rest:
            self.old = replace(self.old, released=self.old.released + rest)
            self._add(RELEASE, self.first, rest)
        rounding = max(0, self.new.authorized - self.before.payments[self.at].asked)
        rest = min(self.new.open, max(0, self._covered(lasting) - worth - rounding))
        if self.before.pending is not None:  # more is authorised for a change
            rest = 0
        rest = max(rest, min(self.new.open, self._above_agreed() - rounding))
        if rest := self.new.open if self.before.closed else rest:
            self.new = replace(self.new, released=self.new.released + rest)
            self._add(RELEASE, self.at, rest)

    def _above_agreed(self) -> int:
        """Return what the old payment and all that renew it take of the card above what the customer agreed to.

        A capture may have been decided after the provider was asked for the new payment.
        """
        taking = (self.old, *(tender for tender in self._payments() if tender.renews == self.first))
        return sum(one.captured + one.uncaptured + one.open for one in taking) - self.old.authorized

    def _payments(self) -> tuple[Tender, ...]:
        payments = list(self.before.payments)
        payments[self.first], payments[self.at] = self.old, self.new
        return tuple(payments)

    def _covered(self, now: datetime) -> int:
        """Return what is paid, or authorised and not over."""
        order = replace(self.before, payments=self._payments())
        return order.accounted + sum(tender.open for tender in order.payments if not tender.ended(now))

    def result(self) -> TakenOver:
        left = tuple(one for one in self.before.failed_money if one.number not in self.answered)
        number = self.before.operations + len(self.money)
        order = replace(self.before, payments=self._payments(), operations=number, failed_money=left)
        again, answered = tuple(self.again), tuple(self.answered)
        return TakenOver(order=order, money=tuple(self.money), again=again, answered=answered)

    def _fits(self, one: MoneyOperation | FailedMovement) -> bool:
        return one.purpose == CAPTURE and one.tender == self.first and one.amount <= self.new.open

    def _capture(self, one: MoneyOperation | FailedMovement) -> None:
        self.new = replace(self.new, captured=self.new.captured + one.amount)
        self._add(CAPTURE, self.at, one.amount, one.invoice)

    def _add(self, purpose: str, tender: int, amount: int, invoice: int | None = None) -> None:
        number = self.before.operations + len(self.money) + 1
        self.money.append(MoneyOperation(purpose=purpose, number=number, tender=tender, amount=amount, invoice=invoice))
