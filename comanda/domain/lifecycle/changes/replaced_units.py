"""
Replace units of a line by units of another sku: the old ones are cancelled, and a new line is linked to theirs.

At the same price the new units cost what the old ones did to the cent: they take the discounts and the tax of the old ones along.

Called by   functions/intake, which makes it of a request; comanda.domain.lifecycle.changes.changing applies it
Returns     orders with a further line
Raises      Invalid for a price below the discounts that the units take along
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar, override

from comanda.domain.billing import unit_amounts
from comanda.domain.errors import Invalid, Problem
from comanda.domain.lifecycle.changes.changed_amounts import rate_of, require_whole_discounts, tax_at, tax_share
from comanda.domain.lifecycle.changes.changed_units import new_units
from comanda.domain.lifecycle.changes.wanted_changes import UnitChange
from comanda.domain.lifecycle.modifications.modification_matrix import Modification
from comanda.domain.money import shown, spread
from comanda.domain.orders import holds
from comanda.domain.orders.line import Allocation, Discount, Line
from comanda.domain.orders.order import Order
from comanda.domain.orders.status import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement(UnitChange):
    """Units of another sku in place of `quantity` units of a line. Without `unit_price` they cost what the old ones did.

    `contact`: the contact has the message of the line's gift for the new line, too. `usual` is what they usually cost, None:
    what they cost.
    """

    modification: ClassVar = Modification.REPLACE
    raises: ClassVar = "unit_price"
    quantity: int
    new_line_id: str
    sku: str
    title: str
    gtin: str = ""
    weight_g: int = 0
    unit_price: int | None = None
    contact: bool = False
    usual: int | None = None

    @override
    def problems(self, order: Order, at: str) -> Iterator[Problem]:
        line = next((line for line in order.lines if line.line_id == self.line_id), None)
        if line is not None and line.sku == self.sku:
            yield Problem(pointer=f"{at}/sku", code="the-same", message="these units are of this sku already")
        if line is not None and 0 < line.live < self.quantity:
            message = f"the line has {line.live} units left"
            yield Problem(pointer=f"{at}/quantity", code="too-large", message=message)

    @override
    def cancelled(self, order: Order) -> int:
        return self.quantity

    @override
    def fact(self, order: Order) -> dict[str, Any]:
        old = order.line(self.line_id)
        return {"before": old.sku, "after": self.sku, "quantity": self.quantity, "new_line_id": self.new_line_id}

    @override
    def applied(self, order: Order, actor: str, at: str) -> Order:
        old = order.line(self.line_id)
        grown = replace(order, lines=(*order.lines, self._line(order, old, at)), contact=order.contact + self.contact)
        held = (
            replace(hold, lines=(*hold.lines, self.new_line_id)) if hold.active and old.line_id in hold.lines else hold
            for hold in order.holds
        )
        made = holds.with_held_lines(replace(grown, holds=tuple(held)))
        require_whole_discounts(order, made.with_lines([_without(old, self.quantity)]), at)
        return made

    def _line(self, order: Order, old: Line, at: str) -> Line:
        """Return the line of the new units. They go as the old ones do."""
        first, last = old.live - self.quantity, old.live
        off, tax = unit_amounts.discount(old, first, last), unit_amounts.tax(old, first, last)
        price = old.unit_price if self.unit_price is None else self.unit_price
        if off > self.quantity * price:
            message = f"the units have discounts of {shown(off, order.currency)}, which they would not be worth"
            raise Invalid(Problem(pointer=f"{at}/unit_price", code="too-small", message=message))
        taxed_by = tax_share(old, old.quantity * old.unit_price - old.discount - old.order_discount)
        if price != old.unit_price and (taxed_by or rate_of(old)):
            tax = tax_at(order, old, taxed_by, self.quantity * price - off)
        return Line(
            line_id=self.new_line_id,
            sku=self.sku,
            quantity=self.quantity,
            unit_price=price,
            tax_rate=old.tax_rate,
            tax=tax,
            tax_table=old.tax_table,
            tax_name=old.tax_name,
            zero_rate_reason=old.zero_rate_reason,
            tax_estimated=old.tax_estimated,
            tax_share=taxed_by,
            discounts=tuple(_discounts(order, old, off)),
            kind=old.kind,
            method=old.method,
            node_id=old.node_id,
            service=old.service,
            weight_g=self.weight_g,
            title=self.title,
            gtin=self.gtin,
            allocations=new_units(order, self.quantity),
            gift=old.gift,
            wrap=old.wrap,
            destination=old.destination,
            replaces_line=old.line_id,
            usual=self.usual,
        )


def _without(old: Line, quantity: int) -> Line:
    """Return the line as it will be when so many of its units are cancelled, for its amounts: they go last of all changes."""
    left, gone = old.live - quantity, old.cancelled + quantity
    units = ((left, Status.CREATED), (gone, Status.CANCELLED))
    return replace(old, allocations=tuple(Allocation(quantity=n, status=status) for n, status in units if n))


def _discounts(order: Order, old: Line, amount: int) -> Iterator[Discount]:
    """Yield the discounts that units take along: their parts of the line's own, and of its part of the order's."""
    shares = [*old.discounts]
    if old.order_discount:
        shares.append(Discount(code=order.discounts[0].code, amount=old.order_discount))
    if not amount:
        return
    parts = spread(amount, [share.amount for share in shares])
    yield from (replace(share, amount=part) for share, part in zip(shares, parts, strict=True) if part)
