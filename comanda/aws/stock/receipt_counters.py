"""
Read the receipt counters of skus, and check that they did not change.

Called by   functions/route, before and after it decides on backorders
Returns     a counter for each sku; Writes that check them
Raises      StockConflict, inside the transaction, when a sku was received since its counter was read

Without the check, an order could become a backorder while the stock that fills it arrives.
"""

from collections.abc import Iterable

from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime.settings import settings
from comanda.domain.errors import StockConflict


def load(skus: Iterable[str]) -> dict[str, int]:
    """Return the receipt counter of each sku, 0 for a sku that was never received; strongly consistent."""
    found: dict[str, int] = dict.fromkeys(skus, 0)
    for row in reads.batch(settings.stock_table, [keys.receipts(sku) for sku in sorted(found)]):
        found[keys.sku_of(row["pk"])] = row["n"]
    return found


def unchanged(counters: dict[str, int]) -> list[Write]:
    """Return checks that refuse the transaction if a sku was received since its counter was read."""
    return [
        transaction.check(
            settings.stock_table,
            keys.receipts(sku),
            "n = :n" if n else "attribute_not_exists(pk)",
            StockConflict(f"{sku} was received"),
            **({"n": n} if n else {}),
        )
        for sku, n in sorted(counters.items())
    ]
