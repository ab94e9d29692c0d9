"""
Compare what a provider reported of one payment with what its order moved, and what a payout should be with what the bank got.

Called by   comanda.aws.books.settlements
Returns     a Settlement after further movements, and its status
Raises      nothing

All amounts of a payment are added up before they are compared: a capture may have several lines, in several files. What is
reported later than our operation is waited for. Nothing here moves money: a difference asks a person.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from operator import itemgetter

from comanda.domain.reconciliation.exchange import Exchange
from comanda.domain.reconciliation.movement import Movement, MovementKind


class SettlementStatus(StrEnum):
    """The values are stored, and part of the API."""

    WAITING = "WAITING"  # something of ours is not reported yet, and may still be
    MATCHED = "MATCHED"  # what was reported is what we moved
    MISSING = "MISSING"  # ours without theirs, after some days
    EXTRA = "EXTRA"  # theirs without ours
    AMOUNT_DIFFERS = "AMOUNT_DIFFERS"
    CURRENCY_DIFFERS = "CURRENCY_DIFFERS"
    DISPUTED = "DISPUTED"  # the customer's bank took money back
    RESOLVED = "RESOLVED"  # a person has looked at the difference as it is now


ASKS_A_PERSON = frozenset(SettlementStatus) - {
    SettlementStatus.WAITING,
    SettlementStatus.MATCHED,
    SettlementStatus.RESOLVED,
}
FOREVER = timedelta(days=36_500)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """
    Hold what was reported of one payment, or of one payout, in minor units of `currency`.

    charged, refunded, disputed   the sums of a payment; of a payout `charged` is what the bank got
    announced                     of a payout: what the provider says it sent; None: nothing said
    summed                        of a payout: what its lines add up to
    answered                      what a person has resolved: the difference as it was then
    """

    currency: str
    day: str
    charged: int = 0
    refunded: int = 0
    disputed: int = 0
    announced: int | None = None
    summed: int = 0
    mixed: bool = False  # lines of several currencies
    answered: str = ""
    exchange: Exchange | None = None  # what it changed in the currency of the account, where it was converted

    @property
    def whole(self) -> "Settlement":
        """Return the settlement with the lines in it that tell only what they changed in the currency of the account."""
        if (found := self.exchange) is None:
            return self
        return replace(
            self,
            charged=self.charged + found.in_customers(found.charged),
            refunded=self.refunded + found.in_customers(found.refunded),
            disputed=self.disputed + found.in_customers(found.disputed),
            mixed=self.mixed or not found.is_known,
        )

    @property
    def expected(self) -> int:
        """Return what the bank should get of a payout."""
        return self.summed if self.announced is None else self.announced

    def with_movement(self, movement: Movement) -> "Settlement":
        """Return the settlement of a payment, or of a payout at the bank, after one more line."""
        account = movement.net_currency or movement.currency
        if account == movement.currency == self.currency:
            return _plus(self, movement)
        if account == movement.currency:
            exchange = self.exchange or Exchange(currency=account)
            return (
                replace(self, exchange=exchange.with_own(movement)) if exchange.currency == account else self._mixed()
            )
        known = self._in_customers_currency(movement.currency) if self.currency == account else self
        exchange = known.exchange or Exchange(currency=account)
        if (known.currency, exchange.currency) != (movement.currency, account):
            return self._mixed()
        return replace(_plus(known, movement), exchange=exchange.with_both(movement))

    def _in_customers_currency(self, currency: str) -> "Settlement":
        """Return the settlement once a line says what the customer paid with: those before it told the account's amounts alone."""
        if self.exchange is not None:
            return self
        settled = self.charged - self.refunded - self.disputed
        sums = {"charged": self.charged, "refunded": self.refunded, "disputed": self.disputed}
        exchange = Exchange(currency=self.currency, settled=settled, **sums)
        return replace(self, currency=currency, exchange=exchange, charged=0, refunded=0, disputed=0)

    def _mixed(self) -> "Settlement":
        return replace(self, mixed=True)

    def with_part(self, movement: Movement) -> "Settlement":
        """Return the settlement of a payout after one line of what it pays out, or after its own."""
        if movement.net_currency != self.currency:
            return replace(self, mixed=True)
        if movement.kind is MovementKind.PAYOUT:
            return replace(
                self, announced=(self.announced or 0) - movement.amount
            )  # its own fee stays with the provider
        return replace(self, summed=self.summed + movement.net)

    def with_all_of(self, other: "Settlement") -> "Settlement":
        """Return the settlement of a payout with what was reported of it under another name."""
        exchanges = [one for one in (self.exchange, other.exchange) if one is not None]
        if other.currency != self.currency or len({one.currency for one in exchanges}) > 1:
            return self._mixed()
        exchange = exchanges[0].with_all_of(exchanges[1]) if len(exchanges) > 1 else next(iter(exchanges), None)
        said = [one for one in (self.announced, other.announced) if one is not None]
        return replace(
            self,
            charged=self.charged + other.charged,
            refunded=self.refunded + other.refunded,
            disputed=self.disputed + other.disputed,
            announced=sum(said) if said else None,
            summed=self.summed + other.summed,
            mixed=self.mixed or other.mixed,
            exchange=exchange,
        )


def _plus(theirs: Settlement, movement: Movement) -> Settlement:
    """Return a settlement with the amount of one more line in its sums."""
    match movement.kind:
        case MovementKind.REFUND:
            return replace(theirs, refunded=theirs.refunded - movement.amount)
        case MovementKind.DISPUTE:
            return replace(theirs, disputed=theirs.disputed - movement.amount)
    return replace(theirs, charged=theirs.charged + movement.amount)


@dataclass(frozen=True, slots=True, kw_only=True)
class OurMovement:
    """A capture or refund of ours. `done_at` None: it is under way, and may have been reported already."""

    is_refund: bool
    amount: int
    done_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OurMoney:
    """Hold what our order moved with a payment."""

    currency: str
    movements: tuple[OurMovement, ...] = ()  # in the order in which they were decided

    def total(self, *, refunds: bool) -> int:
        """Return what was captured or refunded, without what is under way."""
        chosen = (one for one in self.movements if one.is_refund == refunds)
        return sum(one.amount for one in chosen if one.done_at is not None)


def judge(theirs: Settlement, ours: OurMoney | None, now: datetime, wait: timedelta) -> SettlementStatus:
    """Return how a payment stands. `ours` is None when no order has it; `wait` is how long a report may take."""
    status = _compare(theirs, ours, now, wait)
    if status in ASKS_A_PERSON and theirs.answered == difference(theirs, ours, status):
        return SettlementStatus.RESOLVED
    return status


def difference(theirs: Settlement, ours: OurMoney | None, status: SettlementStatus) -> str:
    """Return the difference in a form that changes whenever it does: what a person has answered is remembered by it."""
    mine = (0, 0) if ours is None else (ours.total(refunds=False), ours.total(refunds=True))
    whole, settled = theirs.whole, (theirs.exchange.settled,) if theirs.exchange else ()
    numbers = (whole.charged, whole.refunded, whole.disputed, whole.expected, int(whole.mixed), *mine, *settled)
    return " ".join((status, *map(str, numbers)))


def patience(status: SettlementStatus) -> timedelta:
    """Return how long a report may take when a line comes. What is short is found by the sweeper alone; once a person was
    asked about it, it is not waited for again."""
    return timedelta(0) if status in ASKS_A_PERSON or status is SettlementStatus.RESOLVED else FOREVER


def _compare(theirs: Settlement, ours: OurMoney | None, now: datetime, wait: timedelta) -> SettlementStatus:
    if ours is None:
        return SettlementStatus.EXTRA
    whole, exchange = theirs.whole, theirs.exchange or Exchange(currency=theirs.currency)
    if whole.mixed or (ours.movements and whole.currency != ours.currency):
        return SettlementStatus.CURRENCY_DIFFERS
    sides = [
        _side(reported, [one for one in ours.movements if one.is_refund == refunds], now - wait, exchange.inexact(own))
        for reported, refunds, own in (
            (whole.charged, False, exchange.charged),
            (whole.refunded, True, exchange.refunded),
        )
    ]
    if abs(whole.disputed) > exchange.inexact(exchange.disputed) and SettlementStatus.EXTRA not in sides:
        return SettlementStatus.DISPUTED
    return next(status for status in _WORST_FIRST if status in sides)


_WORST_FIRST = (
    SettlementStatus.EXTRA,
    SettlementStatus.AMOUNT_DIFFERS,
    SettlementStatus.MISSING,
    SettlementStatus.WAITING,
    SettlementStatus.MATCHED,
)


def _side(reported: int, mine: Sequence[OurMovement], overdue: datetime, inexact: int) -> SettlementStatus:
    """Compare what was captured, or what was refunded. Our first movements are reported first.

    `inexact` is how much an amount may be wrong that was converted back.
    """
    done = sum(one.amount for one in mine if one.done_at is not None)
    most = sum(one.amount for one in mine)
    if abs(reported - done) <= inexact:
        return SettlementStatus.MATCHED
    if reported < -inexact or reported > most + inexact:
        return SettlementStatus.AMOUNT_DIFFERS if most and reported > 0 else SettlementStatus.EXTRA
    if reported > done:  # something under way is reported already: its answer will come
        return SettlementStatus.WAITING
    left = reported + inexact
    for at, amount in sorted(((one.done_at, one.amount) for one in mine if one.done_at is not None), key=itemgetter(0)):
        left -= amount
        if left < 0 and at <= overdue:
            is_partly_reported = left + amount > 0
            return SettlementStatus.AMOUNT_DIFFERS if is_partly_reported else SettlementStatus.MISSING
    return SettlementStatus.WAITING


def judge_payout(theirs: Settlement, now: datetime, wait: timedelta) -> SettlementStatus:
    """Return how a payout stands: what its provider sent, and what the bank got."""
    status = _compare_payout(theirs, now, wait)
    if status in ASKS_A_PERSON and theirs.answered == difference(theirs, None, status):
        return SettlementStatus.RESOLVED
    return status


def _compare_payout(theirs: Settlement, now: datetime, wait: timedelta) -> SettlementStatus:
    said = theirs.announced is not None or theirs.summed != 0
    if theirs.whole.mixed:
        return SettlementStatus.CURRENCY_DIFFERS
    if theirs.charged == theirs.expected:
        return SettlementStatus.MATCHED
    if not said:
        return SettlementStatus.EXTRA
    if theirs.charged:
        return SettlementStatus.AMOUNT_DIFFERS
    late = now - wait >= datetime.fromisoformat(f"{theirs.day}T00:00:00+00:00")
    return SettlementStatus.MISSING if late else SettlementStatus.WAITING
