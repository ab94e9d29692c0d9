"""Declare the bodies of the requests about gift cards and store credit."""

from typing import Annotated

from comanda.aws.api.contracts import Amount, Contract, Currency, Id, Name, Remark, TextOf
from comanda.domain import text


class GiftCardIn(Contract):
    """A gift card to issue. `channel` is the one that issues it: in its books the money is owed."""

    channel: Id
    amount: Amount
    reason: Remark


class StoreCreditIn(Contract):
    """Money to put on the store credit of a customer, by the channel's own id of the customer."""

    channel: Id
    customer_id: Name
    amount: Amount
    reason: Remark


class FindIn(Contract):
    """A gift card by its code, or the store credits of a customer by the channel's own id, that the office looks up."""

    code: Annotated[str, TextOf(text.GIFT_CARD_CODE)] | None = None
    channel: Id | None = None
    customer_id: Name | None = None


class FreezeIn(Contract):
    """Freeze an account, or let it pay again. The ledger keeps the reason."""

    reason: Remark


class ExpireIn(Contract):
    """End what an account has: it is the shop's income. The ledger keeps the reason."""

    reason: Remark


class BalanceIn(Contract):
    """A gift card by its code, or the store credit of a customer by the channel's own id; and the currency in which it is to pay.

    `visitor` is the shop's own name for whoever typed the code, such as a hash of the session. Wrong codes lock this visitor.
    """

    code: Annotated[str, TextOf(text.GIFT_CARD_CODE)] | None = None
    visitor: Name | None = None
    channel: Id | None = None
    customer_id: Name | None = None
    currency: Currency
