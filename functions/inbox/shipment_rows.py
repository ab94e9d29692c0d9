"""
Check one line of a shipment file field by field, and give it an identity and the hash of its content.

Called by   functions/inbox/shipment_file.py
Returns     a ShipmentRow, or the RowAnswer that refuses the line
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from comanda.domain import ids
from comanda.domain.errors import NotFound
from functions.inbox.fields import (
    Fields,
    RowAnswer,
    Wrong,
    currency,
    free_text,
    identifier,
    line_id,
    minor_units,
    moment,
    quantity,
    sku,
    tracking,
    trimmed,
    weight,
)
from functions.inbox.reading import Columns, Record

COLUMNS = Columns(
    known=frozenset(
        {
            "shipment_id",
            "order_id",
            "fulfillment_id",
            "line_id",
            "sku",
            "quantity",
            "carrier",
            "service",
            "tracking_number",
            "package_id",
            "shipped_at",
            "weight_g",
            "label_cost",
            "label_currency",
        }
    ),
    needed=(
        frozenset({"shipment_id"}),
        frozenset({"order_id", "fulfillment_id"}),
        frozenset({"line_id", "sku"}),
        frozenset({"quantity"}),
        frozenset({"shipped_at"}),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentRow:
    """Units of a line or sku that left in a package. `number` is the fulfillment, or 0 if the partner did not name it."""

    line: int
    shipment_id: str
    order_id: str
    number: int
    line_id: str
    sku: str
    quantity: int
    carrier: str
    service: str
    tracking_number: str
    package_id: str
    shipped_at: datetime
    weight_g: int
    content: str
    by_order: bool = True  # True if the row names the order, not only a fulfillment
    label_cost: int = 0
    label_currency: str = ""

    @property
    def identity(self) -> str:
        """Return the row's name within its partner. A second row with the same identity and content does nothing.

        A parcel is named by its package id, else by its tracking number. One shipment may be a parcel for two orders. No
        part of the name can hold a line break.
        """
        return f"{self.shipment_id}\n{self.order_id}\n{self.package_id or self.tracking_number}\n{self.line_id or self.sku}"

    @property
    def named_by(self) -> tuple[str, ...]:
        """Return the columns of the row that make its identity."""
        order = "order_id" if self.by_order else "fulfillment_id"
        parcel = ("package_id",) if self.package_id else ("tracking_number",) if self.tracking_number else ()
        return ("shipment_id", order, *parcel, "line_id" if self.line_id else "sku")


def group(record: Record) -> int:
    """Return a hash that all rows of one shipment and order share, from the raw record; it is valid in this process only."""
    order = trimmed(record.get("order_id"))[4:] or trimmed(record.get("fulfillment_id"))[4:]
    return hash((trimmed(record.get("shipment_id")), order.partition("-")[0]))


def check_row(line: int, record: Record, cell: str, received: datetime) -> ShipmentRow | RowAnswer:
    """Return the row, or the answer that names every wrong field."""
    fields = Fields(record)
    row = {
        "shipment_id": fields.take("shipment_id", identifier, needed=True),
        "line_id": fields.take("line_id", line_id),
        "sku": fields.take("sku", sku),
        "quantity": fields.take("quantity", quantity, needed=True),
        "carrier": fields.take("carrier", free_text),
        "service": fields.take("service", free_text),
        "tracking_number": fields.take("tracking_number", tracking),
        "package_id": fields.take("package_id", identifier),
        "shipped_at": fields.take("shipped_at", lambda text: moment(text, received), needed=True),
        "weight_g": fields.take("weight_g", weight) or 0,
    }
    label = _label(fields)
    cost = label["label_cost"]
    fields.need_one("line_id", "sku")
    fields.need_one("order_id", "fulfillment_id")
    order_id, number = _order(fields, cell)
    refused = fields.refused(line)
    if refused is not None:
        return refused
    # A row without a label cost keeps the content hash that it had before labels had a cost.
    values = [*row.values(), *(label.values() if cost else ())]
    content = sha256("\n".join((order_id, str(number), *map(str, values))).encode()).hexdigest()
    by_order = bool(trimmed(record.get("order_id")))
    return ShipmentRow(line=line, order_id=order_id, number=number, content=content, by_order=by_order, **row, **label)


def _label(fields: Fields) -> dict[str, Any]:
    """Return the cost of the package's label, and its currency."""
    cost = fields.take("label_cost", minor_units) or 0
    if cost and "label_currency" not in fields.record:
        fields.wrong.append(Wrong("label_cost", "missing", "needs the label's currency beside it, in label_currency"))
        return {"label_cost": 0, "label_currency": ""}
    label_currency = fields.take("label_currency", currency, needed=bool(cost))
    if label_currency and not trimmed(fields.record.get("label_cost")):
        fields.wrong.append(Wrong("label_currency", "missing", "needs the label's cost beside it"))
    return {"label_cost": cost, "label_currency": label_currency}


def _order(fields: Fields, cell: str) -> tuple[str, int]:
    """Return the order, and the number of the fulfillment if the partner named it, else 0."""
    order_id, _ = fields.take("order_id", lambda text: _parse_id("ord", text, cell)) or ("", 0)
    of_fulfillment, number = fields.take("fulfillment_id", lambda text: _parse_id("ful", text, cell)) or ("", 0)
    if order_id and of_fulfillment and order_id != of_fulfillment:
        fields.wrong.append(Wrong("fulfillment_id", "another-order", "is of another order than order_id"))
    return order_id or of_fulfillment, number


# One sentence for two cases, so that a partner cannot tell an unknown order from another partner's.
UNKNOWN_ORDER = "names no order of yours"


def _parse_id(kind: str, text: str, cell: str) -> tuple[str, int]:
    try:
        order_id, number = ids.parse(kind, text, cell)
    except NotFound:
        number = -1
    if number < (kind == "ful"):  # the first fulfillment is number 1
        raise ValueError(f"unknown-order: {UNKNOWN_ORDER}")
    return order_id, number
