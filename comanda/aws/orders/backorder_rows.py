"""
The rows of the Stock table that say who waits: for any stock of a sku, or for a day's supply of it at a node.

Called by   comanda.aws.orders.orders, which writes them with the order that they follow from; comanda.aws.orders.backorder_queue reads them
Returns     rows by their keys, and writes whose refusal is a StockConflict
"""

from typing import Any

from comanda.aws.dynamodb import keys, transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime.settings import settings
from comanda.domain.errors import StockConflict
from comanda.domain.orders import queues
from comanda.domain.orders.order import Order

type RowKey = tuple[str, str]  # pk, sk


def rows_of_order(order: Order | None) -> dict[RowKey, dict[str, Any]]:
    """Every row that the order stands behind."""
    found: dict[RowKey, dict[str, Any]] = {}
    if order is None:
        return found
    turn = (order.priority, order.placed_at, order.order_id)
    for line in order.lines:
        if units := line.waiting():
            key = keys.backorder(line.sku, *turn, line.line_id)
            called = units - queues.backordered(line)
            found[key["pk"], key["sk"]] = {"line": line.line_id, "quantity": units, "called": called}
    release_days = queues.release_days(order)
    for (line_id, node, due), units in queues.units_promised_later(order).items():
        key = keys.preorder(order.line(line_id).sku, node, *turn, line_id, due)
        row = {"line": line_id, "quantity": units, "node": node, "due": due}
        if (day := release_days.get((line_id, node, due))) is not None:
            row["release_on"] = day
        found[key["pk"], key["sk"]] = row
    for (pk, sk), values in found.items():
        values |= {
            "pk": pk,
            "sk": sk,
            "order_id": order.order_id,
            "sku": keys.sku_of(pk),
            "priority": order.priority,
            "placed_at": keys.time(order.placed_at),
            "channel": order.channel,
        }
    return found


def changed_keys(before: Order | None, order: Order) -> list[RowKey]:
    """Where somebody began to wait, or waits in another number; then where nobody does any more.

    In this order: a row that is missing is a turn that is lost, one too many is dropped by who serves it.
    """
    was, now = rows_of_order(before), rows_of_order(order)
    return [
        *(place for place, row in now.items() if was.get(place) != row),
        *(place for place in was if place not in now),
    ]


def writes(order: Order, places: list[RowKey]) -> list[Write]:
    """Make these rows what the order says."""
    rows = rows_of_order(order)
    return [_write(place, rows.get(place)) for place in places]


def _write(place: RowKey, row: dict[str, Any] | None) -> Write:
    refused = StockConflict(f"a row of {keys.sku_of(place[0])}")
    if row is None:
        return transaction.delete(settings.stock_table, {"pk": place[0], "sk": place[1]}, refused)
    return transaction.put(settings.stock_table, row, refused)
