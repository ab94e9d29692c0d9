"""
Read an amount of money that a person typed, and write one as it is typed. Pure.

Called by   functions/console/typed_fields.py, functions/console/order_actions.py, functions/console/people_rules.py,
            functions/console/formats.py
Raises      ValueError for a text that is no amount of the currency
"""

import re

from comanda.domain import money

# A comma may stand for the point. Thousands have no sign, because 1.234 would be another amount in another country.
_AMOUNT = re.compile(r"([0-9]{1,12})(?:[.,]([0-9]{1,4}))?")


def read(typed: str, currency: str) -> int:
    """Return a typed amount, such as 12.50 or 12,5, in minor units of its currency."""
    found, digits = _AMOUNT.fullmatch(typed.strip()), money.digits(currency)
    if found is None or len(found[2] or "") > digits:
        raise ValueError(typed)
    return int(found[1] + (found[2] or "").ljust(digits, "0"))


def written(minor: int, currency: str, point: str = ".") -> str:
    """Return an amount of minor units as a person types it, without its currency."""
    digits = money.digits(currency)
    whole, part = divmod(minor, 10**digits)
    return f"{whole}{f'{point}{part:0{digits}}' if digits else ''}"
