"""Declare the bodies of the requests about credit accounts."""

from typing import Annotated

from pydantic import Field

from comanda.aws.api.contracts import Amount, Contract, Day, Id, Name, Remark

_Days = Annotated[int, Field(ge=0, le=365)]


class TermsIn(Contract):
    """The terms by which a customer of a channel orders on account, whole: what a request leaves out goes back to what is usual.

    `customer_id` is the channel's own id of the customer. The currency of the limit is that of the account.
    """

    channel: Id
    customer_id: Name
    limit: Amount
    payment_days: _Days
    blocked_after: _Days | None = None
    frozen: bool = False
    reason: Remark


class PayoutIn(Contract):
    """Pay out to a customer what they have on an account. `reference` names the transfer, and is booked once."""

    amount: Amount
    reference: Name
    paid_on: Day
    reason: Remark


class ReversalIn(Contract):
    """Take back a payment or payout that was booked by mistake, or that came back, by its `reference`."""

    reference: Name
    reason: Remark


class CustomerPaymentIn(Contract):
    """Book what a customer paid of an account. `reference` names the transfer, and is booked once."""

    amount: Amount
    reference: Name
    received_on: Day
