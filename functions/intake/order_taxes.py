"""
Ask the tax table or the tax service of an order's channel by which rates the order is taxed. It is asked once for all lines.

Called by   functions/intake/changes/asked_changes.py, functions/intake/persons_giving.py
Returns     what the rates depend on, None without a table and a service; rates of lines and charges
Raises      nothing; NoTaxAnswer when a rate is asked for

Few channels have a table, so the code that reads tables is imported for them alone.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from comanda.aws.api.sale_contracts import Address
from comanda.aws.customers import customers
from comanda.aws.directory import directory
from comanda.aws.directory.tax_sources import source
from comanda.domain.lifecycle.changes import taxed_places
from comanda.domain.orders.bundle import Bundle
from comanda.domain.orders.line import Line
from comanda.domain.orders.order import Order

if TYPE_CHECKING:
    from comanda.domain.taxes.quotes import Knowledge


def knowledge(
    order: Order, nodes: Iterable[str | None], now: datetime, addresses: Iterable[Address | None] = ()
) -> "Knowledge | None":
    """Return what the rates of an order depend on now. `nodes` and `addresses` are further ones that a request names."""
    if not table(order):
        return None
    from comanda.aws.directory import taxes

    channel = directory.find(directory.CHANNEL, order.channel) or {}
    counters = {node for node in (*nodes, *(line.node_id for line in order.lines)) if node}
    buyer = taxes.Buyer()
    if channel.get("tax_service"):
        contact = customers.find(order.order_id, order.contact) or {}  # a new order has none yet
        sent = [one.model_dump() for one in addresses if one]
        buyer = taxes.Buyer(
            customer=contact.get("customer", {}).get("id"), addresses=[*customers.delivered_to(contact), *sent]
        )
    sale = taxes.Sale(channel=channel, currency=order.currency, included=order.prices_include_tax, buyer=buyer)
    return taxes.knowledge(sale, counters, now)


def table(order: Order) -> str:
    """Return the tax service or the tax table of the order's channel. Empty: it has none."""
    return source(directory.find(directory.CHANNEL, order.channel) or {})


def usual_rates(order: Order, line_ids: Collection[str], known: "Knowledge") -> dict[str, str]:
    """Return the table's rates of these lines, and of the components of these bundles, by their ids. What the table says
    nothing about is left out."""
    parts = {line.component.bundle: line for line in reversed(order.lines) if line.component}
    rows: list[tuple[Line | Bundle, Line]] = []
    for row in order.as_sent():
        goes = parts.get(row.line_id) if isinstance(row, Bundle) else row
        bundle = row.component.bundle if isinstance(row, Line) and row.component else ""
        if goes and not {row.line_id, bundle}.isdisjoint(line_ids):
            rows.append((row, goes))
    classes = known.classes(row.sku for row, _ in rows)
    asking = taxed_places.Questions(order, known)
    found = known.quote([asking.line(row, goes, classes) for row, goes in rows]) if rows else ()
    return {row.line_id: tax.rate for (row, _), tax in zip(rows, found, strict=True) if tax.name}


def usual_charge_rates(order: Order, known: "Knowledge") -> list[str]:
    """Return the table's rate of each charge; 0 where it says nothing about one."""
    asking = taxed_places.Questions(order, known)
    asked = [asking.charge(charge) for charge in order.charges]
    return [tax.rate if tax.name else "0" for tax in (known.quote(asked) if asked else ())]
