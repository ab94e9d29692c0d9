"""
Tax the charges of an order again, by the tax table of its channel, where they go. What is invoiced stays as it was taxed.

Called by   comanda.domain.lifecycle.changes.changed_taxes
Returns     orders and charges
"""

from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING

from comanda.domain.billing import unit_amounts
from comanda.domain.lifecycle.changes import taxed_places
from comanda.domain.money import spread, tax_of
from comanda.domain.orders.order import Charge, Order

if TYPE_CHECKING:  # few channels have a tax table
    from comanda.domain.taxes.quotes import Tax


def touched(before: Order, after: Order) -> list[int]:
    """Return the numbers of the charges that are new, and of all if they go elsewhere than before."""
    moved = taxed_places.sale(before).of_charges() != taxed_places.sale(after).of_charges()
    return [i for i in range(len(after.charges)) if moved or i >= len(before.charges)]


def estimated(order: Order, numbers: Collection[int]) -> Order:
    """Return the order with these charges marked as estimates, if they have a tax. The reason why one has none was that of its
    place."""
    if not numbers:
        return order
    marked = (
        replace(one, tax_estimated=one.tax_estimated or bool(one.tax), zero_rate_reason="") if i in numbers else one
        for i, one in enumerate(order.charges)
    )
    return replace(order, charges=tuple(marked))


def charged(before: Order, order: Order, i: int, tax: "Tax") -> Charge:
    """Return a charge with its tax, of which the part on invoices stays."""
    charge, new = order.charges[i], i >= len(before.charges)
    if not tax.name or not (new or _is_taxed_whole(before)):
        return replace(charge, tax_estimated=True)
    amount, open_tax = charge.amount, charge.tax
    if not new:
        billed = [unit_amounts.header(line, line.invoiced) for line in before.lines]
        amounts, taxes = [one.amount for one in before.charges], [one.tax for one in before.charges]
        amount = spread(sum(amounts) - sum(one.charges for one in billed), amounts)[i]
        open_tax = spread(sum(taxes) - sum(one.charges_tax for one in billed), taxes)[i]
    return replace(
        charge,
        tax=charge.tax - open_tax + tax_of(amount, tax.rate, included=order.prices_include_tax),
        tax_rate=tax.rate,
        tax_table=tax.table,
        tax_name=tax.name,
        zero_rate_reason=tax.zero_rate_reason,
        tax_estimated=tax.estimated,
    )


def _is_taxed_whole(order: Order) -> bool:
    """Return False if discounts that came with the order lower its charges: what is left of each one is not known."""
    discounts = sum(one.amount for one in order.discounts if not one.by)
    return discounts <= sum(line.order_discount for line in order.lines)
