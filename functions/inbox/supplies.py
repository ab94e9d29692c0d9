"""Supply files, page by page: what was ordered, sent or received, a step of one line in each row."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from comanda.aws.runtime import clock
from comanda.aws.stock_updates import supplies
from comanda.aws.stock_updates.row_batches import Verdict
from comanda.aws.stock_updates.supplies import Told
from comanda.domain.stock import counts
from comanda.domain.stock.stock import BUCKETS, SELLABLE, SUPPLY_TYPES
from comanda.domain.stock.supply_fields import field_problems
from comanda.domain.stock.supply_line import ACTIONS, CREATE, Step
from functions.inbox.fields import (
    Answer,
    Fields,
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
from functions.inbox.known import Known, look_up
from functions.inbox.reading import Columns, Record
from functions.inbox.rules import Partner

# The API's names of what a file's columns call otherwise.
_COLUMN = {"node_id": "node", "origin_node_id": "origin_node"}
_MAY_BE_SAID = (
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
    known=frozenset({"reference", "supply_id", "line", "action", "supplier", *_MAY_BE_SAID}),
    needed=tuple(frozenset({name}) for name in ("reference", "supply_id", "line", "action")),
)


def taker(partner: Partner, source: str, received: datetime) -> Callable[[Sequence[tuple[int, Record]]], list[Answer]]:
    """What takes a page of the file, (line, record), and answers each of its lines."""
    by = f"partner:{partner.id}"

    def take(page: Sequence[tuple[int, Record]]) -> list[Answer]:
        known = look_up(partner, (record for _, record in page))
        checked = [_checked(line, record, known, received) for line, record in page]
        answers = [answer for answer in checked if isinstance(answer, Answer)]
        told = [replace(row, step=replace(row.step, by=by)) for row in checked if isinstance(row, Told)]
        said = supplies.apply(source, told, theirs=known.sees, now=clock.now)
        return answers + [_answer(verdict) for verdict in said]

    return take


def _answer(verdict: Verdict) -> Answer:
    field, colon, message = verdict.reason.partition(":")
    return Answer(
        line=verdict.line,
        status=verdict.status,
        code=verdict.code,
        reason=f"{_COLUMN.get(field, field)}{colon}{message}",
    )


def _checked(line: int, record: Record, known: Known, received: datetime) -> Told | Answer:
    """The row, or the answer that names every field that is wrong."""
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
    _fits(fields, row, received)
    if action == CREATE:
        known.check(fields, sku=row["sku"], node=row["node"], uom=row["uom"])
        known.check_origin(fields, row["origin_node"])
    refused = fields.refused(line)
    return refused if refused is not None else _told(line, row)


def _fits(fields: Fields, row: dict[str, Any], received: datetime) -> None:
    """Note what the action needs and the row lacks, and what it says that the action does not take."""
    api = {column: name for name, column in _COLUMN.items()}
    said = {api.get(name, name): row[name] for name in _MAY_BE_SAID if row[name] != ""}
    already = {wrong.field for wrong in fields.wrong}
    for wrong in field_problems(row["action"], said) if row["action"] else ():
        column = _COLUMN.get(wrong.field, wrong.field)
        if column not in already:
            fields.wrong.append(Wrong(column, wrong.code, wrong.message))
    late = counts.too_late((), row["occurred_at"], received) if row["occurred_at"] else None
    if late is not None:
        fields.wrong.append(Wrong("occurred_at", *late))


def _told(line: int, row: dict[str, Any]) -> Told:
    step = Step(
        reference=row["reference"],
        action=row["action"],
        quantity=row["quantity"] or None,
        eta=row["eta"],
        bucket=row["bucket"] or SELLABLE,
        occurred=row["occurred_at"] or None,
    )
    return Told(
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
