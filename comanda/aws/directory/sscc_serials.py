"""
Draw serial numbers for the SSCC of packages, in blocks of a company prefix.

A process draws a block at once and uses it up alone, so numbers have gaps.

Called by   functions/fulfill/packing.py
Returns     serial numbers
Raises      StaleEntry (Busy) when other processes drew first every time
"""

from comanda.aws.directory.writer import StaleEntry
from comanda.aws.dynamodb import keys, reads, single_writes
from comanda.aws.runtime.settings import settings

BLOCK = 100
_TRIES = 20  # each lost one means that another process drew a block
_SERIES = "sscc"

_left: dict[str, list[int]] = {}  # by prefix: the numbers of the last block that are not used yet, the next one last


def forget() -> None:
    """Drop the numbers that this process has drawn and not used."""
    _left.clear()


def draw(prefix: str) -> int:
    """Return the next serial number of a company prefix, which no other process gets."""
    left = _left.setdefault(prefix, [])
    if not left:
        first = _draw_block(prefix)
        left.extend(reversed(range(first, first + BLOCK)))
    return left.pop()


def _draw_block(prefix: str) -> int:
    key = keys.series(_SERIES, prefix)
    for _ in range(_TRIES):
        row = reads.get(settings.directory_table, key)
        before = int(row["drawn"]) if row else 0
        condition = "drawn = :before" if row else "attribute_not_exists(pk)"
        known = {"before": before} if row else {}
        if single_writes.update(
            settings.directory_table, key, "SET drawn = :drawn", condition=condition, drawn=before + BLOCK, **known
        ):
            return before + 1
    raise StaleEntry(prefix)
