"""
Send lost units again, by a new order that costs nothing and goes through the same router.

The lines cost nothing and have no tax, because the customer has paid for the lost units. So no money moves for the new order,
and its invoices are of zero. No rule holds it, because a person decided it.

Called by   functions/intake/lost_items.py
Returns     the decision that places the new order
Raises      NotFound, NotAllowed: see `replacement`
"""

from datetime import datetime

from comanda.domain.errors import NotAllowed
from comanda.domain.lifecycle import kits
from comanda.domain.lifecycle.lost_units import find_loss
from comanda.domain.lifecycle.place import place_order
from comanda.domain.orders.decision import Decision
from comanda.domain.orders.fulfillment import Loss
from comanda.domain.orders.line import Line
from comanda.domain.orders.order import REPLACEMENT, Order, Replaced, Totals

MOST_OF_A_NAME = 120  # characters of the first order's external id in that of its replacement


def replacement(order: Order, item: str, order_id: str, external_id: str, actor: str, now: datetime) -> Decision:
    """Place the order that sends the units of a loss again, to the same customer and address.

    Lines keep their ids. A kit stays a kit where whole sets of it were lost. Raises NotFound without such a loss, NotAllowed for
    one that has an answer.
    """
    _, loss = find_loss(order, item)
    if loss.answer:
        raise NotAllowed(f"a person has decided already: {loss.answer}", pointer="/answer")
    nothing = Totals(goods=0, discounts=0, charges=0, tax=0, total=0)
    new = Order(
        order_id=order_id,
        channel=order.channel,
        external_id=external_id,
        currency=order.currency,
        locale=order.locale,
        customer_id=order.customer_id,
        placed_at=now,
        lines=tuple(
            _line(order.line(line_id), quantity, _whole_groups(order, loss)) for line_id, quantity in loss.units
        ),
        totals=nothing,
        destination=order.destination,
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


def _line(line: Line, quantity: int, groups: set[str]) -> Line:
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
        group=line.group if line.group in groups else None,
    )


def _whole_groups(order: Order, loss: Loss) -> set[str]:
    """Return the groups of which whole sets were lost."""
    lost = dict(loss.units)
    return {
        group
        for group, kit in kits.by_group(order).items()
        if len({lost.get(line_id, 0) / units for line_id, units in kit.items()}) == 1
    }
