"""
Say where the lines and charges of an order are taxed: where they are delivered, or at the counter where they are picked up.

Called by   comanda.domain.lifecycle.changes.changed_taxes and .charge_taxes, functions/intake
Returns     places that differ when the tax may, and what a tax table is asked
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from comanda.domain.orders.bundle import Bundle
from comanda.domain.orders.line import PICKUP, Line
from comanda.domain.orders.order import Charge, Order

if TYPE_CHECKING:  # few channels have a tax table
    from comanda.domain.taxes.quotes import Knowledge, Taxable
    from comanda.domain.taxes.tax_tables import Place

type Where = tuple[str, ...]


def where(order: Order, line: Line) -> Where:
    """Return where a line is taxed: its counter, or the place to which it is sent."""
    if _is_picked_up(line):
        return ("counter", line.node_id or "")
    to = order.destination_of(line.destination)
    return ("address", to.country, to.region, to.postal_prefix)


def line_of_charges(order: Order) -> Line:
    """Return the line that is taxed where the charges are: one that is sent to the order's address, else the first one."""
    sent = (line for line in order.lines if line.method != PICKUP and line.destination == 0)
    return next(sent, order.lines[0])


def taxable(order: Order, row: Line | Bundle, goes: Line, classes: Mapping[str, str], known: "Knowledge") -> "Taxable":
    """Return what the table is asked of a line or a bundle. `goes` is a line that goes as it goes."""
    from comanda.domain.taxes.quotes import Taxable

    net = max(0, row.quantity * row.unit_price - row.discount)
    return Taxable(amount=net, tax_class=classes.get(row.sku, ""), to=_taxed_at(order, goes, known))


def taxable_charge(order: Order, charge: Charge, known: "Knowledge") -> "Taxable":
    """Return what the table is asked of a charge."""
    from comanda.domain.taxes.quotes import Taxable

    return Taxable(amount=charge.amount, tax_class=charge.kind, to=_taxed_at(order, line_of_charges(order), known))


def _taxed_at(order: Order, line: Line, known: "Knowledge") -> "Place | None":
    """Return where a line is taxed. None: the order has no address for it."""
    if _is_picked_up(line):
        return known.taxed_at(None, line.node_id or "")
    to = order.destination_of(line.destination)
    return known.taxed_at(to if to.address else None, "")


def _is_picked_up(line: Line) -> bool:
    return line.method == PICKUP and not line.is_provided
