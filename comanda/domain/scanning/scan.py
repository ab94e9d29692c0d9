"""
Read the text that a scanner sends: a GTIN, an SSCC, GS1 element strings, an id or a link of ours, or a sku.

Called by   comanda/domain/scanning/expected.py; functions/console
Returns     a `Scan`; a text of no known form is kept as it is, because it may be a sku
Raises      UnreadableScan for a code that names a GS1 form and breaks its rules

Source      GS1 General Specifications, section 3 (application identifiers), section 5.10 (symbology identifiers, FNC1) and
            section 7.12 (years); GS1 Digital Link Standard: URI Syntax
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from urllib.parse import unquote, urlsplit

from comanda.domain.check_digit import gtin_14, is_right
from comanda.domain.ids import find

MOST = 400  # characters; the longest GS1 symbol holds fewer
_FNC1 = "\x1d"
# Symbology identifiers of symbols that hold GS1 element strings: GS1-128, DataBar, DataMatrix, QR, DotCode.
_GS1_SYMBOLS = ("]C1", "]e0", "]d2", "]Q3", "]J1")
_SYMBOLOGY = re.compile(r"\][A-Za-z][0-9A-Za-z]")
_BRACKETS = re.compile(r"\((\d{2,4})\)([^(]+)")
# Digits of an application identifier, by its first two digits. Two digits where it is not here.
_IDENTIFIER_DIGITS = {
    **dict.fromkeys(("23", "24", "25", "40", "41", "42", "71"), 3),
    **dict.fromkeys(("31", "32", "33", "34", "35", "36", "39", "43", "70", "72", "80", "81", "82"), 4),
}
# Characters of a value whose length is fixed, by the first two digits of its identifier. Such a value needs no FNC1.
_FIXED = {
    "00": 18,
    **dict.fromkeys(("01", "02", "03"), 14),
    "04": 16,
    **dict.fromkeys(("11", "12", "13", "14", "15", "16", "17", "18", "19"), 6),
    "20": 2,
    **dict.fromkeys(("31", "32", "33", "34", "35", "36"), 6),
    "41": 13,
}
_SSCC, _GTIN, _LOT, _EXPIRY, _SERIAL = "00", "01", "10", "17", "21"
_MOST_LOT = 20  # characters of a lot or a serial number


class UnreadableScan(ValueError):
    """Refuse a scanned code, with a stable code for the words that a person reads."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """A scanned code. Each part is empty, or None, where the code does not name it."""

    text: str  # as it was scanned, without blanks around it and without a symbology identifier
    gtin: str = ""  # 14 digits
    sscc: str = ""  # 18 digits
    lot: str = ""
    serial: str = ""
    expiry: date | None = None
    id: str = ""  # of an order, a fulfillment, an invoice or a return of ours


def read(text: str, today: date) -> Scan:
    """Read a scanned text. `today` decides the century of a date with two digits of the year."""
    plain = text.strip(" \t\r\n\x00")
    if not plain or len(plain) > MOST:
        raise UnreadableScan("too-long" if plain else "empty")
    symbol = plain[:3] if _SYMBOLOGY.match(plain) else ""
    plain = plain.removeprefix(symbol)
    if symbol in _GS1_SYMBOLS or plain.startswith(_FNC1) or _FNC1 in plain:
        return _from_elements(plain, _elements(plain.strip(_FNC1)), today)
    if _BRACKETS.match(plain):
        return _from_elements(plain, dict(_BRACKETS.findall(plain)), today)
    if found := find(plain):
        return Scan(text=plain, id=found)
    if plain.lower().startswith(("http://", "https://")):
        return _from_elements(plain, _digital_link(plain), today)
    if len(plain) == 18 and _is_number(plain) and is_right(plain):
        return Scan(text=plain, sscc=plain)
    return Scan(text=plain, gtin=gtin_14(plain) or "")


def _elements(text: str) -> dict[str, str]:
    """Return the values of concatenated element strings by application identifier."""
    found: dict[str, str] = {}
    while text:
        start = text[:2]
        digits = _IDENTIFIER_DIGITS.get(start, 2)
        identifier, rest = text[:digits], text[digits:]
        if len(identifier) < digits or not _is_number(identifier):
            raise UnreadableScan("not-gs1")
        length = _FIXED.get(start)
        value, rest = (rest[:length], rest[length:]) if length else _up_to_fnc1(rest)
        if not value or (length and len(value) < length):
            raise UnreadableScan("cut-off")
        if found.setdefault(identifier, value) != value:
            raise UnreadableScan("contradicts-itself")
        text = rest.removeprefix(_FNC1)
    return found


def _up_to_fnc1(text: str) -> tuple[str, str]:
    value, _, rest = text.partition(_FNC1)
    return value, rest


def _digital_link(link: str) -> dict[str, str]:
    """Return the values of a GS1 Digital Link by application identifier. A link of another kind has none."""
    parts = [unquote(part) for part in urlsplit(link).path.split("/") if part]
    for start, part in enumerate(parts):
        if part in (_GTIN, _SSCC):
            return dict(zip(parts[start::2], parts[start + 1 :: 2], strict=False))
    return {}


def _from_elements(text: str, values: dict[str, str], today: date) -> Scan:
    gtin, sscc = values.get(_GTIN, ""), values.get(_SSCC, "")
    wide = gtin_14(gtin.zfill(14)) if gtin else ""
    if wide is None:
        raise UnreadableScan("wrong-check-digit")
    if sscc and not (_is_number(sscc) and len(sscc) == 18 and is_right(sscc)):
        raise UnreadableScan("wrong-check-digit")
    lot, serial = values.get(_LOT, ""), values.get(_SERIAL, "")
    if max(len(lot), len(serial)) > _MOST_LOT:
        # A scanner that drops the separator runs a lot and the next element into one.
        raise UnreadableScan("no-separator")
    expiry = _date(values[_EXPIRY], today) if _EXPIRY in values else None
    return Scan(text=text, gtin=wide, sscc=sscc, lot=lot, serial=serial, expiry=expiry)


def _date(yymmdd: str, today: date) -> date:
    """Return the date of six digits. The year is the one that lies 49 years back to 50 years ahead; day 00 is the last
    day of the month."""
    if not (_is_number(yymmdd) and len(yymmdd) == 6):
        raise UnreadableScan("wrong-date")
    two, month, day = int(yymmdd[:2]), int(yymmdd[2:4]), int(yymmdd[4:])
    year = today.year - today.year % 100 + two
    ahead = two - today.year % 100
    year += -100 if ahead >= 51 else 100 if ahead <= -50 else 0
    if not 1 <= month <= 12:
        raise UnreadableScan("wrong-date")
    last = monthrange(year, month)[1]
    if day > last:
        raise UnreadableScan("wrong-date")
    return date(year, month, day or last)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()
