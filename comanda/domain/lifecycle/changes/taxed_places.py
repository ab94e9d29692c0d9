"""
Say where the lines and charges of an order are taxed, and what a tax table is asked of them.

`comanda.domain.taxes.places` has the rule, which drafts have too.

Called by   comanda.domain.lifecycle.changes.changed_taxes and .charge_taxes, functions/intake
Returns     places that differ when the tax may, and what a tax table is asked
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from comanda.domain.orders.bundle import Bundle
from comanda.domain.orders.line import Line
from comanda.domain.orders.methods import PICKUP
from comanda.domain.orders.order import Charge, Order
from comanda.domain.taxes.places import Spot, TaxedSale, Way, place_of

if TYPE_CHECKING:  # few channels have a tax table
    from comanda.domain.taxes.quotes import Knowledge, Taxable


def sale(order: Order) -> TaxedSale:
    """Return the order as the rule of places sees it."""
    own = order.destination
    return TaxedSale(own if own.address else None, (_way(order, line) for line in order.lines))


def where(taxed: TaxedSale, order: Order, line: Line) -> Spot:
    """Return where a line is taxed. `taxed` is the order."""
    return taxed.of_line(_way(order, line))


def _way(order: Order, line: Line) -> Way:
    if line.method == PICKUP and not line.is_provided:
        return Way(counter=line.node_id or "")
    to = order.destination_of(line.destination)
    return Way(to=to if to.address else None)


class Questions:
    """Ask a tax table about the lines and charges of an order. `known` is what rates depend on."""

    def __init__(self, order: Order, known: "Knowledge") -> None:
        self._order, self._known, self._sale = order, known, sale(order)

    def line(self, row: Line | Bundle, goes: Line, classes: Mapping[str, str]) -> "Taxable":
        """Return what the table is asked of a line or a bundle. `goes` is a line that goes as it goes."""
        net = max(0, row.quantity * row.unit_price - row.discount)
        return self._taxable(net, classes.get(row.sku, ""), where(self._sale, self._order, goes))

    def charge(self, charge: Charge) -> "Taxable":
        """Return what the table is asked of a charge."""
        return self._taxable(charge.amount, charge.kind, self._sale.of_charges())

    def _taxable(self, amount: int, tax_class: str, spot: Spot) -> "Taxable":
        from comanda.domain.taxes.quotes import Taxable

        return Taxable(amount=amount, tax_class=tax_class, to=place_of(spot, self._known.counters))
