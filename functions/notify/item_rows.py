"""
Make the rows of the items in a mail: units of lines, and the sets of bundles with their parts below them. Pure.

Called by   functions/notify/rules.py; functions/notify/render.py writes the rows
Returns     rows, in the order of the units
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from comanda.domain.orders.line import Line
from comanda.domain.orders.order import Order
from functions.notify.dates import Expected


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRow:
    """One item in a mail: units of a line, or sets of a bundle. `amount` is in minor units, before discounts and tax.

    `node` is the node where the customer picks the units up, or None if they are shipped.
    """

    title: str
    quantity: int
    amount: int | None  # None: the bundle has the price
    node: str | None = None
    destination: int = 0  # the further destination to which the units go; 0 is the order's own address
    expected: Expected | None = None  # of units that are sent later
    part: bool = False  # of the bundle of a row above it
    bundle: str = ""  # the title of the bundle of a component whose set is not whole here


def make_rows(
    order: Order,
    units: Mapping[str, int],
    goods: Mapping[str, int] | None = None,
    nodes: Mapping[str, str | None] | None = None,
    destinations: Mapping[str, int] | None = None,
) -> tuple[ItemRow, ...]:
    """Return the rows of units (line id: units). Whole sets of a bundle are one row, with the parts in rows below it.

    `goods` are the prices of units by line id, where an invoice has them; `nodes` the counters where they are picked up;
    `destinations` the further ones to which they go.
    """
    sets = _whole_sets(order, units) if order.bundles else {}
    found: dict[str, list[ItemRow]] = {}
    for line_id, quantity in units.items():
        if not quantity:
            continue
        line, node = order.line(line_id), (nodes or {}).get(line_id)
        bundle = line.component.bundle if line.component else ""
        to = (destinations or {}).get(line_id, 0)
        if bundle not in sets:
            row = make_row(order, line, quantity, node, (goods or {}).get(line_id))
            found.setdefault(line_id, []).append(replace(row, destination=to) if to else row)
            continue
        if bundle not in found:
            sold = order.bundle(bundle)
            title, amount = sold.title or sold.sku, sets[bundle] * sold.unit_price
            found[bundle] = [ItemRow(title=title, quantity=sets[bundle], amount=amount, node=node, destination=to)]
        part = ItemRow(title=line.title or line.sku, quantity=quantity, amount=None, part=True)
        found[bundle].append(part)
    return tuple(one for of_one in found.values() for one in of_one)


def make_row(order: Order, line: Line, quantity: int, node: str | None = None, goods: int | None = None) -> ItemRow:
    """Return the row of units of one line. A component is named with its bundle."""
    if line.component is None:
        return ItemRow(title=line.title or line.sku, quantity=quantity, amount=quantity * line.unit_price, node=node)
    bundle = order.bundle(line.component.bundle)
    return ItemRow(
        title=line.title or line.sku, quantity=quantity, amount=goods, node=node, bundle=bundle.title or bundle.sku
    )


def _whole_sets(order: Order, units: Mapping[str, int]) -> dict[str, int]:
    """Return the sets of each bundle whose components have whole sets of it, and nothing besides, among these units."""
    from comanda.domain.orders import bundles

    found: dict[str, int] = {}
    for bundle_id, lines in bundles.by_bundle(order).items():
        if sets := bundles.exact_sets(units, lines):
            found[bundle_id] = sets
    return found
