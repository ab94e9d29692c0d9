"""
Define the tender: one means by which an order is paid, and what was authorised, captured, refunded and released on it.

A movement that its provider did not do is taken back, and stands beside them until a person answers: `FailedMovement`.

Called by   comanda.domain.orders.order; rules that move money
Returns     frozen values, in minor units of the order's currency
Raises      nothing
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

REFERENCE = "reference"  # the provider of a tender whose money the shop moves itself
OWN = "comanda"  # the provider of a tender that is paid from an account of ours: a gift card, store credit or credit
ON_ACCOUNT = "ON_ACCOUNT"  # the method of a tender that the customer pays later, within a limit
AT_HAND_OVER = "hand-over"  # the provider of a tender whose money is collected when the customer gets the goods
# The methods of such tenders, where the channel names no other provider for them.
PAID_AT_HAND_OVER = ("CASH_ON_DELIVERY", "PAY_IN_STORE")
CARD = "CARD"
# The methods of a tender that the customer pays at the provider: at a page of it, or by a code that their bank's app reads.
LINK, PIX = "LINK", "PIX"
PAID_BY_LINK = (LINK, PIX)
_REAIS = "BRL"
# Why something of it is not captured: it waits for the hand-over, the customer did not pay then, or paid only a part.
TO_COLLECT, NOT_COLLECTED, COLLECTED_LESS = "TO_COLLECT", "NOT_COLLECTED", "COLLECTED_LESS"
TO_PAY_OUT = "TO_PAY_OUT"  # why something of it is not refunded: people give it back, by hand


def misses_currency(method: str, currency: str) -> str:
    """Say why a method cannot pay in a currency; empty: it can."""
    return f"{PIX} pays in {_REAIS} alone" if method == PIX and currency != _REAIS else ""


class PaymentState(StrEnum):
    """Say how far a payment is. The values are part of the API."""

    CHECKING = "CHECKING"  # its provider has not said yet that it pays the order
    DIFFERS = "DIFFERS"  # its provider says something else than the order
    AUTHORIZING = (
        "AUTHORIZING"  # its provider is asked to authorise it in the place of another payment, or to authorise more
    )
    NOT_AUTHORIZED = "NOT_AUTHORIZED"  # its provider has refused that
    TO_PAY = "TO_PAY"  # its customer is asked to pay it by a link or a code
    NOT_PAID = "NOT_PAID"  # nobody paid it in time, or it was made void before
    TO_COLLECT = "TO_COLLECT"  # something of it was invoiced, and is collected when the customer gets the goods
    TO_PAY_OUT = "TO_PAY_OUT"  # something of it was collected then, and is to be given back by hand
    FAILED = "FAILED"  # a movement of it was not done, and a person is asked
    AUTHORIZED = "AUTHORIZED"  # something of it can be captured
    CAPTURED = "CAPTURED"
    REFUNDED = "REFUNDED"  # all that was captured
    VOIDED = "VOIDED"  # nothing was captured, and nothing will be


@dataclass(frozen=True, slots=True, kw_only=True)
class Tender:
    """One means of payment. 0 <= refunded - repaid <= captured, and no part of what is authorised counts twice.

    reference     the provider's payment, or the id of our account
    provider      who moves its money: REFERENCE, OWN, AT_HAND_OVER, or the name of a payment provider
    uncaptured    captures that the provider did not do, and that a person has not answered; what is to be collected
    unrefunded    refunds that the provider did not do, and that a person has not answered; what is to be paid out
    unreleased    releases that the provider did not do, and that a person has not answered
    repaid        the part of `refunded` that the shop gave back itself, after the provider did not; its capture may fail later
    written_off   captures that the provider did not do, and that the shop gave up
    payment_days  of a tender on account with us: so many days after an invoice it is to be paid
    renews        the index of the payment of which this one takes over what is left, because its authorisation ends
    asked         what its provider is asked to authorise, until the answer; what its customer can pay by a link or a code
    requested     what its customer was asked to pay by a link or a code; 0: it is no such payment
    pay_with      the address of the page, or the text of the code; empty: the provider has not answered, or it is over
    pay_until     when that ends
    mailed_again  how often its customer was mailed once more how to pay it
    """

    method: str
    reference: str
    authorized: int
    captured: int = 0
    # The part of `captured` that no capture of ours moved: the shop did before it told of the payment, or the customer paid it.
    captured_before: int = 0
    refunded: int = 0
    released: int = 0
    expires_at: datetime | None = None
    provider: str = REFERENCE
    checked: bool = True  # False until the provider was asked whether the payment is authorised for the order
    disputed: bool = False  # the provider says something else, and no person has taken it as it is
    uncaptured: int = 0
    unrefunded: int = 0
    unreleased: int = 0
    repaid: int = 0
    written_off: int = 0
    last4: str = ""  # the last characters of a gift card's code
    payment_days: int | None = None
    renews: int | None = None
    asked: int = 0
    requested: int = 0
    pay_with: str = ""
    pay_until: datetime | None = None
    mailed_again: int = 0

    @property
    def by_link(self) -> bool:
        """Return True if its customer pays it by a link or a code that we asked the provider for."""
        return self.requested > 0

    @property
    def increasing(self) -> int:
        """Return what its provider is asked to authorise beside what is authorised on it already."""
        return self.asked if self.authorized and not self.by_link else 0

    @property
    def outside(self) -> bool:
        """Return True if a payment provider moves its money."""
        return self.provider not in (REFERENCE, OWN, AT_HAND_OVER)

    @property
    def on_account(self) -> bool:
        """Return True if the customer owes it to us, by a credit account of ours."""
        return self.provider == OWN and self.method == ON_ACCOUNT

    @property
    def open(self) -> int:
        """Return the amount that is authorised, and neither captured nor released, nor kept for a movement that failed."""
        return self.authorized - self.captured - self.released - self.uncaptured - self.unreleased

    @property
    def refundable(self) -> int:
        """Return what can be refunded. Refunds that failed are kept for another try, also when the capture itself failed later."""
        return max(0, self.captured - self.refunded - self.unrefunded)

    @property
    def failed(self) -> int:
        """Return what the provider did not move, and what a person has not answered about."""
        return self.uncaptured + self.unrefunded + self.unreleased

    @property
    def accounted(self) -> int:
        """Return what the tender has paid, or what a person decides or has decided about: no rule takes it again."""
        return self.captured - self.refunded + self.uncaptured - self.unrefunded + self.written_off

    @property
    def state(self) -> PaymentState:
        """Return how far the payment is."""
        return next(state for state, holds in self._states() if holds)

    def _states(self) -> tuple[tuple[PaymentState, bool], ...]:
        return (
            (PaymentState.TO_PAY, self.by_link and self.asked > 0),
            (PaymentState.NOT_PAID, self.by_link and not self.authorized),
            (PaymentState.AUTHORIZING, self.asked > 0),
            (PaymentState.NOT_AUTHORIZED, self.renews is not None and not self.authorized),
            (PaymentState.CHECKING, not self.checked),
            (PaymentState.DIFFERS, self.disputed),
            (PaymentState.TO_COLLECT, self.provider == AT_HAND_OVER and self.uncaptured > 0),
            (PaymentState.TO_PAY_OUT, self.provider == AT_HAND_OVER and self.unrefunded > 0),
            (PaymentState.FAILED, self.failed > 0),
            (PaymentState.AUTHORIZED, self.open > 0),
            (PaymentState.REFUNDED, 0 < self.captured == self.refunded),
            (PaymentState.CAPTURED, self.captured > 0),
            (PaymentState.VOIDED, True),
        )

    def ended(self, at: datetime) -> bool:
        """Return True if the authorisation has ended at this time, so that no more can be captured from it."""
        return self.expires_at is not None and self.expires_at <= at


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedMovement:
    """A movement of money that the provider did not do, and that waits for a person's answer."""

    number: int  # of its money operation
    purpose: str  # authorize, capture, release, refund
    tender: int  # index into the order's payments
    amount: int
    reason: str
    invoice: int | None = None
    credit_note: int | None = None  # of a refund


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """Money that was collected when the customer got goods.

    reference   the collector's own number of it: it is told once for a fulfillment
    amount      what was collected, more than was due too
    excess      what was more than was due, until a person has answered about it
    ahead       what was captured before the invoice of the fulfillment
    """

    reference: str
    fulfillment: int
    amount: int
    at: datetime
    excess: int = 0
    ahead: int = 0
