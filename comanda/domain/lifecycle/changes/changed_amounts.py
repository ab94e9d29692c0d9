"""
Change the amounts of an order after the sale: the price of a line, a discount, an appeasement, a charge.

Called by   functions/intake, which makes them of a request; comanda.domain.lifecycle.changes.changing applies them
Returns     values, and orders with new amounts
Raises      Invalid with the pointer of the field that does not fit the order
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar, override

from comanda.domain.billing import header_amounts
from comanda.domain.errors import Invalid, Problem
from comanda.domain.lifecycle.changes.wanted_changes import WantedChange, sold
from comanda.domain.lifecycle.modifications.modification_matrix import Modification
from comanda.domain.money import shown, tax_of
from comanda.domain.orders.bundle import Bundle
from comanda.domain.orders.line import Added, Discount, Line
from comanda.domain.orders.order import Charge, Order

MOST_AMOUNTS = 20  # discounts of an order, and charges of it


class AppeasementReason(StrEnum):
    """The reason why a customer is given money back. The values are the codes of the discounts that keep it."""

    LATE = "LATE"
    DAMAGED = "DAMAGED"
    WRONG_ARTICLE = "WRONG_ARTICLE"
    MISSING_ARTICLE = "MISSING_ARTICLE"
    QUALITY = "QUALITY"
    PRICE = "PRICE"  # the customer found it cheaper, or was told another price
    SERVICE = "SERVICE"
    GOODWILL = "GOODWILL"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPrice(WantedChange):
    """Another price of each unit of a line, or set of a bundle. Its tax is computed again by the rate that came with it.

    `keeps_usual`: a person gives it, and it moves nothing of what the units usually cost.
    """

    modification: ClassVar = Modification.PRICE
    raises: ClassVar = "unit_price"
    unit_price: int
    keeps_usual: bool = False

    @override
    def same(self, order: Order) -> str:
        return "unit_price" if self.unit_price == sold(order, self.line_id).unit_price else ""

    @override
    def fact(self, order: Order) -> dict[str, Any]:
        return {"before": sold(order, self.line_id).unit_price, "after": self.unit_price}

    @override
    def applied(self, order: Order, actor: str, at: str) -> Order:
        line = _with_usual(sold(order, self.line_id), kept=self.keeps_usual)
        if isinstance(line, Line):
            if line.gift_card and not self.unit_price:
                message = "a gift card has its price on it"
                raise Invalid(Problem(pointer=f"{at}/unit_price", code="too-small", message=message))
            priced = _priced(order, line, self.unit_price, line.order_discount, at)
            changed = order.with_lines([replace(priced, tax_parts=()) if priced.tax_parts else priced])
            require_whole_discounts(order, changed, at)
            return changed
        from comanda.domain.billing import bundle_prices  # few orders have bundles
        from comanda.domain.orders import bundles

        of_order = sum(part.order_discount for part in bundles.components(order, self.line_id))
        changed = bundle_prices.with_bundle(order, _priced(order, line, self.unit_price, of_order, at))
        if bundle_prices.discounts_exceed_goods(changed, self.line_id):
            raise _too_cheap(of_order + line.discount, order.currency, at)
        require_whole_discounts(order, changed, at)
        return changed


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDiscount(WantedChange):
    """A discount on what is not invoiced yet. It stays whole when units are cancelled later."""

    modification: ClassVar = Modification.DISCOUNT
    raises: ClassVar = "amount"
    repeats: ClassVar = True
    code: str
    amount: int
    of_application: bool = False

    @override
    def fact(self, order: Order) -> dict[str, Any]:
        return {"code": self.code, "after": self.amount}

    @override
    def applied(self, order: Order, actor: str, at: str) -> Order:
        given = Discount(code=self.code, amount=self.amount, by=actor, of_application=self.of_application)
        return _discounted(order, given, at)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAppeasement(WantedChange):
    """A credit for something that went wrong. It is a discount on what is not invoiced yet, with its reason as its code."""

    modification: ClassVar = Modification.APPEASEMENT
    raises: ClassVar = "amount"
    repeats: ClassVar = True
    why: AppeasementReason
    amount: int
    of_application: bool = False

    @override
    def fact(self, order: Order) -> dict[str, Any]:
        return {"after": self.amount, "why": self.why.value}

    @override
    def applied(self, order: Order, actor: str, at: str) -> Order:
        code, of_application = self.why.value, self.of_application
        given = Discount(code=code, amount=self.amount, by=actor, appeasement=True, of_application=of_application)
        return _discounted(order, given, at)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCharge(WantedChange):
    modification: ClassVar = Modification.CHARGE
    raises: ClassVar = "amount"
    repeats: ClassVar = True
    kind: str
    amount: int
    tax: int = 0
    tax_table: str = ""  # the table that says its tax, which did not come with it

    @override
    def fact(self, order: Order) -> dict[str, Any]:
        return {"kind": self.kind, "after": self.amount, **({"tax": self.tax} if self.tax else {})}

    @override
    def applied(self, order: Order, actor: str, at: str) -> Order:
        _require_room(order.charges, "charges", at)
        if order.prices_include_tax and self.tax > self.amount:
            message = f"is more than the {shown(self.amount, order.currency)} that it is a part of: the prices include their tax"
            raise Invalid(Problem(pointer=f"{at}/tax", code="too-large", message=message))
        charge = Charge(kind=self.kind, amount=self.amount, tax=self.tax, tax_table=self.tax_table)
        return replace(order, charges=(*order.charges, charge))


def _with_usual(line: Line | Bundle, *, kept: bool) -> Line | Bundle:
    """Return the line with what its units usually cost: what they cost until now, or if not `kept` what they cost from now on."""
    if not kept and line.usual is None and all(one.usual is None for one in line.added):
        return line
    if not kept:
        return replace(line, usual=None, added=tuple(replace(one, usual=None) for one in line.added))
    price = line.unit_price
    added = (replace(one, usual=one.quantity * price if one.usual is None else one.usual) for one in line.added)
    return replace(line, usual=line.usual_of(line.sold), added=tuple(added))


def _priced[Sold: (Line, Bundle)](order: Order, line: Sold, unit_price: int, of_order: int, at: str) -> Sold:
    """Return the line with another price and its tax. `of_order` is its part of the order's discount."""
    off = line.discount + of_order
    if off > line.sold * unit_price:
        raise _too_cheap(off, order.currency, at)
    share = tax_share(line, line.quantity * line.unit_price - off)
    if share is None and not rate_of(line):
        return replace(line, unit_price=unit_price)
    units, tax, added = line.sold, tax_at(order, line, share, line.sold * unit_price - off), list[Added]()
    for one in line.added:
        units += one.quantity
        with_them = tax_at(order, line, share, units * unit_price - off)
        added.append(replace(one, tax=with_them - tax))
        tax = with_them
    return replace(line, unit_price=unit_price, tax_share=share, tax=tax, added=tuple(added))


def _too_cheap(off: int, currency: str, at: str) -> Invalid:
    message = f"the line has discounts of {shown(off, currency)}, which its units would not be worth"
    return Invalid(Problem(pointer=f"{at}/unit_price", code="too-small", message=message))


def require_whole_discounts(order: Order, changed: Order, at: str) -> None:
    """Raise Invalid if a lower price leaves less of the order's discounts than before: what was given to the customer after the
    sale is not taken back by the way."""
    lost = header_amounts.uncarried_discount(changed) - header_amounts.uncarried_discount(order)
    if lost > 0:
        message = f"the order's discounts would be {shown(lost, order.currency)} more than what is left is worth"
        raise Invalid(Problem(pointer=f"{at}/unit_price", code="too-small", message=message))


def uncarried_charges(order: Order) -> int:
    """Return the part of the order's charges and their tax that no unit carries, because none is left to invoice."""
    parts = [part for line in order.lines for part in (line.header, line.header_billed)]
    return sum(c.amount + c.tax for c in order.charges) - sum(part.charges + part.charges_tax for part in parts)


def rate_of(line: Line | Bundle) -> Decimal:
    """Return the rate by which a line is taxed again, 0 without one. A rate above 1 was meant as percent, or is wrong: then
    the tax that came with it says how the line is taxed."""
    rate = Decimal(line.tax_rate)
    return rate if rate <= 1 else Decimal(0)


def tax_share(line: Line | Bundle, worth: int) -> tuple[int, int] | None:
    """Return the tax and the net value of a line without a rate, as it came; None with a rate, or without a tax.

    `worth` is the net value of the line as it is. A line that was changed keeps the share that it came with: of a price
    of 0 none could be computed.
    """
    if line.tax_share is not None or rate_of(line) or not line.tax or worth <= 0:
        return line.tax_share
    return line.tax, worth


def tax_at(order: Order, line: Line | Bundle, share: tuple[int, int] | None, net: int) -> int:
    """Return the tax of `net`: by the line's rate, or in proportion to its share (`tax_share`) without one. A price that includes
    its tax has no more tax than it costs, also where more came."""
    if share is None:
        return tax_of(net, line.tax_rate, included=order.prices_include_tax)
    tax, worth = share
    found = (2 * tax * net + worth) // (2 * worth)  # rounded half up
    return min(found, net) if order.prices_include_tax else found


def _require_room(there: Sequence[object], what: str, at: str) -> None:
    """Raise Invalid for one more than an order has at most, whether they came with it or by changes."""
    if len(there) >= MOST_AMOUNTS:
        raise Invalid(Problem(pointer=at, code="too-many", message=f"an order has at most {MOST_AMOUNTS} {what}"))


def _discounted(order: Order, given: Discount, at: str) -> Order:
    _require_room(order.discounts, "discounts", at)
    changed = replace(order, discounts=(*order.discounts, given))
    lost = header_amounts.uncarried_discount(changed) - header_amounts.uncarried_discount(order)
    if lost:
        message = f"what is not invoiced yet is worth {shown(given.amount - lost, order.currency)}"
        raise Invalid(Problem(pointer=f"{at}/amount", code="too-large", message=message))
    return changed
