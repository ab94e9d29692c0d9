"""
The fields of one line of a partner's file: each is checked, and everything that is wrong with a line is said at once.

Called by   the kinds of files: shipments, stock, supplies
Returns     values, or "" for a field that is blank or wrong; what is wrong is kept in `Fields.wrong`
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from comanda.domain.cards import looks_like_a_card

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


@dataclass(frozen=True, slots=True)
class Wrong:
    field: str
    code: str
    message: str


class Fields:
    def __init__(self, record: Mapping[str, Any]) -> None:
        self.record = record
        self.wrong: list[Wrong] = []

    def take(self, name: str, check: Any, *, needed: bool = False) -> Any:
        """The field's value as `check` makes it; "" when it is blank or wrong."""
        value = self.record.get(name)
        text = value.strip() if isinstance(value, str) else ""
        if value is not None and not isinstance(value, str):
            self.wrong.append(Wrong(name, "wrong-type", "is neither text nor a number"))
        elif text:
            try:
                return check(text)
            except ValueError as error:
                code, _, message = str(error).partition(": ")
                self.wrong.append(Wrong(name, code, message))
        elif needed:
            self.wrong.append(Wrong(name, "missing", "is missing"))
        return ""

    def need_one(self, name: str, other: str) -> None:
        if not self.record.get(name) and not self.record.get(other):
            self.wrong.append(Wrong(name, "missing", f"is missing, and so is {other}"))

    def refused(self, line: int) -> Answer | None:
        """The answer that names every field that is wrong; None when none is."""
        if not self.wrong:
            return None
        reason = "; ".join(f"{wrong.field}: {wrong.message}" for wrong in self.wrong)
        return Answer(line=line, status=REJECTED, code=self.wrong[0].code, reason=reason)


ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


def identifier(text: str) -> str:
    if not ID.fullmatch(text):
        raise ValueError("malformed: takes 1 to 64 letters, digits, dots, dashes and underscores")
    return text


def sku(text: str) -> str:
    if len(text) > 128 or not text.isprintable():
        raise ValueError("malformed: takes up to 128 printable characters")
    return text


def quantity(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,10}", text) or not 1 <= int(text) <= MOST_UNITS:
        raise ValueError(f"out-of-range: takes a whole number from 1 to {MOST_UNITS}")
    return int(text)


def at_least_none(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,10}", text) or int(text) > MOST_UNITS:
        raise ValueError(f"out-of-range: takes a whole number from 0 to {MOST_UNITS}")
    return int(text)


def signed(text: str) -> int:
    if not re.fullmatch(r"[+-]?[0-9]{1,10}", text) or not 1 <= abs(int(text)) <= MOST_UNITS:
        raise ValueError(f"out-of-range: takes a whole number from -{MOST_UNITS} to {MOST_UNITS}, and not 0")
    return int(text)


def line_number(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,4}", text) or not int(text):
        raise ValueError("out-of-range: takes a whole number from 1 to 9999")
    return int(text)


def percent(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,3}", text) or int(text) > 100:
        raise ValueError("out-of-range: takes a whole number from 0 to 100")
    return int(text)


def unit(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9]{1,16}", text):
        raise ValueError("malformed: takes a unit of measure, up to 16 letters and digits")
    return text.upper()


def one_of(text: str, values: Sequence[str]) -> str:
    if text not in values:
        raise ValueError(f"malformed: takes {', '.join(values)}")
    return text


def day(text: str) -> str:
    try:
        found = date.fromisoformat(text).isoformat()
    except ValueError:
        found = ""
    if found != text:  # other spellings of ISO 8601 are days, too, and no text that compares as one
        raise ValueError("malformed: takes a day as in 2026-11-22")
    return text


def weight(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise ValueError("out-of-range: takes whole grams")
    return int(text)


def minor_units(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text) or not int(text):
        raise ValueError("out-of-range: takes minor units of the currency, a whole number from 1 to 999999999")
    return int(text)


def currency(text: str) -> str:
    if not re.fullmatch(r"[A-Z]{3}", text):
        raise ValueError("malformed: takes a currency's three capital letters")
    return text


def free_text(text: str) -> str:
    if len(text) > 64 or not text.isprintable() or _formula(text):
        raise ValueError("malformed: takes up to 64 printable characters, and no formula")
    if looks_like_a_card(text):
        raise ValueError("card-number: looks like a card number, which is never stored")
    return text


def tracking(text: str) -> str:
    # Not checked for card numbers: many carriers' numbers are 13 to 19 digits, and one in ten of any passes Luhn.
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 ./_-]{0,63}", text):
        raise ValueError("malformed: takes up to 64 letters, digits, spaces, dots, slashes, dashes and underscores")
    return text


def _formula(text: str) -> bool:
    """Whether a spreadsheet would run it."""
    return text[0] in "=+-@"


_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def moment(text: str, received: datetime) -> datetime:
    try:
        at = datetime.fromisoformat(text.upper()).astimezone(UTC) if _RFC_3339.fullmatch(text) else None
    except (ValueError, OverflowError):
        at = None
    if at is None:
        raise ValueError("malformed: takes a time as in RFC 3339, with its offset")
    if at > received + CLOCKS_DIFFER:
        raise ValueError("in-the-future: is later than the file")
    return at
