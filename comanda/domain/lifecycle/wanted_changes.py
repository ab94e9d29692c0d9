"""
Define the changes that an order may be asked to take, and apply those that move no unit.

Called by   comanda.domain.lifecycle.change; functions/intake, which makes them of a request
Returns     values, and orders with new amounts
Raises      Invalid with the pointer of the field that does not fit the order
"""

from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import ClassVar

from comanda.domain.billing import invoices
from comanda.domain.errors import Invalid, Problem
from comanda.domain.lifecycle.modification_matrix import Modification
from comanda.domain.lifecycle.moving.wanted import Move
from comanda.domain.orders.line import Allocation, Discount, Line, merged
from comanda.domain.orders.order import Charge, Order
from comanda.domain.orders.status import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class NewNote:
    """Another note, or none: its text is in the next version of the contact, and in no event."""

    modification: ClassVar = Modification.NOTE


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPriority:
    modification: ClassVar = Modification.PRIORITY
    priority: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTags:
    modification: ClassVar = Modification.TAGS
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPrice:
    """Another price of each unit of a line. The line's tax is computed again by the rate that came with it."""

    modification: ClassVar = Modification.PRICE
    line_id: str
    unit_price: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDiscount:
    """A discount on what is not invoiced yet. It stays whole when units are cancelled later."""

    modification: ClassVar = Modification.DISCOUNT
    code: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCharge:
    modification: ClassVar = Modification.CHARGE
    kind: str
    amount: int
    tax: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NewQuantity:
    """Another number of units of a line, or of sets of a bundle. Fewer are a cancel."""

    modification: ClassVar = Modification.QUANTITY
    line_id: str
    quantity: int


type Unmoving = NewNote | NewPriority | NewTags | NewPrice | NewDiscount | NewCharge | NewQuantity
type Wanted = Unmoving | Move


def applied(order: Order, wanted: Unmoving, actor: str, at: str) -> Order:
    """Return the order with a change that moves no unit. `at` is the pointer of the change in the request.

    Raises Invalid when the discounts would exceed what they are taken off.
    """
    match wanted:
        case NewNote():
            return replace(order, contact=order.contact + 1)
        case NewPriority():
            return replace(order, priority=wanted.priority)
        case NewTags():
            return replace(order, tags=wanted.tags)
        case NewPrice():
            return invoices.revalued(order.with_lines([_priced(order, order.line(wanted.line_id), wanted, at)]))
        case NewDiscount():
            return _discounted(order, wanted, actor, at)
        case NewCharge():
            charge = Charge(kind=wanted.kind, amount=wanted.amount, tax=wanted.tax)
            return invoices.revalued(replace(order, charges=(*order.charges, charge)))
        case NewQuantity():
            line = order.line(wanted.line_id)
            return invoices.revalued(order.with_lines([_with_more(order, line, wanted.quantity - line.live)]))


def _priced(order: Order, line: Line, wanted: NewPrice, at: str) -> Line:
    goods, off = line.quantity * wanted.unit_price, line.discount + line.order_discount
    if off > goods:
        message = f"the line has discounts of {off} minor units, which its units would not be worth"
        raise Invalid(Problem(pointer=f"{at}/unit_price", code="too-small", message=message))
    return replace(line, unit_price=wanted.unit_price, tax=_tax_at(order, line, goods - off))


def _tax_at(order: Order, line: Line, net: int) -> int:
    """Return the tax of a line of which the units are worth `net`: by its rate, or in proportion if it came without one."""
    was = line.quantity * line.unit_price - line.discount - line.order_discount
    if not Decimal(line.tax_rate) and line.tax and was > 0:
        return int((Decimal(line.tax * net) / was).quantize(Decimal(1), ROUND_HALF_UP))
    return tax_of(net, line.tax_rate, included=order.prices_include_tax)


def _with_more(order: Order, line: Line, more: int) -> Line:
    """Return the line with further units, which the router places like those of a new order."""
    status = Status.DRAFT if order.draft else Status.CREATED
    tax = tax_of(more * line.unit_price, line.tax_rate, included=order.prices_include_tax)
    units = merged((*line.allocations, Allocation(quantity=more, status=status)))
    return replace(line, quantity=line.quantity + more, tax=line.tax + tax, allocations=units)


def _discounted(order: Order, wanted: NewDiscount, actor: str, at: str) -> Order:
    before = invoices.order_totals(invoices.spread_header(order)).discounts
    given = Discount(code=wanted.code, amount=wanted.amount, by=actor)
    after = invoices.revalued(replace(order, discounts=(*order.discounts, given)))
    if after.totals.discounts - before != wanted.amount:
        message = f"what is not invoiced yet is worth {after.totals.discounts - before} minor units"
        raise Invalid(Problem(pointer=f"{at}/amount", code="too-large", message=message))
    return after


def tax_of(net: int, rate: str, *, included: bool) -> int:
    """Return the tax of an amount in minor units, rounded half up. `included`: the amount includes it."""
    share = Decimal(rate) / (1 + Decimal(rate)) if included else Decimal(rate)
    return int((net * share).quantize(Decimal(1), ROUND_HALF_UP))
