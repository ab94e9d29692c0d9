"""
Write the receipt of a file: a JSON line for each of its rows, then the totals. It repeats no value of the file.

Called by   functions/inbox/handler.py
Returns     bytes of JSON Lines
"""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from functions.inbox.arrival import Arrival
from functions.inbox.fields import STATUSES, RowAnswer
from functions.inbox.reading import Refused

CONTENT_TYPE = "application/x-ndjson"

_FIELDS = ("status", "code", "reason", "fulfillment_id")
type KeptAnswer = Sequence[Any]  # an answer as a checkpoint keeps it: its line, then its fields in this order


def kept_answer(answer: RowAnswer) -> KeptAnswer:
    """Return an answer as a checkpoint keeps it."""
    return (answer.line, *(getattr(answer, name) for name in _FIELDS))


def write_rows(arrived: Arrival, answers: Iterable[KeptAnswer]) -> tuple[bytes, dict[str, int]]:
    """Return the receipt of a file that was applied, and its totals."""
    counts: Counter[str] = Counter()
    lines: list[bytes] = []
    for line, *fields in answers:
        counts[fields[0]] += 1
        lines.append(_line({"line": line} | {n: v for n, v in zip(_FIELDS, fields, strict=True) if v}))
    totals = {"lines": sum(counts.values())} | {status: counts[status] for status in STATUSES}
    lines.append(_line({"totals": totals, "file": arrived.key, "version": arrived.version}))
    return b"".join(lines), totals


def write_refusal(arrived: Arrival, why: Refused) -> bytes:
    """Return the receipt of a refused file."""
    row = {"line": why.line or None, "status": "REFUSED", "code": why.reason_code, "reason": why.reason}
    totals = {"lines": 0} | dict.fromkeys(STATUSES, 0) | {"REFUSED": 1}
    return _line(row) + _line({"totals": totals, "file": arrived.key, "version": arrived.version})


def _line(row: dict[str, Any]) -> bytes:
    return json.dumps(row, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"
