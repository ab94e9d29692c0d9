"""
Correct the attribute `glance` of positions' items: see `comanda.aws.stock.position_items`.

Called by   functions/daily, sku by sku
Returns     how many items changed

A write that gives back soft units does not read the position, so the item stays marked as more than plain. Items from before
`glance` have no mark. Both are read whole until this nightly correction.
"""

from comanda.aws.dynamodb import keys, reads, single_writes
from comanda.aws.runtime.settings import settings
from comanda.aws.stock import position_items


def mend(sku: str) -> int:
    """Correct `glance` for each position of a sku. A position that changes meanwhile is corrected on the next night."""
    prefix = keys.positions(sku)
    condition, only = "pk = :pk AND begins_with(sk, :sk)", (*position_items.READ, "glance")
    rows = reads.query(settings.stock_table, condition, only=only, pk=prefix["pk"], sk=prefix["sk"])
    return sum(
        single_writes.update(
            settings.stock_table,
            keys.position(sku, row["node"]),
            "SET glance = :glance",
            condition="rev = :rev",
            glance=glance,
            rev=row["rev"],
        )
        for row in rows
        if "node" in row and (glance := position_items.glance(position_items.to_position(row))) != row.get("glance")
    )
