"""
Find the line that a scanned unit belongs to, and compare a printed test code with the characters that arrived.

Called by   functions/console, functions/fulfill
Returns     the id of the line, or the reason why the unit is not the expected one
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from comanda.domain.check_digit import gtin_14
from comanda.domain.scanning.scan import Scan


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """A line that a person fetches: `left` of its units are not scanned yet."""

    line_id: str
    sku: str
    gtin: str = ""
    left: int


class Refused(StrEnum):
    """The reason why a scanned unit was not counted."""

    ANOTHER_ARTICLE = "ANOTHER_ARTICLE"  # no line has this code
    ENOUGH = "ENOUGH"  # every unit of the line is counted already
    NOT_AN_ARTICLE = "NOT_AN_ARTICLE"  # the code of an order, a parcel or a pallet
    EXPIRED = "EXPIRED"  # the code has a day that is over, after which the goods are not sold


def line_of(scan: Scan, lines: Sequence[Expected]) -> str | Refused:
    """Return the id of the first line with this article that still needs a unit, else the reason for the refusal.

    A code that is a sku of a line names this line, whatever else the code could be.
    """
    mine = [line for line in lines if line.sku == scan.text] or [line for line in lines if _has_gtin(line, scan.gtin)]
    if not mine:
        return Refused.NOT_AN_ARTICLE if scan.id or scan.sscc else Refused.ANOTHER_ARTICLE
    return next((line.line_id for line in mine if line.left > 0), Refused.ENOUGH)


def line_to_pick(scan: Scan, lines: Sequence[Expected], today: date) -> str | Refused:
    """Return the id of the line that a unit is picked for, as `line_of`, unless its code says that it has expired."""
    found = line_of(scan, lines)
    expired = scan.expiry is not None and scan.expiry < today
    return Refused.EXPIRED if expired and not isinstance(found, Refused) else found


def _has_gtin(line: Expected, gtin: str) -> bool:
    return bool(gtin) and gtin in (gtin_14(line.gtin), gtin_14(line.sku))


def changed_characters(printed: str, arrived: str) -> tuple[tuple[str, str], ...]:
    """Return each character of a printed test code that arrived as another one, once: (printed, arrived).

    A missing or added character is paired with an empty text. A scanner with the keyboard layout of another country
    exchanges characters; the pairs show which.
    """
    pairs = [
        (printed[i : i + 1], arrived[i : i + 1])
        for i in range(max(len(printed), len(arrived)))
        if printed[i : i + 1] != arrived[i : i + 1]
    ]
    return tuple(dict.fromkeys(pairs))
