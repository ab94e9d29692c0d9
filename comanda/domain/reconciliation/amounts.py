"""
Read amounts and days as payment providers, banks and carriers write them.

Called by   comanda.domain.reconciliation.statement; functions/inbox/settlement_file.py, carrier_invoice_file.py
Returns     amounts in minor units; days as texts
Raises      ValueError with "code: message"; the message continues the field's name
"""

import re
from datetime import date

from comanda.domain.money import MOST, digits

_YEARS = range(2000, 2100)
_DECIMAL = re.compile(r"([+-]?)([0-9]{1,15})(?:[.,]([0-9]{1,6}))?")
_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ][0-9:.]{5,18})?(?:Z|[+-][0-9]{2}:[0-9]{2})?")
_THOUSANDTHS = 3  # decimals of a currency such as BHD
_THOUSANDS = re.compile(r".*([.,])[0-9]{3}")


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


def of_table(text: str, currency: str) -> int:
    """Return an amount of a table in minor units, as `minor_units`. A spreadsheet may have written it.

    Three digits behind a comma may be thousands, and so may those behind a point in a currency without thousandths: both are refused.
    """
    found = _THOUSANDS.fullmatch(text)
    amount = minor_units(text, currency)
    if found is not None and (found[1] == "," or digits(currency) != _THOUSANDTHS):
        raise ValueError(
            "malformed: ends in three digits that may be thousands; write 1230.00 for 1,230 and 1.23 for 1.230"
        )
    return amount


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
