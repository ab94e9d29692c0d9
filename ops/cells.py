"""
Parse cells of CSV files: a text becomes an amount, a number, weekdays or sides in millimetres.

Called by   ops/carrier_files.py
Raises      ValueError with a sentence for the author of the cell
"""

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

MICROS = 1_000_000
DAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")

Parse = Callable[[str], Any]


def like(pattern: str, wanted: str) -> Parse:
    """Return a parser of texts that match a pattern. `wanted` describes them for the error's text."""

    def parse(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(f"{text!r} is not {wanted}")
        return text

    return parse


def whole(least: int, most: int) -> Parse:
    """Return a parser of whole numbers between two bounds, both included."""

    def parse(text: str) -> int:
        if not re.fullmatch(r"\d{1,9}", text) or not least <= int(text) <= most:
            raise ValueError(f"{text!r} is not a whole number from {least} to {most}")
        return int(text)

    return parse


def amount(text: str) -> int:
    """Return an amount of money in micro-units."""
    try:
        micros = Decimal(text) * MICROS
    except InvalidOperation:
        raise ValueError(f"{text!r} is not an amount like 5.40") from None
    if not micros.is_finite() or micros < 0 or micros != micros.to_integral_value():
        raise ValueError(f"{text!r} is not an amount from 0 on, with at most six decimals")
    return int(micros)


def grams(text: str) -> int:
    """Return kilograms with decimals as grams. Fractions of a gram are dropped."""
    return amount(text) // 1000


def sides(text: str) -> list[int]:
    """Return the three sides of a box in millimetres."""
    found = re.fullmatch(r"(\d{1,5})x(\d{1,5})x(\d{1,5})", text)
    if found is None or not all(map(int, found.groups())):
        raise ValueError(f"{text!r} is not three sides in millimetres like 600x400x400")
    return list(map(int, found.groups()))


def weekdays(text: str) -> tuple[int, ...]:
    """Return the weekdays, 0 for Monday, of a day such as MON or a span such as MON-FRI."""
    first, _, last = text.partition("-")
    if first not in DAYS or (last or first) not in DAYS or DAYS.index(first) > DAYS.index(last or first):
        raise ValueError(f"{text!r} is not a day like MON or days like MON-FRI")
    return tuple(range(DAYS.index(first), DAYS.index(last or first) + 1))


def maybe(parse: Parse) -> Parse:
    """Return a parser that gives None for an empty cell."""
    return lambda text: parse(text) if text else None
