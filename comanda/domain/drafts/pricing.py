"""
Decide the price of a line of a draft: from a price list, or from the caller.

Called by   functions/drafts, comanda.domain.drafts.quotes; comanda.aws.directory.listed_prices, which finds listed prices
Returns     a DraftPrice
Raises      Invalid for a line without a price, and for a price of a person without a reason
"""

from dataclasses import dataclass

from comanda.domain.drafts.draft import DraftPrice, PriceSource
from comanda.domain.errors import Invalid, Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedPrice:
    """The price of a sku in a price list. `price_list` names the list and its version."""

    amount: int
    price_list: str
    tax_rate: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedPrice:
    """The price that a caller asks for. `amount` is None if it sends none.

    `person` is False for an application, whose shop sets its own prices.
    """

    amount: int | None
    reason: str
    person: bool


def price_of_line(asked: AskedPrice, listed: ListedPrice | None, *, pointer: str) -> DraftPrice:
    """Return the price of a line: what the caller sends, else what the list has. `pointer` names the line in the request.

    How far a person may go below the list is for `comanda.domain.limits` to say.
    """
    amount = listed.amount if asked.amount is None and listed else asked.amount
    if amount is None:
        raise _wrong(f"{pointer}/unit_price", "no-price", "no price list has a price for it: send unit_price")
    usual = listed.amount if listed and asked.person else None
    if listed is not None and amount == listed.amount:
        source, reason, of_list = PriceSource.LIST, "", listed.price_list
    elif asked.person and not asked.reason:
        raise _wrong(f"{pointer}/price_reason", "missing", "a person who sets a price says why")
    else:
        source, reason, of_list = PriceSource.CALLER, asked.reason, ""
    return DraftPrice(
        amount=amount, source=source, reason=reason, price_list=of_list, person=asked.person, listed=usual
    )


def _wrong(pointer: str, code: str, message: str) -> Invalid:
    return Invalid(Problem(pointer=pointer, code=code, message=message))
