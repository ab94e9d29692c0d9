"""
Define the parts that the requests for orders and for drafts share: addresses, deliveries, discounts, gifts.

Called by   functions/intake/contract.py, functions/drafts/contract.py
"""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo

from comanda.aws.api.contracts import Amount, Contract, Country, Id, TextOf, Title, Word
from comanda.domain import text

# Why a rate is zero: the values of `comanda.domain.orders.zero_rates.ZeroRateReason`.
ZeroReason = Literal["ZERO_RATED", "EXEMPT", "EXPORT", "INTRA_COMMUNITY", "REVERSE_CHARGE"]


def require_zero(reason: ZeroReason | None, others: ValidationInfo) -> ZeroReason | None:
    """Check that the reason why a rate is 0 comes with such a rate."""
    if reason and Decimal(others.data.get("rate", "0")):
        raise ValueError("says why a rate is 0, and this one is not")
    return reason


class Address(Contract):
    name: Title
    line1: Title
    line2: Annotated[str, TextOf(text.LINE.upto(500, least=0))] | None = None
    city: Title
    region: Annotated[str, TextOf(text.LINE.upto(64, least=0))] = ""
    postal_code: Annotated[str, TextOf(text.POSTAL_CODE.upto(16, least=0))] = ""
    country: Country
    latitude: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)] | None = None
    longitude: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)] | None = None


class Delivery(Contract):
    """The way that a line's units reach the customer.

    Lines of one `group` are a kit: they leave one node together, in sets, so their other fields here must be equal.
    """

    method: Literal["SHIP", "PICKUP"] = "SHIP"
    node_id: Id | None = None
    service: Literal["STANDARD", "EXPRESS"] = "STANDARD"
    group: Word | None = None


class DiscountIn(Contract):
    code: Word
    amount: Amount


class Gift(Contract):
    """A line that is a gift. Its packing slip has the message, and no prices."""

    message: Annotated[str, TextOf(text.TEXT)]
    from_: Annotated[Title | None, Field(alias="from")] = None
    wrap: bool = False
