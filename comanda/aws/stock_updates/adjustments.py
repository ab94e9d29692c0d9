"""
Apply an adjustment of stock chunk by chunk, so that it can be resumed: a chunk that was applied before is skipped.

Called by   functions/stock
Returns     the reason for each position that another writer emptied in between; all other positions were changed
Raises      Conflicting when the adjustment's id was used for other rows; StockConflict, Throttled, Unfinished (Busy)
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from comanda.aws.dynamodb import keys, reads, single_writes, transaction
from comanda.aws.runtime import deadline
from comanda.aws.runtime.retries import retry
from comanda.aws.runtime.settings import settings
from comanda.aws.stock import ledger, stock_changes
from comanda.domain.errors import NotAllowed, OutOfStock, StockConflict, Unfinished
from comanda.domain.stock.changes import Change

TRIES = 3
_KEPT = timedelta(days=400)


class Conflicting(NotAllowed):
    """The adjustment's id was used for other rows."""

    code = "adjustment-id-reused"


Refused = dict[tuple[str, str], str]  # reason by (sku, node)


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """The progress of an adjustment: `chunks` of it are applied, except the positions in `refused`."""

    chunks: int = 0
    refused: Refused = field(default_factory=dict)


def begun(owner: str, adjustment_id: str, content: str) -> Begun | None:
    """Return the progress of an adjustment that has begun with the same content, or None for a new one.

    Raises Conflicting when the id was used for other content.
    """
    row = reads.get(settings.stock_table, keys.row(owner, "adjustment", adjustment_id))
    if row is None:
        return None
    if row["content"] != content:
        raise _conflicting(adjustment_id)
    refused = {(sku, node): why for sku, node, why in row.get("refused", ())}
    return Begun(chunks=row.get("chunks", 0), refused=refused)


def begin(owner: str, adjustment_id: str, content: str, now: int) -> None:
    """Claim the id for this content for 400 days. The same content may claim it again. Raises Conflicting."""
    key = keys.row(owner, "adjustment", adjustment_id)
    other = _conflicting(adjustment_id)
    values = {**key, "content": content, "ttl": now + int(_KEPT.total_seconds())}
    claim = transaction.put(
        settings.stock_table, values, other, condition="attribute_not_exists(pk) OR content = :same", same=content
    )
    transaction.commit([claim])


def _conflicting(adjustment_id: str) -> Conflicting:
    return Conflicting(f"adjustment {adjustment_id} was sent with other rows", pointer="/adjustment_id")


def apply(owner: str, adjustment_id: str, chunks: Sequence[Sequence[Change]], begun: Begun) -> Refused:
    """Apply each chunk in one transaction, with the receipt counters of the skus that get more units.

    Raises Unfinished when the time of the API call is over: the next call continues after the applied chunks.
    """
    refused = dict(begun.refused)
    for number, chunk in enumerate(chunks[begun.chunks :], start=begun.chunks):
        if number > begun.chunks:
            try:
                deadline.check()
            except Unfinished:
                _note(owner, adjustment_id, number, refused)
                raise
        try:
            if _apply_chunk(chunk):
                continue
        except OutOfStock:
            pass
        # Some changes were applied before, or one is impossible: apply each on its own.
        for change in chunk:
            try:
                _apply_chunk([change])
            except OutOfStock as error:
                refused[change.sku, change.node] = str(error)
    return refused


def _note(owner: str, adjustment_id: str, chunks: int, refused: Refused) -> None:
    """Store how many chunks are applied, so that the next call does not try them again."""
    single_writes.update(
        settings.stock_table,
        keys.row(owner, "adjustment", adjustment_id),
        "SET chunks = :chunks, refused = :refused",
        condition="attribute_exists(pk)",
        chunks=chunks,
        refused=[[sku, node, why] for (sku, node), why in refused.items()],
    )


def _apply_chunk(chunk: Sequence[Change]) -> bool:
    """Apply a chunk, and return False if it was applied before. Raises OutOfStock, and StockConflict after three tries."""
    counted = [
        transaction.update(
            settings.stock_table, keys.receipts(sku), "ADD #n :one", StockConflict("receipts"), n_n="n", one=1
        )
        for sku in sorted({change.sku for change in chunk if change.free > 0})
    ]
    try:
        retry(TRIES, lambda: stock_changes.apply(chunk, counted), on=StockConflict)
    except ledger.AlreadyMoved:
        return False
    return True
