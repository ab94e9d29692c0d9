"""
Decide the price of a line of a draft: from a price list, or from the caller. Limit what a person takes off.

Called by   functions/drafts
Returns     a DraftPrice
Raises      Invalid for a line without a price, and for a price of a person without a reason; Forbidden above the person's limit
"""

from collections import Counter
from dataclasses import dataclass

from comanda.domain.drafts.draft import Draft, DraftPrice, PriceSource
from comanda.domain.errors import Forbidden, Invalid, Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedPrice:
    """The price of a sku in a price list. `price_list` names the list and its version."""

    amount: int
    price_list: str
    tax_rate: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedPrice:
    """The price that a caller asks for. `amount` is None if it sends none.

    `person` is False for an application, whose shop sets its own prices. `lower_percent` is how far below its list a person
    may go.
    """

    amount: int | None
    reason: str
    person: bool
    lower_percent: int = 0


def price_of_line(asked: AskedPrice, listed: ListedPrice | None, *, pointer: str) -> DraftPrice:
    """Return the price of a line: what the caller sends, else what the list has. `pointer` names the line in the request."""
    if asked.amount is None:
        if listed is None:
            raise _wrong(f"{pointer}/unit_price", "no-price", "no price list has a price for it: send unit_price")
        return DraftPrice(amount=listed.amount, source=PriceSource.LIST, price_list=listed.price_list)
    if listed is not None and asked.amount == listed.amount:
        return DraftPrice(amount=listed.amount, source=PriceSource.LIST, price_list=listed.price_list)
    if asked.person:
        if not asked.reason:
            raise _wrong(f"{pointer}/price_reason", "missing", "a person who sets a price says why")
        _require_within_limit(asked.amount, asked.lower_percent, listed, pointer)
    return DraftPrice(amount=asked.amount, source=PriceSource.CALLER, reason=asked.reason)


def _require_within_limit(amount: int, percent: int, listed: ListedPrice | None, pointer: str) -> None:
    if listed is not None and amount * 100 < listed.amount * (100 - percent):
        message = f"you may lower a price by at most {percent} percent"
        problem = Problem(pointer=f"{pointer}/unit_price", code="above-limit", message=message)
        raise Forbidden("the price is below your limit", problem)


def require_discounts_within_limit(before: Draft | None, after: Draft, percent: int) -> None:
    """Raise Forbidden if a person gives discounts that are more than `percent` of the goods.

    Discounts that the draft had before, such as a coupon of the shop's, stand whatever they are, as long as none of them grows
    and they take no larger part of the goods than before.
    """
    given, goods = _given(after), _goods(after)
    if sum(given.values()) * 100 <= goods * percent:
        return
    if before is not None:
        was = _given(before)
        grows = any(amount > was.get(name, 0) for name, amount in given.items())
        if not grows and sum(given.values()) * _goods(before) <= sum(was.values()) * goods:
            return
    own = after.discounts != (before.discounts if before else ())
    message = f"discounts take at most {percent} percent off the goods of {goods} minor units"
    problem = Problem(pointer="/discounts" if own else "/lines", code="above-limit", message=message)
    raise Forbidden("the discounts are above your limit", problem)


def _goods(draft: Draft) -> int:
    return sum(line.goods for line in draft.lines)


def _given(draft: Draft) -> Counter[tuple[str, str]]:
    """Return the amounts of the draft's discounts by code, and of those of each line by its id."""
    found = Counter[tuple[str, str]]()
    for discount in draft.discounts:
        found["", discount.code] += discount.amount
    for line in draft.lines:
        found["line", line.line_id] += line.discount
    return found


def _wrong(pointer: str, code: str, message: str) -> Invalid:
    return Invalid(Problem(pointer=pointer, code=code, message=message))
