"""
Apply an adjustment of stock, chunk by chunk, so that it can be resumed: a chunk that was moved before is skipped.

Called by   functions/stock
Returns     why, for each position that another writer emptied in between; everything else was applied
Raises      Conflicting when the adjustment's id was used for something else; StockConflict, Throttled (Busy)
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from comanda.aws import keys, reads, stock, transaction
from comanda.aws.settings import settings
from comanda.domain.errors import NotAllowed, OutOfStock, StockConflict
from comanda.domain.movements import Change

TRIES = 3
_KEPT = timedelta(days=400)


class Conflicting(NotAllowed):
    """The adjustment's id was used for other rows."""

    code = "adjustment-id-reused"


def begun(owner: str, adjustment_id: str, content: str) -> bool:
    """Whether this very content was begun before, and must be finished. Raises Conflicting when other content was."""
    row = reads.get(settings.stock_table, keys.row(owner, "adjustment", adjustment_id))
    if row is not None and row["content"] != content:
        raise _conflicting(adjustment_id)
    return row is not None


def begin(owner: str, adjustment_id: str, content: str, now: int) -> None:
    """Claim the id for this content, for ever and a bit; the same content may claim it again. Raises Conflicting."""
    key = keys.row(owner, "adjustment", adjustment_id)
    other = _conflicting(adjustment_id)
    values = {**key, "content": content, "ttl": now + int(_KEPT.total_seconds())}
    claim = transaction.put(
        settings.stock_table, values, other, condition="attribute_not_exists(pk) OR content = :same", same=content
    )
    transaction.commit([claim])


def _conflicting(adjustment_id: str) -> Conflicting:
    return Conflicting(f"adjustment {adjustment_id} was sent with other rows", pointer="/adjustment_id")


def apply(chunks: Iterable[Sequence[Change]]) -> dict[tuple[str, str], str]:
    """Each chunk in one transaction, with the receipt counters of the skus that it brings units of."""
    refused: dict[tuple[str, str], str] = {}
    for chunk in chunks:
        try:
            if _moved(chunk):
                continue
        except OutOfStock:
            pass
        # Some were moved before, or one of them cannot be: each on its own.
        for change in chunk:
            try:
                _moved([change])
            except OutOfStock as error:
                refused[change.sku, change.node] = str(error)
    return refused


def _moved(chunk: Sequence[Change]) -> bool:
    """Whether it was applied now; not, when it was before. Raises OutOfStock, StockConflict after three tries."""
    counted = [
        transaction.update(
            settings.stock_table, keys.receipts(sku), "ADD #n :one", StockConflict("receipts"), n_n="n", one=1
        )
        for sku in sorted({change.sku for change in chunk if change.free > 0})
    ]
    for attempt in range(TRIES):
        try:
            stock.apply(chunk, counted)
        except stock.AlreadyMoved:
            return False
        except StockConflict:
            if attempt == TRIES - 1:
                raise
        else:
            return True
    raise AssertionError("unreachable")
