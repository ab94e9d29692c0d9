"""
Define a bundle: a line of an order that has a price, and whose units are sets of its component lines.

A bundle has no units of its own. So it is no `Line`: every rule that walks the lines of an order sees the components, which
have all allocations, and their parts of the price. The API shows the bundle as a line in its place.

Called by   comanda.domain.orders.order, and the modules that read or change bundles
Returns     values
"""

from dataclasses import dataclass

from comanda.domain.orders.line import Added, Discount, Sold


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle(Sold):
    """A bundle as the channel sent it. Amounts are minor units of the order's currency, for `quantity` sets."""

    line_id: str
    sku: str
    quantity: int  # sets
    unit_price: int  # of one set
    place: int  # among all lines of the order, bundles too, from 0
    tax_rate: str = "0"
    tax: int = 0
    tax_table: str = ""  # as that of a line
    tax_name: str = ""
    zero_rate_reason: str = ""  # as that of a line
    tax_estimated: bool = False
    tax_share: tuple[int, int] | None = None
    discounts: tuple[Discount, ...] = ()
    title: str = ""
    gtin: str = ""
    usual: int | None = None  # what the sets that were sold cost before persons changed it; None: what they cost
    added: tuple[Added, ...] = ()  # its last sets, in the order in which changes added them
