"""
What positions' items say at a glance, made true again: see `comanda.aws.stock.position_items`.

Called by   functions/daily, sku by sku
Returns     how many items say something else now

Whoever gives back soft units does not read the position, so its item goes on saying that it is more than plain; and items of
before say nothing. Both are read whole until the night has looked at them.
"""

from comanda.aws.dynamodb import keys, reads, single_writes
from comanda.aws.runtime.settings import settings
from comanda.aws.stock import position_items


def mend(sku: str) -> int:
    """Say of each position of a sku what it is. One that changes meanwhile says so itself, or waits for the next night."""
    prefix = keys.positions(sku)
    condition, only = "pk = :pk AND begins_with(sk, :sk)", (*position_items.READ, "glance")
    rows = reads.query(settings.stock_table, condition, only=only, pk=prefix["pk"], sk=prefix["sk"])
    return sum(
        single_writes.update(
            settings.stock_table,
            keys.position(sku, row["node"]),
            "SET glance = :glance",
            condition="rev = :rev",
            glance=says,
            rev=row["rev"],
        )
        for row in rows
        if "node" in row and (says := position_items.glance(position_items.of_row(row))) != row.get("glance")
    )
