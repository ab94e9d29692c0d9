"""The receipt of a file: a JSON line for each of its rows, then the totals. It repeats nothing that the file said."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from functions.inbox.arrival import Arrival
from functions.inbox.fields import STATUSES, Answer
from functions.inbox.reading import Refused

CONTENT_TYPE = "application/x-ndjson"

_FIELDS = ("status", "code", "reason", "fulfillment_id")
type Said = Sequence[Any]  # an answer as it is kept between checkpoints: its line, and its fields in this order


def said(answer: Answer) -> Said:
    return (answer.line, *(getattr(answer, name) for name in _FIELDS))


def of_rows(arrived: Arrival, answers: Iterable[Said]) -> tuple[bytes, dict[str, int]]:
    """The receipt of a file that was read through, and its totals."""
    counts: Counter[str] = Counter()
    lines: list[bytes] = []
    for line, *fields in answers:
        counts[fields[0]] += 1
        lines.append(_line({"line": line} | {n: v for n, v in zip(_FIELDS, fields, strict=True) if v}))
    totals = {"lines": sum(counts.values())} | {status: counts[status] for status in STATUSES}
    lines.append(_line({"totals": totals, "file": arrived.key, "version": arrived.version}))
    return b"".join(lines), totals


def of_refused(arrived: Arrival, why: Refused) -> bytes:
    """The receipt of a file of which nothing was applied."""
    row = {"line": why.line or None, "status": "REFUSED", "code": why.reason_code, "reason": why.reason}
    totals = {"lines": 0} | dict.fromkeys(STATUSES, 0) | {"REFUSED": 1}
    return _line(row) + _line({"totals": totals, "file": arrived.key, "version": arrived.version})


def _line(row: dict[str, Any]) -> bytes:
    return json.dumps(row, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"
