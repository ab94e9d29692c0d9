"""
Define the account of a gift card or of a customer's store credit, and decide what it can pay.

Called by   comanda.aws.books, functions/gift_cards, functions/intake
Returns     frozen values; amounts are minor units of the account's currency; the one problem of an account that does not pay
Raises      nothing
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from comanda.domain.errors import Problem

GIFT_CARD, STORE_CREDIT = "GIFT_CARD", "STORE_CREDIT"  # kinds of accounts, and the methods of payments by them
KINDS = (GIFT_CARD, STORE_CREDIT)
GRACE = timedelta(days=30)  # so long an account pays after an order gave something back, also one that has expired


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """
    An account as it is stored.

    channel         the channel that issued it; every channel of the retailer takes it
    balance         what can be spent; what orders have reserved of it has left it already
    expires_on      the last day on which it pays; None: it never expires
    returned_until  the last day on which it pays because an order gave something back
    last4           the last characters of a gift card's code
    frozen          a person, or a disputed payment, keeps it from paying; what orders give back still comes to it
    """

    account_id: str
    kind: str
    channel: str
    currency: str
    balance: int
    opened_at: datetime
    expires_on: date | None = None
    returned_until: date | None = None
    last4: str = ""
    frozen: bool = False

    @property
    def good_until(self) -> date | None:
        """Return the last day on which it pays, None if it never expires."""
        if self.expires_on is None or self.returned_until is None:
            return self.expires_on
        return max(self.expires_on, self.returned_until)

    def has_expired(self, today: date) -> bool:
        return self.good_until is not None and self.good_until < today

    def pays(self, amount: int, currency: str, today: date) -> bool:
        """Return True if it has the amount, in this currency, has not expired and is not frozen."""
        has = self.currency == currency and self.balance >= amount > 0
        return has and not self.frozen and not self.has_expired(today)


def last_day(issued: date, days: int | None) -> date | None:
    """Return the last day of an account that is good for so many days. None days are no end."""
    return None if days is None else issued + timedelta(days=days)


def later(known: date | None, new: date | None) -> date | None:
    """Return the later of two last days, of which None is no end: more money never shortens an account."""
    return None if known is None or new is None else max(known, new)


def not_usable(payment: int, kind: str) -> Problem:
    """Return the problem of a payment by an account that does not pay it. It is the same whatever the reason is, so that nobody
    can try codes to learn of cards."""
    if kind == GIFT_CARD:
        message = (
            "is no code of a gift card that pays this amount: it may be wrong, used up, expired, or of another currency"
        )
        return Problem(pointer=f"/payments/{payment}/code", code="not-usable", message=message)
    message = "the customer has no store credit that pays this amount in this currency"
    return Problem(pointer=f"/payments/{payment}/method", code="not-usable", message=message)


def is_frozen(payment: int, kind: str) -> Problem:
    """Return the problem of a payment by an account that is frozen. Who names such a card has its code already, so this gives
    nothing away, and the customer learns whom to ask."""
    what, field = ("gift card", "code") if kind == GIFT_CARD else ("store credit", "method")
    return Problem(
        pointer=f"/payments/{payment}/{field}", code="frozen", message=f"is of a {what} that is frozen: ask the shop"
    )
