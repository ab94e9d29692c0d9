"""
Know the numbers of cards by their issuers' ranges, lengths and check digit, and the numbers of other kinds that look like one.

Called by   comanda.domain.card_numbers
Returns     True for digits that are a card number
"""

import re
from collections.abc import Iterator
from datetime import date

from comanda.domain import check_digit

FEWEST, MOST = 12, 19  # digits of a card number

# First digits from and to, both included, and the lengths that their issuer gives. ISO/IEC 7812; the networks' own tables.
ISSUERS: tuple[tuple[str, str, str, tuple[int, ...]], ...] = (
    ("UATP", "1", "1", (15,)),
    ("Visa", "4", "4", (13, 16, 19)),
    ("Mastercard", "51", "55", (16,)),
    ("Mastercard", "2221", "2720", (16,)),
    ("American Express", "34", "34", (15,)),
    ("American Express", "37", "37", (15,)),
    ("Diners Club", "300", "305", (14, 16, 17, 18, 19)),
    ("Diners Club", "3095", "3095", (14, 16, 17, 18, 19)),
    ("Diners Club", "36", "36", (14, 16, 17, 18, 19)),
    ("Diners Club", "38", "39", (14, 16, 17, 18, 19)),
    ("JCB", "3528", "3589", (16, 17, 18, 19)),
    ("Discover", "6011", "6011", (16, 17, 18, 19)),
    ("Discover", "644", "649", (16, 17, 18, 19)),
    ("Discover, Elo, RuPay, Troy, Verve", "65", "65", (16, 17, 18, 19)),
    ("UnionPay", "62", "62", (16, 17, 18, 19)),
    ("UnionPay, RuPay", "81", "82", (16, 17, 18, 19)),
    ("RuPay, Hipercard, Cabal", "60", "60", (16, 19)),
    ("RuPay", "508", "508", (16,)),
    ("Maestro", "5018", "5018", tuple(range(12, 20))),
    ("Maestro", "5020", "5020", tuple(range(12, 20))),
    ("Maestro", "5038", "5038", tuple(range(12, 20))),
    ("Maestro", "5893", "5893", tuple(range(12, 20))),
    ("Maestro", "6304", "6304", tuple(range(12, 20))),
    ("Maestro", "6390", "6390", tuple(range(12, 20))),
    ("Maestro", "67", "67", tuple(range(12, 20))),
    ("Dankort", "5019", "5019", (16,)),
    ("Elo", "504175", "504175", (16,)),
    ("Elo, Verve", "506", "506", (16, 18, 19)),
    ("Elo", "509", "509", (16,)),
    ("Elo", "636297", "636297", (16,)),
    ("Elo", "636368", "636369", (16,)),
    ("InterPayment, InstaPayment", "636", "639", (16, 17, 18, 19)),
    ("Cabal, Naranja", "5895", "5896", (16,)),
    ("Mir", "2200", "2204", (16, 17, 18, 19)),
    ("Borica", "2205", "2205", (16,)),
    ("Troy", "9792", "9792", (16,)),
    ("Napas", "9704", "9704", (16, 19)),
    ("Humo", "9860", "9860", (16,)),
    ("Uzcard", "8600", "8600", (16,)),
)


def is_a_card(digits: str) -> bool:
    """Return True for digits that an issuer may have given to a card, and that are no number of another kind by its form."""
    return (
        FEWEST <= len(digits) <= MOST
        and any(first <= digits[: len(first)] <= last and len(digits) in lengths for _, first, last, lengths in ISSUERS)
        and _luhn(digits)
        and not _something_else(digits)
    )


def _luhn(digits: str) -> bool:
    total = 0
    for i, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 if i % 2 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def _something_else(digits: str) -> bool:
    """Return True if the digits are a number of another kind, by its own check digits or by its form."""
    match len(digits):
        case 12:
            return check_digit.is_right(digits)
        case 13:
            return (
                check_digit.is_right(digits) or re.match("49(?:15|16|17)|436", digits) is not None
            )  # mobile phones, without their +
        case 14:
            return check_digit.is_right(digits) or _cnpj(digits) or _siret(digits) or _dates(digits[:8])
        case 16:
            return _dates(digits[:8], digits[8:])
    return False


def _cnpj(digits: str) -> bool:
    """Return True if the digits are a CNPJ, Brazil's number of a company, with its two check digits modulo 11."""
    for end, weights in ((12, (5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)), (13, (6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2))):
        rest = sum(int(digit) * weight for digit, weight in zip(digits[:end], weights, strict=True)) % 11
        if int(digits[end]) != (0 if rest < 2 else 11 - rest):
            return False
    return True


def _siret(digits: str) -> bool:
    """Return True if the digits are a SIRET, France's number of an establishment.

    The company's nine digits pass the Luhn check, and the company has fewer than 1,000 establishments.
    """
    return digits[9:11] == "00" and _luhn(digits[:9])


def _dates(*parts: str) -> bool:
    """Return True if all parts are dates of the years 1900 to 2100, as DDMMYYYY, MMDDYYYY or YYYYMMDD."""
    return all(any(_day(part[y : y + 4], *rest) for y, *rest in _orders(part)) for part in parts)


def _orders(part: str) -> Iterator[tuple[int, str, str]]:
    yield 4, part[2:4], part[:2]
    yield 4, part[:2], part[2:4]
    yield 0, part[4:6], part[6:]


def _day(year: str, month: str, day: str) -> bool:
    if not "1900" <= year <= "2100":
        return False
    try:
        date(int(year), int(month), int(day))
    except ValueError:
        return False
    return True
