"""
Send lost units again, by a new order that costs nothing and goes through the same router.

The lines cost nothing and have no tax, because the customer has paid for the lost units. So no money moves for the new order,
and its invoices are of zero. No rule holds it, because a person decided it.

Called by   functions/intake/queues/lost_items.py
Returns     the decision that places the new order
Raises      NotFound, NotAllowed: see `replacement`
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from comanda.domain.errors import NotAllowed
from comanda.domain.lifecycle.node_work import kits
from comanda.domain.lifecycle.parcels.lost_units import find_loss
from comanda.domain.lifecycle.place import place_order
from comanda.domain.orders.bundle import Bundle
from comanda.domain.orders.component import Component
from comanda.domain.orders.decision import Decision
from comanda.domain.orders.fulfillment import Loss
from comanda.domain.orders.line import Line
from comanda.domain.orders.order import REPLACEMENT, Order, Replaced, Totals

MOST_OF_A_NAME = 120  # characters of the first order's external id in that of its replacement


def replacement(order: Order, item: str, order_id: str, external_id: str, actor: str, now: datetime) -> Decision:
    """Place the order that sends the units of a loss again, to the same customer and address.

    Lines keep their ids. A kit stays a kit, and a bundle a bundle, where whole sets of it were lost. Raises NotFound without
    such a loss, NotAllowed for one that has an answer.
    """
    fulfillment, loss = find_loss(order, item)
    if loss.answer:
        raise NotAllowed(f"a person has decided already: {loss.answer}", pointer="/answer")
    groups = _whole_groups(order, loss)
    lines = tuple(_line(order.line(line_id), quantity, groups) for line_id, quantity in loss.units)
    nothing = Totals(goods=0, discounts=0, charges=0, tax=0, total=0)
    new = Order(
        order_id=order_id,
        channel=order.channel,
        external_id=external_id,
        currency=order.currency,
        locale=order.locale,
        customer_id=order.customer_id,
        placed_at=now,
        lines=lines,
        bundles=tuple(_bundles(order, lines)),
        totals=nothing,
        destination=order.destination_of(fulfillment.destination),
        prices_include_tax=order.prices_include_tax,
        priority=order.priority,
        tags=order.tags,
        sourcing_class=order.sourcing_class,
        kind=REPLACEMENT,
        replaces=tuple(
            Replaced(order_id=order.order_id, line_id=line_id, quantity=quantity) for line_id, quantity in loss.units
        ),
    )
    return place_order(new, (), actor, now)


def external_id(order: Order, n: int) -> str:
    """Return the external id of the n-th replacement of an order: "WEB-1042-R1"."""
    return f"{order.external_id[:MOST_OF_A_NAME]}-R{n}"


def _bundles(order: Order, lines: Sequence[Line]) -> Iterator[Bundle]:
    """Yield the bundles of these lines of the new order, each in the place before its first component."""
    firsts: dict[str, tuple[int, int]] = {}  # place among the lines, sets
    for at, line in enumerate(lines):
        if line.component:
            firsts.setdefault(line.component.bundle, (at + len(firsts), line.quantity // line.component.ratio))
    for bundle_id, (place, sets) in firsts.items():
        bundle = order.bundle(bundle_id)
        yield Bundle(line_id=bundle_id, sku=bundle.sku, quantity=sets, unit_price=0, place=place, title=bundle.title)


def _line(line: Line, quantity: int, groups: set[str]) -> Line:
    part = line.component if line.group in groups else None
    return Line(
        line_id=line.line_id,
        sku=line.sku,
        quantity=quantity,
        unit_price=0,
        tax_rate=line.tax_rate,
        service=line.service,
        weight_g=line.weight_g,
        dims_mm=line.dims_mm,
        title=line.title,
        gtin=line.gtin,
        gift=line.gift,
        wrap=line.wrap,
        group=line.group if line.group in groups else None,
        kind="COMPONENT" if part else "PRODUCT",
        component=Component(bundle=part.bundle, ratio=part.ratio, price_share=part.price_share) if part else None,
    )


def _whole_groups(order: Order, loss: Loss) -> set[str]:
    """Return the groups of which whole sets were lost."""
    lost, found = dict(loss.units), set[str]()
    for group, kit in kits.by_group(order).items():
        sets = min(lost.get(line_id, 0) // units for line_id, units in kit.items())
        if all(lost.get(line_id, 0) == sets * units for line_id, units in kit.items()):
            found.add(group)
    return found
