"""
Check the fields of one line of a partner's file, so that one answer names everything that is wrong with the line.

Called by   functions/inbox: shipment_rows, stock_file, supply_file, tracking_file, price_file, settlement_file
Returns     values, or "" for a field that is blank or wrong; `Fields.wrong` keeps the errors
Raises      ValueError with "code: message" from each check; `Fields.take` turns it into an error of the field
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from comanda.domain import text as kinds
from comanda.domain.reconciliation import amounts
from comanda.domain.shipping.tracking import require_no_signer

MOST_UNITS = 1_000_000
_FARTHEST_EAST = timedelta(hours=14)
CLOCKS_DIFFER = timedelta(minutes=5)  # between the partner's clock, the shop's and ours

STATUSES = APPLIED, DUPLICATE, CONFLICT, REJECTED = "APPLIED", "DUPLICATE", "CONFLICT", "REJECTED"


@dataclass(frozen=True, slots=True, kw_only=True)
class RowAnswer:
    """A line of the receipt. `reason` begins with the field that it is about, and repeats no value."""

    line: int
    status: str
    code: str = ""
    reason: str = ""
    fulfillment_id: str = ""


@dataclass(frozen=True, slots=True)
class Wrong:
    """An error of a field: a stable code, and a sentence that continues the field's name."""

    field: str
    code: str
    message: str


class Fields:
    """The fields of one line. Every check reads the trimmed value, which is also the value that is used."""

    def __init__(self, record: Mapping[str, Any]) -> None:
        self.record = record
        self.wrong: list[Wrong] = []

    def take(self, name: str, check: Any, *, needed: bool = False) -> Any:
        """Return the field's value as `check` makes it, or "" if it is blank or wrong."""
        value = self.record.get(name)
        text = trimmed(value)
        if value is not None and not isinstance(value, str):
            self.wrong.append(Wrong(name, "wrong-type", "is neither text nor a number"))
        elif text:
            try:
                return check(_no_error_cell(text))
            except ValueError as error:
                code, _, message = str(error).partition(": ")
                self.wrong.append(Wrong(name, code, message))
        elif needed:
            self.wrong.append(Wrong(name, "missing", "is missing"))
        return ""

    def need_one(self, *names: str) -> None:
        """Note that none of these fields has a value; the message names those that the line has, or all of them."""
        if any(self.record.get(name) is not None and not self._blank(name) for name in names):
            return
        first, *others = [name for name in names if name in self.record] or names
        self.wrong.append(
            Wrong(first, "missing", ", ".join(("is missing", *(f"and so is {other}" for other in others))))
        )

    def _blank(self, name: str) -> bool:
        value = self.record[name]
        return isinstance(value, str) and not trimmed(value)

    def refused(self, line: int) -> RowAnswer | None:
        """Return the answer that names every wrong field, or None if no field is wrong."""
        if not self.wrong:
            return None
        reason = "; ".join(f"{wrong.field}: {wrong.message}" for wrong in self.wrong)
        return RowAnswer(line=line, status=REJECTED, code=self.wrong[0].code, reason=reason)


def trimmed(value: object) -> str:
    """Return a text without blanks at its ends. Return "" for a value that is no text or has no visible character."""
    text = kinds.trimmed(value) if isinstance(value, str) else ""
    return "" if kinds.is_blank(text) else text


_ERROR_CELL = re.compile(
    r"#(N/A|REF!|VALUE!|NAME\?|DIV/0!|NULL!|NUM!|SPILL!|CALC!|FIELD!|BLOCKED!|CONNECT!|#+)", re.IGNORECASE
)
_SHORTENED = re.compile(r"[0-9][.,][0-9]+ *E *[+-]?[0-9]{1,3}", re.IGNORECASE)
_PLAIN_SHORTENED = re.compile(r"[0-9]E[+-]?[0-9]{1,3}", re.IGNORECASE)
_WITH_DECIMALS = re.compile(r"[0-9]{5,}[.,]0+")

_SHORTENED_MESSAGE = (
    "malformed: is a number that a spreadsheet has shortened; format the column as text and write every digit"
)


def _no_error_cell(text: str) -> str:
    if _ERROR_CELL.fullmatch(text):
        raise ValueError("malformed: is the error of a formula in a spreadsheet, such as #N/A")
    if text.startswith('="'):
        raise ValueError("malformed: is the formula of a spreadsheet; write the text alone")
    return text


def identifier(text: str) -> str:
    if _SHORTENED.fullmatch(text):
        raise ValueError(_SHORTENED_MESSAGE)
    return kinds.ID.read(text)


def sku(text: str) -> str:
    return kinds.SKU.read(text)


def line_id(text: str) -> str:
    return kinds.LINE_ID.read(text)


def quantity(text: str) -> int:
    return _whole(text, 1, MOST_UNITS)


def at_least_none(text: str) -> int:
    return _whole(text, 0, MOST_UNITS)


def signed(text: str) -> int:
    takes = f"takes a whole number from -{MOST_UNITS} to {MOST_UNITS}, and not 0"
    if not re.fullmatch(r"[+-]?[0-9]{1,10}", text) or not 1 <= abs(int(text)) <= MOST_UNITS:
        raise ValueError(f"out-of-range: {takes}{_written(text, signs='')}")
    return int(text)


def line_number(text: str) -> int:
    return _whole(text, 1, 9999)


def percent(text: str) -> int:
    return _whole(text, 0, 100)


def _whole(text: str, least: int, most: int, takes: str = "takes") -> int:
    if not re.fullmatch(r"[0-9]{1,10}", text) or not least <= int(text) <= most:
        raise ValueError(f"out-of-range: {takes} a whole number from {least} to {most}{_written(text)}")
    return int(text)


def _written(text: str, signs: str = "+") -> str:
    """Return how a number is written, for a text that was meant as a number and has separators, signs or digits of another
    script. Return "" for any other text."""
    strange = any(mark in text for mark in (",", "'", " ", "\u00a0", "\u202f", "_", *signs))
    if strange or (any(map(str.isdecimal, text)) and not text.isascii()):
        return ", written in the digits 0 to 9 without separators" + (" or a sign" if signs else "")
    return ""


def unit(text: str) -> str:
    return kinds.UNIT_OF_MEASURE.read(text.upper())


def one_of(text: str, values: Sequence[str]) -> str:
    if text not in values:
        raise ValueError(f"malformed: takes {', '.join(values)}")
    return text


def day(text: str) -> str:
    try:
        found = date.fromisoformat(text).isoformat()
    except ValueError:
        found = ""
    if found != text:  # other spellings of ISO 8601 are days too, but do not sort as text
        raise ValueError("malformed: takes a day of the calendar, written as in 2026-11-22")
    return text


def weight(text: str) -> int:
    return _whole(text, 0, 999_999_999, "takes grams,")


def minor_units(text: str) -> int:
    return _whole(text, 1, 999_999_999, "takes minor units of the currency (735 is 7.35),")


def price(text: str) -> int:
    return _whole(text, 0, 9_999_999_999, "takes minor units of the currency (735 is 7.35),")


def tax_rate(text: str) -> str:
    rate = kinds.RATE.read(text)
    if float(rate) >= 1:
        raise ValueError("out-of-range: is a fraction below 1: 0.0825 is 8.25 %")
    return rate


def tax_class(text: str) -> str:
    return kinds.WORD.read(text)


def word(text: str) -> str:
    return kinds.WORD.read(text)


def currency(text: str) -> str:
    return kinds.CURRENCY.read(text)


def free_text(text: str) -> str:
    if text.lower() in kinds.NOTHING:
        raise ValueError("malformed: says that there is none; leave it blank")
    if _formula(text):
        raise ValueError("malformed: begins like the formula of a spreadsheet")
    return kinds.CARRIER.read(text)


def tracking(text: str) -> str:
    if text.lower() in kinds.NOTHING:
        raise ValueError("malformed: says that there is none; leave it blank")
    if _formula(text):
        raise ValueError("malformed: begins like the formula of a spreadsheet")
    if _SHORTENED.fullmatch(text) or _PLAIN_SHORTENED.fullmatch(text):
        raise ValueError(_SHORTENED_MESSAGE)
    if _WITH_DECIMALS.fullmatch(text):
        raise ValueError("malformed: is a number with decimals; format the column as text and write the digits alone")
    return kinds.TRACKING.read(text)


def scan_code(text: str) -> str:
    if _SHORTENED.fullmatch(text):
        raise ValueError(_SHORTENED_MESSAGE)
    return kinds.SCAN_CODE.read(text)


def location(text: str) -> str:
    return kinds.REMARK.read(text)


def scan_note(text: str) -> str:
    note = kinds.LINE.read(text)
    try:
        return require_no_signer(note)
    except ValueError as error:
        raise ValueError(f"names-signer: {error}") from error


def _formula(text: str) -> bool:
    """Return True if a spreadsheet would run the text as a formula."""
    return text[0] in "=+-@"


def past_day(text: str, received: datetime) -> str:
    """Return a day on which something has happened: it may have begun where the day begins first, and nowhere later."""
    day = amounts.day(text)
    if is_later(day, received):
        raise ValueError("in-the-future: is later than the file")
    return day


def is_later(day: str, received: datetime) -> bool:
    """Return True for a day that had begun nowhere when a file was received."""
    return date.fromisoformat(day) > (received + _FARTHEST_EAST).date()


_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def moment(text: str, received: datetime) -> datetime:
    try:
        at = datetime.fromisoformat(text.upper()).astimezone(UTC) if _RFC_3339.fullmatch(text) else None
    except (ValueError, OverflowError):
        at = None
    if at is None:
        raise ValueError(
            "malformed: takes a time with its offset from UTC, written as in 2026-11-19T18:00:00Z or 2026-11-19T19:00:00+01:00"
        )
    if at > received + CLOCKS_DIFFER:
        raise ValueError("in-the-future: is later than the file")
    return at
