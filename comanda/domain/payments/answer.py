"""
Define what a payment provider says: the answer to an operation, a payment as it is, and a notice that comes by itself.

Called by   comanda.domain.payments.operation; adapters of providers (comanda.aws.payments), which make these values
Returns     Answer, Payment, Notice

No value holds a text of the provider: reasons are words of ours, so that logs and errors show nothing that a stranger wrote.
Amounts are in minor units of the currency.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from comanda.domain.errors import Rejected


class Outcome(StrEnum):
    """Say how an operation went, as far as the provider tells."""

    DONE = "DONE"
    DECLINED = "DECLINED"  # not done, and the same operation will not be
    PENDING = "PENDING"  # begun; a notice or a later question brings the end
    UNKNOWN = "UNKNOWN"  # it may have been done: ask
    ABSENT = "ABSENT"  # asked, and the provider has no trace of it: the same operation may be sent again


class Reason(StrEnum):
    """Say why an operation was declined, or why nothing is known of it."""

    CARD_DECLINED = "CARD_DECLINED"
    INSUFFICIENT_FUNDS = "INSUFFICIENT_FUNDS"
    CARD_EXPIRED = "CARD_EXPIRED"
    CARD_LOST_OR_STOLEN = "CARD_LOST_OR_STOLEN"
    CARD_DATA_WRONG = "CARD_DATA_WRONG"
    AUTHENTICATION_NEEDED = "AUTHENTICATION_NEEDED"  # only the customer can go on
    AUTHORISATION_ENDED = "AUTHORISATION_ENDED"  # it expired or was voided
    PAYMENT_EXPIRED = "PAYMENT_EXPIRED"  # nobody paid in time
    STATE = "STATE"  # the payment is in another state than the operation needs
    TOO_MUCH = "TOO_MUCH"  # more than is authorised, captured, or ever charged
    TOO_LITTLE = "TOO_LITTLE"  # below what the provider moves
    UNIT = "UNIT"  # the currency or its smallest unit cannot be moved
    NOT_FOUND = "NOT_FOUND"
    NOT_SAVED = "NOT_SAVED"  # the customer has not allowed that the card is charged again
    NO_INCREASE = "NO_INCREASE"  # the account, or the card, does not allow a larger authorisation
    INVALID = "INVALID"  # the provider does not understand the operation
    DISPUTED = "DISPUTED"  # the customer's bank has taken the payment back
    REFUND_FAILED = "REFUND_FAILED"
    NOT_DONE = "NOT_DONE"  # it ended in a failure of the provider, without effect; a new operation may do it
    NO_ANSWER = "NO_ANSWER"
    PROVIDER_FAILED = "PROVIDER_FAILED"
    BUSY = "BUSY"
    NOT_ADMITTED = "NOT_ADMITTED"  # the key is wrong or may not do this
    AMOUNT_DIFFERS = "AMOUNT_DIFFERS"  # the provider moved another amount or currency than was asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """
    Say how an operation went.

    reference   the provider's payment, as soon as there is one
    movement    the provider's own id of a refund
    amount      what was moved; None: the provider does not say
    ends_at     when an authorisation, or a code that can be paid, expires
    pay_with    what the customer pays a pending payment with: a code for Pix, or the address of a page
    replayed    the provider repeats an answer that it gave before, so the operation is not running any more
    captured    what the customer's payment has moved at once, without an authorisation before, as Pix does
    spent       nothing more can be captured of the payment: the provider has released what a capture left
    """

    outcome: Outcome
    reason: Reason | None = None
    reference: str = ""
    movement: str = ""
    amount: int | None = None
    currency: str = ""
    ends_at: datetime | None = None
    pay_with: str = ""
    replayed: bool = False
    captured: int = 0
    spent: bool = False


class Standing(StrEnum):
    """Say where a payment stands at the provider."""

    WAITING = "WAITING"  # for a method, a confirmation or the customer
    AUTHORISED = "AUTHORISED"
    CAPTURED = "CAPTURED"  # no more can be captured
    ENDED = "ENDED"  # voided or expired


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """
    A payment as the provider has it.

    order_id               what its metadata say; empty: nothing
    customer, instrument   the provider's names of who paid, and with what: what is left is authorised anew with them
    """

    reference: str
    standing: Standing
    amount: int
    captured: int
    currency: str
    order_id: str = ""
    customer: str = ""
    instrument: str = ""
    ends_at: datetime | None = None


class Happening(StrEnum):
    """Say what a notice is about."""

    AUTHORISED = "AUTHORISED"
    CAPTURED = "CAPTURED"
    ENDED = "ENDED"  # an authorisation was voided or expired
    FAILED = "FAILED"  # a payment was declined, or nobody paid in time
    REFUNDED = "REFUNDED"
    REFUND_FAILED = "REFUND_FAILED"
    DISPUTED = "DISPUTED"  # the customer's bank took money back, wants to, or gave it back
    OTHER = "OTHER"  # nothing that an order waits for


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """
    A message that a provider sends by itself, after its signature was checked.

    It may come twice, late, and after a younger one, so it is a reason to look, and no proof of the present state.
    `operation_id` is empty when the provider's object names none. `account` is empty for the account of the key.
    """

    notice_id: str
    happening: Happening
    reference: str = ""
    movement: str = ""
    operation_id: str = ""
    order_id: str = ""
    account: str = ""
    amount: int = 0
    currency: str = ""
    at: datetime


class NotSigned(Rejected):
    """Refuse a notice whose signature is missing, wrong or too old."""

    code = "not-signed"


class NotUnderstood(Rejected):
    """Refuse a notice that is signed, and no event of the provider's."""

    code = "not-understood"


def mismatch(
    payment: Payment, *, orders: Collection[str], amount: int, currency: str, captured: int = 0
) -> tuple[str, ...]:
    """
    Name what keeps a payment that a shop hands over from paying an order; nothing when it may pay.

    It must be authorised for this order, in its currency, and for the amount that the shop says. `orders` are the names of the
    order. No more and no less is captured of it than the shop says, and what is left must still be authorised.
    """
    problems = {
        "standing": payment.captured != captured or (amount > captured and payment.standing is not Standing.AUTHORISED),
        "order": payment.order_id not in orders,
        "currency": payment.currency != currency,
        "amount": payment.amount != amount,
    }
    return tuple(name for name, wrong in problems.items() if wrong)
