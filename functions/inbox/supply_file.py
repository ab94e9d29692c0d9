"""
Apply a supply file page by page: units that were ordered, sent or received, one step of one line in each row.

Called by   functions/inbox/handler.py
Returns     a RowAnswer for each line
Raises      StockConflict, Throttled, RowTaken (Busy)
"""

from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from comanda.aws.runtime import clock
from comanda.aws.stock_updates import supplies
from comanda.aws.stock_updates.row_batches import Verdict
from comanda.aws.stock_updates.supply_rows import SupplyRow
from comanda.domain.stock import counts
from comanda.domain.stock.stock import BUCKETS, SELLABLE, SUPPLY_TYPES
from comanda.domain.stock.supply_fields import field_problems
from comanda.domain.stock.supply_line import ACTIONS, CREATE, Step
from functions.inbox import named_documents
from functions.inbox.fields import (
    Fields,
    RowAnswer,
    Wrong,
    day,
    free_text,
    identifier,
    line_number,
    moment,
    one_of,
    percent,
    quantity,
    sku,
    unit,
)
from functions.inbox.file_kind import FileKind, Page
from functions.inbox.named_documents import NamedDocuments
from functions.inbox.reading import Columns, Record

# The columns whose names differ from the API's, by the API's name.
_COLUMN = {"node_id": "node", "origin_node_id": "origin_node"}
_OPTIONAL = (
    "type",
    "sku",
    "node",
    "origin_node",
    "quantity",
    "eta",
    "bucket",
    "occurred_at",
    "uom",
    "over_receipt_percent",
)
COLUMNS = Columns(
    known=frozenset({"reference", "supply_id", "line", "action", "supplier", *_OPTIONAL}),
    needed=tuple(frozenset({name}) for name in ("reference", "supply_id", "line", "action")),
)


class SupplyFile(FileKind):
    """Rows of supplies: each is a step of one line, such as CREATE or RECEIVE."""

    columns = COLUMNS

    def take(self, page: Page) -> list[RowAnswer]:
        """Check the rows, apply the correct ones, and answer all of them."""
        named = named_documents.load(self.partner, (record for _, record in page))
        checked = [_check_row(line, record, named, self.received) for line, record in page]
        answers = [answer for answer in checked if isinstance(answer, RowAnswer)]
        by = f"partner:{self.partner.id}"
        rows = [replace(row, step=replace(row.step, by=by)) for row in checked if isinstance(row, SupplyRow)]
        verdicts = supplies.apply(self.source, rows, owns=named.has_node, now=clock.now)
        return answers + [_answer(verdict) for verdict in verdicts]


def _answer(verdict: Verdict) -> RowAnswer:
    field, colon, message = verdict.reason.partition(":")
    return RowAnswer(
        line=verdict.line,
        status=verdict.status,
        code=verdict.code,
        reason=f"{_COLUMN.get(field, field)}{colon}{message}",
    )


def _check_row(line: int, record: Record, named: NamedDocuments, received: datetime) -> SupplyRow | RowAnswer:
    """Return the row, or the answer that names every wrong field."""
    fields = Fields(record)
    action = fields.take("action", lambda text: one_of(text.upper(), ACTIONS), needed=True)
    row: dict[str, Any] = {
        "reference": fields.take("reference", identifier, needed=True),
        "supply_id": fields.take("supply_id", identifier, needed=True),
        "line": fields.take("line", line_number, needed=True),
        "action": action,
        "supplier": fields.take("supplier", free_text),
        "type": fields.take("type", lambda text: one_of(text.upper(), SUPPLY_TYPES)),
        "sku": fields.take("sku", sku),
        "node": fields.take("node", identifier),
        "origin_node": fields.take("origin_node", identifier),
        "quantity": fields.take("quantity", quantity),
        "eta": fields.take("eta", day),
        "bucket": fields.take("bucket", lambda text: one_of(text.lower(), BUCKETS)),
        "occurred_at": fields.take("occurred_at", lambda text: moment(text, received)),
        "uom": fields.take("uom", unit),
        "over_receipt_percent": fields.take("over_receipt_percent", percent),
    }
    _check_action(fields, row, received)
    if action == CREATE:
        named.check(fields, sku=row["sku"], node=row["node"], uom=row["uom"])
        named.check_origin(fields, row["origin_node"])
    refused = fields.refused(line)
    return refused if refused is not None else _supply_row(line, row)


def _check_action(fields: Fields, row: dict[str, Any], received: datetime) -> None:
    """Note the fields that the action requires and the row lacks, and the fields that the action does not accept."""
    api = {column: name for name, column in _COLUMN.items()}
    given = {api.get(name, name): row[name] for name in _OPTIONAL if row[name] != ""}
    already = {wrong.field for wrong in fields.wrong}
    for wrong in field_problems(row["action"], given) if row["action"] else ():
        column = _COLUMN.get(wrong.field, wrong.field)
        if column not in already:
            fields.wrong.append(Wrong(column, wrong.code, wrong.message))
    late = counts.too_late((), row["occurred_at"], received) if row["occurred_at"] else None
    if late is not None:
        fields.wrong.append(Wrong("occurred_at", *late))


def _supply_row(line: int, row: dict[str, Any]) -> SupplyRow:
    step = Step(
        reference=row["reference"],
        action=row["action"],
        quantity=row["quantity"] or None,
        eta=row["eta"],
        bucket=row["bucket"] or SELLABLE,
        occurred=row["occurred_at"] or None,
    )
    return SupplyRow(
        line=line,
        supply_id=row["supply_id"],
        number=row["line"],
        step=step,
        uom=row["uom"],
        type=row["type"],
        sku=row["sku"],
        node=row["node"],
        origin=row["origin_node"],
        over_percent=None if row["over_receipt_percent"] == "" else row["over_receipt_percent"],
        supplier=row["supplier"],
        content=sha256("\n".join(map(str, row.values())).encode()).hexdigest(),
    )
