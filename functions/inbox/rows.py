"""One line of a shipments file: checked field by field, with its identity and the hash of its content."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from comanda.domain import ids
from comanda.domain.cards import looks_like_a_card
from comanda.domain.errors import NotFound
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

MOST_UNITS = 1_000_000
CLOCKS_DIFFER = timedelta(minutes=5)  # between the partner's clock, the shop's and ours

STATUSES = APPLIED, DUPLICATE, CONFLICT, REJECTED = "APPLIED", "DUPLICATE", "CONFLICT", "REJECTED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a line of the receipt says. `reason` begins with the field that it is about, and repeats no value."""

    line: int
    status: str
    code: str = ""
    reason: str = ""
    fulfillment_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Some units of a line or sku that left in a package. `number` 0: the partner did not say which fulfillment."""

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

    @property
    def identity(self) -> str:
        """Within its partner: doing the same identity twice does nothing. No part of it can hold a line break."""
        return f"{self.shipment_id}\n{self.package_id}\n{self.line_id or self.sku}"


@dataclass(frozen=True, slots=True)
class _Wrong:
    field: str
    code: str
    message: str


def group(record: Record) -> int:
    """A hash that all rows of one shipment and order have in common, from the raw record; for this process only."""
    order = str(record.get("order_id") or "").strip()[4:] or str(record.get("fulfillment_id") or "").strip()[4:]
    return hash((str(record.get("shipment_id")).strip(), order.partition("-")[0]))


def checked(line: int, record: Record, cell: str, received: datetime) -> Row | Answer:
    """The row, or the answer that names every field that is wrong."""
    fields = _Fields(record)
    row = {
        "shipment_id": fields.take("shipment_id", _id, needed=True),
        "line_id": fields.take("line_id", _id),
        "sku": fields.take("sku", _sku),
        "quantity": fields.take("quantity", _quantity, needed=True),
        "carrier": fields.take("carrier", _free_text),
        "service": fields.take("service", _free_text),
        "tracking_number": fields.take("tracking_number", _tracking),
        "package_id": fields.take("package_id", _id),
        "shipped_at": fields.take("shipped_at", lambda text: _time(text, received), needed=True),
        "weight_g": fields.take("weight_g", _weight) or 0,
    }
    fields.need_one("line_id", "sku")
    fields.need_one("order_id", "fulfillment_id")
    order_id, number = fields.order(cell)
    if fields.wrong:
        first = fields.wrong[0]
        reason = "; ".join(f"{wrong.field}: {wrong.message}" for wrong in fields.wrong)
        return Answer(line=line, status=REJECTED, code=first.code, reason=reason)
    content = sha256("\n".join((order_id, str(number), *map(str, row.values()))).encode()).hexdigest()
    return Row(line=line, order_id=order_id, number=number, content=content, **row)


class _Fields:
    def __init__(self, record: Mapping[str, Any]) -> None:
        self.record = record
        self.wrong: list[_Wrong] = []

    def take(self, name: str, check: Any, *, needed: bool = False) -> Any:
        """The field's value as `check` makes it; "" when it is blank or wrong."""
        value = self.record.get(name)
        text = value.strip() if isinstance(value, str) else ""
        if value is not None and not isinstance(value, str):
            self.wrong.append(_Wrong(name, "wrong-type", "is neither text nor a number"))
        elif text:
            try:
                return check(text)
            except ValueError as error:
                code, _, message = str(error).partition(": ")
                self.wrong.append(_Wrong(name, code, message))
        elif needed:
            self.wrong.append(_Wrong(name, "missing", "is missing"))
        return ""

    def need_one(self, name: str, other: str) -> None:
        if not self.record.get(name) and not self.record.get(other):
            self.wrong.append(_Wrong(name, "missing", f"is missing, and so is {other}"))

    def order(self, cell: str) -> tuple[str, int]:
        """The order, and the number of the fulfillment where the partner named it."""
        order_id, _ = self.take("order_id", lambda text: _parse("ord", text, cell)) or ("", 0)
        of_fulfillment, number = self.take("fulfillment_id", lambda text: _parse("ful", text, cell)) or ("", 0)
        if order_id and of_fulfillment and order_id != of_fulfillment:
            self.wrong.append(_Wrong("fulfillment_id", "another-order", "is of another order than order_id"))
        return order_id or of_fulfillment, number


UNKNOWN_ORDER = "names no order of yours"  # one sentence for "not there" and "not yours": a partner cannot tell which


def _parse(kind: str, text: str, cell: str) -> tuple[str, int]:
    try:
        order_id, number = ids.parse(kind, text, cell)
    except NotFound:
        number = -1
    if number < (kind == "ful"):  # the first fulfillment is number 1
        raise ValueError(f"unknown-order: {UNKNOWN_ORDER}")
    return order_id, number


ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


def _id(text: str) -> str:
    if not ID.fullmatch(text):
        raise ValueError("malformed: takes 1 to 64 letters, digits, dots, dashes and underscores")
    return text


def _sku(text: str) -> str:
    if len(text) > 128 or not text.isprintable():
        raise ValueError("malformed: takes up to 128 printable characters")
    return text


def _quantity(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,10}", text) or not 1 <= int(text) <= MOST_UNITS:
        raise ValueError(f"out-of-range: takes a whole number from 1 to {MOST_UNITS}")
    return int(text)


def _weight(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise ValueError("out-of-range: takes whole grams")
    return int(text)


def _free_text(text: str) -> str:
    if len(text) > 64 or not text.isprintable() or _formula(text):
        raise ValueError("malformed: takes up to 64 printable characters, and no formula")
    if looks_like_a_card(text):
        raise ValueError("card-number: looks like a card number, which is never stored")
    return text


def _tracking(text: str) -> str:
    # Not checked for card numbers: many carriers' numbers are 13 to 19 digits, and one in ten of any passes Luhn.
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 ./_-]{0,63}", text):
        raise ValueError("malformed: takes up to 64 letters, digits, spaces, dots, slashes, dashes and underscores")
    return text


def _formula(text: str) -> bool:
    """Whether a spreadsheet would run it."""
    return text[0] in "=+-@"


_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def _time(text: str, received: datetime) -> datetime:
    try:
        at = datetime.fromisoformat(text.upper()).astimezone(UTC) if _RFC_3339.fullmatch(text) else None
    except (ValueError, OverflowError):
        at = None
    if at is None:
        raise ValueError("malformed: takes a time as in RFC 3339, with its offset")
    if at > received + CLOCKS_DIFFER:
        raise ValueError("in-the-future: is later than the file")
    return at
