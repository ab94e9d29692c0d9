"""
Read amounts and days as payment providers and banks write them.

Called by   comanda.domain.reconciliation.statement; functions/inbox/settlement_file.py
Returns     amounts in minor units; days as texts
Raises      ValueError with "code: message"; the message continues the field's name
"""

import re
from datetime import date

from comanda.domain.money import MOST, digits

_YEARS = range(2000, 2100)
_DECIMAL = re.compile(r"([+-]?)([0-9]{1,15})(?:[.,]([0-9]{1,6}))?")
_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ][0-9:.]{5,18}(?:Z|[+-][0-9]{2}:[0-9]{2})?)?")


def minor_units(text: str, currency: str) -> int:
    """Return a decimal number of a currency, such as 12.50, in minor units. It has no separators of thousands."""
    found = _DECIMAL.fullmatch(text)
    if found is None:
        raise ValueError("malformed: takes a decimal number without separators of thousands, as in 1234.50")
    sign, whole, part = found[1], found[2], found[3] or ""
    places = digits(currency)
    if part[places:].strip("0"):
        raise ValueError(f"out-of-range: has more decimals than {currency} has, which is {places}")
    amount = int(whole + part[:places].ljust(places, "0"))
    if amount > MOST:
        raise ValueError("out-of-range: is more than any amount may be")
    return -amount if sign == "-" else amount


def day(text: str) -> str:
    """Return the day of a date, or of a time as its writer's clock showed it."""
    found = _DAY.fullmatch(text)
    try:
        read = date.fromisoformat(found[1]) if found else None
    except ValueError:
        read = None
    if read is None:
        raise ValueError("malformed: takes a day of the calendar, as in 2026-11-22, with or without a time")
    if read.year not in _YEARS:
        raise ValueError("out-of-range: is no day of this century")
    return read.isoformat()
