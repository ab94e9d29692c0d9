"""
Read the lines that wait for a sku, in the order in which they are served. An order's own save writes and deletes their
rows.

Called by   functions/replenish, which serves them; functions/sweep, daily and reroute, which start it (`invoke_replenish`)
Returns     values of the domain
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import batched
from typing import Any

from comanda.aws.dynamodb import keys, reads
from comanda.aws.orders.backorder_rows import RowKey
from comanda.aws.runtime.concurrently import run_concurrently
from comanda.aws.runtime.invoke import start_function
from comanda.aws.runtime.settings import settings
from comanda.domain.lifecycle.backorders.preorders import PreorderedUnits

_ONE_CALL = 500  # skus


@dataclass(frozen=True, slots=True, kw_only=True)
class Backorder:
    """Units of a line that no node has. `called` of them are released to the router already."""

    sku: str
    priority: int
    placed_at: str
    order_id: str
    line_id: str
    quantity: int
    called: int
    row_key: RowKey

    @property
    def turn(self) -> tuple[int, str, str, str]:
        """Return the sort key of the order in which lines are served, the first first. It is the same for every sku."""
        return self.priority, self.placed_at, self.order_id, self.line_id


@dataclass(frozen=True, slots=True, kw_only=True)
class SkuQueue:
    """The lines that wait for a sku: for any stock of it, or at a node for the supply of a day."""

    backorders: tuple[Backorder, ...]
    preorders: Mapping[PreorderedUnits, RowKey]  # with the key of each row


def invoke_replenish(skus: Iterable[str]) -> None:
    """Start replenish for the lines that wait for any of these skus, many skus in one call. The changes of one order are
    one decision, and concurrent calls would conflict on it."""
    for page in batched(dict.fromkeys(skus), _ONE_CALL, strict=False):
        start_function(settings.replenish_function, {"skus": page})


def for_skus(skus: Iterable[str]) -> dict[str, SkuQueue]:
    """Return the queue of each of these skus that a line waits for: one query for each sku, a few at once."""
    wanted = sorted(set(skus))
    if len(wanted) == 1:
        found = [for_sku(wanted[0])]
    else:
        found = [result() for result in run_concurrently(partial(for_sku, sku) for sku in wanted)]
    return {sku: queue for sku, queue in zip(wanted, found, strict=True) if queue.backorders or queue.preorders}


def for_sku(sku: str) -> SkuQueue:
    """Return the queue of a sku: one query, strongly consistent."""
    first, last = keys.backorders(sku), keys.preorders(sku, "")
    rows = list(
        reads.query(
            settings.stock_table,
            "pk = :pk AND sk BETWEEN :first AND :last",
            consistent=True,
            pk=first["pk"],
            first=first["sk"],
            last=last["sk"].removesuffix("#") + "~",
        )
    )
    return SkuQueue(
        backorders=tuple(_backorder(row) for row in rows if row["sk"].startswith(first["sk"])),
        preorders={_preorder(row): (row["pk"], row["sk"]) for row in rows if not row["sk"].startswith(first["sk"])},
    )


def _backorder(row: dict[str, Any]) -> Backorder:
    return Backorder(
        sku=row["sku"],
        priority=row["priority"],
        placed_at=row["placed_at"],
        order_id=row["order_id"],
        line_id=row["line"],
        quantity=row["quantity"],
        called=row.get("called", 0),
        row_key=(row["pk"], row["sk"]),
    )


def _preorder(row: dict[str, Any]) -> PreorderedUnits:
    return PreorderedUnits(
        priority=row["priority"],
        placed_at=row["placed_at"],
        order_id=row["order_id"],
        line_id=row["line"],
        node=row["node"],
        due=row["due"],
        quantity=row["quantity"],
        release_on=row.get("release_on", ""),
    )
