"""
Answer the rows of a shipment file: rows that were applied before, and rows that are refused.

Called by   functions/inbox/apply_shipments.py, departures.py, loading.py
Returns     RowAnswers for the receipt
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from functions.inbox.fields import APPLIED, CONFLICT, DUPLICATE, REJECTED, RowAnswer
from functions.inbox.shipment_rows import UNKNOWN_ORDER, ShipmentRow


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedBefore:
    """A row that was applied before. `same_line` is its line if this file applied it, else None."""

    content: str
    same_line: int | None
    fulfillment_id: str


def answer_applied(
    rows: Iterable[ShipmentRow], before: Mapping[str, AppliedBefore]
) -> tuple[list[RowAnswer], list[ShipmentRow]]:
    """Return the answers to the rows that were applied before, and the rows that were not."""
    answers: list[RowAnswer] = []
    fresh: list[ShipmentRow] = []
    for row in rows:
        kept = before.get(row.identity)
        if kept is None:
            fresh.append(row)
        elif kept.same_line == row.line:
            answers.append(RowAnswer(line=row.line, status=APPLIED, fulfillment_id=kept.fulfillment_id))
        else:
            answers.append(answer_repeated(row, kept.content, "was applied before"))
    return answers, fresh


def answer_repeated(row: ShipmentRow, content: str, where: str) -> RowAnswer:
    """Answer a row that repeats a row with this content: DUPLICATE, or CONFLICT if the contents differ."""
    if row.content == content:
        return RowAnswer(line=row.line, status=DUPLICATE, code="applied-before", reason=f"the row {where}")
    *names, last = row.named_by
    reason = f"{', '.join(names)} and {last} were used before, with other content"
    return RowAnswer(line=row.line, status=CONFLICT, code="other-content", reason=reason)


def refuse_rows(rows: Iterable[ShipmentRow], code: str, message: str) -> list[RowAnswer]:
    """Refuse all rows for a reason that concerns their order."""
    return [refuse(row, _order_column(row), code, message) for row in rows]


def unknown_order(row: ShipmentRow) -> RowAnswer:
    """Answer a row whose order does not exist or is not the partner's. Both get the same answer."""
    return refuse(row, _order_column(row), "unknown-order", UNKNOWN_ORDER)


def _order_column(row: ShipmentRow) -> str:
    """Return the column that names the order of the row."""
    return "fulfillment_id" if row.number else "order_id"


def refuse(row: ShipmentRow, column: str, code: str, message: str) -> RowAnswer:
    """Refuse a row because of one column."""
    return RowAnswer(line=row.line, status=REJECTED, code=code, reason=f"{column}: {message}")
