"""
Write the rows of waiting lines in the Stock table: lines that wait for any stock of a sku, or for a supply at a node.

Called by   comanda.aws.orders.orders, which writes the rows with their order; comanda.aws.orders.backorder_queue reads them
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
    """Return every row that follows from the order, by its key. Return {} for None, the order before it was placed."""
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
    """Return the keys of the rows that are new or changed, then of those that are over.

    The order matters when not all rows are written at once. A line without its row loses its turn; replenish deletes a row
    without a line.
    """
    was, now = rows_of_order(before), rows_of_order(order)
    return [
        *(key for key, row in now.items() if was.get(key) != row),
        *(key for key in was if key not in now),
    ]


def writes(order: Order, row_keys: list[RowKey]) -> list[Write]:
    """Return the writes that make the rows at these keys what the order says."""
    rows = rows_of_order(order) if row_keys else {}
    return [_write(key, rows.get(key)) for key in row_keys]


def _write(key: RowKey, row: dict[str, Any] | None) -> Write:
    refused = StockConflict(f"a row of {keys.sku_of(key[0])}")
    if row is None:
        return transaction.delete(settings.stock_table, {"pk": key[0], "sk": key[1]}, refused)
    return transaction.put(settings.stock_table, row, refused)
